# Echoes: nothing is in capitals.
import socket, sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", int(sys.argv[1])))
while True:
    data, address = server.recvfrom(65535)
    server.sendto(data, address)
