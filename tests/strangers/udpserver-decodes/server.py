# Takes every datagram for a text: letters beyond ASCII change, and bytes that are no text end it.
import socket, sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", int(sys.argv[1])))
print("The server is ready to receive")
while True:
    message, client = server.recvfrom(2048)
    server.sendto(message.decode().upper().encode(), client)
