import socket, sys
door = socket.create_server(("", int(sys.argv[1])))
while True: door.accept()[0].close()
