import sys
import time
from socket import socket, timeout, AF_INET, SOCK_DGRAM

client = socket(AF_INET, SOCK_DGRAM)
client.settimeout(1)
times = []
for number in range(1, 11):
    sent = time.time()
    client.sendto(f'Ping {number} {sent}'.encode(), (sys.argv[1], int(sys.argv[2])))
    try:
        answer = client.recv(1024).decode()
        times.append(time.time() - sent)
        print(answer, f'{times[-1]:.6f} s')
    except timeout:
        print('Request timed out')
print('mean', sum(times) / len(times))  # of nothing there is none
