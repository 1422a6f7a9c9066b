import time
from socket import socket, AF_INET, SOCK_STREAM

client = socket(AF_INET, SOCK_STREAM)
client.connect(('192.168.1.5', 3000))
name = input('Your name: ')
sent = time.time()
client.send(name.encode())
reply = client.recv(2048)
received = time.time()
print('From the server:', reply.decode())
print('Sent:', time.ctime(sent), 'Received:', time.ctime(received), 'RTT:', received - sent)
client.close()
