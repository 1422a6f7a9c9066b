# A TCP server that burns CPU time and sends a byte after each tenth of a second of it.
import time

from ends import serve


def answer(connection):
    while True:
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass
        connection.sendall(b"x")


serve(answer)
