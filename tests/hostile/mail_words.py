# A mail client whose subject has 200,000 beginnings of encoded words.
from mail import hand_over, logged_in

hand_over(logged_in(), b"Subject: " + b"=?x?y?" * 200_000 + b"\r\n\r\nx")
