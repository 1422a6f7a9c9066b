# Right in other words than ours, which are asked for here.
import json, os, socket, sys, threading
server, mine, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
users = {}
sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
direct = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
direct.bind((mine, port))

def from_server():
    global users
    while True:
        data = sock.recv(1024)
        if not data:
            print("** connection to the server lost **")
            os._exit(0)
        for part in data.decode("utf-8", "replace").split("\n"):
            if part[:1] == "!": users = json.loads(part[1:])
            elif part: print("<server>", part)

def from_others():
    while True:
        data, address = direct.recvfrom(1024)
        name = next((n for n, ip in users.items() if ip == address[0]), "unknown person")
        print(f"(direct) {name}: {data.decode('utf-8', 'replace')}")

try:
    sock.connect((server, port))
    sock.send(input("Nickname: ").encode())
except ConnectionRefusedError as error:
    print("no chat today:", error)
    os._exit(1)
threading.Thread(target=from_server, daemon=True).start()
threading.Thread(target=from_others, daemon=True).start()
print("#ls shows who is here, @name: text goes to one, anything else to all.")
while True:
    try: line = input("me> ")
    except EOFError: break
    if line == "#ls": print(users)
    elif line[:1] == "@":
        name, text = line[1:].split(":", 1)
        if name in users: direct.sendto(text.encode(), (users[name], port))
        else: print("there is no", name)
    elif line: sock.send(line.encode())
os._exit(0)
