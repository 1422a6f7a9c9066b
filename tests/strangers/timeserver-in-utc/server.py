# Tells UTC instead of the local time.
import socket, time

door = socket.socket()
door.bind(("0.0.0.0", 8080))
door.listen(5)
stop = False
while not stop:
    client, address = door.accept()
    client.settimeout(15)
    try:
        client.sendall(f"You are connected from {address[0]}:{address[1]}\n".encode())
        while not stop and (data := client.recv(1024)):
            word = data.decode(errors="replace").strip()
            if word == "EXIT":
                stop = True
            else:
                client.sendall((time.asctime(time.gmtime()) if word == "TIME" else "Invalid command!").encode() + b"\n")
    except OSError:
        pass
    client.close()
door.close()
