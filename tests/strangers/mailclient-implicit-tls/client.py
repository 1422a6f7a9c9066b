# Wrong by one fault: TLS from the first byte, as at port 465.
import base64, os, socket, ssl, sys
from email.header import Header
env = os.environ
for name in ("MAIL_FROM", "MAIL_TO", "MAIL_SUBJECT"):
    if "\n" in env[name]: sys.exit(name + " has two lines")
END = b"\r\n"
def b64(text): return base64.b64encode(text.encode())
def get(s, *codes):
    reply = b""
    while not reply.endswith(b"\n") or reply.split(b"\n")[-2][3:4] == b"-":
        piece = s.recv(1024)
        if not piece: sys.exit("the server has gone")
        reply += piece
    code = reply.split(b"\n")[-2][:3].decode()
    if code not in codes:
        s.sendall(b"QUIT" + END)
        sys.exit("unexpected: " + code)
def put(s, line): s.sendall(line + END)
def mail():
    subject = Header(env["MAIL_SUBJECT"], None if env["MAIL_SUBJECT"].isascii() else "utf-8").encode()
    head = f"From: {env['MAIL_FROM']}\nTo: {env['MAIL_TO']}\nSubject: {subject}\n"
    head += f"Content-Type: text/plain; charset=utf-8\n\n{env['MAIL_BODY']}"
    return END.join(b"." + line if line[:1] == b"." else line for line in head.encode().split(b"\n"))
def begin(): return socket.create_connection((sys.argv[1], int(sys.argv[2])))
def trust(s): return ssl.create_default_context(cafile=env["MAIL_CA"]).wrap_socket(s, server_hostname=sys.argv[1])
def hello(s): put(s, b"EHLO me.example.com"); get(s, "250")
def rest(s):
    put(s, b"AUTH LOGIN"); get(s, "334")
    put(s, b64(env["MAIL_USER"])); get(s, "334")
    put(s, b64(env["MAIL_PASSWORD"])); get(s, "235")
    put(s, b"MAIL FROM:<%s>" % env["MAIL_FROM"].encode()); get(s, "250")
    put(s, b"RCPT TO:<%s>" % env["MAIL_TO"].encode()); get(s, "250", "251")
    put(s, b"DATA"); get(s, "354")
    put(s, mail()); put(s, b"."); get(s, "250")
    put(s, b"QUIT")
    try: s.recv(1024)
    except OSError: pass
s = trust(begin())
get(s, "220")
hello(s)
rest(s)
