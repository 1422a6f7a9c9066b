# A TCP server that sends a byte now and then, for ever.
from itertools import repeat

from ends import now_and_then, serve


def answer(connection):
    connection.recv(2048)
    now_and_then(connection, repeat(120))


serve(answer)
