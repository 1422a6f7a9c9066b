# Sleeps inside its round trip.
import socket, sys, time

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
for number in range(1, 11):
    start = time.perf_counter()
    client.sendto(f"Ping {number} {time.time()}".encode(), server)
    time.sleep(0.4)
    try:
        reply, _ = client.recvfrom(1024)
        print(reply.decode())
        print("RTT:", time.perf_counter() - start, "seconds")
    except socket.timeout:
        print("timeout")
