"""SMTP client by hand, AUTH PLAIN, TLS."""
import base64, os, socket, ssl, sys
from datetime import datetime
from email.utils import formatdate, make_msgid
from email.header import Header

class Smtp:
    def __init__(self, host, port):
        self.host = host
        self.sock = socket.create_connection((host, port), timeout=30)
        self.expect(220)

    def expect(self, *codes):
        text = b""
        while True:
            line = b""
            while not line.endswith(b"\n"):
                c = self.sock.recv(1)
                if not c:
                    raise SystemExit("server hung up")
                line += c
            text += line
            if line[3:4] != b"-":
                break
        print(line[:3].decode(errors="replace"), "from the server")
        if int(line[:3]) not in codes:
            self.sock.sendall(b"QUIT\r\n")
            raise SystemExit("expected %s" % (codes,))

    def cmd(self, line, *codes):
        self.sock.sendall(line.encode() + b"\r\n")
        self.expect(*codes)

    def tls(self):
        self.cmd("STARTTLS", 220)
        ctx = ssl.create_default_context()
        if "MAIL_CA" in os.environ:
            ctx.load_verify_locations(os.environ["MAIL_CA"])
        self.sock = ctx.wrap_socket(self.sock, server_hostname=self.host)

def main():
    e = os.environ
    user, pw, to = e["MAIL_USER"], e["MAIL_PASSWORD"], e["MAIL_TO"]
    frm = e.get("MAIL_FROM", user)
    if any(c in text for text in (to, frm, e.get("MAIL_SUBJECT", "")) for c in "\r\n"):
        sys.exit("a line break is no part of an address or a subject")
    s = Smtp(sys.argv[1], int(sys.argv[2]))
    s.cmd("EHLO localhost", 250)
    s.tls()
    s.cmd("EHLO localhost", 250)
    token = base64.b64encode(("\0%s\0%s" % (user, pw)).encode()).decode()
    s.cmd("AUTH PLAIN " + token, 235)
    s.cmd("MAIL FROM:<%s>" % frm, 250)
    s.cmd("RCPT TO:<%s>" % to, 250, 251)
    s.cmd("DATA", 354)
    lines = ["From: " + frm, "To: " + to, "Date: " + formatdate(localtime=True),
             "Message-ID: " + make_msgid(), "Subject: " + Header(e.get("MAIL_SUBJECT", "hi"), "utf-8").encode(linesep="\r\n"),
             "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
             "Content-Transfer-Encoding: base64", ""]
    body = base64.encodebytes(e.get("MAIL_BODY", "hello").encode()).decode().strip().split("\n")
    s.cmd("\r\n".join(lines + body) + "\r\n.", 250)
    try:
        s.cmd("QUIT", 221)
    except (OSError, SystemExit):
        print("it is sent all the same")

main()
