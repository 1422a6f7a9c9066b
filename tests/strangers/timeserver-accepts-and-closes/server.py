# Accepts, and closes at once.
import socket, sys

server = socket.create_server(("", int(sys.argv[1])))
while True:
    server.accept()[0].close()
