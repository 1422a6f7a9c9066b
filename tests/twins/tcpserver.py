# tcpserver.py -- the Python twin of tcpserver: one client at a time, its sentence in capitals.
# usage: tcpserver.py [ADDRESS [PORT]]
import sys
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

serverName = sys.argv[1] if len(sys.argv) > 1 else ""
serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 12000

serverSocket = socket(AF_INET, SOCK_STREAM)
serverSocket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)  # std does this by itself
serverSocket.bind((serverName, serverPort))
serverSocket.listen(1)
print("The server is ready to receive", flush=True)
while True:
    connectionSocket, addr = serverSocket.accept()
    sentence = connectionSocket.recv(1024)
    capitalizedSentence = sentence.upper()
    connectionSocket.send(capitalizedSentence)
    connectionSocket.close()
