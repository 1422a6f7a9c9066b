# Wrong by one fault: it ends behind the first answer.
import socket, sys
door = socket.create_server(("", int(sys.argv[1])), backlog=8)
c, _ = door.accept()
with c:
    words = c.recv(2048).split()
    try: body = open(words[1][1:], "rb").read()
    except (OSError, IndexError): c.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n<h1>404 Not Found</h1>")
    else: c.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body)
