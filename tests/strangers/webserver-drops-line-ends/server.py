import sys
from socket import socket, AF_INET, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR

server = socket(AF_INET, SOCK_STREAM)
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
server.bind(('', int(sys.argv[1])))
server.listen(5)
while True:
    client, _ = server.accept()
    words = client.recv(4096).decode().split()
    if len(words) > 1:
        try:
            with open(words[1][1:], encoding='utf-8') as file:
                page = ''.join(line.strip() for line in file)
            client.sendall(f'HTTP/1.1 200 OK\r\n\r\n{page}'.encode())
        except OSError:
            client.sendall(b'HTTP/1.1 404 Not Found\r\n\r\n<h1>404 Not Found</h1>')
    client.close()
