# Right: HTTP/1.0, and no page behind the header of 404.
from socket import socket, AF_INET, SOCK_STREAM
import sys
serverSocket = socket(AF_INET, SOCK_STREAM)
serverSocket.bind(('', int(sys.argv[1])))
serverSocket.listen(1)
while True:
    connectionSocket, addr = serverSocket.accept()
    try:
        message = connectionSocket.recv(1024)
        filename = message.split()[1]
        f = open(filename[1:], "rb")
        outputdata = f.read()
        connectionSocket.send(b'HTTP/1.0 200 OK\r\n\r\n')
        connectionSocket.sendall(outputdata)
        connectionSocket.send(b'\r\n')
    except (IOError, IndexError):
        connectionSocket.send(b'HTTP/1.0 404 Not Found\r\n\r\n')
    connectionSocket.close()
