from socket import socket, AF_INET, SOCK_DGRAM

client = socket(AF_INET, SOCK_DGRAM)
client.connect(('localhost', 15000))
client.send(input('Your message: ').encode())
print('From the server:', client.recv(2048).decode())
