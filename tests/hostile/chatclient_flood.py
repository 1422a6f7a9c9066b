# A chat client that sends lines without end, over TCP and UDP.
import socket
import threading

from ends import ADDRESS, OWN, PORT, connected, without_end

TEXT = "hello\x1b[2J\n" * 1000
other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
other.bind((OWN, PORT))


def flood():
    while True:
        try:
            other.sendto(TEXT.encode(), (ADDRESS, PORT))
        except OSError:
            pass  # nobody listens there


server = connected()
threading.Thread(target=flood, daemon=True).start()
without_end(server, TEXT.encode())
