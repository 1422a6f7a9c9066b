"""`lab watch` through a pseudo-terminal: what each screen shows, and what becomes of the terminal.

usage: watch.py TOOL TREE     TREE is a copy of the project, or a kit, with skeletons as handed out
"""
import fcntl
import os
import pathlib
import pty
import re
import select
import struct
import sys
import termios
import time

LIMIT = 120  # seconds until what must come is given up


class Screen:
    """A watch that runs in a terminal of this size."""

    def __init__(self, tool, tree, rows, columns, *arguments):
        self.heard = ""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.chdir(tree)
            os.environ.update(NO_COLOR="1")
            os.environ.pop("COLUMNS", None)
            os.execv(tool, [tool, "watch", *arguments])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.rows, self.columns = rows, columns

    def shows(self, words):
        """Waits for a screen with these words, among those since the last key."""
        end = time.monotonic() + LIMIT
        while True:
            plain = re.sub(r"\x1b\[[013-9;?]*[a-zA-Z]|\x1b\[H", "", self.heard)
            screens = plain.split("\x1b[2J")
            found = [text for text in screens if words in " ".join(text.split())]
            if found:
                break
            assert time.monotonic() < end, f"{words!r} is not shown, but:\n{screens[-1]}"
            self.hear(0.1)
        lines = found[-1].strip("\r\n").split("\n")
        height = sum(max(1, -(-len(line.rstrip("\r")) // self.columns)) for line in lines)
        assert height <= self.rows, f"{height} lines on a screen of {self.rows}:\n{found[-1]}"

    def hear(self, patience):
        if select.select([self.terminal], [], [], patience)[0]:
            try:
                self.heard += os.read(self.terminal, 65536).decode(errors="replace")
            except OSError:  # it has ended
                return False
        return True

    def types(self, keys):
        self.heard = ""
        os.write(self.terminal, keys.encode())

    def flags(self):
        return termios.tcgetattr(self.terminal)[3] & (termios.ICANON | termios.ECHO)

    def ends(self):
        """Waits for the end; gives the exit code."""
        while self.hear(0.1) and not os.waitid(os.P_PID, self.child,
                                               os.WEXITED | os.WNOHANG | os.WNOWAIT):
            pass
        whole = self.flags() == termios.ICANON | termios.ECHO
        assert whole, "the terminal is not as it was"
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])


def main():
    tool, tree = sys.argv[1], pathlib.Path(sys.argv[2])
    program = tree / "skeletons/udpserver.rs"
    fresh = program.read_text()
    for rows, columns in (24, 80), (20, 60):
        screen = Screen(tool, tree, rows, columns, "1")
        screen.shows("gap 1 of 4 is still open: bind")
        screen.shows("0 of 4 programs are done")
        screen.types("h")
        screen.shows("hint 1 of")
        screen.types("l")
        screen.shows("tcpclient 3 of 3 gaps open")
        screen.types("n")
        screen.shows("gap 1 of 3 is still open: socket")
        screen.types("p")
        screen.shows("gap 1 of 4 is still open: bind")
        # On saving it checks again: a line that does not compile, the cure last.
        program.write_text(fresh.replace('todo!("bind")', "UdpSocket::bond(server_name)?", 1))
        screen.shows("does not compile, in gap bind.")
        screen.types("r")
        screen.shows("y resets, any other key does not")
        screen.types("x")
        screen.shows("q quit")
        assert "bond" in program.read_text(), "it was reset without a y"
        screen.types("r")
        screen.shows("y resets")
        screen.types("y")
        screen.shows("is the skeleton again; your file is kept")
        assert program.read_text() == fresh
        for kept in program.parent.glob("udpserver.rs.kept-*"):
            kept.unlink()
        (tree / "target/lab/memory.json").unlink(missing_ok=True)
        screen.types("q")
        assert screen.ends() == 0
    screen = Screen(tool, tree, 24, 80, "udpserver")
    screen.shows("still open: bind")
    screen.types("\x03")  # Ctrl-C
    assert screen.ends() == 130
    print("lab watch: every screen is as it has to be, and the terminal is whole again")


if __name__ == "__main__":
    main()
