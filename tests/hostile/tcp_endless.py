# A TCP server that answers and then sends bytes without end.
from ends import serve, without_end


def answer(connection):
    connection.sendall(connection.recv(2048).upper())
    without_end(connection, b"x" * 65536)


serve(answer)
