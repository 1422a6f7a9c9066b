# A right chat server that rests 0.2 s before each read: whoever sends it thousands of messages waits long.
import json
import socket
import sys
import threading
import time

USERS, CLIENTS, LOCK = {}, [], threading.Lock()


def to_all(text, but=None):
    for client in [client for client in CLIENTS if client is not but]:
        try:
            client.sendall(text.encode())
        except OSError:
            pass


def roster():
    to_all("!" + json.dumps(USERS) + "\n")


def serve(client, address):
    name = client.recv(1024).decode().strip()
    with LOCK:
        USERS[name] = address
        CLIENTS.append(client)
        roster()
    try:
        while True:
            time.sleep(0.2)
            message = client.recv(1024)
            if not message:
                break
            with LOCK:
                to_all(f"{name}: {message.decode()} \n", client)
    except (OSError, ValueError):
        pass
    with LOCK:
        CLIENTS.remove(client)
        del USERS[name]
        roster()


listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=200)
print("Waiting for connection...", flush=True)
while True:
    client, address = listener.accept()
    threading.Thread(target=serve, args=(client, address[0]), daemon=True).start()
