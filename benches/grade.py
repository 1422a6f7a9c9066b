"""What grading a class costs: `lab grade` against the time that its processors need, and against a loop
of `cp` and `lab check`, which is what a teacher has without it.

The class is generated: of every program a third are right, a quarter have a mistake of tests/wrong, the
rest are empty, do not compile, or are right in another shape. First every file differs, so that nothing
is found in the cache; then the class is as classes are, with as many equal gaps as --equal says.

    benches/grade.py [--students 30] [--labs 1 2 3 ...] [--equal 40]
"""

import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = ROOT / "target/debug/lab"
BY_LAB = {
    1: ["udpserver", "udpclient", "tcpserver", "tcpclient"],
    2: ["timeserver"],
    3: ["udpclient_rtt", "tcpclient_rtt"],
    4: ["webserver"],
    5: ["pingclient"],
    6: ["mailclient"],
    7: ["chatserver", "chatclient"],
    8: ["chatserver_auth", "chatclient_auth"],
}
FENCE = re.compile(r"(// ==== fill in here: ([a-z0-9-]+) ====\n)(.*?)(\n? *// ==== end: \2 ====)", re.S)


def with_gaps(text, gaps):
    return FENCE.sub(lambda it: it[1] + gaps.get(it[2], it[3]).rstrip("\n") + "\n" + it[4].lstrip("\n"), text)


def answer(random, program):
    """The text of one student's program."""
    right = (ROOT / f"solutions/{program}.rs").read_text()
    wrong = sorted((ROOT / f"tests/wrong/{program}").glob("*.rs"))
    kind = random.choices(["right", "wrong", "empty", "broken", "other"], [34, 25, 15, 10, 16])[0]
    if kind == "empty":
        return (ROOT / f"skeletons/{program}.rs").read_text()
    if kind == "broken":
        first = FENCE.search(right)
        return right.replace(first[3], "    let broken = ;\n", 1)
    if kind in ("wrong", "other"):
        others = sorted((ROOT / f"tests/right/{program}").glob("*.rs")) if kind == "other" else wrong
        if others:
            gaps = {it[2]: it[3] for it in FENCE.finditer(random.choice(others).read_text())}
            return with_gaps(right, gaps)
    return right


def distinct(text, number):
    """The same program, and another text for whoever compares."""
    return FENCE.sub(lambda it: f"{it[1]}    // by {number}\n{it[3]}{it[4]}", text)


def write_class(into, students, programs, equal, seed):
    draw = random.Random(seed)
    for number in range(students):
        folder = into / f"An Other_{4711 + number}_assignsubmission_file"
        folder.mkdir(parents=True)
        for program in programs:
            text = answer(draw, program)
            if draw.random() * 100 >= equal:
                text = distinct(text, number)
            (folder / f"{program}.rs").write_text(text)


class Memory(threading.Thread):
    """The most memory that a process has had, in MB."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most = pid, 0
        self.start()

    def run(self):
        while True:
            try:
                status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
            except OSError:
                return
            found = re.search(r"VmRSS:\s+(\d+)", status)
            self.most = max(self.most, int(found[1]) // 1024 if found else 0)
            time.sleep(0.1)


def cpu():
    """Seconds that all processors were busy, since the machine was started: to take down a namespace is work
    as well, which the kernel charges to no program. So nothing else may run meanwhile.
    """
    user, nice, system, _, _, interrupts, soft = map(int, pathlib.Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK")


def timed(*command):
    before, start = cpu(), time.monotonic()
    child = subprocess.Popen(list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    memory = Memory(child.pid)
    said, _ = child.communicate()
    seconds = time.monotonic() - start
    return child.returncode, said, seconds, cpu() - before, memory.most


def grade(export, out):
    status, said, seconds, used, memory = timed(TOOL, "grade", export, "--out", out)
    if status != 0:
        sys.exit(f"lab grade ended with {status}:\n{said}")
    return seconds, used, memory


def loop(export, programs, some):
    """What a teacher does today, for some of the students."""
    folders = sorted(export.iterdir())[:some]
    with tempfile.TemporaryDirectory() as directory:
        tree = pathlib.Path(directory)
        for name in ["src", "docs", "skeletons", "lab", ".cargo", "Cargo.toml", "Cargo.lock", "tests"]:
            subprocess.run(["cp", "-r", ROOT / name, tree / name], check=True)
        (tree / "target").mkdir()
        environment = {**os.environ, "CARGO_TARGET_DIR": str(ROOT / "target/loop")}
        command = [TOOL, "check", *programs, "--format", "json"]
        subprocess.run(command, cwd=tree, env=environment, capture_output=True)  # the dependencies
        start = time.monotonic()
        for folder in folders:
            for program in programs:
                subprocess.run(["cp", folder / f"{program}.rs", tree / "skeletons"], check=True)
            subprocess.run(command, cwd=tree, env=environment, capture_output=True)
        return (time.monotonic() - start) / len(folders)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--labs", type=int, nargs="*", default=sorted(BY_LAB))
    parser.add_argument("--equal", type=int, default=40, help="percent of the files that are as somebody else's may be")
    arguments = parser.parse_args()
    programs = [program for lab in arguments.labs for program in BY_LAB[lab]]
    students, cores = arguments.students, os.cpu_count()
    print(f"{students} students, {len(programs)} programs each, {cores} processors, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(dir=ROOT / "target") as directory:
        place = pathlib.Path(directory)
        write_class(place / "warm", 1, programs, 0, 0)
        grade(place / "warm", place / "warm-out")  # builds the dependencies
        write_class(place / "distinct", students, programs, 0, 1)
        seconds, used, memory = grade(place / "distinct", place / "out")
        print(f"all different     {seconds:7.1f} s, {used:7.1f} s of CPU time: {seconds / (used / cores):.2f} of what {cores} processors need; {memory} MB")
        again, _, _ = grade(place / "distinct", place / "out")
        print(f"the same again    {again:7.1f} s")
        write_class(place / "equal", students, programs, arguments.equal, 1)
        shared, _, _ = grade(place / "equal", place / "out-equal")
        print(f"{arguments.equal} % may be equal  {shared:7.1f} s: the cache saves {100 * (1 - shared / seconds):.0f} %")
        some = min(students, 5)
        each = loop(place / "distinct", programs, some)
        print(f"cp and lab check  {each * students:7.1f} s by {some} of them: {each * students / seconds:.1f} times as long, without a sandbox")


if __name__ == "__main__":
    main()
