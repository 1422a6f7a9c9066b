# Right: sends its answer a byte at a time, each in a packet of its own.
import socket, sys

server = socket.create_server(("", int(sys.argv[1])))
while True:
    client, _ = server.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in client.recv(1024).upper():
        client.send(bytes([byte]))
    client.close()
