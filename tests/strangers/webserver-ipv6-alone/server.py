# Wrong: listens for IPv6 alone.
import socket, sys
door = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6)
while True:
    c, _ = door.accept()
    with c:
        words = c.recv(2048).split()
        try: body = open(words[1][1:], "rb").read()
        except (OSError, IndexError): c.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n<h1>404 Not Found</h1>")
        else: c.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body)
