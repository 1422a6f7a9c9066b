# A mail client that sends without a line end, and without end.
from ends import connected, without_end

without_end(connected(), b"x" * 65536)
