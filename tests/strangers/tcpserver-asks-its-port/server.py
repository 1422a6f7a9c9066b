# Right: asks for its port when it starts.
import socket
port = int(input("Port number to listen on: "))
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("", port))
server.listen(5)
print("Server ready")
while True:
    client, address = server.accept()
    try:
        data = client.recv(1024)
        client.sendall(data.upper())
    except OSError as error:
        print("error with", address, error)
    client.close()
