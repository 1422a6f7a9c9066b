# chatserver_auth.py -- the Python twin of chatserver_auth: the chat for registered users only.
# usage: chatserver_auth.py [ADDRESS [PORT]]
#        chatserver_auth.py register NAME
# Python has no argon2 of its own; scrypt, which it has, takes as much memory and time.
import getpass
import json
import os
import secrets
import socket
import ssl
import sys
import time
from hashlib import scrypt
from hmac import compare_digest
from threading import Lock, Thread

USERS = "chat/users"  # A line NAME:HASH for each
RECV_BUFFER = 1024
LOGIN_TIME = 10
TICKET_TIME = 10
PAUSE = 1  # Between two guesses at one name from one address
MOST_WAITING = 5


def read_password(prompt):
    return getpass.getpass(prompt) if sys.stdin.isatty() else input(prompt)


def enroll(name):
    if not 1 <= len(name.encode()) <= 32 or name[0] == "!" or ":" in name or len(name.split()) > 1:
        sys.exit(f"chatserver_auth.py: {name}: this cannot be a name")
    password = read_password("Password: ")
    if not 8 <= len(password.encode()) <= 512:
        sys.exit(f"chatserver_auth.py: {name}: a password has 8 to 512 bytes")
    if read_password("Once more: ") != password:
        sys.exit(f"chatserver_auth.py: {name}: these were two different passwords")
    os.makedirs("chat", exist_ok=True)
    half = os.open(USERS + ".new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    users = read_users()
    if name in users:
        os.remove(USERS + ".new")
        sys.exit(f"chatserver_auth.py: {name}: somebody of this name is registered")
    users[name] = hash(password, os.urandom(16))
    with open(half, "w", encoding="utf-8") as file:
        file.write("".join(f"{name}:{stored}\n" for name, stored in users.items()))
    os.rename(USERS + ".new", USERS)
    print(f"{name} is registered")


def hash(password, salt):
    with HASHING:
        return f"{salt.hex()}${scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1).hex()}"


def salt_of(stored):
    return bytes.fromhex(stored.split("$")[0])


def read_users():
    try:
        with open(USERS, encoding="utf-8") as file:
            return dict(line.rstrip("\n").split(":", 1) for line in file)
    except FileNotFoundError:
        return {}


def accept_logins():
    while True:
        client_socket, client_address = LOGIN_SOCKET.accept()
        Thread(target=log_in, args=(client_socket, client_address)).start()


def log_in(client_socket, client_address):
    try:
        client_socket.settimeout(LOGIN_TIME)
        wrap_socket = CONTEXT.wrap_socket(client_socket, server_side=True)
        name = receive_line(wrap_socket)
        password = receive_line(wrap_socket)
        wait = turn(name, client_address[0])
        if wait is None:
            answer = "REFUSED too many guesses are waiting: try again later\n"
        else:
            time.sleep(wait)
            if is_right(name, password):
                answer = f"TICKET {issue(name, client_address[0])}\n"
            else:
                answer = "REFUSED the name or the password is wrong\n"
        wrap_socket.sendall(answer.encode())
        wrap_socket.unwrap().close()
    except (OSError, ValueError) as error:
        print(f"chatserver_auth.py: {client_address[0]}: no login: {error}", file=sys.stderr)
        client_socket.close()


def receive_line(sock):
    until = time.monotonic() + LOGIN_TIME
    line = b""
    while not line.endswith(b"\n"):
        sock.settimeout(max(until - time.monotonic(), 0.001))
        byte = sock.recv(1)
        if not byte or len(line) >= RECV_BUFFER:
            raise ConnectionError("a line without end")
        line += byte
    return line.decode("utf-8").rstrip("\r\n")


def turn(name, ip_address):
    now = time.monotonic()
    with LOCK:
        for guess in [guess for guess, turn in GUESSES.items() if turn <= now]:
            del GUESSES[guess]
        wait = max(GUESSES.get((name, ip_address), now) - now, 0)
        if wait > MOST_WAITING * PAUSE:
            return None
        GUESSES[name, ip_address] = now + wait + PAUSE
        return wait


def is_right(name, password):
    stored = read_users().get(name, NOBODY)
    return compare_digest(stored, hash(password, salt_of(stored)))


def issue(name, ip_address):
    ticket = secrets.token_urlsafe(24)
    with LOCK:
        GUESSES.pop((name, ip_address), None)
        for unused in [t for t, good_for in TICKETS.items() if good_for[2] <= time.monotonic()]:
            del TICKETS[unused]
        TICKETS[ticket] = (name, ip_address, time.monotonic() + TICKET_TIME)
    return ticket


def redeem(ticket, name, ip_address):
    with LOCK:
        good_for = TICKETS.pop(ticket, (None, None, 0))
    return good_for[:2] == (name, ip_address) and time.monotonic() < good_for[2]


def accept_incoming_connections():
    while True:
        client_socket, client_address = SERVER_SOCKET.accept()
        Thread(target=register, args=(client_socket, client_address)).start()


def register(client_socket, client_address):
    try:
        name, ticket = receive_line(client_socket).partition(" ")[::2]
        client_socket.settimeout(None)
        if not redeem(ticket, name, client_address[0]) or name in ACTIVE_USERS:
            client_socket.sendall(b"Your name is refused: its ticket is not good, or it is here\n")
            raise ConnectionError("refused")
    except (OSError, ValueError):
        client_socket.close()
        print("Error connecting to a client", flush=True)
        return
    SOCKETS[client_socket] = name
    ACTIVE_USERS[name] = client_address[0]
    print(f"{name} with IP address:{client_address[0]}, has connected\n", flush=True)
    broadcast_active_users()
    handle_client(client_socket)


def handle_client(client_socket):
    while True:
        try:
            msg = client_socket.recv(RECV_BUFFER)
            msg = msg.decode("utf-8")
        except (OSError, ValueError):
            msg = ""
        if len(msg) == 0:
            client_socket.close()
            del(ACTIVE_USERS[SOCKETS[client_socket]])
            del(SOCKETS[client_socket])
            broadcast_active_users()
            sys.exit()
        msg = f"{SOCKETS[client_socket]}: {msg} "
        broadcast_msg(client_socket, msg)


def broadcast_msg(sending_client, msg):
    msg = msg.encode("utf-8")
    for client_socket in list(SOCKETS):
        if client_socket != sending_client:
            send(client_socket, msg)


def broadcast_active_users():
    active_users = "!" + json.dumps(ACTIVE_USERS)
    active_users = active_users.encode("utf-8")
    for client_socket in list(SOCKETS):
        send(client_socket, active_users)


def send(client_socket, msg):
    try:
        client_socket.sendall(msg)
    except OSError:
        pass  # its own thread finds it gone, and does the rest


HASHING = Lock()  # Each hash takes 16 MiB
LOCK = Lock()  # For TICKETS and GUESSES
if __name__ == "__main__" and sys.argv[1:2] == ["register"]:
    enroll(sys.argv[2])
elif __name__ == "__main__":
    SERVER_IP = sys.argv[1] if len(sys.argv) > 1 else socket.gethostbyname(socket.gethostname())
    PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    ACTIVE_USERS = {}  # Maps the name to the IP address
    SOCKETS = {}  # Maps the socket to the name
    TICKETS = {}  # Maps the ticket to the name, the IP address and the end of its time
    GUESSES = {}  # Maps the name and the IP address to the next guess's turn
    NOBODY = hash(secrets.token_urlsafe(24), os.urandom(16))
    CONTEXT = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    CONTEXT.load_cert_chain("chat/server.pem", "chat/server-key.pem")
    LOGIN_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    LOGIN_SOCKET.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    LOGIN_SOCKET.bind((SERVER_IP, PORT + 1))
    LOGIN_SOCKET.listen(50)
    SERVER_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    SERVER_SOCKET.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    SERVER_SOCKET.bind((SERVER_IP, PORT))
    SERVER_SOCKET.listen(50)
    print("Waiting for connection...", flush=True)
    Thread(target=accept_logins).start()
    accept_incoming_connections()
