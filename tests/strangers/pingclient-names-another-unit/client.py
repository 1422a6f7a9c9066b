import sys
import time
from socket import socket, timeout, AF_INET, SOCK_DGRAM

client = socket(AF_INET, SOCK_DGRAM)
client.settimeout(1)
for number in range(1, 11):
    sent = time.time()
    clock = time.strftime('%H:%M:%S')
    print(f'[{clock}] attempt {number}')
    client.sendto(f'Ping {number} {clock}'.encode(), (sys.argv[1], int(sys.argv[2])))
    try:
        print(f'[{clock}] received', client.recv(1024).decode())
        print('RTT:', round((time.time() - sent) * 1000, 3), 'microseconds')
    except timeout:
        print('Request timed out.')
