# Sends one ping and leaves.
import socket, sys

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.sendto(b"Ping 1 12:00:00", (sys.argv[1], int(sys.argv[2])))
