"""The lab servers beside what they are measured against, in one run.

Each round runs every server of a group once, one after the other, so that what else the machine does
falls to all. Printed are medians over the rounds, and the median of each round's ratio to the lab's own
program: above 1, the other one takes longer or uses more. Server and client have a processor each.
"""

import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 7
ROOT = pathlib.Path(__file__).resolve().parent.parent
SOLUTIONS = ROOT / "solutions/target/release"
TWINS = ROOT / "tests/twins"
CPUS = sorted(os.sched_getaffinity(0))


class Server:
    """A server at a port of its own, and the CPU time of all its processes."""

    def __init__(self, command, directory):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.group = cgroup()
        words = [str(word).replace("{port}", str(self.port)) for word in command]
        self.process = subprocess.Popen(words, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True, preexec_fn=self.enter)

    def enter(self):
        os.sched_setaffinity(0, {CPUS[0]})
        if self.group:
            (self.group / "cgroup.procs").write_text(str(os.getpid()))

    def cpu_seconds(self):
        """Of the whole group, where there are control groups; else of the one process."""
        if self.group:
            return cgroup_seconds(self.group)
        return int(pathlib.Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[0]) / 1e9

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.group:
            for _ in range(100):  # until its last process is gone
                try:
                    self.group.rmdir()
                    break
                except OSError:
                    time.sleep(0.01)


def cgroup_seconds(group):
    """The CPU time of all that ever ran in it, in the words of version 1 or 2."""
    if (group / "cpuacct.usage").exists():
        return int((group / "cpuacct.usage").read_text()) / 1e9
    return int(re.search(r"usage_usec (\d+)", (group / "cpu.stat").read_text())[1]) / 1e6


def cgroup():
    """A new control group, or None where none can be made."""
    for parent in ("/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup"):
        try:
            group = pathlib.Path(tempfile.mkdtemp(prefix="socket-labs-", dir=parent))
        except OSError:
            continue
        try:
            cgroup_seconds(group)
            return group
        except OSError:
            group.rmdir()
    return None


def cgroups_work():
    group = cgroup()
    if group:
        group.rmdir()
    return group is not None


def client(*words):
    """Runs a client and gives what it has printed."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, {CPUS[-1]}))
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def rounds(measure, candidates):
    """What `measure` gives for each candidate, round by round: {name: [figures of a round, …]}."""
    found = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, candidate in candidates.items():
            found[name].append(measure(candidate))
    return found


def ratio(found, name, lab, figure):
    pairs = zip(found[name], found[lab])
    return statistics.median(figure(other) / figure(mine) for other, mine in pairs)


def median(found, name, figure):
    return statistics.median(map(figure, found[name]))


# ---- The web server: a file of 1 KB, a connection for each request ----

NGINX = """
daemon off; master_process off; worker_processes 1; pid nginx.pid; error_log stderr;
events {{}}
http {{
  access_log off; keepalive_timeout 0;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def web(peers, directory):
    www = directory / "www"
    www.mkdir()
    (www / "file.txt").write_text("x" * 1023 + "\n")
    own = "webserver"
    servers = {
        own: ([SOLUTIONS / "webserver", "127.0.0.1", "{port}"], 4000),
        "bare loop": ([peers, "web", "{port}", "file.txt"], 4000),
        "Python twin": ([sys.executable, TWINS / "webserver.py", "127.0.0.1", "{port}"], 4000),
    }
    missing = []
    if nginx := shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"):
        command = f"port={{port}}; sed s/PORT/$port/ ../nginx.conf > ../nginx-$port.conf; exec {nginx} -p .. -c nginx-$port.conf"
        (directory / "nginx.conf").write_text(NGINX.format(port="PORT", root=www))
        servers["nginx"] = (["sh", "-c", command], 4000)
    else:
        missing.append("nginx")
    if shutil.which("busybox") and cgroups_work():  # it has a process for each request
        servers["busybox httpd"] = (["busybox", "httpd", "-f", "-p", "127.0.0.1:{port}", "-h", "."], 2000)
    else:
        missing.append("busybox, in a control group of its own")
    servers["python3 -m http.server"] = ([sys.executable, "-m", "http.server", "-b", "127.0.0.1", "{port}"], 300)
    servers["original (a send a byte)"] = ([sys.executable, TWINS / "webserver-original.py", "{port}"], 300)

    def measure(candidate):
        command, count = candidate
        with Server(command, www) as server:
            client(peers, "ask-web", server.port, count // 20)  # caches, and whatever starts late
            before = server.cpu_seconds()
            seconds = float(client(peers, "ask-web", server.port, count))
            return seconds / count, (server.cpu_seconds() - before) / (count + 1)

    found = rounds(measure, servers)
    print(f"\nweb server, 1 KB {'requests/s':>20} {'ratio':>8} {'CPU a request':>16} {'ratio':>8}   median of {ROUNDS}")
    for name in servers:
        rate = 1 / median(found, name, lambda figures: figures[0])
        cpu = 1e6 * median(found, name, lambda figures: figures[1])
        slower = ratio(found, name, own, lambda figures: 1 / figures[0])
        more = ratio(found, name, own, lambda figures: figures[1])
        print(f"{name:<26} {rate:>10.0f} {slower:>8.2f} {cpu:>13.1f} us {more:>8.2f}")
    for name in missing:
        print(f"SKIPPED: {name} is missing")


# ---- Round trips ----

def until_udp_is_open(server):
    """Looks for the server's socket, without sending it anything; one that has ended has none."""
    while server.process.poll() is None:
        if f":{server.port:04X} " in pathlib.Path("/proc/net/udp").read_text():
            break
        time.sleep(0.01)


def table(title, found, own):
    print(f"\n{title:<34} {'median':>10} {'ratio':>8}   median of {ROUNDS}")
    for name in found:
        value = median(found, name, float)
        print(f"{name:<34} {value:>7.2f} us {ratio(found, name, own, float):>8.2f}")


def time_server(peers, directory):
    servers = {
        "timeserver": [SOLUTIONS / "timeserver", "127.0.0.1", "{port}"],
        "bare loop of read and write": [peers, "lines", "{port}"],
        "Python twin": [sys.executable, TWINS / "timeserver.py", "127.0.0.1", "{port}"],
    }

    def measure(command):
        with Server(command, directory) as server:
            return float(client(peers, "ask-lines", server.port, 10_000))

    table("time server, from TIME to answer", rounds(measure, servers), "timeserver")


def udp(peers, directory):
    own = "udpserver, 14 bytes"
    servers = {
        own: [SOLUTIONS / "udpserver", "127.0.0.1", "{port}"],
        "Python twin": [sys.executable, TWINS / "udpserver.py", "127.0.0.1", "{port}"],
    }
    other = "sockperf ping-pong, 14 bytes"
    if shutil.which("sockperf"):
        servers[other] = ["sockperf", "server", "--ip", "127.0.0.1", "--port", "{port}"]

    def measure(command):
        with Server(command, directory) as server:
            if command[0] != "sockperf":
                return float(client(peers, "ask-udp", server.port, 20_000))
            until_udp_is_open(server)  # its client does not wait for it
            said = client("sockperf", "ping-pong", "--ip", "127.0.0.1", "--port", server.port, "--time", 1, "--msg-size", 14)
            half = re.search(r"percentile 50\.000 =\s*([\d.]+)", said)
            return 2 * float(half[1])  # it reports half of a round trip

    table("UDP, a round trip", rounds(measure, servers), own)
    if other not in servers:
        print("SKIPPED: sockperf is missing")


def build():
    """The lab programs, optimised."""
    if len(CPUS) < 2:
        print("Server and client share one processor here.")
    cargo = ["cargo", "build", "--locked", "--quiet", "--release", "--manifest-path", str(ROOT / "solutions/Cargo.toml")]
    subprocess.run(cargo, check=True, cwd=ROOT)


def compiled(source, directory):
    """One of the programs here, without anything that cargo would fetch."""
    program = directory / pathlib.Path(source).stem
    subprocess.run(["rustc", "-O", "--edition", "2024", "-o", program, ROOT / "benches" / source], check=True)
    return program


def main():
    build()
    groups = {"web": web, "time": time_server, "udp": udp}
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        peers = compiled("peers.rs", directory)
        for group in sys.argv[1:] or groups:
            groups[group](peers, directory)


if __name__ == "__main__":
    main()
