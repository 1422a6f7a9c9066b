# Greets whoever connects, before it reads.
import socket, sys

server = socket.create_server(("", int(sys.argv[1])))
while True:
    client, address = server.accept()
    try:
        client.sendall(b"Welcome!\n")
        client.sendall(client.recv(1024).upper())
    except OSError:
        pass
    client.close()
