# Wrong: ends after five clients, where the assignment's server goes on without end.
import socket, sys
server = socket.socket()
server.bind(("0.0.0.0", int(sys.argv[1])))
server.listen(5)
for _ in range(5):
    client, address = server.accept()
    try:
        client.sendall(client.recv(1024).upper())
    except OSError:
        pass
    client.close()
server.close()
