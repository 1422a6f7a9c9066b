# chatclient_auth.py -- the Python twin of chatclient_auth: log in over TLS, then chat.
# usage: chatclient_auth.py [SERVER [CLIENT_IP [PORT]]]
# needs: CHAT_CA=chat/ca.pem, where `make certificate` has made the server's certificate
# The chat is that of chatclient.py, which opens the sockets, too.
import getpass
import os
import socket
import ssl
import sys
from threading import Thread

from chatclient import PORT, RECV_BUFFER, SERVER_IP, TCP_SOCKET, receive_tcp, receive_udp, send

SERVER = sys.argv[1] if len(sys.argv) > 1 else "chat.ttm4200.com"
LOGIN_TIME = 15
CONTEXT = ssl.create_default_context(cafile=os.environ.get("CHAT_CA"))


def log_in(name, password):
    LOGIN_SOCKET = socket.create_connection((SERVER_IP, PORT + 1), LOGIN_TIME)
    wrap_socket = CONTEXT.wrap_socket(LOGIN_SOCKET, server_hostname=SERVER)
    wrap_socket.sendall(f"{name}\n{password}\n".encode("utf-8"))
    answer = wrap_socket.makefile("r", encoding="utf-8").readline(RECV_BUFFER).strip("\r\n")
    if not answer.startswith("TICKET "):
        raise ConnectionError(answer.replace(password, "****"))
    ticket = answer.removeprefix("TICKET ")
    if ticket in ("", password):
        raise ConnectionError("what the server gives is no ticket")
    return ticket


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


if __name__ == "__main__":
    connect_and_listen()
