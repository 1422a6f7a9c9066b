# Right, in its own words; reads its answer to the end, a piece at a time.
import socket, sys

with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    server.sendall(input("Satz: ").encode())
    answer = b""
    while piece := server.recv(16):
        answer += piece
print("Der Server sagt:", answer.decode(errors="replace"))
