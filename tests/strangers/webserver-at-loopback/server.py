# Wrong by one fault: it can be reached from this host alone.
import socket, sys
door = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=8)
while True:
    c, _ = door.accept()
    with c:
        words = c.recv(2048).split()
        try: body = open(words[1][1:], "rb").read()
        except (OSError, IndexError): c.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n<h1>404 Not Found</h1>")
        else: c.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body)
