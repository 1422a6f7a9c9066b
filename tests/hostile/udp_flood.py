# A UDP server that answers one datagram with datagrams without end.
from ends import hears

server = hears()
_, client = server.recvfrom(2048)
while True:
    server.sendto(b"x" * 1000, client)
