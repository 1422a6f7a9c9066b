# A web server whose body has no end.
from ends import serve, without_end
from web import requested


def answer(connection):
    requested(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    without_end(connection, b"<p>\n" * 10_000)


serve(answer)
