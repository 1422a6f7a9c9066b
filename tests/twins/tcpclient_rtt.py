# tcpclient_rtt.py -- the Python twin of tcpclient_rtt: send a name, say when and how long it took.
# usage: tcpclient_rtt.py [ADDRESS [PORT]]
import sys
import time
from datetime import datetime
from socket import AF_INET, SOCK_STREAM, socket

serverIP = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 25000


def readable(time):
    return time.isoformat(" ", "microseconds")


clientSocket = socket(AF_INET, SOCK_STREAM)
message = input("Enter your name ")
time0 = time.perf_counter()
clientSocket.connect((serverIP, serverPort))
connectTime = time.perf_counter() - time0
requestSent = datetime.now().astimezone()
time1 = time.perf_counter()
clientSocket.send(message.encode())
returnMessage = clientSocket.recv(2048)
time2 = time.perf_counter()
replyReceived = datetime.now().astimezone()
rtt = time2 - time1
print(returnMessage.decode())
print("Request sent:  ", readable(requestSent))
print("Reply received:", readable(replyReceived))
print(f"RTT: {rtt:.6f} seconds")
print(f"Connect: {connectTime:.6f} seconds")
clientSocket.close()
