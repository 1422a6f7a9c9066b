# Wrong by one fault: a newline goes behind the name and behind each line.
import json, os, socket, sys, threading
server, mine, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
users = {}
sock = socket.socket()
direct = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
direct.bind((mine, port))
def from_server():
    global users
    while data := sock.recv(1024):
        for part in data.decode("utf-8", "replace").split("\n"):
            if part[:1] == "!": users = json.loads(part[1:])
            elif part: print("<server>", part)
    os._exit(0)
def from_others():
    while True:
        data, address = direct.recvfrom(1024)
        print("(direct)", next((n for n, ip in users.items() if ip == address[0]), "?"), data.decode())
try: sock.connect((server, port))
except OSError: print("no server"); os._exit(1)
sock.sendall(sys.stdin.readline().encode())
threading.Thread(target=from_server, daemon=True).start()
threading.Thread(target=from_others, daemon=True).start()
for line in sys.stdin:
    if line == "#ls\n": print(users)
    elif line[:1] == "@":
        name, text = line[1:-1].split(":", 1)
        if name in users: direct.sendto(text.encode(), (users[name], port))
        else: print("there is no", name)
    elif line != "\n": sock.sendall(line.encode())
os._exit(0)
