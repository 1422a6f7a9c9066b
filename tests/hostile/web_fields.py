# A web server with 50,000 empty header fields, NULs and colons alone.
from ends import serve
from web import requested


def answer(connection):
    page = requested(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"\0:\r\n:\r\n" * 25_000 + b"\r\n" + page)


serve(answer)
