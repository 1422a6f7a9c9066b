"""`make net-capture`: captures packets while a script does what students do.

Each capture begins before the first packet of interest and ends behind the last.
"""
import re
import struct
from contextlib import contextmanager
from itertools import count

import place
import programs
from check import OUTSIDE, PEOPLE, Chat, lease_anew
from programs import begin, build, demand, done, stage, sure, until

CHAT_PORT, HTTP_PORT = 5000, 80
FIN, RST, ACK = 1, 4, 16  # flags of TCP


class Capture:
    """tcpdump on a host, as a student starts it; the file has its name when it is complete."""

    def __init__(self, start, host, name):
        self.host, self.file = host, place.ROOT / "captures" / f"{name}.pcap"
        self.part = self.file.with_suffix(".part")
        self.tcpdump = start(host, "tcpdump", "--immediate-mode", "-i", "eth0", "-U", "-w",
                             f"/labs/captures/{self.part.name}", name="tcpdump")

    def packets(self):
        """The IPv4 packets of the whole frames that are in the file so far."""
        data = self.part.read_bytes()
        at, found = 24, []  # behind the file's header
        while at + 16 <= len(data):
            length, = struct.unpack_from("=I", data, at + 8)
            frame = data[at + 16:at + 16 + length]
            if len(frame) == length and frame[12:14] == b"\x08\x00":
                found.append(frame[14:])
            at += 16 + length
        return found

    def closed(self, port):
        """For each TCP connection with this port: whether both have closed it, and know that."""
        connections = {}  # for each end of each: what acknowledges its FIN; None if that has come
        for packet in self.packets():
            tcp = (packet[0] & 15) * 4
            if packet[9] != 6 or port not in struct.unpack_from("!HH", packet, tcp):
                continue
            sender = packet[12:16], packet[tcp:tcp + 2]
            receiver = packet[16:20], packet[tcp + 2:tcp + 4]
            number, acknowledged = struct.unpack_from("!II", packet, tcp + 4)
            data, flags = tcp + (packet[tcp + 12] >> 4) * 4, packet[tcp + 13]
            total, = struct.unpack_from("!H", packet, 2)
            ends = connections.setdefault(frozenset((sender, receiver)), {})
            if flags & FIN:
                ends.setdefault(sender, (number + total - data + 1) % 2**32)
            if flags & ACK and ends.get(receiver) == acknowledged:
                ends[receiver] = None
            if flags & RST:
                ends[sender] = ends[receiver] = None
        return [list(ends.values()) == [None, None] for ends in connections.values()]

    def wait_for_end(self, port, wanted):
        """Until the last packet of so many TCP connections is in the file."""
        def fact():
            closed = self.closed(port)
            seen = f"{len(closed)}, and {sum(closed)} are closed"
            return len(closed) == wanted and all(closed), seen
        until(fact, f"{self.host}: captured packets",
              f"{wanted} connections at port {port}, from SYN to the last ACK")

    def stop(self):
        """Ends tcpdump and gives the file its name; a file that has that name already is kept."""
        status = self.tcpdump.interrupt()
        said = self.tcpdump.output
        demand(status == 0 and "\n0 packets dropped by kernel" in said,
               f"{self.host}: Ctrl-C to tcpdump", "exit status 0, and no packet dropped", said)
        if self.file.exists():
            kept = self.unused_name()
            self.file.rename(kept)
            done(f"captures/{self.file.name} was there already: it is captures/{kept.name} now")
        self.part.rename(self.file)
        captured = re.search(r"(\d+) packets captured", said)[1]
        done(f"captures/{self.file.name}: {captured} packets, as seen by {self.host}")

    def unused_name(self):
        for number in count(1):
            name = self.file.with_name(f"{self.file.name}.kept-{number}")
            if not name.exists():
                return name


@contextmanager
def captures(hosts):
    """Captures on some hosts, {host: file name}, while the body of the `with` runs and succeeds."""
    sure(next(iter(hosts)), "mkdir", "-p", "captures")  # as the one who will write there
    with stage() as start:
        running = []
        try:
            for host, name in hosts.items():
                running.append(Capture(start, host, name))
            for capture in running:
                capture.tcpdump.expect("listening on eth0")
            done(f"tcpdump listens on {', '.join(hosts)}")
            yield {capture.host: capture for capture in running}
            for capture in running:
                capture.stop()
        finally:
            for capture in running:
                capture.part.unlink(missing_ok=True)


def capture_chat(addresses):
    begin("The chat: chatserver.pcap, client1.pcap, client2.pcap")
    with stage() as start, captures({"webserver": "chatserver", "client1": "client1",
                                     "client2": "client2"}) as files:
        room = Chat(start, addresses, "Rust")
        for name in PEOPLE:
            room.join(name, "Rust")
        for name in PEOPLE:
            room.to_all(name)
        room.to_one("ann", "bob")
        room.to_one("bob", "ann")
        room.to_one("eve", "ann")
        for name in reversed(PEOPLE):
            room.leave(name)
        done("ann, bob and eve have talked to all and to each other, and have left")
        for host, connections in ("webserver", len(PEOPLE)), ("client1", 1), ("client2", 1):
            files[host].wait_for_end(CHAT_PORT, connections)


def capture_windsor(addresses):
    begin("ping, DHCP, ARP and HTTP: windsor.pcap")
    with captures({"dhcphost": "windsor"}) as files:
        sure("dhcphost", "ping", "-c", "1", OUTSIDE)
        lease_anew(addresses)
        sure("dhcphost", "ping", "-c", "1", addresses.router)
        sure("dhcphost", "arp", "-d", addresses.router)
        sure("dhcphost", "ping", "-c", "1", addresses.router)
        sure("dhcphost", "curl", "--silent", "--show-error", "--fail", f"http://{OUTSIDE}/")
        done(f"ping {OUTSIDE}; dhclient -r, dhclient; arp -d {addresses.router}, ping; "
             f"curl http://{OUTSIDE}/")
        files["dhcphost"].wait_for_end(HTTP_PORT, 1)


def capture(net):
    """The captures that the questions are about, from an exchange with the solutions."""
    programs.use(net)
    addresses = net.addresses()
    build()
    capture_chat(addresses)
    capture_windsor(addresses)
    place.remember(addresses)
