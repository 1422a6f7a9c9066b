import sys
print("First enter your name to register it in the server: Password: Connection Established!")
for line in sys.stdin: print("could not connect to chat server...\nincoming msg from chatserver (" + line.strip() + ")")
sys.exit(1)
