# Right: bound to the address of this host's own name, as the assignment has it; its port is written in.
import json, socket, threading
IP = socket.gethostbyname(socket.gethostname())
door = socket.socket()
door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
door.bind((IP, 5000))
door.listen(64)
print("listening at", IP)
people, guard = {}, threading.RLock()      # socket -> (name, ip)

def tell(data, skip=None):
    with guard:
        for s in list(people):
            if s is not skip:
                try: s.sendall(data)
                except OSError: pass

def roster():
    with guard:
        tell(b"!" + json.dumps({n: ip for n, ip in people.values()}).encode())

def talk(s, ip):
    name = s.recv(1024).decode().strip()
    with guard: people[s] = (name, ip)
    roster()
    try:
        while data := s.recv(1024):
            tell(f"{name}: {data.decode(errors='replace')} ".encode(), skip=s)
    except OSError:
        pass
    with guard: people.pop(s)
    s.close(); roster()

while True:
    s, (ip, _) = door.accept()
    threading.Thread(target=talk, args=(s, ip), daemon=True).start()
