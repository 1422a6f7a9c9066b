# Wrong by one fault: range(1, 10) ends before ten.
import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(1)
server = (sys.argv[1], int(sys.argv[2]))
for number in range(1, 10):
    begin = time.time()
    sock.sendto(f"Ping {number} {begin}".encode(), server)
    try:
        answer, _ = sock.recvfrom(1024)
        rtt = time.time() - begin
        print(answer.decode())
        print(f"RTT: {rtt:.6f} s")
    except socket.timeout:
        print("Request timed out")
