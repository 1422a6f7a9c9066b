# Measures CPU time.
import socket, sys, time
from datetime import datetime

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
name = input("Enter your name ")
sent, start = datetime.now(), time.process_time()
client.sendto(name.encode(), (sys.argv[1], int(sys.argv[2])))
reply, _ = client.recvfrom(2048)
rtt, received = time.process_time() - start, datetime.now()
print(reply.decode())
print("Request sent:", sent)
print("Reply received:", received)
print("RTT:", rtt, "seconds")
