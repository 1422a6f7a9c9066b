"""From a saved program to its verdict: `lab check` against `cargo build` of that one program.

Both run in turn on a copy of the checkout, after one change of the program each, so their ratio holds
whatever else the machine does. Prints medians in seconds and the ratio of each pair's median.
"""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 7
PROGRAMS = ["udpserver", "udpclient", "tcpserver", "tcpclient"]
ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = ROOT / "target/debug/lab"


def timed(command, tree, environment):
    start = time.monotonic()
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds


def save(program, number):
    """What an editor does: the same program with one more comment."""
    text = program.read_text()
    program.write_text(text + f"// saved {number}\n")


def main():
    with tempfile.TemporaryDirectory() as directory:
        tree = pathlib.Path(directory)
        for name in ["src", "docs", "skeletons", "solutions", ".cargo"]:
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("target"))
        for program in PROGRAMS:  # what a student has in the end
            shutil.copy(ROOT / f"solutions/{program}.rs", tree / f"skeletons/{program}.rs")
        environment = {**os.environ, "CARGO_BUILD_BUILD_DIR": str(tree / "build")}
        timed([TOOL, "check", *PROGRAMS], tree, environment)
        print(f"{'one saved program':<20} {'cargo build':>12} {'lab check':>12} {'ratio':>8}   median of {RUNS}")
        for name in PROGRAMS:
            program = tree / f"skeletons/{name}.rs"
            cargo = ["cargo", "build", "--locked", "--manifest-path", "skeletons/Cargo.toml", "--bin", name]
            pairs = []
            for run in range(RUNS):
                save(program, f"{run} for cargo")
                build = timed(cargo, tree, environment)
                save(program, f"{run} for lab")
                pairs.append((build, timed([TOOL, "check", name], tree, environment)))
            build, check = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
            ratio = statistics.median(check / build for build, check in pairs)
            print(f"{name:<20} {build:>10.2f} s {check:>10.2f} s {ratio:>8.2f}")
        cargo = ["cargo", "build", "--locked", "--manifest-path", "solutions/Cargo.toml"]
        timed(cargo, tree, environment)
        idle = statistics.median(timed(cargo, tree, environment) for _ in range(RUNS))
        check = [TOOL, "check", "--set", "solutions", *PROGRAMS]
        whole = statistics.median(timed(check, tree, environment) for _ in range(RUNS))
        print(f"{'all four, unchanged':<20} {idle:>10.2f} s {whole:>10.2f} s {whole / idle:>8.2f}")


if __name__ == "__main__":
    main()
