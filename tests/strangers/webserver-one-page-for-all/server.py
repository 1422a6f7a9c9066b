# Wrong: has one page, and never looks at the path.
import socket, sys
door = socket.create_server(("", int(sys.argv[1])), backlog=8)
while True:
    c, _ = door.accept()
    with c:
        c.recv(2048)
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>It works!</h1>")
