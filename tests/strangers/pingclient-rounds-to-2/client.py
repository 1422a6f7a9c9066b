# Prints the round trip rounded to two decimals.
import socket, sys, time
from datetime import datetime

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
for number in range(1, 11):
    message = f"Ping {number} {datetime.now()}"
    print("Sending Ping Message: " + message)
    start = time.perf_counter()
    client.sendto(message.encode(), server)
    try:
        data, _ = client.recvfrom(1024)
    except socket.timeout:
        print("Request timed out for sequence number:", number)
        continue
    rtt = time.perf_counter() - start
    print("Receiving Pong Message: " + data.decode())
    print("Round Trip Time(RTT):", round(rtt, 2), "seconds")
