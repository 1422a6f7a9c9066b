# A mail client that sends commands without end, and reads nothing.
from ends import connected, without_end

without_end(connected(), b"NOOP\r\n" * 1000)
