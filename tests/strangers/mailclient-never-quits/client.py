# Right but for one thing: it never says QUIT, and leaves when the mail is taken.
import base64, os, socket, ssl, sys
env = os.environ
host, port = sys.argv[1], int(sys.argv[2])

class Refused(Exception): pass

def talk(file, line, *codes):
    if line is not None:
        file.write(line.encode() + b"\r\n")
        file.flush()
    while True:
        reply = file.readline().decode()
        if not reply: raise Refused("the server hung up")
        if reply[3:4] != "-": break
    if reply[:3] not in codes:
        raise Refused(f"{reply[:3]} was not what I hoped for")

def b64(text): return base64.b64encode(text.encode()).decode()

def send():
    plain = socket.create_connection((host, port), 30)
    file = plain.makefile("rwb")
    talk(file, None, "220")
    talk(file, "EHLO client.example.com", "250")
    talk(file, "STARTTLS", "220")
    context = ssl.create_default_context(cafile=env["MAIL_CA"])
    secure = context.wrap_socket(plain, server_hostname=host)
    file = secure.makefile("rwb")
    talk(file, "EHLO client.example.com", "250")
    talk(file, "AUTH LOGIN", "334")
    talk(file, b64(env["MAIL_USER"]), "334")
    talk(file, b64(env["MAIL_PASSWORD"]), "235")
    talk(file, f"MAIL FROM:<{env['MAIL_FROM']}>", "250")
    talk(file, f"RCPT TO:<{env['MAIL_TO']}>", "250", "251")
    talk(file, "DATA", "354")
    from email.message import EmailMessage
    from email.policy import SMTP
    from email.utils import formatdate, make_msgid
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = env["MAIL_FROM"], env["MAIL_TO"]
    mail["Subject"] = env["MAIL_SUBJECT"]
    mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain="example.com")
    mail.set_content(env["MAIL_BODY"])
    text = mail.as_bytes()
    file.write(b"\r\n".join(b"." + l if l.startswith(b".") else l for l in text.split(b"\r\n")))
    talk(file, ".", "250")
    print("sent.")

try:
    for name in ("MAIL_FROM", "MAIL_TO", "MAIL_SUBJECT"):
        if len(env[name].splitlines()) > 1: raise ValueError(f"{name} has two lines")
    send()
except (Refused, OSError, ValueError) as error:
    print("not sent:", error, file=sys.stderr)
    sys.exit(1)
