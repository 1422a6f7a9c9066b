"""From an unpacked kit, or from a clone, to the first program whose checks all pass.

Does what the kit's README says, on a machine that has Rust and has fetched nothing yet: make doctor, make
check, the gaps of udpserver, make check LAB=udpserver. Waiting is measured; typing is counted, at two
characters a second, which is slow. Reading and thinking are not in it. The ratios at the end compare
the three ways, which are taken in the same run.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACE = 2  # characters a second
PROGRAM = "skeletons/udpserver.rs"
GAP = re.compile(r"// ==== fill in here: .*? ====\n(.*?)[ ]*// ==== end: ", re.S)


def run(command, cwd, environment=None, expected=0):
    """Runs a command to its end; gives the seconds it took and what it said."""
    start = time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    seconds = time.monotonic() - start
    if done.returncode != expected:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return seconds, done.stdout


def unpacked(archive, directory):
    return run(["tar", "-xzf", archive], directory)[0], directory / "socket-labs-students"


def cloned(_, directory):
    return run(["git", "clone", "--quiet", ROOT, "labs"], directory)[0], directory / "labs"


def first_green(begin, archive):
    """[(what, seconds)]: the parts of one way."""
    solution = (ROOT / "solutions/udpserver.rs").read_text()
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        environment = os.environ | {"CARGO_HOME": str(directory / "cargo")}
        seconds, labs = begin(archive, directory)
        parts, typed = [("unpacked" if archive else "cloned", seconds)], 0
        for command, expected, words in [
                (["make", "doctor"], 0, "make check will work here"),
                (["make", "check"], 1, "still open: bind"),
                (["make", "check", "LAB=udpserver"], 0, "10 of 10 points")]:
            if command[-1].startswith("LAB"):
                typed += sum(len(" ".join(body.split())) for body in GAP.findall(solution))
                (labs / PROGRAM).write_text(solution)
            typed += len(" ".join(command)) + 1
            seconds, said = run(command, labs, environment, expected)
            if words not in said:
                sys.exit(f"{' '.join(command)}: expected {words!r} in\n{said}")
            parts.append((" ".join(command), seconds))
        return [*parts, (f"{typed} characters typed", typed / PACE)]


def handed_out(more, directory):
    run(["make", "handout", *more], ROOT)
    return (ROOT / "socket-labs-students.tar.gz").rename(directory / f"kit{len(more)}.tar.gz")


def main():
    with tempfile.TemporaryDirectory(dir=ROOT / "target") as name:
        directory = pathlib.Path(name)
        kit, built = handed_out([], directory), handed_out(["TOOL=static"], directory)
        ways = [("a clone", cloned, None), ("a kit", unpacked, kit),
                ("a kit with the tool built (TOOL=static)", unpacked, built)]
        totals, checks = [], []
        for title, begin, archive in ways:
            parts = first_green(begin, archive)
            totals.append(sum(seconds for _, seconds in parts))
            checks.append(sum(seconds for what, seconds in parts if what.startswith("make")))
            print(f"\n{title}: {totals[-1]:.0f} s to the first program that passes")
            for what, seconds in parts:
                print(f"  {seconds:6.1f} s  {what}", flush=True)
        print(f"\nto the first green, against a clone: a kit {totals[1] / totals[0]:.2f}, with the tool built "
              f"{totals[2] / totals[0]:.2f}; the compiling alone {checks[1] / checks[0]:.2f} and "
              f"{checks[2] / checks[0]:.2f}")


if __name__ == "__main__":
    main()
