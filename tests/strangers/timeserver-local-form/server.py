# Tells the time in a form of its own.
import datetime, socket, sys

server = socket.create_server(("", int(sys.argv[1])))
stop = False
while not stop:
    client, (host, port) = server.accept()
    client.settimeout(15)
    try:
        client.sendall(f"You are connected from {host}:{port}\n".encode())
        while not stop and (data := client.recv(1024)):
            word = data.decode(errors="replace").strip()
            if word == "EXIT":
                stop = True
            elif word == "TIME":
                client.sendall(datetime.datetime.now().strftime("%d.%m.%Y %H:%M:%S\n").encode())
            else:
                client.sendall(b"Invalid command!\n")
    except OSError:
        pass
    client.close()
server.close()
