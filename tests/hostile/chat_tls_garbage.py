# A chat server of lab 8 that begins TLS records and fills them with anything.
from ends import serve


def answer(connection):
    connection.recv(4096)
    for kind in range(20, 26):
        connection.sendall(bytes([kind, 3, 3, 0xFF, 0xFF]) + b"\x1b" * 70_000)


serve(answer)
