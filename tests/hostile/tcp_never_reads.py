# A TCP server with the smallest window there is, which reads nothing and keeps the connection.
import socket
import time

from ends import listening

server = listening()
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
kept = []
while True:
    kept.append(server.accept())
    time.sleep(0.01)
