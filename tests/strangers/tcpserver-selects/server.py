# Right: one thread and select; its port is written in.
import select, socket

server = socket.create_server(("0.0.0.0", 23456), backlog=10)
open_sockets = [server]
while True:
    for ready in select.select(open_sockets, [], [])[0]:
        if ready is server:
            open_sockets.append(server.accept()[0])
            continue
        try:
            data = ready.recv(1024)
            if data:
                ready.sendall(data.upper())
        except OSError:
            pass
        open_sockets.remove(ready)
        ready.close()
