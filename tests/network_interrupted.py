"""Impatient fingers: Ctrl-C once, twice, ten times, or a window that is closed, at random moments of
the lab network's targets. Whatever they do, nothing is left, or all of it, and it is said.

usage: network_interrupted.py [TIMES [SEED]]      default: 50 times, a seed from the clock
"""
import random
import subprocess
import sys
import time
from pathlib import Path

from terminal import LIMIT, Terminal

ROOT = Path(__file__).resolve().parent.parent
NET = "fingers"  # a network of its own, beside whatever else is up
LABEL = f"label=com.docker.compose.project=socket-labs-{NET}"
# For each target: after how many seconds at the latest it is interrupted.
TARGETS = {"net-up": 8, "net-down": 3, "net-check": 20, "net-capture": 8}
# What each says last: a finger that comes then has nothing left to interrupt.
LAST = {"net-up": "is up. Next", "net-down": "is gone", "net-check": "All is well", "net-capture": "curl http://"}
# What runs on a host when nobody works there.
AT_REST = {"docker-init", "tini", "sleep", "dnsmasq", "python3", "dhclient", "ps"}


def docker(*words):
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout


def left():
    """What there is of the network."""
    return sum((docker(*words, "--filter", LABEL, "--format", form).split() for words, form in (
        (("ps", "--all"), "{{.Names}}"), (("network", "ls"), "{{.Name}}"),
        (("volume", "ls"), "{{.Name}}"))), [])


def make(target, **variables):
    words = [f"{name}={value}" for name, value in variables.items()]
    return Terminal("make", target, f"NET={NET}", *words, cwd=ROOT)


def bring(up):
    """The network is up, or nothing of it is there."""
    if bool(left()) != up:
        terminal = make("net-up" if up else "net-down")
        if terminal.wait(300):
            sys.exit(f"{terminal}: failed:\n{terminal.said}")


def programs_at_work():
    """The programs on all hosts that a check or a capture has left behind."""
    found = []
    for name in docker("ps", "--filter", LABEL, "--format", "{{.Names}}").split():
        for line in docker("exec", name, "ps", "-eo", "comm=,args=").splitlines():
            command, arguments = line.split(None, 1)
            if command not in AT_REST or "/labs/" in arguments:
                found.append(f"{name}: {arguments}")
    return found


def interrupt(terminal, fingers, moment):
    end = time.monotonic() + moment
    while time.monotonic() < end and terminal.look(0.01):
        pass
    if terminal.process.poll() is not None:
        return False
    if fingers == "window":
        terminal.close_window()
        return True
    for _ in range(fingers):
        try:
            terminal.ctrl_c()
        except (OSError, TypeError):
            break  # it has ended
        terminal.look(0.1)
    return True


def at_work():
    """Whether a docker/net of this network runs: a closed window takes only make with it."""
    return subprocess.run(["pgrep", "-f", f"docker/net --net {NET} "], stdout=subprocess.DEVNULL).returncode == 0


def ended(terminal, limit=LIMIT):
    """Waits for the end, also of a command whose window is gone."""
    end = time.monotonic() + limit
    while terminal.look() or terminal.process.poll() is None or at_work():
        if time.monotonic() > end:
            sys.exit(f"{terminal}: has not ended {limit} s after the interruption:\n{terminal.said}")
        if terminal.own is None:
            time.sleep(0.05)


def one(number, choose):
    target = choose.choice(list(TARGETS))
    fingers = choose.choice([1, 2, 10, "window"])
    moment = choose.uniform(0, TARGETS[target])
    bring(up=target != "net-up")
    before = sorted(left())
    terminal = make(target)
    hit = interrupt(terminal, fingers, moment)
    ended(terminal)
    what = f"{number}: {target}, {fingers} at {moment:.2f} s{'' if hit else ', too late'}"
    remains = left()
    if target in ("net-up", "net-down"):
        wanted_none = hit or target == "net-down"
        # Who is quicker than make has interrupted nothing: then all of it is still there.
        untouched = target == "net-down" and sorted(remains) == before and "==>" not in terminal.said
        # It was up before the finger came; nobody reads that in a window that is closed.
        is_up = "is up. Next" in terminal.said or fingers == "window" and make("net-status").wait() == 0
        if wanted_none and remains and not (target == "net-up" and is_up) and not untouched:
            sys.exit(f"{what}: left behind: {remains}\n{terminal.said}")
    else:
        found = programs_at_work()
        if "inet " not in docker("exec", f"socket-labs-{NET}-dhcphost", "ip", "-4", "address", "show", "eth0"):
            sys.exit(f"{what}: dhcphost has no address any more:\n{terminal.said}")
        parts = list((ROOT / "captures").glob("*.part"))
        if found or parts:
            sys.exit(f"{what}: left behind: {found} {parts}\n{terminal.said}")
    stopped = hit and target != "net-down" and terminal.process.returncode
    told = "interrupt" in terminal.said.lower() or LAST[target] in terminal.said
    if stopped and fingers != "window" and not told:
        sys.exit(f"{what}: it does not say so:\n{terminal.said}")
    if not hit and terminal.process.returncode:
        sys.exit(f"{what}: it failed by itself:\n{terminal.said}")
    if "Traceback" in terminal.said:
        sys.exit(f"{what}: a traceback is no message:\n{terminal.said}")
    print(what, flush=True)


def main():
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    print(f"{times} interruptions, seed {seed}", flush=True)
    choose = random.Random(seed)
    try:
        for number in range(1, times + 1):
            one(number, choose)
    finally:
        bring(up=False)
    print(f"{times} interruptions, and nothing is left")


if __name__ == "__main__":
    main()
