# mailclient_given.py -- what mailclient.py is given: settings, lines of replies, and the forms of a mail.
import base64
import getpass
import os
import sys
import time
from email.header import Header
from socket import MSG_PEEK

patience = 30
secrets = []


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


class Mail:
    """What the environment, or whoever sits at the terminal, says of a mail."""

    def __init__(self):
        self.user = oneLine("MAIL_USER", needed("MAIL_USER"))
        self.password = oneLine("MAIL_PASSWORD", needed("MAIL_PASSWORD", getpass.getpass))
        self.receiver = address("MAIL_TO", needed("MAIL_TO"))
        self.sender = address("MAIL_FROM", os.environ.get("MAIL_FROM", self.user))
        subject = os.environ.get("MAIL_SUBJECT", "Mail Client Testing with using SMTP protocol")
        self.subject = oneLine("MAIL_SUBJECT", subject)
        self.msg = os.environ.get("MAIL_BODY", "I love computer networks!")
        file = os.environ.get("MAIL_ATTACHMENT")
        self.attachment = None if file is None else attached(file)
        encoded = base64.b64encode(self.password.encode()).decode()
        secrets.extend([encoded.rstrip("="), self.password])


def attached(file):
    try:
        with open(file, "rb") as opened:
            data = opened.read()
    except OSError as error:
        fail(f"MAIL_ATTACHMENT: {error}", 2)
    name = os.path.basename(file)
    return "".join(c if "!" <= c <= "~" and c not in '"\\' else "_" for c in name), data


def trusted(context):
    if "MAIL_CA" in os.environ:
        try:
            context.load_verify_locations(os.environ["MAIL_CA"])
        except OSError as error:
            fail(f"MAIL_CA: {error}", 2)
    return context


def masked(text):
    for secret in secrets:
        text = text.replace(secret, "****")
    return text


def readLine(sock, until):
    line = b""
    while not line.endswith(b"\n"):
        sock.settimeout(max(until - time.monotonic(), 0.001))
        byte = sock.recv(1)
        if not byte:
            fail("the server closed the connection in the middle of the dialogue")
        line += byte
        if len(line) > 64 * 1024:
            fail("the server sent a line of over 64 KiB")
    return line.rstrip(b"\r\n")


def mustBeSilent(sock):
    sock.setblocking(False)
    try:
        if sock.recv(1, MSG_PEEK):
            fail("more bytes came in clear behind the reply to STARTTLS")
    except BlockingIOError:
        pass  # nothing has come, as it should be
    sock.settimeout(patience)


def base64Lines(data):
    return base64.encodebytes(data).decode().rstrip("\n").replace("\n", "\r\n")


def textPart(msg):
    text = msg.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    encoding = "7bit"
    if not text.isascii() or max(map(len, text.split("\r\n"))) > 998:
        encoding, text = "base64", base64Lines(text.encode())
    content = "Content-Type: text/plain; charset=utf-8\r\n"
    return content + f"Content-Transfer-Encoding: {encoding}\r\n\r\n{text}"


def encodedWords(text):
    if text.isascii() and len(text) < 900 and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name="Subject", maxlinelen=75).encode(linesep="\r\n")
