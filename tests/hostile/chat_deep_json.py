# A chat server whose roster is nested 500,000 deep.
from ends import serve


def answer(connection):
    connection.recv(2048)
    connection.sendall(b"!" + b'{"a":' * 100_000 + b"[" * 400_000 + b"\n")
    connection.recv(2048)


serve(answer)
