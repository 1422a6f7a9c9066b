# A TCP server that has a client and burns CPU time, and nothing else.
from ends import serve


def answer(connection):
    while True:
        pass


serve(answer)
