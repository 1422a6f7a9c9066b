# Right: asks for the server's host and port, then for the sentence.
from socket import *
s = socket(AF_INET, SOCK_STREAM)
host = input("Enter server hostname or IP: ")
port = int(input("Enter port number: "))
s.connect((host, port))
sentence = input("Enter a sentence in lowercase: ")
s.send(sentence.encode())
print("Reply:", s.recv(1024).decode())
s.close()
