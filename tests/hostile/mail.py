# mail.py -- what the hostile mail clients share: the way to the message, over TLS, as it should be.
import base64
import os
import ssl

from ends import connected


def reply(stream):
    while True:
        line = stream.readline(65536)
        if line[3:4] != b"-":
            return line


def command(stream, text):
    stream.write(text + b"\r\n")
    stream.flush()
    return reply(stream)


def logged_in():
    """The stream after AUTH LOGIN; whom the server presents does not matter here."""
    server = connected()
    stream = server.makefile("rwb")
    reply(stream)
    command(stream, b"EHLO localhost")
    command(stream, b"STARTTLS")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    stream = context.wrap_socket(server).makefile("rwb")
    command(stream, b"EHLO localhost")
    command(stream, b"AUTH LOGIN")
    for name in ("MAIL_USER", "MAIL_PASSWORD"):
        command(stream, base64.b64encode(os.environ.get(name, "x").encode()))
    return stream


def envelope():
    user = os.environ.get("MAIL_FROM") or os.environ.get("MAIL_USER", "a@example.com")
    to = os.environ.get("MAIL_TO", "b@example.com")
    return [b"MAIL FROM:<" + user.encode() + b">", b"RCPT TO:<" + to.encode() + b">", b"DATA"]


def hand_over(stream, message):
    for line in envelope():
        command(stream, line)
    command(stream, message + b"\r\n.")
    command(stream, b"QUIT")
