"""The chat server beside a bare loop of writes and the Python twin, in one run.

Deliveries: in rooms of several sizes one client speaks, and the CPU time the server uses is divided by the
messages that have come to a client. Joins: how the time and the bytes grow with the clients that come, 100
at a time; 4 for the twin, since a queue of 5 (its listen) refuses more. Server and clients have a processor
each.
"""

import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

import servers

ROUNDS = 5
DELIVERIES = 40_000  # in each measurement
ROOMS = (10, 100, 500)
JOINS = (250, 500, 1000, 2000)
TWIN_JOINS = JOINS[:-1]  # 2,000 would take it half a minute and move 60 GB
STALL = 10_000
OWN = "chatserver"
TWIN = "Python twin"
BARE = "bare loop of writes"


class Client:
    """A room of clients that says when it is ready, goes on when told, and ends with its input."""

    def __init__(self, *words):
        self.process = subprocess.Popen(list(map(str, words)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=lambda: servers.os.sched_setaffinity(0, {servers.CPUS[-1]}))

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{' '.join(map(str, self.process.args))} has ended with {self.process.wait()}")
        return line.split()

    def go_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def memory(process):
    """The resident memory of a process, in bytes."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def delivery(peers, command, room, directory):
    """CPU seconds and seconds for a delivery."""
    messages = DELIVERIES // room
    with servers.Server(command, directory) as server, Client(peers, "talk", server.port, room, messages) as client:
        client.line()
        before = server.cpu_seconds()
        client.go_on()
        seconds = float(client.line()[0])
        count = messages * (room - 1)
        return (server.cpu_seconds() - before) / count, seconds / count


def deliveries(peers, directory):
    def commands(room):
        return {
            OWN: [servers.SOLUTIONS / "chatserver", "127.0.0.1", "{port}"],
            BARE: [peers, "fan", "{port}", room],
            TWIN: [sys.executable, servers.TWINS / "chatserver.py", "127.0.0.1", "{port}"],
        }

    print(f"\nchat, CPU time a delivery {'CPU':>12} {'ratio':>8} {'deliveries/s':>16}   median of {ROUNDS}")
    for room in ROOMS:
        rounds = [{name: delivery(peers, command, room, directory) for name, command in commands(room).items()}
                  for _ in range(ROUNDS)]
        for name in (OWN, BARE, TWIN):
            cpu, seconds = (statistics.median(one[name][figure] for one in rounds) for figure in (0, 1))
            ratio = statistics.median(one[name][0] / one[OWN][0] for one in rounds)
            print(f"{room:>5} clients, {name:<20} {1e6 * cpu:>6.2f} us {ratio:>7.2f} {1 / seconds:>16.0f}", flush=True)


def joining(peers, command, count, at_once, directory):
    """Seconds until all are in, bytes, seconds for a message to all, and memory for a client."""
    with servers.Server(command, directory) as server, Client(peers, "join", server.port, count, at_once) as client:
        client.line()
        before = memory(server.process)
        client.go_on()
        seconds, size, message = client.line()
        return float(seconds), int(size), float(message), (memory(server.process) - before) / count


def joins(peers, directory):
    candidates = {
        OWN: ([servers.SOLUTIONS / "chatserver", "127.0.0.1", "{port}"], JOINS, 100),
        TWIN: ([sys.executable, servers.TWINS / "chatserver.py", "127.0.0.1", "{port}"], TWIN_JOINS, 4),
    }
    found = {}
    print(f"\nchat, clients that join {'all in':>13} {'rosters':>12} {'then a message':>18} {'memory a client':>18}")
    for count in JOINS:
        for name, (command, counts, at_once) in candidates.items():
            if count in counts:
                seconds, size, message, each = found[name, count] = joining(peers, command, count, at_once, directory)
                print(f"{count:>5} clients, {name:<13} {seconds:>8.2f} s {size / 1e6:>9.1f} MB"
                      f" {1e3 * message:>15.1f} ms {each / 1024:>14.1f} KiB", flush=True)
    for count in TWIN_JOINS:
        time, size = (found[TWIN, count][figure] / found[OWN, count][figure] for figure in (0, 1))
        print(f"{count:>5} clients: the twin takes {time:.1f} times as long and moves {size:.1f} times as many bytes")


def stall(peers, directory):
    command = [servers.SOLUTIONS / "chatserver", "127.0.0.1", "{port}"]
    delays = []
    for _ in range(ROUNDS):
        with servers.Server(command, directory) as server:
            delays.append(float(servers.client(peers, "stall", server.port, STALL)))
    print(f"\nchat, one of 9 clients never reads: {STALL:,} messages reached all others in order, each after at most"
          f" {statistics.median(delays):.2f} s, and the one was out of the roster. (The twin waits for it for ever.)")


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    servers.build()
    groups = {"deliveries": deliveries, "joins": joins, "stall": stall}
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        peers = servers.compiled("chat.rs", directory)
        for group in sys.argv[1:] or groups:
            groups[group](peers, directory)


if __name__ == "__main__":
    main()
