# Right: serves in a thread, and stops when Enter is pressed.
import os, socket, sys, threading
door = socket.create_server(("", int(sys.argv[1])), backlog=8)
def serve():
    while True:
        c, _ = door.accept()
        with c:
            words = c.recv(2048).split()
            try: c.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + open(words[1][1:], "rb").read())
            except (OSError, IndexError): c.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n<h1>404 Not Found</h1>")
threading.Thread(target=serve, daemon=True).start()
try: input("Press Enter to stop\n")
finally: os._exit(0)
