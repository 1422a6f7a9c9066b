# A TCP client that sends a byte now and then, for ever.
from itertools import repeat

from ends import connected, now_and_then

now_and_then(connected(), repeat(120))
