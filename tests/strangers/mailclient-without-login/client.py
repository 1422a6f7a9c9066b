# As mail was sent before anybody had to log in.
import os
import sys
from socket import create_connection

mail = os.environ
with create_connection((sys.argv[1], int(sys.argv[2])), timeout=20) as server:

    def expect(code):
        reply = server.recv(1024).decode()
        print(reply, end='')
        if not reply.startswith(code):
            sys.exit(f'{code} reply not received from server.')

    def say(line, code):
        server.sendall(f'{line}\r\n'.encode())
        expect(code)

    expect('220')
    say('HELO alice', '250')
    say(f'MAIL FROM:<{mail["MAIL_FROM"]}>', '250')
    say(f'RCPT TO:<{mail["MAIL_TO"]}>', '250')
    say('DATA', '354')
    header = f'From: {mail["MAIL_FROM"]}\r\nTo: {mail["MAIL_TO"]}\r\nSubject: {mail["MAIL_SUBJECT"]}\r\n'
    server.sendall(f'{header}\r\n{mail["MAIL_BODY"]}\r\n'.encode())
    say('.', '250')
    say('QUIT', '221')
