# Serves one datagram.
import socket, sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", int(sys.argv[1])))
message, client = server.recvfrom(2048)
server.sendto(message.upper(), client)
