import sys
for line in sys.stdin: print("ann is registered\nTICKET abcdefghijklmnopqrstuvwxyz\nREFUSED no")
