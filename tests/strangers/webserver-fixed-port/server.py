# Right: a thread for each client, the port written in, HTTP/1.0, and a page of its own for what is not there.
import os, threading
from socket import *

def serve(conn):
    try:
        request = conn.recv(4096).decode(errors="replace")
        path = request.split()[1].lstrip("/")
        if os.path.isfile(path):
            data = open(path, "rb").read()
            head = "HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data)
        else:
            data = b"<html><body>Sorry, we do not have this.</body></html>"
            head = "HTTP/1.0 404 NOT FOUND\r\nContent-Type: text/html\r\n\r\n"
        conn.sendall(head.encode() + data)
    except (IndexError, OSError) as error:
        print("oops", error)
    finally:
        conn.close()

server = socket(AF_INET, SOCK_STREAM)
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
server.bind(("", 8888))
server.listen(20)
print("Ready at 8888")
while True:
    conn, addr = server.accept()
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
