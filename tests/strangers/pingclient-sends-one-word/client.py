# Its pings have neither a number nor a time: one fault, and all else is as it should be.
import socket
import sys
import time

server = (sys.argv[1], int(sys.argv[2]))
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(1)
for _ in range(10):
    began = time.time()
    sock.sendto(b"hello", server)
    try:
        answer, _ = sock.recvfrom(1024)
        print(answer.decode(), "after", time.time() - began)
    except socket.timeout:
        print("no answer")
sock.close()
