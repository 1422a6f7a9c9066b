# Serves pages and pictures alone, and wants to know its own port from the request, as browsers say it.
import os
import sys
from socket import socket, AF_INET, SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR

server = socket(AF_INET, SOCK_STREAM)
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
server.bind(('', int(sys.argv[1])))
server.listen(5)
while True:
    client, _ = server.accept()
    lines = client.recv(4096).decode().split('\r\n')
    if lines[0].count(' ') == 2:
        path = lines[0].split(' ')[1].lstrip('/')
        headers = dict(line.split(': ', 1) for line in lines[1:] if ': ' in line)
        print('port', int(headers['Host'].split(':')[1]), path)
        kinds = {'.html': 'text/html', '.png': 'image/png'}
        kind = kinds.get(os.path.splitext(path)[1])
        if kind and os.path.isfile(path):
            with open(path, 'rb') as file:
                header = f'HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n'
                client.sendall(header.encode() + file.read())
        else:
            client.sendall(b'HTTP/1.1 404 Not Found\r\n\r\n404 Not Found')
    client.close()
