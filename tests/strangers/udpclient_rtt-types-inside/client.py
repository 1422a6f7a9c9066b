# The typing is inside its time.
import socket, sys, time
from datetime import datetime

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
start = time.perf_counter()
name = input("name? ")
sent = datetime.now()
client.sendto(name.encode(), (sys.argv[1], int(sys.argv[2])))
reply, _ = client.recvfrom(2048)
print(reply.decode())
print("sent", sent, "received", datetime.now())
print("took", time.perf_counter() - start, "s")
