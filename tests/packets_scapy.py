"""The answers to the packet questions, computed once more: with scapy, and not with tshark.

usage: packets_scapy.py [RUNS]                                  as root; default: 10 runs
       packets_scapy.py CHATSERVER.pcap CLIENT1.pcap WINDSOR.pcap

Each run makes fresh captures in network namespaces, with the chat programs of solutions/, and lets
both answer. With three captures, these are what both answer from. Exit status: 0 all answers are
equal, 1 not so, 77 something is not installed here.
"""
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from namespaces import ADDRESSES, Network, chat, missing, needs, windsor

try:
    from scapy.all import ARP, DHCP, Dot1Q, ICMP, IP, TCP, UDP, Ether, Raw, RawPcapReader, RawPcapWriter
except ImportError:
    missing("the Python package scapy is missing")

ROOT = Path(__file__).resolve().parent.parent
LAB, PROGRAMS = ROOT / "target/debug/lab", ROOT / "solutions/target/debug"
SERVER, CLIENT, PEER, PORT = (*map(ADDRESSES.get, ("webserver", "client1", "client2")), 5000)
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


def packets(file):
    return [Ether(data) for data, _ in RawPcapReader(str(file))]


def first(all_packets, is_it):
    found = next((packet for packet in all_packets if is_it(packet)), None)
    return found if found is not None else sys.exit("an exchange is not in its capture")


def kind(frame):
    """What is in a frame: behind a VLAN tag, where there is one."""
    return frame[Dot1Q].type if Dot1Q in frame else frame.type


def flags(packet):
    return int(packet[TCP].flags)


def sends_again(segments):
    """How many segments have only bytes that their sender has sent before."""
    again, highest = 0, {}
    for segment in segments:
        tcp = segment[TCP]
        length = segment[IP].len - 4 * segment[IP].ihl - 4 * tcp.dataofs
        length += bool(flags(segment) & SYN) + bool(flags(segment) & FIN)
        sender = (segment[IP].src, tcp.sport, segment[IP].dst, tcp.dport)
        if not length:
            continue
        end = tcp.seq + length
        ahead = (end - highest.get(sender, tcp.seq)) % 2**32
        if 0 < ahead < 2**31:
            highest[sender] = end % 2**32
        else:
            again += 1
    return again


def scale(packet):
    return dict(option for option in packet[TCP].options if len(option) == 2).get("WScale")


def ntnu(server_file, client_file):
    at_server = [packet for packet in packets(server_file) if TCP in packet]
    syn = first(at_server, lambda p: p[IP].src == CLIENT and p[TCP].dport == PORT
                and flags(p) & (SYN | ACK) == SYN)
    mine = [p for p in at_server if {p[TCP].sport, p[TCP].dport} == {PORT, syn[TCP].sport}
            and CLIENT in (p[IP].src, p[IP].dst)]
    synack = first(mine, lambda p: p[IP].src == SERVER and flags(p) & (SYN | ACK) == SYN | ACK)
    shift = scale(synack) if None not in (scale(syn), scale(synack)) else 0
    advertised = [p for p in mine if p[IP].src == SERVER and not flags(p) & RST]
    windows = [p[TCP].window << (0 if flags(p) & SYN else shift) for p in advertised]
    datagram = first(packets(client_file), lambda p: UDP in p and PEER in (p[IP].src, p[IP].dst)
                     and PORT in (p[UDP].sport, p[UDP].dport))
    udp = bytes(datagram[UDP])
    header = udp[:len(udp) - len(datagram[UDP].payload)]
    return {
        "q3_sequence": syn[TCP].seq,
        "q3_flags": "SYN" if flags(syn) == SYN else hex(flags(syn)),
        "q4_sequence": synack[TCP].seq,
        "q4_acknowledgment": synack[TCP].ack,
        "q4_flags": "SYN, ACK" if flags(synack) == SYN | ACK else hex(flags(synack)),
        "q5_window": min(windows),
        "q5_throttled": "yes" if 0 in windows else "no",
        "q6_retransmissions": sends_again(at_server),
        "q7_fields": len(datagram[UDP].fields_desc),
        "q8_bytes": len(header) // len(datagram[UDP].fields_desc),
        "q9_length": struct.unpack("!H", udp[4:6])[0],
        "q9_payload": datagram[IP].len - 4 * datagram[IP].ihl - len(header),
        "q10_payload": 2**16 - 1 - len(header),
        "q11_port": 2**16 - 1,
        "q12_protocol": datagram[IP].proto,
    }


def windsor_answers(file):
    everything = packets(file)
    echo = first(everything, lambda p: ICMP in p and p[ICMP].type == 8)[IP]
    dhcp = first(everything, lambda p: DHCP in p and p[UDP].sport == 68)
    offer = first(everything, lambda p: DHCP in p and ("message-type", 2) in p[DHCP].options)
    options = {option[0]: option[1:] for option in offer[DHCP].options if isinstance(option, tuple)}
    router = options["router"][0]
    asks = first(everything, lambda p: ARP in p and p[ARP].op == 1 and p[ARP].pdst == router
                 and p.dst == "ff:ff:ff:ff:ff:ff")
    told = first(everything, lambda p: ARP in p and p[ARP].op == 2 and p[ARP].psrc == router)
    page = first(everything, lambda p: Raw in p and TCP in p and p[Raw].load.startswith(b"GET "))
    names = {0x0800: "IPv4", 0x0806: "ARP", 0x86DD: "IPv6"}
    owners = {p[ARP].hwsrc: p[ARP].psrc for p in everything if ARP in p and p[ARP].op == 2}
    return {
        "w1a_source": echo.src,
        "w1a_destination": echo.dst,
        "w1b_protocol": echo.proto,
        "w1c_header": 4 * echo.ihl,
        "w1d_payload": echo.len - 4 * echo.ihl,
        "w1e_ttl": echo.ttl,
        "w1f_version": echo.version,
        "w2a_protocol": dhcp[IP].proto,
        "w2a_source_port": dhcp[UDP].sport,
        "w2a_destination_port": dhcp[UDP].dport,
        "w2b_server": options["server_id"][0],
        "w2b_mask": options["subnet_mask"][0],
        "w2b_router": router,
        "w2b_dns": ", ".join(options["name_server"]),
        "w3a_type": f"0x{kind(asks):04x}",
        "w3a_broadcast": asks.dst,
        "w3a_target": asks[ARP].pdst,
        "w3b_mac": told[ARP].hwsrc,
        "w3b_ip": told[ARP].psrc,
        "w4a_source": page.src,
        "w4a_destination": page.dst,
        "w4b_servers": "yes" if owners[page.dst] == page[IP].dst else "no",
        "w4c_type": f"0x{kind(page):04x}",
        "w4c_protocol": names[kind(page)],
    }


def ours(*files):
    """What `lab packets` answers, by question."""
    done = subprocess.run([LAB, "packets", "--format", "json", *files], cwd=ROOT,
                          stdout=subprocess.PIPE, check=True)
    return {line["key"]: line["expected"] for line in json.loads(done.stdout)["lines"]}


def compare(server, client, other):
    """How many answers are equal; ends where one is not."""
    theirs = {**ntnu(server, client), **windsor_answers(other)}
    theirs = {key: str(value) for key, value in theirs.items()}
    files = [server, client, other]
    random.shuffle(files)
    found = ours(*files)
    for key in sorted({*found, *theirs}):
        if found.get(key) != theirs.get(key):
            sys.exit(f"{key}: lab packets says {found.get(key)}, scapy {theirs.get(key)}")
    return len(found)


def once(directory):
    server, client, other = (directory / f"{name}.pcap" for name in ("chatserver", "client1", "w"))
    words = [("".join(random.choices("abc déf", k=random.randint(1, 300))) + "!").strip()
             for _ in range(2)]
    chat_only = ("port", f"{PORT} or port 9")
    with Network() as network:
        with network.capture("webserver", server, *chat_only), \
             network.capture("client1", client, *chat_only):
            chat(network, PROGRAMS, words)
        windsor(network, other)
    return compare(server, client, other)


def recorded(name):
    """A recording in which there is more to see than in the exchanges above."""
    file = ROOT / "tests/captures" / f"{name}.pcap"
    segments = [packet for packet in packets(file) if TCP in packet]
    done = subprocess.run([LAB, "packets", "--sheet", "ntnu", "--format", "json", file], cwd=ROOT,
                          stdout=subprocess.PIPE)
    said = {line["key"]: line.get("expected") for line in json.loads(done.stdout)["lines"]}
    assert said["q6_retransmissions"] == str(sends_again(segments)), (name, said)
    closed = any(p[TCP].window == 0 and p[TCP].sport == PORT for p in segments)
    assert said["q5_throttled"] == ("yes" if closed else "no"), (name, said)


def tagged(file, directory):
    """The same capture, as seen on a wire that carries several LANs: each frame has a tag (802.1Q)."""
    tag = struct.pack("!HH", 0x8100, 30)
    copy = directory / file.name
    with RawPcapWriter(str(copy), linktype=1) as writer:
        writer.write_header(None)
        for data, meta in RawPcapReader(str(file)):
            writer.write_packet(data[:12] + tag + data[12:], sec=meta.sec, usec=meta.usec)
    return copy


def with_tags():
    """How many answers are the same where every frame has a tag."""
    captures = [ROOT / "tests/captures" / f"{name}.pcap" for name in ("chatserver", "client1", "windsor")]
    with tempfile.TemporaryDirectory() as directory:
        return compare(*(tagged(file, Path(directory)) for file in captures))


def main(*arguments):
    if len(arguments) == 3:
        files = [Path(file).resolve() for file in arguments]
        return print(f"{compare(*files)} answers are equal")
    needs("ip", "tcpdump", "tshark", "dnsmasq", "dhclient", "ping", "curl")
    for name in ("throttled", "retransmitted", "chatserver", "twice"):
        recorded(name)
    print(f"with VLAN tags: {with_tags()} answers are equal", flush=True)
    for run in range(1, int(arguments[0] if arguments else 10) + 1):
        with tempfile.TemporaryDirectory() as directory:
            print(f"run {run}: {once(Path(directory))} answers are equal", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
