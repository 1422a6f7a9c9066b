# web.py -- what the hostile web servers share: reads a request, and finds the file it asks for.
import os


def requested(connection):
    request = b""
    while b"\r\n\r\n" not in request and b"\n\n" not in request:
        piece = connection.recv(4096)
        if not piece:
            break
        request += piece
    words = request.split()
    path = words[1].decode(errors="replace") if len(words) > 1 else "/"
    file = os.path.join(os.getcwd(), "www", path.strip("/"))
    for name in (file, os.path.join(os.getcwd(), path.strip("/"))):
        if os.path.isfile(name):
            with open(name, "rb") as opened:
                return opened.read()
    return b""
