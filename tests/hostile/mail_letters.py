# A mail client whose header has letters that grow when they are made small, and half encoded words.
from mail import hand_over, logged_in

message = (
    "Content-Type: multipart/\u0130\u212a\u0130; boundary=\u0130\r\nSubject: =?utf-8?B?=?=?utf-8?Q?=?= "
    "=?UTF-8?b?////?=\r\nFrom: \u202e\x1b[2J\r\n\r\n--\u0130\r\n\r\nx"
)
hand_over(logged_in(), message.encode())
