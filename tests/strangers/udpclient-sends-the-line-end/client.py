# Sends the end of the line, too.
import socket, sys

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.sendto(sys.stdin.readline().encode(), (sys.argv[1], int(sys.argv[2])))
print(client.recvfrom(4096)[0].decode())
