"""A terminal with somebody in front of it: types, reads, presses Ctrl-C, closes the window."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

LIMIT = 120  # seconds until what must happen is given up; a busy machine needs some
CLEARED = "\x1b[2J"  # a form feed stands for it in what was said
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


class Terminal:
    def __init__(self, *command, cwd, env=None, rows=24, columns=80):
        self.command = command
        self.own, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=other, stdout=other,
                                        stderr=other, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(other)
        self.raw = ""  # every byte that came
        self.said, self.seen = "", 0  # the same without escapes; how much of it was expected already

    def __str__(self):
        return " ".join(self.command)

    def look(self, wait=0.05):
        """Takes in what has come; False when nothing more will."""
        if self.own is None:
            return False
        if select.select([self.own], [], [], wait)[0]:
            try:
                piece = os.read(self.own, 65536)
            except OSError:  # EIO: nobody has the terminal open any more
                piece = b""
            if not piece:
                os.close(self.own)
                self.own = None
                return False
            text = piece.decode(errors="replace")
            self.raw += text
            self.said += ESCAPES.sub("", text.replace(CLEARED, "\f"))
        return True

    def expect(self, form, limit=LIMIT):
        """Waits for the next match of a pattern; gives it."""
        pattern, end = re.compile(form), time.monotonic() + limit
        while True:
            more = self.look()
            if found := pattern.search(self.said, self.seen):
                self.seen = found.end()
                return found
            if not more or time.monotonic() > end:
                why = f"not within {limit} s" if more else "it has ended"
                raise SystemExit(f"{self}: expected {form!r}, and {why}. It said:\n{self.said}")

    def type(self, line):
        os.write(self.own, line.encode() + b"\n")

    def ctrl_c(self):
        os.write(self.own, b"\x03")

    def wait(self, limit=LIMIT):
        """Reads until the command has ended; gives its exit status."""
        end = time.monotonic() + limit
        while self.look() or self.process.poll() is None:
            if self.own is None:
                time.sleep(0.02)
            if time.monotonic() > end:
                raise SystemExit(f"{self}: has not ended within {limit} s. It said:\n{self.said}")
        return self.process.wait()

    def close_window(self):
        """The terminal is gone, as when somebody closes its window: the kernel sends SIGHUP."""
        if self.own is not None:
            os.close(self.own)
            self.own = None

    def end(self):
        """Whatever it is still doing."""
        self.close_window()
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
