# Right: waits for one second and no longer.
import socket, sys, time
from datetime import datetime
name = input("Enter your name: ")
sock = socket.socket()
sock.settimeout(1)
sock.connect((sys.argv[1], int(sys.argv[2])))
start, sent = time.perf_counter(), datetime.now()
sock.send(name.encode())
reply = sock.recv(2048)
end, received = time.perf_counter(), datetime.now()
print(reply.decode())
print("Request sent:", sent)
print("Reply received:", received)
print("RTT: %.3f ms" % ((end - start) * 1000))
