# TLS alerts in mid-handshake at the login port, a RST storm at the chat port.
import socket, struct, sys, threading
port = int(sys.argv[-1])
def one(p, login):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', p)); s.listen(50)
    while 1:
        c, _ = s.accept()
        try:
            c.recv(5)
            if login: c.sendall(b'\x15\x03\x03\x00\x02\x01\x5a' * 3000)
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        except OSError: pass
        c.close()
threading.Thread(target=one, args=(port + 1, True), daemon=True).start()
one(port, False)
