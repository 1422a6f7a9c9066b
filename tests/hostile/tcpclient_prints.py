# A TCP client that prints its reply after 1,000,000 lines of control characters.
from ends import connected

client = connected()
client.sendall(input().encode())
reply = client.recv(2048).decode()
print("\x1b[2J\x9b1A\r\n" * 1_000_000)
print(reply)
