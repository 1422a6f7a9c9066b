# pingclient.py -- the Python twin of pingclient: send ten pings, say how long each answer took.
# usage: pingclient.py [ADDRESS [PORT]]
import sys
import time
from datetime import datetime
from socket import AF_INET, SOCK_DGRAM, gethostbyname, socket, timeout

serverName = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 12000


def ping(sequence):
    message = f"Ping {sequence} {datetime.now()}"
    print("Sending Ping Message:", message)
    start = time.perf_counter()
    clientSocket.sendto(message.encode(), server)
    while True:
        timeLeft = start + 1 - time.perf_counter()
        if timeLeft <= 0:
            raise timeout
        clientSocket.settimeout(timeLeft)
        reply, address = clientSocket.recvfrom(1024)
        if address != server or reply != message.upper().encode(): continue
        rtt = time.perf_counter() - start
        print("Receiving Pong Message:", reply.decode())
        print(f"Round Trip Time(RTT): {rtt:.6f} seconds")
        return rtt


server = (gethostbyname(serverName), serverPort)
clientSocket = socket(AF_INET, SOCK_DGRAM)
rtts = []
for sequence in range(1, 11):
    try:
        rtts.append(ping(sequence))
    except timeout:
        print("Request timed out for sequence number:", sequence)
print(f"--- {server[0]}:{server[1]} ping statistics ---")
loss = 100 * (10 - len(rtts)) // 10
print(f"10 packets transmitted, {len(rtts)} received, {loss}% packet loss")
if rtts:
    times = (min(rtts), sum(rtts) / len(rtts), max(rtts))
    print("rtt min/avg/max =", "/".join(f"{1000 * rtt:.3f}" for rtt in times), "ms")
clientSocket.close()
