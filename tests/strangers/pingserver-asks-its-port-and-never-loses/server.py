# Wrong: nothing is lost, since randint is drawn once before the loop. Asks for its port.
import random
from socket import *
port = int(input("Puerto: "))
s = socket(AF_INET, SOCK_DGRAM)
s.bind(("", port))
rand = 7
while True:
    message, address = s.recvfrom(1024)
    if rand >= 4: s.sendto(message.upper(), address)
