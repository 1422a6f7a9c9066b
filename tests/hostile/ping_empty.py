# A pinger that sends ten empty datagrams.
import socket

from ends import ADDRESS, PORT

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
for _ in range(10):
    client.sendto(b"", (ADDRESS, PORT))
    try:
        print(client.recvfrom(2048))
    except TimeoutError:
        print("Request timed out")
