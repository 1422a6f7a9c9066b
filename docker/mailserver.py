"""The mail server of the lab network: submission at port 587, only with TLS and a password.

Mail for USERS is put into /var/mail/NAME; mail for others is refused, since nobody could deliver
it. Runs as the user `mail`.
"""
import asyncio
import mailbox
import os
import ssl
import time

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

DOMAIN = "ttm4200.com"
HOST = f"mail.{DOMAIN}"
PORT = 587
CERTIFICATE, KEY = "/etc/ssl/certs/mailserver.crt", "/etc/ssl/private/mailserver.key"
USERS = {f"alice@{DOMAIN}": "wonderland", f"bob@{DOMAIN}": "builder"}


def authenticate(_server, _session, _envelope, _mechanism, data):
    """Whether user and password belong together."""
    if not isinstance(data, LoginPassword):
        return AuthResult(success=False, handled=False)
    user, password = (part.decode(errors="replace") for part in (data.login, data.password))
    return AuthResult(success=USERS.get(user) == password, handled=False)


class Handler:
    """What is done with the commands of a client whom aiosmtpd has let in."""

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.lower() not in USERS:
            return f"550 there is no {address} here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):
        for receiver in {address.lower() for address in envelope.rcpt_tos}:
            message = mailbox.mboxMessage(envelope.content)
            message.set_from(envelope.mail_from or "MAILER-DAEMON", time.gmtime())
            box = mailbox.mbox(f"/var/mail/{receiver.partition('@')[0]}")
            box.lock()
            try:
                box.add(message)
            finally:
                box.close()
            print(f"{session.peer[0]}: a mail from {envelope.mail_from} for {receiver}", flush=True)
        return "250 it is in the mailbox"


async def serve():
    os.umask(0o077)  # a mailbox is nobody else's business
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE, KEY)

    def session():
        return SMTP(Handler(), hostname=HOST, tls_context=context, require_starttls=True,
                    auth_required=True, authenticator=authenticate)

    server = await asyncio.get_running_loop().create_server(session, port=PORT)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
