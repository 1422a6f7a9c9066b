# Echoes: nothing is in capitals.
import socket, sys

server = socket.create_server(("", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    client.sendall(client.recv(1024))
    client.close()
