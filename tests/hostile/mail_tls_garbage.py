# A mail client that says STARTTLS and then sends anything but TLS.
from ends import connected
from mail import command, reply

server = connected()
stream = server.makefile("rwb")
reply(stream)
command(stream, b"EHLO localhost")
command(stream, b"STARTTLS")
for kind in range(20, 26):
    server.sendall(bytes([kind, 3, 3, 0xFF, 0xFF]) + b"\x1b" * 70_000)
