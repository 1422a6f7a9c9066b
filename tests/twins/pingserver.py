# pingserver.py -- the Python twin of pingserver: answer pings in capitals, and lose four of eleven.
# usage: pingserver.py [ADDRESS [PORT [SEED]]]
import random
import sys
from socket import AF_INET, SOCK_DGRAM, socket

serverName = sys.argv[1] if len(sys.argv) > 1 else ""
serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 12000
if len(sys.argv) > 3:
    random.seed(int(sys.argv[3]))

serverSocket = socket(AF_INET, SOCK_DGRAM)
serverSocket.bind((serverName, serverPort))
print("The server is ready to receive", flush=True)
while True:
    rand = random.randint(0, 10)
    message, address = serverSocket.recvfrom(1024)
    message = message.upper()
    if rand < 4: continue
    serverSocket.sendto(message, address)
