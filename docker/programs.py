"""Programs on the hosts of the lab network: run to their end, or typed into and read from.

Nothing waits for a length of time: what must happen is waited for, up to LIMIT. What comes out
otherwise is a Failed, with what was expected.
"""
import os
import re
import secrets
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager

import interrupts
from interrupts import say
from place import ROOT, works

LIMIT = 30  # seconds until what must happen is given up; a slow machine needs some
# A student's copy has no solutions: there his own programs are on the network.
SET = "solutions" if (ROOT / "solutions").is_dir() else "skeletons"
TWINS = "/labs/tests/twins"
HOST_SCRIPT = "/usr/local/lib/socket-labs/host.sh"
MARK = "SOCKET_LABS_TERMINAL"  # a variable by which the programs of one command are found on a host


class Failed(Exception):
    """What was done, what was expected, and what came of it."""


def mail_variables():
    """The names of the mail client's variables that are set here."""
    return sorted(name for name in os.environ if name.startswith("MAIL_"))


def use(net):
    """Says on which network programs run from now on."""
    global container
    container = net.container


def container(host):
    raise Failed(f"{host}: nobody has said which lab network is meant")


def begin(title):
    say(f"\n{title}")


def done(text):
    say(f"  ✓ {text}")


def demand(true, did, expected, received):
    """Raises Failed unless the first is true."""
    if not true:
        raise Failed(f"it came out otherwise\n    did       {did}\n    expected  {expected}\n"
                     f"    received  {str(received).strip() or 'nothing'}")


def docker_exec(host, user, variables, directory):
    given = [f"--env={name}={value}" for name, value in (variables or {}).items()]
    return ["docker", "exec", "--interactive", "--user", user, "--workdir", directory,
            "--env", "PYTHONUNBUFFERED=1", *given, container(host)]


def end_marked(container, mark, user):
    """Ends all programs on a host that carry a mark: as the one who runs them, who may."""
    works("docker", "exec", "--user", user, container, HOST_SCRIPT, "--end", mark)


def end(process, host, mark, user):
    """Ends a program on a host for sure, also one that Docker is only about to start; gives what it said."""
    late = time.monotonic() + LIMIT
    while time.monotonic() < late:
        end_marked(container(host), mark, user)
        try:
            return process.communicate(timeout=0.2)[0]
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    return process.communicate()[0]


def run(host, *command, user="student", variables=None, directory=None, limit=LIMIT,
        binary=False):
    """Runs a command on a host to its end; gives its exit status and all that it said."""
    # The student's directory may be closed to root, who is root of a container only.
    directory = directory or ("/" if user == "root" else "/labs")
    mark = secrets.token_hex(8)
    marked = {**(variables or {}), MARK: mark}
    process = None
    try:
        with interrupts.held():
            process = interrupts.start([*docker_exec(host, user, marked, directory), *command],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        said = process.communicate(timeout=limit)[0]
    except subprocess.TimeoutExpired:
        said = end(process, host, mark, user).decode(errors="replace")
        raise Failed(f"{host}: {' '.join(command)}: has not ended within {limit} s; it said:\n"
                     f"{said}") from None
    except KeyboardInterrupt:
        if process:
            end(process, host, mark, user)
        raise
    return process.returncode, said if binary else said.decode(errors="replace")


def sure(host, *command, **options):
    """What a command said that must succeed."""
    status, said = run(host, *command, **options)
    demand(status == 0, f"{host}: {' '.join(command)}", "exit status 0",
           f"exit status {status}: {said}")
    return said


def until(fact, did, expected):
    """Waits until fact() gives something true as its first value, and gives that back."""
    end = time.monotonic() + LIMIT
    while True:
        true, seen = fact()
        if true:
            return true
        demand(time.monotonic() < end, did, f"within {LIMIT} s, {expected}", seen)
        time.sleep(0.05)


class Program:
    """A program that runs on a host, with somebody who types and reads."""

    def __init__(self, host, *command, name=None, directory="/labs", user="student"):
        self.host, self.name, self.user = host, name or command[-1].rpartition("/")[2], user
        self.output, self.read = "", 0  # all that it said; how much of that was expected already
        self.ended = False
        self.news = threading.Condition()
        self.exec = interrupts.start(
            [*docker_exec(host, user, None, directory),
             "sh", "-c", 'echo $$; exec "$@" 2>&1', "sh", *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self.pid = self.exec.stdout.readline().decode().strip()
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()

    def __str__(self):
        return f"{self.host}: {self.name}"

    def listen(self):
        while piece := self.exec.stdout.read1():
            with self.news:
                self.output += piece.decode(errors="replace")
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def type(self, line):
        try:
            self.exec.stdin.write(line.encode() + b"\n")
            self.exec.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"{self}: has ended, and cannot be told {line!r}; it said:\n"
                         f"{self.output}") from None

    def expect(self, text):
        """Waits for a text behind the last one that was expected."""
        with self.news:
            self.news.wait_for(lambda: text in self.output[self.read:] or self.ended, LIMIT)
            demand(text in self.output[self.read:], f"waited for {self}", f"it says {text!r}",
                   f"{self.output[self.read:]!r}{', and then it ended' if self.ended else ''}")
            self.read = self.output.index(text, self.read) + len(text)

    def answer(self, line, form):
        """Types a line; gives the first match of a pattern in what comes after it."""
        with self.news:
            before = len(self.output)
        self.type(line)
        pattern = re.compile(form)
        with self.news:
            self.news.wait_for(lambda: pattern.search(self.output, before) or self.ended, LIMIT)
            found = pattern.search(self.output, before)
            demand(found, f"{self}: typed {line!r}", f"something like {form!r}",
                   self.output[before:])
            return found

    def signal(self, name):
        run(self.host, "kill", f"-{name}", self.pid, user=self.user)

    def interrupt(self):
        """Ctrl-C; gives the exit status."""
        self.signal("INT")
        try:
            status = self.exec.wait(LIMIT)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self}: has not ended {LIMIT} s after Ctrl-C") from None
        self.reader.join(LIMIT)
        return status

    def close(self):
        """Ends it for sure, if it has not ended."""
        if self.exec.poll() is None:
            self.signal("KILL")
            self.exec.wait(LIMIT)
        self.reader.join(LIMIT)
        self.exec.stdin.close()


@contextmanager
def stage():
    """Gives a function that starts programs; all of them are ended behind the `with`."""
    with ExitStack() as programs:
        def start(*words, **options):
            # The thread that listens to the program holds them for ever: only the main thread is
            # ever interrupted.
            with interrupts.held():
                program = Program(*words, **options)
                programs.callback(program.close)
            return program
        yield start


def command(language, name):
    return {"Rust": [f"/labs/{SET}/target/debug/{name}"], "Python": ["python3", f"{TWINS}/{name}.py"]}[language]


def build():
    begin(f"The programs in {SET}/")
    sure("client1", "cargo", "build", "--locked", "--quiet", "--manifest-path",
         f"{SET}/Cargo.toml", "--features", "tls", limit=600)
    done("client1 has built them, and all hosts see them")
