# A difference of two datetimes is printed as 0:00:00.012345; the time of day has no zeros in front.
import sys
from datetime import datetime
from socket import socket, timeout, AF_INET, SOCK_DGRAM

client = socket(AF_INET, SOCK_DGRAM)
client.settimeout(1)
for number in range(1, 11):
    sent = datetime.now()
    ping = f'Ping {number} {sent.hour}:{sent.minute}:{sent.second}:{sent.microsecond // 1000}'
    client.sendto(ping.encode(), (sys.argv[1], int(sys.argv[2])))
    try:
        print(client.recv(1024).decode())
        print('RTT:', datetime.now() - sent)
    except timeout:
        print('Request timed out')
client.close()
