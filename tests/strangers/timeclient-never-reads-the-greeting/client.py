# Wrong: the greeting is not read, so every answer is one too late.
import socket, sys
s = socket.socket()
s.connect((sys.argv[1], int(sys.argv[2])))
while True:
    command = input("command> ")
    s.sendall((command + "\n").encode())
    if command == "EXIT": break
    print(s.recv(1024).decode().splitlines()[0])
s.close()
