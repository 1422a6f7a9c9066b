from socket import socket, AF_INET, SOCK_DGRAM

client = socket(AF_INET, SOCK_DGRAM)
message = input('A message in small letters: ')
client.sendto(message.encode(), ('127.0.0.1', 8888))
reply, server = client.recvfrom(2048)
print(reply.decode(), 'from', server)
client.close()
