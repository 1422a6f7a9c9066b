# Right: one thread and select(); a request is complete at its empty line.
import select, socket, sys
door = socket.create_server(("", int(sys.argv[1])), backlog=32)
heard = {}
while True:
    for s in select.select([door, *heard], [], [])[0]:
        if s is door:
            client, _ = door.accept()
            heard[client] = b""
            continue
        try: piece = s.recv(1000)
        except OSError: piece = b""
        heard[s] += piece
        if piece and b"\r\n\r\n" not in heard[s]: continue
        request = heard.pop(s)
        try:
            if piece:
                try: body, line = open(request.split()[1][1:], "rb").read(), b"200 OK"
                except (OSError, IndexError): body, line = b"", b"404 Not Found"
                s.sendall(b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (line, len(body), body))
        except OSError: pass
        s.close()
