# Right in its way: a thread for each client, and EXIT ends the process.
import os, socket, sys, threading, time

server = socket.create_server(("", int(sys.argv[1])))


def serve(client, address):
    client.settimeout(15)
    try:
        client.sendall(f"You are connected from {address[0]}:{address[1]}\n".encode())
        while data := client.recv(1024):
            word = data.decode(errors="replace").strip()
            if word == "EXIT":
                os._exit(0)
            client.sendall((time.ctime() if word == "TIME" else "Invalid command!").encode() + b"\n")
    except OSError:
        pass
    client.close()


while True:
    threading.Thread(target=serve, args=server.accept(), daemon=True).start()
