# Right, and slow: it rests between the header and the content.
import socket, sys, time
door = socket.create_server(("", int(sys.argv[1])), backlog=8)
while True:
    c, _ = door.accept()
    with c:
        try:
            words = c.recv(2048).split()
            if not words: continue
            try: body, line = open(words[1][1:], "rb").read(), b"200 OK"
            except OSError: body, line = b"<h1>404 Not Found</h1>", b"404 Not Found"
            c.sendall(b"HTTP/1.1 " + line + b"\r\n\r\n")
            time.sleep(0.4)
            c.sendall(body)
        except OSError: pass
