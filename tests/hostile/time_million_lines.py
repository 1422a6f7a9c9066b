# A time server whose reply to everything has 1,000,000 lines of one byte, and then ends.
from ends import serve


def answer(connection):
    connection.sendall(b"\n" * 1_000_000)
    connection.recv(2048)


serve(answer)
