# Right: a process for each client.
import os, signal, socket, sys

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", int(sys.argv[1])))
server.listen(5)
while True:
    client, _ = server.accept()
    if os.fork() == 0:
        server.close()
        client.sendall(client.recv(1024).upper())
        os._exit(0)
    client.close()
