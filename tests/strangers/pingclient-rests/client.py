# Right: a ping every two seconds, losses on stderr, microseconds.
import socket, sys, time

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
for number in range(1, 11):
    begin = time.monotonic()
    client.sendto(f"Ping {number} {time.ctime()}".encode(), server)
    try:
        reply, _ = client.recvfrom(1024)
        rtt = time.monotonic() - begin
        print(reply.decode(), "in", int(rtt * 1e6), "us", flush=True)
    except socket.timeout:
        print("no answer to", number, file=sys.stderr)
    time.sleep(max(0, begin + 2 - time.monotonic()))
