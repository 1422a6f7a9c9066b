# A chat server that never stops sending after the roster.
from ends import serve, without_end


def answer(connection):
    connection.recv(2048)
    connection.sendall(b'!{"x": "127.0.0.1"}\n')
    without_end(connection, b"x" * 65536)


serve(answer)
