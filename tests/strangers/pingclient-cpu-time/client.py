# Measures CPU time.
import socket, sys, time

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
for number in range(1, 11):
    start = time.process_time()
    client.sendto(f"Ping {number} {time.time()}".encode(), server)
    try:
        reply, _ = client.recvfrom(1024)
        rtt = time.process_time() - start
        print(reply.decode())
        print("RTT:", rtt, "seconds")
    except socket.timeout:
        print("Request timed out")
