import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[3]) + 1)).close()
socket.create_connection((sys.argv[1], int(sys.argv[3]))).close()
