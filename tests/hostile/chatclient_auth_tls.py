# A chat client of lab 8 that opens TLS with a hello of 16 MB, a record at a time.
from ends import connected

server = connected()
server.sendall(bytes([22, 3, 1, 0x40, 0, 1, 0xFF, 0xFF, 0xFF]) + b"\x1b" * 0x3FFC)
for _ in range(1024):
    server.sendall(bytes([22, 3, 1, 0x40, 0]) + b"\x1b" * 0x4000)
server.recv(1)
