from socket import socket, AF_INET, SOCK_STREAM

server = ('localhost', 13001)
client = socket(AF_INET, SOCK_STREAM)
client.connect(server)
sentence = input('A sentence in small letters: ')
client.send(sentence.encode())
print('It came back as', client.recv(2048).decode())
client.close()
