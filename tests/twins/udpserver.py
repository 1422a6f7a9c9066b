# udpserver.py -- the Python twin of udpserver: send every datagram back in capitals.
# usage: udpserver.py [ADDRESS [PORT]]
import sys
from socket import AF_INET, SOCK_DGRAM, socket

serverName = sys.argv[1] if len(sys.argv) > 1 else ""
serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 12000

serverSocket = socket(AF_INET, SOCK_DGRAM)
serverSocket.bind((serverName, serverPort))
print("The server is ready to receive", flush=True)
while True:
    message, clientAddress = serverSocket.recvfrom(2048)
    modifiedMessage = message.upper()
    serverSocket.sendto(modifiedMessage, clientAddress)
