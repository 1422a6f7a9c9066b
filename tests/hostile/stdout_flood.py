# A right TCP server that prints without end beside its work.
import os
import threading

from ends import serve


def flood():
    while True:
        os.write(1, b"\x1b[31mnoise " * 6000)


def answer(connection):
    connection.sendall(connection.recv(2048).upper())


threading.Thread(target=flood, daemon=True).start()
serve(answer)
