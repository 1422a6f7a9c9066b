# Loses 30 %, as many handouts say.
import random, sys
from socket import *

serverSocket = socket(AF_INET, SOCK_DGRAM)
serverSocket.bind(("", int(sys.argv[1])))
while True:
    message, address = serverSocket.recvfrom(1024)
    if random.random() >= 0.3:
        serverSocket.sendto(message.upper(), address)
