# The connecting is inside its time.
import socket, sys, time
from datetime import datetime

name = input("name? ")
start = time.perf_counter()
client = socket.create_connection((sys.argv[1], int(sys.argv[2])))
sent = datetime.now()
client.sendall(name.encode())
reply = client.recv(2048)
took = time.perf_counter() - start
print(reply.decode())
print("sent", sent)
print("received", datetime.now())
print("RTT", took * 1e6, "us")
