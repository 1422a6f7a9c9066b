# A server that ignores every signal that can be ignored, and answers nobody.
import signal
import time

from ends import listening

for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass  # the thread library has kept that one
server = listening()
while True:
    time.sleep(600)
