# A chat server that does well by its first client, and a moment later sends everybody, again and again, a
# roster of 2,400 names that it has invented: many, but not so many that it would be none. The tool would keep
# all of it for each of a hundred clients.
import json
import time

from ends import serve


def answer(connection):
    name = connection.recv(2048).decode(errors="replace")
    connection.sendall(b"!" + json.dumps({name: "127.0.0.1"}).encode())
    time.sleep(0.3)
    users = {f"{name}{number}": "127.0.0.1" for number in range(2400)}
    roster = b"!" + json.dumps(users).encode()
    for _ in range(900_000 // len(roster)):
        connection.sendall(roster)
    connection.sendall(b"words without an end " * 2000 + b'!{"a":"b",' + b'"x":"y",' * 2000)
    connection.recv(2048)


serve(answer)
