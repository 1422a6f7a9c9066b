import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[1])))
while True:
    data, who = s.recvfrom(2048)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.sendto(data.upper(), who)
    out.close()
