# A web server whose status line is cut, empty, or made of bytes that are no text.
from ends import serve
from web import requested

LINES = [b"", b"H", b"HTTP/1.1", b"HTTP/1.1 ", b"\r\n\r\n", b"\n", b"HTTP/1.1 \xff\r\n\r\n", b"\x1b[2J 999999999999 \r\n\r\n"]
count = 0


def answer(connection):
    global count
    requested(connection)
    count += 1
    connection.sendall(LINES[count % len(LINES)])


serve(answer)
