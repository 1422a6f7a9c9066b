# chatclient.py -- the Python twin of chatclient: chat with all over TCP, with one user over UDP.
# usage: chatclient.py [SERVER [CLIENT_IP [PORT]]]
import json
import socket
import sys
from threading import Thread

SERVER_IP = socket.gethostbyname(sys.argv[1] if len(sys.argv) > 1 else "chat.ttm4200.com")
CLIENT_IP = sys.argv[2] if len(sys.argv) > 2 else socket.gethostbyname(socket.gethostname())
PORT = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
RECV_BUFFER = 1024
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


def connect_and_listen():
    try:
        TCP_SOCKET.connect((SERVER_IP, PORT))
        name = input("First enter your name to register it in the server: ")
        name = name.encode("utf-8")
        TCP_SOCKET.send(name)
    except:
        print("could not connect to chat server...")
        sys.exit()
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
        try:
            msg = TCP_SOCKET.recv(RECV_BUFFER)
            msg = msg.decode("utf-8")
            if msg[0] == "!":
                update_active_users(msg)
            else:
                print(f"incoming msg from chatserver ({msg})", flush=True)
        except OSError:  # perhaps this client has left the chat
            TCP_SOCKET.close()
            sys.exit()


def receive_udp():
    while True:
        msg, address = UDP_SOCKET.recvfrom(RECV_BUFFER)
        ip_address = address[0]
        sending_client = get_name_from_ip_address(ip_address)
        print(f"Incoming msg (P2P) from {sending_client}:{msg.decode('utf-8')}", flush=True)


def send():
    while True:
        usr_input = input(">")
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
    connection_threads = Thread(target=connect_and_listen)
    connection_threads.start()
    connection_threads.join()
