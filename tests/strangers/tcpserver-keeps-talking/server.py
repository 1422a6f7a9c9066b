# Answers until the client leaves.
import socket, sys

server = socket.create_server(("", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    while data := client.recv(1024):
        client.sendall(data.upper())
    client.close()
