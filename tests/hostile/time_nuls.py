# A time server that greets with NULs, escape sequences and bytes that are no UTF-8.
from ends import serve


def answer(connection):
    connection.sendall(b"\0" * 100 + b"\x1b[2J\xff\xfe\xc3\x28\xed\xa0\x80\n")
    while connection.recv(2048):
        connection.sendall(b"\xff\0\n")


serve(answer)
