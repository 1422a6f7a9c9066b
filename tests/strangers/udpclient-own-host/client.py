from socket import socket, AF_INET, SOCK_DGRAM

client = socket(AF_INET, SOCK_DGRAM)
message = input('Input lowercase sentence:')
client.sendto(message.encode(), ('uppercase.example', 12000))
print(client.recv(2048).decode())
