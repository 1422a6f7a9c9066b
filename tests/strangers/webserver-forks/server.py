# Right: a process for each client, and the parent closes its copy.
import os, signal, socket, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
door = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=16)
while True:
    client, _ = door.accept()
    if os.fork() == 0:
        words = client.recv(2048).split()
        try:
            with open(words[1][1:], "rb") as file: body = file.read()
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body)
        except (OSError, IndexError):
            client.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n<h1>404 Not Found</h1>")
        client.close()
        os._exit(0)
    client.close()
