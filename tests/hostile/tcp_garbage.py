# A TCP server that answers with every byte there is, escape sequences among them.
from ends import serve


def answer(connection):
    connection.recv(2048)
    connection.sendall(b"\x1b[2J\x1b]0;owned\x07\x08\r" + bytes(range(256)) + "\u202e\x9b31m".encode())


serve(answer)
