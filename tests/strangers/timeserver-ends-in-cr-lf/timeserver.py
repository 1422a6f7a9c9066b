import socket
import sys
from datetime import datetime

HOST = ""
PORT = int(sys.argv[1])

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((HOST, PORT))
    server.listen()
    print(f"[SERVER] waiting on port {PORT} ...")
    running = True
    while running:
        conn, (ip, port) = server.accept()
        print(f"[SERVER] {ip} is here")
        with conn:
            conn.sendall(f"Welcome! Your IP address is {ip} and your port number is {port}\r\n".encode())
            conn.settimeout(15)
            try:
                while True:
                    data = conn.recv(1024)
                    if not data:
                        break
                    cmd = data.decode(errors="replace").strip()
                    if cmd == "TIME":
                        conn.sendall(datetime.now().strftime("%a %b %e %H:%M:%S %Y\r\n").encode())
                    elif cmd == "EXIT":
                        conn.sendall(b"Goodbye\r\n")
                        running = False
                        break
                    else:
                        conn.sendall(b"Invalid command!\r\n")
            except socket.timeout:
                conn.sendall(b"Too slow, bye\r\n")
            except OSError as e:
                print(e)
    print("[SERVER] shut down")
