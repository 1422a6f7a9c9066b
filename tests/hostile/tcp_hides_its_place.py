# A server that fills its directory with others inside each other and makes it unreadable, lowers its own limits,
# and ignores all signals.
import os, resource, signal, socket, sys
for n in range(1, 65):
    try: signal.signal(n, signal.SIG_IGN)
    except (OSError, ValueError): pass
here = os.getcwd()
for n in range(3000):
    try: os.mkdir('d'); os.chdir('d')
    except OSError: break
os.chdir('/')
try: os.chmod(here, 0)
except OSError: pass
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('', int(sys.argv[-1]))); s.listen(5)
resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))
resource.setrlimit(resource.RLIMIT_STACK, (1 << 16, 1 << 16))
while 1:
    try: c, a = s.accept(); c.send(b'x')
    except OSError: pass
