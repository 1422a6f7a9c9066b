# Right: a thread for each datagram; what it does goes to stderr.
import socket, sys, threading

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", int(sys.argv[1])))


def answer(data, client):
    print("from", client, len(data), "bytes", file=sys.stderr)
    server.sendto(data.upper(), client)


while True:
    threading.Thread(target=answer, args=server.recvfrom(4096)).start()
