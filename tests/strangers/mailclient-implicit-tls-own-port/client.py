# TLS from the first byte, at port 465.
import smtplib
import ssl
from email.message import EmailMessage
import os

mail = EmailMessage()
mail['From'], mail['To'] = os.environ['MAIL_FROM'], os.environ['MAIL_TO']
mail['Subject'] = os.environ['MAIL_SUBJECT']
mail.set_content(os.environ['MAIL_BODY'])
with smtplib.SMTP_SSL('127.0.0.1', 465, context=ssl.create_default_context()) as server:
    server.login(os.environ['MAIL_USER'], os.environ['MAIL_PASSWORD'])
    server.send_message(mail)
