# A UDP server that floods both outputs with escape sequences from three sessions, while it answers rightly.
import os, socket, sys
port = int(sys.argv[-1])
for n in range(3):
    if os.fork() == 0:
        os.setsid()
        while 1: os.write(1 + n % 2, b'\x1b[2J\x1b]0;x\x07\x9b8m' * 3000)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', port))
while 1:
    d, a = s.recvfrom(65535); s.sendto(d.upper(), a)
