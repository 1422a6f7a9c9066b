# A time server that sends the time without being asked again, a million lines and more.
from ends import serve, without_end


def answer(connection):
    connection.sendall(b"Hello from the time server\n")
    without_end(connection, b"Mon Nov 30 04:23:40 2026\n" * 1000)


serve(answer)
