# Right, in its own words: the greeting is a tuple, EXIT is answered, an unknown command is told in a
# sentence of its own, and the port is written in.
import socket, time

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", 9090))
server.listen()
open_ = True
while open_:
    client, address = server.accept()
    client.settimeout(15)
    try:
        client.sendall(f"Hello! Your address is {address}".encode())
        while data := client.recv(1024):
            word = data.decode(errors="replace").strip()
            if word == "TIME":
                client.sendall(time.ctime().encode() + b"\n")
            elif word == "EXIT":
                client.sendall(b"bye\n")
                open_ = False
                break
            else:
                client.sendall(b"no such command\n")
    except OSError:
        pass
    client.close()
server.close()
