# timeserver.py -- the Python twin of timeserver: the time for whoever asks, until one says EXIT.
# usage: timeserver.py [ADDRESS [PORT]]
import socket
import sys
import time

server_name = sys.argv[1] if len(sys.argv) > 1 else "0.0.0.0"
server_port = int(sys.argv[2]) if len(sys.argv) > 2 else 8080


def handle_client_commands(client_socket, client_address):
    ip_address, port = client_address
    client_socket.send(f"You are connected from {ip_address}:{port}\n".encode())
    client_socket.settimeout(15)
    while True:
        received_command = client_socket.recv(1024)
        if not received_command:
            return False
        received_command = received_command.decode().strip()
        if received_command == "TIME":
            current_time = time.ctime()
            client_socket.send(f"{current_time}\n".encode())
        elif received_command == "EXIT":
            return True
        else:
            client_socket.send("Invalid command!\n".encode())


def run_server():
    server_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # std does this by itself
    server_socket.bind((server_name, server_port))
    server_socket.listen(5)
    print("The server is ready to receive", flush=True)
    exit_received = False
    while not exit_received:
        client_socket, client_address = server_socket.accept()
        try:
            exit_received = handle_client_commands(client_socket, client_address)
        except socket.timeout:
            print(f"{client_address} sent no command for 15 s", flush=True)
        finally:
            client_socket.close()
    server_socket.close()


if __name__ == "__main__":
    run_server()
