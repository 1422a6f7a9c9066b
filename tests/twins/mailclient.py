# mailclient.py -- the Python twin of mailclient: SMTP, TLS and a password, step by step.
# usage: mailclient.py [ADDRESS [PORT]]     what to send is in the environment, see mailclient -h
import base64
import getpass
import mimetypes
import os
import ssl
import sys
import time
from email.header import Header
from email.utils import formatdate, make_msgid
from socket import AF_INET, MSG_PEEK, SOCK_STREAM, socket

serverName = sys.argv[1] if len(sys.argv) > 1 else "mail.ttm4200.com"
serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 587
patience = 30


def fail(cause, code=1):
    print(f"mailclient.py: {cause}", file=sys.stderr)
    sys.exit(code)


def needed(name, ask=input):
    text = os.environ.get(name)
    if text is None:
        if not sys.stdin.isatty():
            fail(f"{name} is not set, and there is no terminal to ask at", 2)
        try:
            text = ask(f"{name}: ")
        except EOFError:
            sys.exit(0)
    return text or fail(f"{name} is empty", 2)


def oneLine(name, text):
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        fail(f"{name} holds a line break or another control character", 2)
    return text


def address(name, text):
    user, at, host = oneLine(name, text).partition("@")
    if not (user and host and text.isascii() and len(text) <= 254) or set("<> ") & set(text):
        fail(f"{name}: {text!r} is no address: NAME@HOST is expected", 2)
    return text


def contents(name, file):
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        fail(f"{name}: {error}", 2)


def masked(text):
    for secret in (base64.b64encode(password.encode()).decode().rstrip("="), password):
        text = text.replace(secret, "****")
    return text


def recv(sock, until):
    sock.settimeout(max(until - time.monotonic(), 0.001))
    byte = sock.recv(1)
    if not byte:
        fail("the server closed the connection in the middle of the dialogue")
    return byte


def readLine(sock, until):
    line = b""
    while not line.endswith(b"\n"):
        line += recv(sock, until)
        if len(line) > 64 * 1024:
            fail("the server sent a line of over 64 KiB")
    return line.rstrip(b"\r\n")


def receive(sock, *expected):
    until = time.monotonic() + patience
    for _ in range(1000):
        line = readLine(sock, until)
        print(masked(line.decode(errors="replace")), flush=True)
        last = line[3:4] != b"-"
        if not last:
            continue
        if line[:3].decode(errors="replace") in expected:
            return
        print(f"{expected[0]} reply not received from server.", flush=True)
        if "221" not in expected:
            quit(sock)
        fail(f"{expected[0]} was expected, not {masked(line[:3].decode(errors='replace'))!r}")
    fail("the server sent a reply of more than 1000 lines")


def quit(sock):
    try:
        sock.sendall(b"QUIT\r\n")
        receive(sock, "221")
    except (OSError, SystemExit):
        pass  # the server may be gone already


def base64Lines(data):
    return base64.encodebytes(data).decode().rstrip("\n").replace("\n", "\r\n")


def textPart():
    text = msg.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    encoding = "7bit"
    if not text.isascii() or max(map(len, text.split("\r\n"))) > 998:
        encoding, text = "base64", base64Lines(text.encode())
    content = "Content-Type: text/plain; charset=utf-8\r\n"
    return content + f"Content-Transfer-Encoding: {encoding}\r\n\r\n{text}"


def withAttachment(text, file):
    lines = base64Lines(contents("MAIL_ATTACHMENT", file))
    name = "".join(c if "!" <= c <= "~" and c not in '"\\' else "_" for c in os.path.basename(file))
    boundary = "=_" + make_msgid(domain="boundary")[1:-1]
    kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
    content = f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
    content += f"--{boundary}\r\n{text}\r\n"
    content += f"--{boundary}\r\nContent-Type: {kind}\r\n"
    content += f'Content-Disposition: attachment; filename="{name}"\r\n'
    content += f"Content-Transfer-Encoding: base64\r\n\r\n{lines}\r\n"
    content += f"--{boundary}--"
    return content


def message():
    date = formatdate(localtime=True)
    messageID = make_msgid(domain=senderMail.rpartition("@")[2])
    subject = subjectText
    if not subject.isascii() or len(subject) >= 900 or "=?" in subject:
        words = Header(subject, "utf-8", header_name="Subject", maxlinelen=75)
        subject = words.encode(linesep="\r\n")
    headers = f"From: <{senderMail}>\r\n"
    headers += f"To: <{receiverMail}>\r\n"
    headers += f"Date: {date}\r\n"
    headers += f"Subject: {subject}\r\n"
    headers += f"Message-ID: {messageID}\r\n"
    attachment = os.environ.get("MAIL_ATTACHMENT")
    content = textPart() if attachment is None else withAttachment(textPart(), attachment)
    return headers + "MIME-Version: 1.0\r\n" + content


user = oneLine("MAIL_USER", needed("MAIL_USER"))
password = oneLine("MAIL_PASSWORD", needed("MAIL_PASSWORD", getpass.getpass))
receiverMail = address("MAIL_TO", needed("MAIL_TO"))
senderMail = address("MAIL_FROM", os.environ.get("MAIL_FROM", user))
subjectText = os.environ.get("MAIL_SUBJECT", "Mail Client Testing with using SMTP protocol")
subjectText = oneLine("MAIL_SUBJECT", subjectText)
msg = os.environ.get("MAIL_BODY", "I love computer networks!")
endmsg = "\r\n.\r\n"
mail = message().replace("\r\n.", "\r\n..").encode()

context = ssl.create_default_context()
if "MAIL_CA" in os.environ:
    try:
        context.load_verify_locations(os.environ["MAIL_CA"])
    except (OSError, ssl.SSLError) as error:
        fail(f"MAIL_CA: {error}", 2)

try:
    clientSocket = socket(AF_INET, SOCK_STREAM)
    clientSocket.settimeout(patience)
    clientSocket.connect((serverName, serverPort))
    host = clientSocket.getsockname()[0]
    receive(clientSocket, "220")
    clientSocket.send(f"EHLO [{host}]\r\n".encode())
    receive(clientSocket, "250")
    clientSocket.send(b"STARTTLS\r\n")
    receive(clientSocket, "220")
    clientSocket.setblocking(False)
    try:
        if clientSocket.recv(1, MSG_PEEK):
            fail("more bytes came in clear behind the reply to STARTTLS")
    except BlockingIOError:
        pass  # nothing has come, as it should be
    clientSocket.settimeout(patience)
    wrap_socket = context.wrap_socket(clientSocket, server_hostname=serverName)
    wrap_socket.send(f"EHLO [{host}]\r\n".encode())
    receive(wrap_socket, "250")
    wrap_socket.send(b"AUTH LOGIN\r\n")
    receive(wrap_socket, "334")
    wrap_socket.send(base64.b64encode(user.encode()) + b"\r\n")
    receive(wrap_socket, "334")
    wrap_socket.send(base64.b64encode(password.encode()) + b"\r\n")
    receive(wrap_socket, "235")
    mailFrom = f"MAIL FROM:<{senderMail}>\r\n"
    wrap_socket.send(mailFrom.encode())
    receive(wrap_socket, "250")
    rcptTo = f"RCPT TO:<{receiverMail}>\r\n"
    wrap_socket.send(rcptTo.encode())
    receive(wrap_socket, "250", "251")
    data = "DATA\r\n"
    wrap_socket.send(data.encode())
    receive(wrap_socket, "354")
    wrap_socket.settimeout(patience)
    wrap_socket.sendall(mail)
    wrap_socket.send(endmsg.encode())
    receive(wrap_socket, "250")
    quit(wrap_socket)
    wrap_socket.close()
except TimeoutError:
    fail(f"no answer within {patience} s")
except OSError as error:
    fail(error)
