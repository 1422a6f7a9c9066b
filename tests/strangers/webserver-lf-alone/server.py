# Wrong by one fault: its lines end in LF alone.
import socket, sys
door = socket.create_server(("", int(sys.argv[1])), backlog=8)
while True:
    c, _ = door.accept()
    with c:
        words = c.recv(2048).split()
        try: body = open(words[1][1:], "rb").read()
        except (OSError, IndexError): c.sendall(b"HTTP/1.1 404 Not Found\n\n<h1>404 Not Found</h1>")
        else: c.sendall(b"HTTP/1.1 200 OK\nContent-Type: text/plain\n\n" + body)
