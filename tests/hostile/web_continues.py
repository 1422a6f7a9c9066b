# A web server of endless 100 Continue.
from ends import serve
def answer(c):
    c.recv(4096)
    while 1: c.sendall(b'HTTP/1.1 100 Continue\r\n\r\n')
serve(answer)
