# A mail client that greets, STARTTLS, then sends a TLS alert, EHLO in clear, and 1 MB of half a handshake, over many connections.
import socket, sys, threading
port = int(sys.argv[-1])
def go():
    for n in range(50):
        try:
            s = socket.create_connection(('127.0.0.1', port), 5)
            s.recv(500); s.send(b'EHLO x\r\n'); s.recv(500); s.send(b'STARTTLS\r\n'); s.recv(500)
            s.sendall(b'\x15\x03\x01\x00\x02\x02\x28' + b'EHLO y\r\n' + b'\x16\x03\x01\x40\x00' + b'\x01' * 1000000)
        except OSError: pass
ts = [threading.Thread(target=go) for _ in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]
