# A web server whose lengths are too long for any number, negative, and twice there.
from ends import serve
from web import requested


def answer(connection):
    page = requested(connection)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n"
    connection.sendall(head + b"Content-Length: -1\r\nContent-Length: \xd9\xa5\r\n\r\n" + page)


serve(answer)
