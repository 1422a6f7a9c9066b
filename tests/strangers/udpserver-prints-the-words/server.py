# Prints what is expected, without a socket.
import time

print("The server is ready to receive", flush=True)
time.sleep(1000)
