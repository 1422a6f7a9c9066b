# A chat server that sends its roster a byte at a time, and it never ends.
from itertools import chain, repeat

from ends import now_and_then, serve


def answer(connection):
    connection.recv(2048)
    now_and_then(connection, chain(b'!{"a": "', repeat(120)))


serve(answer)
