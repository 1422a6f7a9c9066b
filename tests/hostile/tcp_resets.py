# A TCP server that resets every connection at once.
from ends import listening, resets

server = listening()
while True:
    resets(server.accept()[0])
