import sys
print("ann with IP address:127.0.0.1, has connected\n!{\"ann\": \"127.0.0.1\"}\nann: hello ", flush=True)
sys.stdin.read()
