# Wrong by one fault: serves the directory where its own file is.
import os, socket, sys
here = os.path.dirname(os.path.abspath(__file__))
door = socket.create_server(("", int(sys.argv[1])), backlog=8)
while True:
    c, _ = door.accept()
    with c:
        words = c.recv(2048).split()
        try: body = open(os.path.join(here, words[1][1:].decode()), "rb").read()
        except (OSError, IndexError): c.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n<h1>404 Not Found</h1>")
        else: c.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body)
