"""Ctrl-C, kill, and a terminal that closes: none of them comes between the start of a program and the
line that knows which one it is. Else nobody would end it, or wait for it. A terminal that has gone
is no reason to stop half-way.
"""
import signal
import subprocess
from contextlib import contextmanager

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def say(text):
    try:
        print(text, flush=True)
    except OSError:
        pass  # the terminal has been closed; what there is to do is done all the same


@contextmanager
def held():
    """What comes meanwhile is acted on behind the `with`."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start(command, **options):
    """Starts a program while signals are held; the program itself gets them all."""
    return subprocess.Popen(command, preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS),
                            **options)


def to_its_end(command, at_interrupt=lambda process: None, **options):
    """Runs a command that shows what it does, out of the terminal's reach; gives its exit status.

    It is waited for also at Ctrl-C: what Docker had begun would appear behind our back.
    """
    process = None
    try:
        with held():
            process = start(command, start_new_session=True, **options)
        for line in process.stdout or ():
            say(line.rstrip())
        return process.wait()
    except KeyboardInterrupt:
        if process:
            at_interrupt(process)
            process.communicate()
        raise
