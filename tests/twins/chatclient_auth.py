# chatclient_auth.py -- the Python twin of chatclient_auth: it proves who it is before it chats.
# usage: chatclient_auth.py [SERVER [CLIENT_IP [PORT]]]     CHAT_CA names one more issuer to trust
import getpass
import json
import os
import socket
import ssl
import sys
import time
from threading import Thread

SERVER = sys.argv[1] if len(sys.argv) > 1 else "chat.ttm4200.com"
SERVER_IP = socket.gethostbyname(SERVER)
CLIENT_IP = sys.argv[2] if len(sys.argv) > 2 else socket.gethostbyname(socket.gethostname())
PORT = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
RECV_BUFFER = 1024
LOGIN_TIME = 15
CONTEXT = ssl.create_default_context(cafile=os.environ.get("CHAT_CA"))
LOGIN_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
TCP_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
UDP_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
UDP_SOCKET.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
UDP_SOCKET.bind((CLIENT_IP, PORT))
ACTIVE_USERS = None  # Maps the name to the IP address


def update_active_users(msg):
    global ACTIVE_USERS
    ACTIVE_USERS = json.loads(msg[1:])


def get_name_from_ip_address(ip_address):
    name_list = [name for name, ip in ACTIVE_USERS.items() if ip == ip_address]
    name = name_list[0] if len(name_list) else "Non-registered"
    return name


def receive_line(sock):
    until = time.monotonic() + LOGIN_TIME
    line = b""
    while not line.endswith(b"\n"):
        sock.settimeout(max(until - time.monotonic(), 0.001))
        byte = sock.recv(1)
        if not byte or len(line) >= RECV_BUFFER:
            raise ConnectionError("the login has ended without an answer")
        line += byte
    return line.decode("utf-8").rstrip("\r\n")


def log_in(name, password):
    LOGIN_SOCKET.settimeout(LOGIN_TIME)
    LOGIN_SOCKET.connect((SERVER_IP, PORT + 1))
    wrap_socket = CONTEXT.wrap_socket(LOGIN_SOCKET, server_hostname=SERVER)
    wrap_socket.sendall(f"{name}\n{password}\n".encode("utf-8"))
    answer = receive_line(wrap_socket)
    if not answer.startswith("TICKET "):
        raise ConnectionError(answer.replace(password, "****"))
    return answer.removeprefix("TICKET ")


def connect_and_listen():
    name = input("First enter your name to register it in the server: ")
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else input("Password: ")
    try:
        ticket = log_in(name, password)
        TCP_SOCKET.connect((SERVER_IP, PORT))
        TCP_SOCKET.sendall(f"{name} {ticket}\n".encode("utf-8"))
    except (OSError, ValueError) as error:
        print("could not connect to chat server...", flush=True)
        print(f"chatclient_auth.py: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    print(""" Connection Established!
    Now you can enter '#ls' to list active users,
    '@<user1>: msg' send msg to a specific user,
    or just write your msg  to send  to all users
    *************************************************""", flush=True)
    Thread(target=receive_tcp).start()
    Thread(target=receive_udp).start()
    Thread(target=send).start()


def receive_tcp():
    while True:
        msg = TCP_SOCKET.recv(RECV_BUFFER)
        if not msg:
            print("\nThe chat server has closed the connection", flush=True)
            os._exit(0)
        for msg in msg.decode("utf-8").split("\n"):
            if msg[:1] == "!":
                update_active_users(msg)
            elif msg:
                print(f"incoming msg from chatserver ({msg})", flush=True)


def receive_udp():
    while True:
        msg, address = UDP_SOCKET.recvfrom(RECV_BUFFER)
        ip_address = address[0]
        sending_client = get_name_from_ip_address(ip_address)
        print(f"Incoming msg (P2P) from {sending_client}:{msg.decode('utf-8')}", flush=True)


def send():
    while True:
        try:
            usr_input = input(">")
        except EOFError:
            os._exit(0)
        if usr_input == "#ls":
            print(ACTIVE_USERS, flush=True)
        elif (len(usr_input) > 0) and (usr_input[0] == "@"):
            temp = usr_input.split(":")
            receiving_client = temp[0][1:].strip()
            msg = ":".join(temp[1:])
            msg = msg.encode("utf-8")
            if receiving_client in ACTIVE_USERS:
                ip_address = ACTIVE_USERS[receiving_client]
                UDP_SOCKET.sendto(msg, (ip_address, PORT))
            else:
                print(f"{receiving_client} is not registered", flush=True)
        elif len(usr_input) > 0:
            msg = usr_input
            msg = msg.encode("utf-8")
            TCP_SOCKET.send(msg)


if __name__ == "__main__":
    connect_and_listen()
