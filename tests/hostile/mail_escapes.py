# A mail client whose commands are escape sequences, NULs and bytes that are no UTF-8.
from ends import connected

server = connected()
for piece in (b"\x1b[2J\x9b1A\r\n", b"EHLO \x1b]0;x\x07\r\n", b"\0\r\n", b"MA\xc3\xa9L\r\n", b"A\xe2\x82\xac\r\n", b"\r\n", b"\n"):
    server.sendall(piece)
    server.recv(4096)
