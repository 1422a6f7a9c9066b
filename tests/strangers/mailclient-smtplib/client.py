# Right: Python's own smtplib.
import os, smtplib, ssl, sys
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
env = os.environ
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = env["MAIL_FROM"], env["MAIL_TO"], env["MAIL_SUBJECT"]
mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain="example.com")
mail.set_content(env["MAIL_BODY"])
sent = False
try:
    with smtplib.SMTP(sys.argv[1], int(sys.argv[2]), timeout=30) as server:
        server.starttls(context=ssl.create_default_context(cafile=env["MAIL_CA"]))
        server.login(env["MAIL_USER"], env["MAIL_PASSWORD"])
        server.send_message(mail)
        sent = True
except (OSError, smtplib.SMTPException) as error:
    if not sent: sys.exit(f"no: {type(error).__name__}")
print("The mail is on its way")
