"""Sends mail through a real server with a mail client, and reads it back with Python's own parser.

usage: real_servers.py aiosmtpd|postfix CLIENT [WORD ...]

CLIENT is started as `CLIENT WORD ... 127.0.0.1 PORT`, with the MAIL_ variables of the mail lab.
Exit status: 0 all mails have arrived as they were sent, 1 not so, 77 the server is not installed here.
"""
import base64
import email
import email.policy
import logging
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

USER, PASSWORD = "alice@example.com", "w\u00f6nder =+/land"
SENDER, RECEIVER = "carol@example.com", "bob@example.com"
MAILS = [
    {"MAIL_SUBJECT": "plain", "MAIL_BODY": "I love computer networks!"},
    {"MAIL_SUBJECT": "Gr\u00fc\u00dfe, \u6f22\u5b57 \U0001f40c: " * 5,
     "MAIL_BODY": "caf\u00e9\n\n\u6f22\u5b57 \U0001f40c\n.\n" + "\u00e9" * 3000},
    {"MAIL_SUBJECT": "dots", "MAIL_BODY": ".first\n.\n..\n...\n\n.\n.last"},
    {"MAIL_SUBJECT": "a file", "MAIL_BODY": "see there", "MAIL_ATTACHMENT": True},
]


def missing(what):
    print(f"{what}, so this is not tried", file=sys.stderr)
    sys.exit(77)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def certificate(directory):
    """A certificate for 127.0.0.1 that is its own issuer: for the server, and for MAIL_CA."""
    if not shutil.which("openssl"):
        missing("the command openssl is missing")
    key, file = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-noenc", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", file,
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True)
    return key, file


class Aiosmtpd:
    """aiosmtpd in a thread of this process; it takes no command before TLS and no mail before AUTH."""

    def __init__(self, directory, key, file):
        logging.disable(logging.WARNING)  # it complains of its own old attributes
        try:
            import aiosmtpd
            from aiosmtpd.controller import Controller
            from aiosmtpd.smtp import AuthResult
        except ImportError:
            missing("the Python package aiosmtpd is missing")
        if tuple(map(int, aiosmtpd.__version__.split(".")[:3])) < (1, 4, 6):
            missing(f"aiosmtpd {aiosmtpd.__version__} is too old (1.4.6 closes a hole)")
        self.mails = []

        class Handler:
            async def handle_DATA(_, server, session, envelope):
                self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
                return "250 taken"

        def authenticator(server, session, envelope, mechanism, data):
            known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
            return AuthResult(success=known and mechanism == "LOGIN", handled=False)

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file, key)
        self.port = free_port()
        self.controller = Controller(
            Handler(), hostname="127.0.0.1", port=self.port, tls_context=context,
            require_starttls=True, auth_required=True, authenticator=authenticator)
        self.controller.start()

    def taken(self):
        return self.mails

    def close(self):
        self.controller.stop()


class Postfix:
    """Postfix with a configuration, a queue and users of its own; bare LF is refused from everybody."""

    def __init__(self, directory, key, file):
        for command in "postfix", "saslpasswd2":
            if not shutil.which(command, path=os.environ["PATH"] + ":/usr/sbin"):
                missing(f"the command {command} is missing")
        if os.geteuid() != 0:
            missing("Postfix can be started by root alone")
        os.environ["PATH"] += ":/usr/sbin"
        self.config, self.boxes = directory / "etc", directory / "boxes"
        self.port, self.log = free_port(), directory / "log"
        for part in self.config, self.boxes, directory / "queue", directory / "data":
            part.mkdir()
        shutil.chown(self.boxes, "nobody")
        shutil.chown(directory / "data", "postfix")
        passwords = directory / "passwords"
        subprocess.run(["saslpasswd2", "-p", "-c", "-f", passwords, "-u", "example.com", "alice"],
                       input=PASSWORD.encode(), check=True)
        shutil.chown(passwords, "postfix")
        (self.config / "sasl").mkdir()  # where Debian's Postfix looks
        (self.config / "sasl" / "smtpd.conf").write_text(
            "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: LOGIN PLAIN\n"
            f"sasldb_path: {passwords}\n")
        nobody = shutil.os.stat(self.boxes).st_uid
        (self.config / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {self.log}
maillog_file_prefixes = {directory}
myhostname = localhost
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.com
virtual_mailbox_maps = static:bob/
virtual_mailbox_base = {self.boxes}
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
virtual_minimum_uid = 1
smtpd_tls_cert_file = {file}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_forbid_bare_newline = reject
smtpd_forbid_bare_newline_exclusions =
""")
        # service, type, private, unprivileged, chroot, wakeup, at most so many, command
        (self.config / "master.cf").write_text(f"""
127.0.0.1:{self.port} inet n - n - - smtpd
cleanup unix  n - n - 0 cleanup
qmgr    unix  n - n 300 1 qmgr
rewrite unix  - - n - - trivial-rewrite
bounce  unix  - - n - 0 bounce
defer   unix  - - n - 0 bounce
trace   unix  - - n - 0 bounce
error   unix  - - n - - error
virtual unix  - n n - - virtual
anvil   unix  - - n - 1 anvil
tlsmgr  unix  - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
""")
        started = subprocess.run(["postfix", "-c", self.config, "start"], capture_output=True, text=True)
        if started.returncode:
            sys.exit(f"Postfix does not start: {started.stderr}\n{self.said()}")
        try:
            self.refuses_a_bare_newline(file)
        except (OSError, SystemExit) as error:
            self.close()
            sys.exit(f"Postfix: {error}\n{self.said()}")

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def refuses_a_bare_newline(self, file):
        """What the configuration promises is seen once, so that a mail that is taken proves something."""
        import smtplib
        context = ssl.create_default_context(cafile=file)
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as smtp:
            smtp.starttls(context=context)
            smtp.ehlo()
            login = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
            smtp.docmd("AUTH", f"PLAIN {login}")
            smtp.mail(SENDER)
            smtp.rcpt(RECEIVER)
            smtp.docmd("DATA")
            smtp.send(b"Subject: bare\n\nhello\r\n.\r\n")
            code, text = smtp.getreply()
            if code < 500:
                sys.exit(f"Postfix takes a bare LF: {code} {text}")

    def taken(self):
        """The mails in bob's box, in the order in which they came."""
        files = (self.boxes / "bob" / "new").glob("*")
        mails = []
        for file in sorted(files, key=lambda file: file.stat().st_mtime_ns):
            content = file.read_bytes()
            sender = re.match(rb"Return-Path: <(.*)>", content)
            mails.append((sender[1].decode(), [RECEIVER], content))
        return mails

    def close(self):
        subprocess.run(["postfix", "-c", self.config, "stop"], capture_output=True)


def run(client, port, file, variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAIL_")}
    account = {"MAIL_USER": USER, "MAIL_PASSWORD": PASSWORD, "MAIL_FROM": SENDER,
               "MAIL_TO": RECEIVER, "MAIL_CA": str(file)}
    ended = subprocess.run([*client, "127.0.0.1", str(port)], env=environment | account | variables,
                           stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    assert PASSWORD not in ended.stdout + ended.stderr
    return ended


def same(what, wanted, came):
    if wanted != came:
        sys.exit(f"{what}: sent {wanted[:200]!r}, arrived {came[:200]!r}")


def main():
    kind, client = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="socket-labs-") as directory:
        directory = Path(directory)
        directory.chmod(0o755)  # Postfix reads it under another name
        key, file = certificate(directory)
        picture = directory / "picture.png"
        picture.write_bytes(bytes((7 * n ^ n >> 8) & 255 for n in range(1 << 20)))
        server = {"aiosmtpd": Aiosmtpd, "postfix": Postfix}[kind](directory, key, file)
        try:
            stranger = run(client, server.port, file, {"MAIL_PASSWORD": "something else"})
            if stranger.returncode != 1 or "235 reply not received" not in stranger.stdout:
                sys.exit(f"a wrong password: status {stranger.returncode}, {stranger.stdout}")
            for number, mail in enumerate(MAILS):
                attached = {"MAIL_ATTACHMENT": str(picture)} if "MAIL_ATTACHMENT" in mail else {}
                ended = run(client, server.port, file, mail | attached)
                if ended.returncode:
                    sys.exit(f"{mail['MAIL_SUBJECT']}: {ended.stdout}{ended.stderr}")
                until = time.monotonic() + 60
                while len(server.taken()) <= number:
                    if time.monotonic() > until:
                        sys.exit(f"{mail['MAIL_SUBJECT']}: it has not arrived")
                    time.sleep(0.05)
                sender, receivers, content = server.taken()[number]
                same("the sender", SENDER, sender)
                same("the receivers", [RECEIVER], receivers)
                message = email.message_from_bytes(content, policy=email.policy.default)
                same("the defects", [], list(message.defects))
                same("From", SENDER, message["From"].addresses[0].addr_spec)
                same("To", RECEIVER, message["To"].addresses[0].addr_spec)
                same("the subject", mail["MAIL_SUBJECT"].strip(), message["Subject"].strip())
                body = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
                same("the body", mail["MAIL_BODY"], body.removesuffix("\n"))
                files = [part.get_content() for part in message.iter_attachments()]
                same("the files", [picture.read_bytes()] if attached else [], files)
                assert message["Date"].datetime and message["Message-ID"]
        finally:
            server.close()
    print(f"{kind}: {len(MAILS)} mails have arrived as they were sent")


main()
