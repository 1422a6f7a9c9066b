# ends.py -- what the hostile programs share: an end of the wire, in as few lines as there can be.
# They are started as the labs' programs are: ADDRESS PORT, a chat client ADDRESS OWN PORT.
import socket
import struct
import sys
import threading
import time

ADDRESS, PORT = (sys.argv + ["127.0.0.1", "0"])[1], int(sys.argv[-1])
OWN = sys.argv[2] if len(sys.argv) > 3 else "127.0.0.11"


def say(text):
    print(text, flush=True)


def listening(backlog=64):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((ADDRESS, PORT))
    server.listen(backlog)
    return server


def serve(answer):
    """Calls answer(connection) for every client, each in a thread."""
    server = listening()
    while True:
        connection, _ = server.accept()
        threading.Thread(target=ended_well, args=(answer, connection), daemon=True).start()


def ended_well(answer, connection):
    try:
        answer(connection)
    except OSError:
        pass  # the client has gone
    connection.close()


def hears():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((ADDRESS, PORT))
    return server


def connected():
    return socket.create_connection((ADDRESS, PORT))


def without_end(connection, piece):
    while True:
        connection.sendall(piece)


def now_and_then(connection, text, pause=0.3):
    for byte in text:
        connection.sendall(bytes([byte]))
        time.sleep(pause)


def resets(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
