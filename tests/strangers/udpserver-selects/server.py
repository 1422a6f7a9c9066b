# Right: select with a timeout, and a socket that does not block; its port is written in.
import select, socket

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 13579))
server.setblocking(False)
while True:
    for ready in select.select([server], [], [], 0.2)[0]:
        data, client = ready.recvfrom(65535)
        ready.sendto(data.upper(), client)
