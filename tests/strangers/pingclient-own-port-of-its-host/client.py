# Asks at the address of its own host's name, which on Debian is 127.0.1.1, and at a port of its own.
import time
from socket import socket, gethostname, gethostbyname, timeout, AF_INET, SOCK_DGRAM

server = (gethostbyname(gethostname()), 8080)
with socket(AF_INET, SOCK_DGRAM) as client:
    client.settimeout(1)
    for number in range(1, 11):
        begin = time.perf_counter()
        client.sendto(f'Ping {number} {time.time()}'.encode(), server)
        try:
            answer = client.recv(1024).decode()
            rtt = time.perf_counter() - begin
            print(f'{answer}\ntook {rtt * 1000:.3f} ms')
        except timeout:
            print('Request timed out')
