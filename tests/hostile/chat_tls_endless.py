# A chat server of lab 8 that sends alerts that warn of nothing, without end.
from ends import serve, without_end


def answer(connection):
    connection.recv(4096)
    without_end(connection, bytes([21, 3, 3, 0, 2, 1, 90]) * 10_000)


serve(answer)
