# Listens at another port than it was told.
import socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 12345))
while True:
    message, client = server.recvfrom(2048)
    server.sendto(message.upper(), client)
