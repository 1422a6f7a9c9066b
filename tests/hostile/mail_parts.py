# A mail client whose message has 100,000 parts beside each other and as many header fields.
from mail import hand_over, logged_in

head = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=x\r\n" + b"X: \xff\r\n" * 100_000
hand_over(logged_in(), head + b"\r\n" + b"--x\r\n\r\nhello\r\n" * 100_000 + b"--x--")
