# Bound to the address that its author's host had.
from socket import socket, AF_INET, SOCK_STREAM

server = socket(AF_INET, SOCK_STREAM)
server.bind(('192.168.56.101', 12000))
server.listen(1)
print('The server is ready to receive')
while True:
    client, _ = server.accept()
    client.sendall(client.recv(1024).upper())
    client.close()
