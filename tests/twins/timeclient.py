# timeclient.py -- the Python twin of timeclient: send commands, print what comes back.
# usage: timeclient.py [ADDRESS [PORT]]
import socket
import sys

server_name = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
server_port = int(sys.argv[2]) if len(sys.argv) > 2 else 8080


def run_client():
    client_socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server_address = (server_name, server_port)
    client_socket.connect(server_address)
    initial_message = client_socket.recv(1024).decode()
    print(initial_message.strip())
    while True:
        user_command = input("Please enter a command (TIME or EXIT): ")
        client_socket.send(f"{user_command}\n".encode())
        if user_command.strip() == "EXIT":
            break
        response = client_socket.recv(1024).decode()
        if not response:
            print("The server has closed the connection")
            break
        print(response.strip())
    client_socket.close()


if __name__ == "__main__":
    run_client()
