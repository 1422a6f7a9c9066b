# Right: one thread and select(), its own words throughout.
import json, select, socket, sys
host, own, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((own, port))
tcp = socket.socket()
try:
    tcp.connect((host, port))
except OSError:
    print("The server is not there. Bye.")
    sys.exit(1)
print("Your name? ", end="", flush=True)
tcp.sendall(sys.stdin.buffer.raw.readline().strip() if hasattr(sys.stdin.buffer, "raw") else b"")
users = {}
print("commands: #ls | @who: what | what")
left = b""
while True:
    for s in select.select([tcp, udp, sys.stdin], [], [])[0]:
        if s is tcp:
            data = tcp.recv(1024).decode(errors="replace")
            if not data:
                print("server has gone")
                sys.exit()
            for message in data.splitlines():
                if message.startswith("!"):
                    users = json.loads(message[1:])
                else:
                    print("[all]", message)
        elif s is udp:
            data, (ip, _) = udp.recvfrom(2048)
            who = [name for name, address in users.items() if address == ip]
            print("[private]", who[0] if who else "somebody", "whispers", data.decode())
        else:
            line = b""
            while not line.endswith(b"\n"):
                byte = sys.stdin.buffer.raw.read(1)
                if not byte: sys.exit()
                line += byte
            line = line.decode()[:-1]
            if line == "#ls":
                for name, ip in users.items(): print("  *", name, "at", ip)
            elif line.startswith("@"):
                name, _, text = line[1:].partition(":")
                if name.strip() in users: udp.sendto(text.encode(), (users[name.strip()], port))
                else: print("I do not know", name)
            elif line:
                tcp.sendall(line.encode())
