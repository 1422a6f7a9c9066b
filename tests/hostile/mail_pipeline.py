# A mail client that sends MAIL, RCPT, DATA and the message in one piece; PIPELINING is not offered.
from mail import envelope, logged_in, reply

stream = logged_in()
stream.write(b"\r\n".join(envelope()) + b"\r\nSubject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n")
stream.flush()
while reply(stream):
    pass
