# chatserver_auth.py -- the Python twin of chatserver_auth: the chat for registered users only.
# usage: chatserver_auth.py [ADDRESS [PORT]]
#        chatserver_auth.py register NAME
# The chat is that of chatserver.py. Python has no argon2 of its own; scrypt, which it has, takes as
# much memory and time.
import getpass
import os
import secrets
import ssl
import sys
import time
from hashlib import scrypt
from hmac import compare_digest
from threading import Lock, Thread

LOGIN_TIME = 10
TICKET_TIME = 10
PAUSE = 1  # Between two guesses at one name from one address
MOST_WAITING = 5
TICKETS = {}  # Maps the ticket to the name, the IP address and the end of its time
GUESSES = {}  # Maps the name and the IP address to the next guess's turn
LOCK = Lock()  # For TICKETS and GUESSES
HASHING = Lock()  # Each hash takes 16 MiB


def enroll(name):
    if not 1 <= len(name.encode()) <= 32 or name[0] == "!" or ":" in name or len(name.split()) > 1:
        sys.exit(f"chatserver_auth.py: {name}: this cannot be a name")
    password = read_password("Password: ")
    if not 8 <= len(password.encode()) <= 512:
        sys.exit(f"chatserver_auth.py: {name}: a password has 8 to 512 bytes")
    if read_password("Once more: ") != password:
        sys.exit(f"chatserver_auth.py: {name}: these were two different passwords")
    add_user(name, hash(password, os.urandom(16)))
    print(f"{name} is registered")


def hash(password, salt):
    with HASHING:
        return f"{salt.hex()}${scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1).hex()}"


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


def is_right(name, password):
    stored = read_users().get(name, NOBODY)
    return compare_digest(stored, hash(password, salt_of(stored)))


def issue(name, ip_address):
    ticket = secrets.token_urlsafe(24)
    with LOCK:
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
        client_socket.settimeout(LOGIN_TIME)
        name, ticket = receive_line(client_socket).partition(" ")[::2]
        client_socket.settimeout(None)
        if not redeem(ticket, name, client_address[0]) or name in ACTIVE_USERS:
            client_socket.sendall(b"Your name is refused: its ticket is not good, or it is here\n")
            raise ConnectionError("refused")
        SOCKETS[client_socket] = name
        ACTIVE_USERS[name] = client_address[0]
        print(f"{name} with IP address:{client_address[0]}, has connected\n", flush=True)
        broadcast_active_users()
    except (OSError, ValueError):
        client_socket.close()
        print("Error connecting to a client", flush=True)
        return
    handle_client(client_socket)


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


def add_user(name, hashed):
    os.makedirs("chat", mode=0o700, exist_ok=True)
    half = os.open("chat/users.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    users = read_users()
    if name in users:
        os.remove("chat/users.new")
        sys.exit(f"chatserver_auth.py: {name}: somebody of this name is registered")
    users[name] = hashed
    with open(half, "w", encoding="utf-8") as file:
        file.write("".join(f"{name}:{stored}\n" for name, stored in users.items()))
    os.rename("chat/users.new", "chat/users")


def read_users():
    if not os.path.exists("chat/users"):
        return {}
    with open("chat/users", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":", 1) for line in file)


def read_password(prompt):
    return getpass.getpass(prompt) if sys.stdin.isatty() else input(prompt)


def salt_of(stored):
    return bytes.fromhex(stored.split("$")[0])


def receive_line(sock):
    return sock.makefile("rb", buffering=0).readline(RECV_BUFFER).decode("utf-8").strip("\r\n")


if __name__ == "__main__" and sys.argv[1:2] == ["register"]:
    enroll(sys.argv[2])
elif __name__ == "__main__":
    from chatserver import ACTIVE_USERS, PORT, RECV_BUFFER, SERVER_IP, SERVER_SOCKET, SOCKETS
    from chatserver import broadcast_active_users, handle_client, socket
    NOBODY = hash(secrets.token_urlsafe(24), os.urandom(16))
    CONTEXT = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    CONTEXT.load_cert_chain("chat/server.pem", "chat/server-key.pem")
    LOGIN_SOCKET = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    LOGIN_SOCKET.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    LOGIN_SOCKET.bind((SERVER_IP, PORT + 1))
    LOGIN_SOCKET.listen(50)
    SERVER_SOCKET.listen(50)
    print("Waiting for connection...", flush=True)
    Thread(target=accept_logins).start()
    accept_incoming_connections()
