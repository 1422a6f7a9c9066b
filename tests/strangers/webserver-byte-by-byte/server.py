# Right: reads a byte at a time up to the empty line, answers in small pieces.
import socket, sys
door = socket.socket()
door.bind(("", int(sys.argv[1])))
door.listen()
while True:
    c, who = door.accept()
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        byte = c.recv(1)
        if not byte: break
        request += byte
    if request:
        try:
            with open(request.decode().split(" ")[1][1:], "rb") as f:
                c.sendall(b"HTTP/1.1 200 OK\r\n")
                c.sendall(b"Server: mine\r\n")
                c.sendall(b"\r\n")
                while piece := f.read(512):
                    c.sendall(piece)
        except OSError:
            c.sendall(b"HTTP/1.1 404 Not Found\r\n\r\nFile not found\n")
    c.close()
