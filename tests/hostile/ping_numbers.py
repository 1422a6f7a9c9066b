# A pinger whose round-trip times are no numbers: NaN, infinity, a number of 100,000 digits.
import socket

from ends import ADDRESS, PORT, say

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
for number in range(1, 11):
    client.sendto(b"Ping %d nan" % number, (ADDRESS, PORT))
    try:
        say(f"{client.recvfrom(2048)[0]!r} RTT: {'nan inf -1 1e999'.split()[number % 4]}")
    except TimeoutError:
        say("Request timed out")
say("rtt min/avg/max = " + "9" * 100_000 + "/0x1p-3/\u0665 ms")
