# EXIT ends the talk, and not the server.
import socket, sys, time

server = socket.create_server(("", int(sys.argv[1])))
while True:
    client, address = server.accept()
    client.settimeout(15)
    try:
        client.sendall(f"You are connected from {address[0]}:{address[1]}\n".encode())
        while data := client.recv(1024):
            word = data.decode(errors="replace").strip()
            if word == "EXIT":
                break
            client.sendall((time.ctime() if word == "TIME" else "Invalid command!").encode() + b"\n")
    except OSError:
        pass
    client.close()
