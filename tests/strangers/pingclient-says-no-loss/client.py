# Says nothing of a loss.
import socket, sys, time

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
for number in range(1, 11):
    start = time.perf_counter()
    client.sendto(f"Ping {number} {time.time()}".encode(), server)
    try:
        reply, _ = client.recvfrom(1024)
        print(reply.decode(), "RTT:", time.perf_counter() - start, "seconds")
    except socket.timeout:
        pass
