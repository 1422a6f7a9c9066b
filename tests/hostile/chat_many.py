# A chat server whose roster has 30,000 users, and which is sent again and again.
import json

from ends import serve

ROSTER = b"!" + json.dumps({f"user{n}": "127.0.0.1" for n in range(30_000)}).encode() + b"\n"


def answer(connection):
    while connection.recv(2048):
        connection.sendall(ROSTER)


serve(answer)
