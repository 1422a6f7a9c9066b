# A TCP server that ends its own half at once and reads for ever.
import socket

from ends import serve


def answer(connection):
    connection.shutdown(socket.SHUT_WR)
    while True:
        connection.recv(1)


serve(answer)
