# A ping server that answers each ping a thousand times, and never drops one.
from ends import hears

server = hears()
while True:
    message, client = server.recvfrom(2048)
    for _ in range(1000):
        server.sendto(message.upper(), client)
