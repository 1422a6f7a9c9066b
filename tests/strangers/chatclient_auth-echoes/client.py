import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[3]) + 1))
while data := s.recv(1024): s.sendall(data)
