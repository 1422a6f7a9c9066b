# Wrong by one fault: who speaks hears himself.
import json, socket, sys, threading
door = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=128)
people, guard = {}, threading.RLock()
def tell(data):
    with guard:
        for s in list(people):
            try: s.sendall(data)
            except OSError: pass
def roster(): tell(b"!" + json.dumps(dict(people.values())).encode())
def talk(s, ip):
    name = s.recv(1024).decode().strip()
    with guard:
        people[s] = (name, ip)
        roster()
    try:
        while data := s.recv(1024):
            tell(f"{name}: {data.decode(errors='replace')} ".encode())
    except OSError: pass
    with guard:
        people.pop(s)
        roster()
    s.close()
while True:
    s, (ip, _) = door.accept()
    threading.Thread(target=talk, args=(s, ip), daemon=True).start()
