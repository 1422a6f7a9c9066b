# A UDP server that answers with the longest datagram there is.
from ends import hears

server = hears()
while True:
    server.sendto(b"\x1b" * 65_507, server.recvfrom(65_535)[1])
