# A UDP server that answers nobody and writes to standard error without end, and without a line end.
import os

from ends import hears

server = hears()
while True:
    os.write(2, b"\x1b[2J" * 10_000)
