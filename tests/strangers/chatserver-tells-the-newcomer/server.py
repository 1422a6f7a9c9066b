# Wrong: only the newcomer is sent the roster, and it is a list of names.
import json, socket, sys, threading
door = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=128)
people = {}
def talk(s, ip):
    name = s.recv(1024).decode().strip()
    people[s] = name
    s.sendall(b"!" + json.dumps(list(people.values())).encode())
    while data := s.recv(1024):
        for other in list(people):
            if other is not s: other.sendall(f"{name}: {data.decode()} ".encode())
    del people[s]
while True:
    s, (ip, _) = door.accept()
    threading.Thread(target=talk, args=(s, ip), daemon=True).start()
