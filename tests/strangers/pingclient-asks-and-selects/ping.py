# Right: asks for host and port; waits with select.
import select, socket, time
host = input("Host: ")
port = int(input("Port: "))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
rtts = []
for n in range(1, 11):
    start = time.time()
    s.sendto(f"Ping {n} {start}".encode(), (host, port))
    ready, _, _ = select.select([s], [], [], 1)
    if not ready:
        print("Zeitüberschreitung der Anforderung, Paket", n, "verloren")
        continue
    data = s.recv(1024)
    ms = (time.time() - start) * 1000
    rtts.append(ms)
    print(f"Antwort {n}: {data.decode()}  Zeit={ms:.3f} ms")
print(f"{10 - len(rtts)} von 10 verloren")
