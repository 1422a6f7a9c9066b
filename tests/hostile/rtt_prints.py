# A client of lab 3 that prints round trips that are no numbers, a million of them.
from ends import say

say("nan\n" * 500_000 + "1e400\n" * 500_000)
