# Right: asks for host and port.
import socket
host, port = input("Hostname: "), int(input("Port: "))
with socket.create_connection((host, port)) as s:
    print("S:", s.recv(1024).decode().strip())
    while True:
        try: command = input("C: ")
        except EOFError: break
        s.sendall(command.encode() + b"\n")
        if command == "EXIT": break
        answer = s.recv(1024).decode().strip()
        if not answer:
            print("connection closed")
            break
        print("S:", answer)
