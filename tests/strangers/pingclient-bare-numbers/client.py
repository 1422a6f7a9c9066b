# Right, as a textbook has it: a bare number of seconds, and a fixed server.
import time
from socket import *

clientSocket = socket(AF_INET, SOCK_DGRAM)
clientSocket.settimeout(1)
for i in range(10):
    sendTime = time.time()
    message = ("Ping %d %s" % (i + 1, sendTime)).encode()
    try:
        clientSocket.sendto(message, ("localhost", 12000))
        modifiedMessage, serverAddress = clientSocket.recvfrom(1024)
        rtt = time.time() - sendTime
        print("Sequence %d: Reply from %s : %s  RTT = %s" % (i + 1, serverAddress[0], modifiedMessage.decode(), rtt))
    except Exception:
        print("Sequence %d: Request timed out" % (i + 1))
clientSocket.close()
