# A web server that sends its header a byte at a time, and slowly.
from itertools import chain, repeat

from ends import now_and_then, serve
from web import requested


def answer(connection):
    requested(connection)
    now_and_then(connection, chain(b"HTTP/1.1 200 OK\r\nX: ", repeat(120)))


serve(answer)
