# A TCP client that sends without end.
from ends import connected, without_end

without_end(connected(), b"x" * 65536)
