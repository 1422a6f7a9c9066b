# A web server with a chunk of 2^64 bytes and more.
from ends import serve
from web import requested


def answer(connection):
    page = requested(connection)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.sendall(head + b"ffffffffffffffff1\r\n" + page + b"\r\n-1\r\n\r\n0\r\n\r\n")


serve(answer)
