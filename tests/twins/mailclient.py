# mailclient.py -- the Python twin of mailclient: SMTP, TLS and a password, step by step.
# usage: mailclient.py [ADDRESS [PORT]]     what to send is in the environment, see mailclient -h
import base64
import mimetypes
import ssl
import sys
import time
from contextlib import suppress
from email.utils import formatdate, make_msgid
from socket import AF_INET, SOCK_STREAM, socket

from mailclient_given import Mail, base64Lines, encodedWords, fail, masked, mustBeSilent, patience
from mailclient_given import readLine, textPart, trusted

endmsg = "\r\n.\r\n"
serverName = sys.argv[1] if len(sys.argv) > 1 else "mail.ttm4200.com"
serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 587


def startTLS(context):
    clientSocket = socket(AF_INET, SOCK_STREAM)
    clientSocket.settimeout(patience)
    clientSocket.connect((serverName, serverPort))
    host = clientSocket.getsockname()[0]
    receive(clientSocket, "220")
    clientSocket.send(f"EHLO [{host}]\r\n".encode())
    receive(clientSocket, "250")
    clientSocket.send(b"STARTTLS\r\n")
    receive(clientSocket, "220")
    mustBeSilent(clientSocket)
    wrap_socket = context.wrap_socket(clientSocket, server_hostname=serverName)
    return wrap_socket


def deliver(wrap_socket):
    host = wrap_socket.getsockname()[0]
    wrap_socket.send(f"EHLO [{host}]\r\n".encode())
    receive(wrap_socket, "250")
    wrap_socket.send(b"AUTH LOGIN\r\n")
    receive(wrap_socket, "334")
    wrap_socket.send(base64.b64encode(mail.user.encode()) + b"\r\n")
    receive(wrap_socket, "334")
    wrap_socket.send(base64.b64encode(mail.password.encode()) + b"\r\n")
    receive(wrap_socket, "235")
    mailFrom = f"MAIL FROM:<{mail.sender}>\r\n"
    wrap_socket.send(mailFrom.encode())
    receive(wrap_socket, "250")
    rcptTo = f"RCPT TO:<{mail.receiver}>\r\n"
    wrap_socket.send(rcptTo.encode())
    receive(wrap_socket, "250", "251")
    data = "DATA\r\n"
    wrap_socket.send(data.encode())
    receive(wrap_socket, "354")
    wrap_socket.settimeout(patience)
    wrap_socket.sendall(message().replace("\r\n.", "\r\n..").encode())
    wrap_socket.send(endmsg.encode())
    receive(wrap_socket, "250")
    with suppress(OSError, SystemExit):
        quit(wrap_socket)


def quit(sock):
    sock.sendall(b"QUIT\r\n")
    receive(sock, "221")


def receive(sock, *expected):
    until = time.monotonic() + patience
    for _ in range(1000):
        line = readLine(sock, until)
        print(masked(line.decode(errors="replace")), flush=True)
        last = line[3:4] != b"-"
        if not last:
            continue
        code = line[:3].decode(errors="replace")
        if code in expected:
            return
        print(f"{expected[0]} reply not received from server.", flush=True)
        if expected[0] != "221":
            with suppress(OSError, SystemExit):
                quit(sock)
        fail(f"{expected[0]} was expected, not {masked(code)!r}")
    fail("the server sent a reply of more than 1000 lines")


def message():
    subject = encodedWords(mail.subject)
    date = formatdate(localtime=True)
    messageID = make_msgid(domain=mail.sender.rpartition("@")[2])
    headers = f"From: <{mail.sender}>\r\n"
    headers += f"To: <{mail.receiver}>\r\n"
    headers += f"Date: {date}\r\n"
    headers += f"Subject: {subject}\r\n"
    headers += f"Message-ID: {messageID}\r\n"
    text = textPart(mail.msg)
    content = text if mail.attachment is None else withAttachment(text, *mail.attachment)
    return headers + "MIME-Version: 1.0\r\n" + content


def withAttachment(text, name, data):
    boundary = "=_" + make_msgid(domain="boundary")[1:-1]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    lines = base64Lines(data)
    content = f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
    content += f"--{boundary}\r\n{text}\r\n"
    content += f"--{boundary}\r\nContent-Type: {kind}\r\n"
    content += f'Content-Disposition: attachment; filename="{name}"\r\n'
    content += f"Content-Transfer-Encoding: base64\r\n\r\n{lines}\r\n"
    content += f"--{boundary}--"
    return content


try:
    mail = Mail()
    deliver(startTLS(trusted(ssl.create_default_context())))
except TimeoutError:
    fail(f"no answer within {patience} s")
except OSError as error:
    fail(error)
