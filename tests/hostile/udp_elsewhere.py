# A UDP server that answers each time from another socket.
import socket

from ends import hears

server = hears()
while True:
    message, client = server.recvfrom(2048)
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(message.upper(), client)
