# A server that hands its socket to a child again and again; each dies and the next one opens it anew.
import os, socket, sys, time
port = int(sys.argv[-1])
while 1:
    if os.fork() == 0:
        os.setsid()
        try:
            s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('', port)); s.listen(1); time.sleep(0.02)
        except OSError: pass
        os._exit(0)
    time.sleep(0.01)
    try: os.waitpid(-1, os.WNOHANG)
    except OSError: pass
