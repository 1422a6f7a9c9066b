#!/usr/bin/env python3
"""`make watch` with somebody in front of it, on a terminal: screen by screen, key by key."""
import fcntl
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

from terminal import Terminal

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LAB = os.path.join(ROOT, "target", "debug", "lab")
PARTS = ["Cargo.toml", "Cargo.lock", ".cargo", "src", "skeletons", "solutions", "docs"]


class Screen(Terminal):
    """A terminal that also knows what it shows: all that came behind the last clearing."""

    def __init__(self, *command, rows=24, columns=80, **more):
        super().__init__(*command, rows=rows, columns=columns, **more)
        self.rows, self.columns = rows, columns

    def fits(self):
        """What is shown has no more rows than the terminal."""
        while self.look(0) and select.select([self.own], [], [], 0.3)[0]:
            pass  # until no more comes
        shown = self.said[self.said.rfind("\f") + 1:].split("\n")
        high = sum(max(1, -(-len(line) // self.columns)) for line in shown)
        assert high <= self.rows, f"{high} lines of {self.rows}:\n" + "\n".join(shown)
        return "\n".join(shown)

    def key(self, key):
        os.write(self.own, key.encode())

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        fcntl.ioctl(self.own, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def shows_what_is_typed(self):
        flags = termios.tcgetattr(self.own)[3]
        return bool(flags & termios.ICANON) and bool(flags & termios.ECHO)


class Student:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="socket-labs-watch-")
        for part in PARTS:
            source, target = os.path.join(ROOT, part), os.path.join(self.directory, part)
            (shutil.copytree if os.path.isdir(source) else shutil.copy)(
                source, target, **({"ignore": shutil.ignore_patterns("target")} if os.path.isdir(source) else {}))
        self.environment = {name: value for name, value in os.environ.items()
                            if name not in ("NO_COLOR", "COLUMNS", "MAKELEVEL", "MAKEFLAGS")}
        self.environment["TERM"] = "xterm"

    def path(self, name):
        return os.path.join(self.directory, "skeletons", name + ".rs")

    def solution(self, name):
        with open(os.path.join(ROOT, "solutions", name + ".rs"), encoding="utf-8") as file:
            return file.read()

    def save(self, name, text):
        """As editors do: a new file takes the place of the old one."""
        half = self.path(name) + "~"
        with open(half, "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(half, self.path(name))

    def watch(self, *programs, rows=24, columns=80, **variables):
        return Screen(LAB, "watch", *programs, cwd=self.directory, rows=rows, columns=columns,
                      env={**self.environment, **variables})

    def gone(self):
        shutil.rmtree(self.directory)


def wrong(student):
    """The solution, but that it answers with one letter more."""
    text = student.solution("udpserver")
    broken = text.replace("send_to(&modified_message,", 'send_to(&[&modified_message[..], b"x"].concat(),')
    assert broken != text
    return broken


def an_hour(student):
    """From the first open gap to the last green check, and every key."""
    screen = student.watch("udpserver", "tcpserver")
    screen.expect("gap 1 of 4 is still open: bind")
    assert "udpserver" in screen.fits() and "0 of 2 programs are done" in screen.fits()
    student.save("udpserver", wrong(student))
    screen.expect("✗ udpserver/answers")
    screen.expect("mend gap")
    screen.fits()
    screen.key("w")
    screen.expect("wire +ms +check +program")
    screen.expect("any key goes back")
    screen.fits()
    screen.key(" ")
    screen.expect("✗ udpserver/answers")
    screen.key("h")
    screen.expect("udpserver")
    screen.expect("any key goes back")
    screen.fits()
    screen.key("d")
    screen.expect("shown when all checks pass")
    student.save("udpserver", student.solution("udpserver"))
    screen.expect("9 of 9 checks passed")
    screen.key("d")
    screen.expect("any key goes back")
    screen.key("l")
    screen.expect("tcpserver")
    screen.expect("any key goes back")
    screen.fits()
    screen.key("n")
    screen.expect("tcpserver +1 of 2 programs are done")
    screen.expect("gap 1 of [0-9]+ is still open")
    screen.key("p")
    screen.expect("udpserver +1 of 2 programs are done")
    screen.expect("9 of 9 checks passed")
    before = student.solution("udpserver")
    screen.key("r")
    screen.expect("y resets")
    screen.key("x")
    screen.expect("q quit")
    with open(student.path("udpserver"), encoding="utf-8") as file:
        assert file.read() == before, "no answer but y resets"
    screen.key("r")
    screen.expect("y resets")
    screen.key("y")
    screen.expect("kept")
    screen.expect("gap 1 of 4 is still open: bind")
    kept = [name for name in os.listdir(os.path.join(student.directory, "skeletons"))
            if "kept" in name]
    assert kept, "a reset keeps what was there"
    assert not screen.shows_what_is_typed(), "keys come one by one"
    screen.key("q")
    assert screen.wait() == 0


def small_and_resized(student):
    """On 60 columns and 20 rows, and on a terminal that changes while it is used."""
    student.save("udpserver", wrong(student))
    screen = student.watch("udpserver", rows=20, columns=60)
    screen.expect("✗ udpserver/answers")
    screen.expect("mend gap")
    screen.fits()
    screen.resize(14, 44)
    student.save("udpserver", wrong(student) + "\n")
    screen.expect("checking")
    screen.fits()
    screen.expect("q quit")
    wide = [line for line in screen.fits().split("\n") if len(line) > 44 and "q quit" not in line]
    assert len(wide) <= 1, wide  # but a command that is to be copied
    screen.key("q")
    assert screen.wait() == 0


def the_last_save_counts(student):
    """A file that is saved while it is checked is checked anew, and nothing else is shown."""
    screen = student.watch("udpserver")
    screen.expect("✗ udpserver/answers|still open|checks passed")
    for number in range(4):
        student.save("udpserver", wrong(student) + "\n" * number)
        screen.expect("checking")
    student.save("udpserver", student.solution("udpserver"))
    screen.expect("9 of 9 checks passed")
    shown = screen.fits()
    assert "✗" not in shown, shown
    screen.key("q")
    assert screen.wait() == 0


def the_terminal_is_whole_again(student):
    """After Ctrl-C, after Ctrl-Z and fg, and when it is ended from elsewhere."""
    shell = Screen("bash", "--norc", "-i", cwd=student.directory,
                   env={**student.environment, "PS1": "shell> "})
    shell.expect("shell> ")
    shell.type(f"'{LAB}' watch udpserver")
    shell.expect("9 of 9 checks passed")
    shell.key("\x1a")
    shell.expect("Stopped")
    shell.expect("shell> ")
    shell.type("fg")
    shell.expect("udpserver +1 of 1 programs are done")
    shell.key("h")
    shell.expect("any key goes back")
    shell.key("\x03")
    shell.expect("shell> ")
    shell.type("stty -a | grep -Eow -e '-?icanon' -e '-?echo' | tr '\\n' ' '; echo is $((6 * 7))")
    modes = shell.expect(r"([a-z -]*) is 42").group(1).split()
    assert sorted(modes) == ["echo", "icanon"], modes
    shell.type("exit")
    shell.wait()
    screen = student.watch("udpserver")
    screen.expect("9 of 9 checks passed")
    screen.process.send_signal(signal.SIGTERM)
    screen.wait()


def without_a_terminal(student):
    """Plain lines, and no colour."""
    watch = subprocess.Popen([LAB, "watch", "udpserver"], cwd=student.directory, env=student.environment,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    said = ""
    while "checks passed" not in said:
        line = watch.stdout.readline()
        assert line, f"it has ended, and said: {said}"
        said += line
    assert "\x1b" not in said, said
    watch.send_signal(signal.SIGINT)
    watch.communicate()


def without_colour(student):
    screen = student.watch("udpserver", NO_COLOR="1")
    screen.expect("9 of 9 checks passed")
    screen.key("q")
    screen.wait()
    assert not re.search(r"\x1b\[[0-9;]*m", screen.raw), "NO_COLOR is heard"


def main():
    student = Student()
    try:
        for part in [an_hour, small_and_resized, the_last_save_counts, the_terminal_is_whole_again,
                     without_a_terminal, without_colour]:
            start = time.monotonic()
            part(student)
            print(f"ok  {part.__name__.replace('_', ' ')}  {time.monotonic() - start:.1f} s", flush=True)
    finally:
        student.gone()


if __name__ == "__main__":
    sys.exit(main())
