# A web server with 90 letters of Latin-1 in a header line, which RFC 9110 allows.
from ends import serve
from web import requested


def answer(connection):
    page = requested(connection)
    head = b"HTTP/1.1 200 OK\r\nX-Town: " + b"\xe5\xf8\xe6" * 30 + b"\r\n"
    connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(page) + page)


serve(answer)
