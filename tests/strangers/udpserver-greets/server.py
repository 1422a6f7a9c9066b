# Each answer has words before it.
import socket, sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", int(sys.argv[1])))
while True:
    message, client = server.recvfrom(2048)
    server.sendto(b"Server says: " + message.upper(), client)
