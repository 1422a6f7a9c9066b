# A mail client whose message has 4,000 parts, each within the other.
from mail import hand_over, logged_in

message = b"Subject: x\r\n"
for number in range(4000):
    message += b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (number, number)
hand_over(logged_in(), message + b"\r\nhello")
