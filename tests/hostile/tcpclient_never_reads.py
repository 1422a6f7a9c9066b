# A TCP client that sends its sentence, has the smallest window there is, and reads nothing.
import socket
import time

from ends import ADDRESS, PORT

client = socket.socket()
client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
client.connect((ADDRESS, PORT))
client.sendall(input().encode())
time.sleep(600)
