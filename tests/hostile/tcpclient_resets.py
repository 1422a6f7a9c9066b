# A TCP client that opens connections and resets each at once, without end.
from ends import connected, resets

while True:
    try:
        resets(connected())
    except OSError:
        pass  # the server has gone
