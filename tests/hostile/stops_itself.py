# A program that stops itself, as Ctrl-Z does.
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
