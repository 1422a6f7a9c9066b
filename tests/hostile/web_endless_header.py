# A web server whose header has no end.
from ends import serve, without_end
from web import requested


def answer(connection):
    requested(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    without_end(connection, b"\x1b[2J" * 10_000)


serve(answer)
