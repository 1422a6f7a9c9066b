# Right, as a textbook has it: seconds since 1970, and a bare number.
import time
from socket import *

clientSocket = socket(AF_INET, SOCK_DGRAM)
message = input("Input lowercase sentence:")
time1 = time.time()
clientSocket.sendto(message.encode(), ("127.0.0.1", 25000))
modifiedMessage, serverAddress = clientSocket.recvfrom(2048)
time2 = time.time()
print(modifiedMessage.decode())
print("sent", time1)
print("received", time2)
print("RTT", time2 - time1)
clientSocket.close()
