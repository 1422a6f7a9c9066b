# A UDP client that sends datagrams without end.
import socket

from ends import ADDRESS, PORT

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    try:
        client.sendto(b"", (ADDRESS, PORT))
        client.sendto(b"\x1b[2J" * 10_000, (ADDRESS, PORT))
    except OSError:
        pass  # nobody is there yet, or no more
