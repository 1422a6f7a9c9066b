# Sends the sentence, prints it in capitals itself, and leaves.
import socket, sys

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
message = input("Input lowercase sentence:")
client.sendto(message.encode(), (sys.argv[1], int(sys.argv[2])))
print(message.upper())
