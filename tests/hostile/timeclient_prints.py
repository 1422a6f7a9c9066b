# A time client that prints without end and never looks at the server.
from ends import connected

connection = connected()
while True:
    print("x" * 10_000)
