# A program that listens at as many ports as it may have files, and at none that was asked for.
import socket
import time

from ends import PORT

kept = []
for port in range(1024, 65536):
    try:
        one = socket.socket()
        if port != PORT:
            one.bind(("127.0.0.1", port))
            one.listen()
            kept.append(one)
    except OSError:
        if len(kept) > 500:
            break
time.sleep(600)
