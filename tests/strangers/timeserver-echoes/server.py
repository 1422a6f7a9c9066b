# Echoes.
import socket, sys

server = socket.create_server(("", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    try:
        while data := client.recv(1024):
            client.sendall(data)
    except OSError:
        pass
    client.close()
