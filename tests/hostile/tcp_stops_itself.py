# A TCP server that stops itself and its group after each accept; a grandchild in another session wakes it now and then.
import os, signal, socket, sys, time
me = os.getpid()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while 1: time.sleep(0.7); os.kill(me, signal.SIGCONT)
    os._exit(0)
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(('', int(sys.argv[-1]))); s.listen(5)
while 1:
    c, _ = s.accept(); os.kill(me, signal.SIGSTOP); c.send(c.recv(100).upper()); c.close()
