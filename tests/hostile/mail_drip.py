# A mail client that sends its first command a byte at a time, and it never ends.
from itertools import chain, repeat

from ends import connected, now_and_then

now_and_then(connected(), chain(b"EHLO ", repeat(120)))
