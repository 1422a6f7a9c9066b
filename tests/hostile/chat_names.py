# A chat server whose roster has names with escape sequences, NULs and bytes that are no UTF-8.
from ends import serve


def answer(connection):
    connection.recv(2048)
    names = b'!{"\x1b[2J": "\xff", "\\u001b[8m": "127.0.0.1", "\\u202e": "\\u009b1A", "\0": null, "\xc3": 1}\n'
    connection.sendall(names)
    while connection.recv(2048):
        connection.sendall(b"\x1b[2J\xff\0\x9b8m\n")


serve(answer)
