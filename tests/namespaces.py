"""A small network in network namespaces, in which the packet tests capture real exchanges.

Hosts hang on one switch, 10.20.30.0/24, with the addresses of the lab network; behind the router
is 10.20.40.0/24 with one host. Needs root, iproute2 and tcpdump, and what an exchange uses besides.
"""
import contextlib
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ADDRESSES = {"dnsserver": "10.20.30.2", "webserver": "10.20.30.3", "client1": "10.20.30.11",
             "client2": "10.20.30.12", "router": "10.20.30.100", "laptop": None}
ROUTER_OUTSIDE, OUTSIDE = "10.20.40.100", "10.20.40.80"
LATE = 60  # seconds for what takes a fraction of one
MARKER = b"the end of this capture"
COUNT = itertools.count()


def missing(what):
    print(f"{what}, so this is not tried", file=sys.stderr)
    sys.exit(77)


def without_markers(file):
    """Takes out of a pcap file what `capture` has put into it, and the other hosts' captures."""
    old, at = file.read_bytes(), 24
    new = old[:at]
    while at < len(old):
        end = at + 16 + int.from_bytes(old[at + 8:at + 12], sys.byteorder)
        new += b"" if MARKER in old[at:end] else old[at:end]
        at = end
    file.write_bytes(new)


def needs(*commands):
    """Ends with status 77 where this machine cannot do it."""
    if os.geteuid() != 0:
        missing("network namespaces need root")
    for command in commands:
        if not shutil.which(command):
            missing(f"the command {command} is missing")


def until(what, ready):
    start = time.monotonic()
    while not (found := ready()):
        if time.monotonic() - start > LATE:
            sys.exit(f"{what}: not within {LATE} s")
        time.sleep(0.01)
    return found


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Network:
    """The hosts; leaving it ends what runs on them and takes them down."""

    def __init__(self):
        self.prefix = f"labs{os.getpid()}n{next(COUNT)}-"
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name)
        self.started = []

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self):
        for host in ["switch", "outside", *ADDRESSES]:
            run("ip", "netns", "add", self.prefix + host)
            run(*self.on(host), "ip", "link", "set", "lo", "up")
            # No neighbour discovery of IPv6 between the packets of the lab.
            run(*self.on(host), "sh", "-c",
                "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
        run(*self.on("switch"), "ip", "link", "add", "switch", "type", "bridge",
            "mcast_snooping", "0")
        run(*self.on("switch"), "ip", "link", "set", "switch", "up")
        for port, (host, address) in enumerate(ADDRESSES.items()):
            self.cable(host, "eth0", "switch", f"port{port}")
            run(*self.on("switch"), "ip", "link", "set", f"port{port}", "master", "switch")
            if address:
                run(*self.on(host), "ip", "address", "add", f"{address}/24", "dev", "eth0")
            if address and host != "router":
                run(*self.on(host), "ip", "route", "add", "default", "via", ADDRESSES["router"])
        self.cable("outside", "eth0", "router", "eth1")
        run(*self.on("outside"), "ip", "address", "add", f"{OUTSIDE}/24", "dev", "eth0")
        run(*self.on("outside"), "ip", "route", "add", "default", "via", ROUTER_OUTSIDE)
        run(*self.on("router"), "ip", "address", "add", f"{ROUTER_OUTSIDE}/24", "dev", "eth1")
        run(*self.on("router"), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")

    def cable(self, host, card, other, other_card):
        run("ip", "link", "add", card, "netns", self.prefix + host, "type", "veth", "peer", "name",
            other_card, "netns", self.prefix + other)
        for end, name in ((host, card), (other, other_card)):
            # Offload would let a capture show segments longer than what goes over a wire.
            if shutil.which("ethtool"):
                run(*self.on(end), "ethtool", "-K", name, "tso", "off", "gso", "off", "gro", "off")
            run(*self.on(end), "ip", "link", "set", name, "up")

    def on(self, host):
        return ["ip", "netns", "exec", self.prefix + host]

    def run(self, host, *command):
        return run(*self.on(host), *command)

    def start(self, host, *command, output=subprocess.DEVNULL):
        process = subprocess.Popen([*self.on(host), *command], stdin=subprocess.PIPE,
                                   stdout=output, stderr=subprocess.STDOUT)
        self.started.append(process)
        return process

    def logged(self, host, name, *command):
        """Starts a command that writes to a file; gives it and a function that reads the file."""
        log = self.path / f"{name}.log"
        with log.open("wb") as output:
            process = self.start(host, *command, output=output)
        return process, lambda: log.read_text(errors="replace")

    @contextlib.contextmanager
    def capture(self, host, file, *arguments, card="eth0"):
        """Captures what comes and goes at a host while the block runs, down to the last packet."""
        capturing, said = self.logged(
            host, f"tcpdump-{next(COUNT)}", "tcpdump", "-i", card, "-U", "--immediate-mode", "-Z",
            "root", "-w", str(file), *arguments)
        until("tcpdump", lambda: "listening on" in said())
        yield
        card = "eth0" if card == "any" else card
        everybody = "127.0.0.1" if card == "lo" else "255.255.255.255"
        # Packets are written in order, so when this one is there all others are.
        self.run(host, sys.executable, "-c", f"""if True:
            import socket
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as marker:
                marker.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                marker.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"{card}")
                marker.sendto({MARKER!r}, ("{everybody}", 9))
            """)
        until("the last packet", lambda: MARKER in Path(file).read_bytes())
        capturing.terminate()
        capturing.wait()
        without_markers(Path(file))

    def __exit__(self, *_):
        for process in self.started:
            process.kill()
            process.wait()
        for host in ["switch", "outside", *ADDRESSES]:
            name = self.prefix + host
            pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True)
            for pid in pids.stdout.split():  # what has left its parent
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), 9)
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)
        self.directory.cleanup()


def chat(network, programs, words=("hello, all", "hi, only you")):
    """A chat server on webserver; ann on client1 and bob on client2 talk to all and directly."""
    server = ADDRESSES["webserver"]
    serving, log = network.logged("webserver", "chatserver", programs / "chatserver", server)
    until("the chat server", lambda: "Waiting" in log())

    def join(host, name):
        client, said = network.logged(host, name, programs / "chatclient", server, ADDRESSES[host])
        client.stdin.write(name.encode() + b"\n")
        client.stdin.flush()
        until(f"{name} has joined", lambda: f"{name} with IP" in log())
        return client, said

    def type_line(client, line):
        client.stdin.write(line.encode() + b"\n")
        client.stdin.flush()

    ann, ann_said = join("client1", "ann")
    bob, bob_said = join("client2", "bob")

    def knows_bob():
        type_line(ann, "#ls")
        return re.search(r"ann.*bob", ann_said())

    until("ann knows bob", knows_bob)
    to_all, to_one = words
    type_line(ann, to_all)
    until("bob has heard it", lambda: f"ann: {to_all}" in bob_said())
    type_line(ann, f"@bob: {to_one}")
    until("bob has got it", lambda: to_one in bob_said())
    type_line(bob, "@ann: hi yourself")
    until("ann has got it", lambda: "hi yourself" in ann_said())
    for client in (ann, bob):
        client.stdin.close()
        client.wait()
    serving.terminate()
    serving.wait()


def windsor(network, file):
    """DHCP, ping, ARP and HTTP of the Windsor lab, from a laptop through the router."""
    (network.path / "page").mkdir()
    (network.path / "page/index.html").write_text("<h1>It works</h1>\n")
    network.start("outside", sys.executable, "-m", "http.server", "--bind", OUTSIDE, "--directory",
                  str(network.path / "page"), "80")
    dns = ADDRESSES["dnsserver"]
    network.start(
        "dnsserver", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root",
        "--no-resolv", "--no-hosts", "--interface=eth0", "--bind-interfaces", "--no-ping",
        f"--dhcp-leasefile={network.path}/leases", f"--pid-file={network.path}/dnsmasq.pid",
        "--dhcp-range=10.20.30.150,10.20.30.160,255.255.255.0,1h", "--dhcp-authoritative",
        f"--dhcp-option=option:router,{ADDRESSES['router']}",
        f"--dhcp-option=option:dns-server,{dns}")
    for host, port in (("outside", 80), ("dnsserver", 53)):
        until(f"port {port}", lambda: f":{port} " in network.run(host, "ss", "-Hltn") or None)
    until("DHCP", lambda: ":67 " in network.run("dnsserver", "ss", "-Hlun"))
    # Debian's own script would write this machine's /etc/resolv.conf.
    script = network.path / "lease"
    script.write_text("#!/bin/sh\n"
                      'case "$reason" in BOUND|RENEW|REBIND|REBOOT)\n'
                      "  ip address replace $new_ip_address/24 dev eth0\n"
                      "  ip route replace default via $new_routers ;;\n"
                      "PREINIT) ip link set eth0 up ;;\nesac\n")
    script.chmod(0o755)
    leases = network.path / "dhclient.leases"
    leases.touch()
    with network.capture("laptop", file):
        network.run("laptop", "dhclient", "-1", "-sf", str(script), "-lf", str(leases), "-pf",
                    str(network.path / "dhclient.pid"), "eth0")
        network.run("laptop", "ip", "neigh", "flush", "dev", "eth0")
        network.run("laptop", "ping", "-4", "-n", "-c", "2", "-i", "0.2", OUTSIDE)
        network.run("laptop", "curl", "--silent", "--fail", f"http://{OUTSIDE}/")
