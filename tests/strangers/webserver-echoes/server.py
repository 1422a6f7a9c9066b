import socket, sys
door = socket.create_server(("", int(sys.argv[1])))
while True:
    with door.accept()[0] as c: c.sendall(c.recv(4096))
