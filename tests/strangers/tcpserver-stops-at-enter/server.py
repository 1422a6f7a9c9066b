# Right on a terminal: serves in a thread, and stops when Enter is pressed.
import os, socket, sys, threading

server = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=16)


def serve():
    while True:
        client, _ = server.accept()
        with client:
            data = client.recv(1024)
            if data:
                client.sendall(bytes(b - 32 if 97 <= b <= 122 else b for b in data))


threading.Thread(target=serve, daemon=True).start()
try:
    input("Press Enter to stop\n")
finally:
    os._exit(0)
