# A chat client that prints every byte there is and then what it hears, without end.
import os
import socket

from ends import OWN, PORT, connected

other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
other.bind((OWN, PORT))
server = connected()
server.sendall(input().encode())
heard = server.recv(2048)
while True:
    os.write(1, bytes(range(256)) + heard)
