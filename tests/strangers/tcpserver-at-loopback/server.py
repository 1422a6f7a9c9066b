# Listens for this host alone.
import socket, sys

server = socket.create_server(("localhost", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    client.sendall(client.recv(1024).upper())
    client.close()
