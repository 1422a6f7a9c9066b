import socket, sys, threading
door = socket.create_server(("", int(sys.argv[1])), backlog=128)
def talk(s):
    with s:
        while data := s.recv(4096): s.sendall(data)
while True: threading.Thread(target=talk, args=(door.accept()[0],), daemon=True).start()
