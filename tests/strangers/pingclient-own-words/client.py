# Right, in its own words and language, milliseconds, no summary.
import socket, sys, time

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
for number in range(1, 11):
    start = time.time()
    client.sendto(f"Ping {number} {start}".encode(), server)
    try:
        reply, _ = client.recvfrom(1024)
        rtt = (time.time() - start) * 1000
        print(f"Antwort: {reply.decode()} nach {rtt:.3f} ms")
    except socket.timeout:
        print("Zeit abgelaufen")
