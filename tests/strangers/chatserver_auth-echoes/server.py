import socket, sys, threading
def at(port):
    door = socket.create_server(("", port))
    while True:
        with door.accept()[0] as c:
            while data := c.recv(1024): c.sendall(data)
if "register" in sys.argv: sys.exit()
port = int(sys.argv[-1])
threading.Thread(target=at, args=(port,), daemon=True).start()
at(port + 1)
