"""How much memory `lab packets` needs for a short capture and for a long one.

usage: packets_big.py [MEGABYTES]     default: 100, beside 10

The captures are made up: one conversation, whose segments carry 1400 bytes. Prints what was
measured. Exit status: 0 the long one needs little more, 1 not so, 77 tshark is missing.
"""
import json
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent / "target/debug/lab"
CLIENT, SERVER, PORTS = bytes([10, 20, 30, 11]), bytes([10, 20, 30, 3]), (40000, 5000)
SYN, ACK, PSH_ACK, FIN_ACK = 0x02, 0x10, 0x18, 0x11
PAYLOAD = 1400
ALLOWED = 60_000  # kB; 90 MB more in the file are 100,000 packets


def frame(to_server, sequence, acknowledged, flags, payload=b""):
    ends = (CLIENT, SERVER) if to_server else (SERVER, CLIENT)
    ports = PORTS if to_server else PORTS[::-1]
    tcp = struct.pack("!HHIIBBHHH", *ports, sequence, acknowledged, 0x50, flags, 64000, 0, 0)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0, *ends)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + tcp + payload


def make(path, megabytes):
    with open(path, "wb", buffering=1 << 20) as file:
        count = 0

        def put(*arguments):
            nonlocal count
            data = frame(*arguments)
            count += 1
            when = (count // 100_000, count % 100_000 * 10)
            file.write(struct.pack("<IIII", *when, len(data), len(data)) + data)

        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        put(True, 1000, 0, SYN)
        put(False, 5000, 1001, SYN | ACK)
        put(True, 1001, 5001, ACK)
        sequence = 1001
        while file.tell() < megabytes * 1_000_000:
            put(True, sequence, 5001, PSH_ACK, b"x" * PAYLOAD)
            sequence = (sequence + PAYLOAD) % 2**32
            put(False, 5001, sequence, ACK)
        put(True, sequence, 5001, FIN_ACK)
        put(False, 5001, (sequence + 1) % 2**32, FIN_ACK)
        put(True, (sequence + 1) % 2**32, 5002, ACK)


def measure(path):
    """The greatest memory of any process, in kB, and the answers: in a Python of its own."""
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stderr=sys.stderr); " \
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script, LAB, "packets", "--sheet", "ntnu", "--format", "json", path],
        stdout=subprocess.PIPE, text=True, check=True)
    answers, most = done.stdout.rsplit("\n", 2)[0], int(done.stdout.rsplit("\n", 2)[1])
    lines = {line["key"]: line for line in json.loads(answers)["lines"]}
    assert lines["q4_acknowledgment"]["expected"] == "1001", lines
    assert lines["q6_retransmissions"].get("expected") == "0", lines["q6_retransmissions"]
    return most, time.monotonic() - start


if __name__ == "__main__":
    if not shutil.which("tshark"):
        print("tshark is missing, so this is not tried", file=sys.stderr)
        sys.exit(77)
    long = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    peaks = []
    with tempfile.TemporaryDirectory() as directory:
        for megabytes in (10, long):
            path = Path(directory) / f"{megabytes}.pcap"
            make(path, megabytes)
            most, took = measure(path)
            peaks.append(most)
            said = f"at most {most / 1000:.0f} MB of memory, {took:.1f} s"
            print(f"{megabytes} MB: {said}", flush=True)
            path.unlink()
    if peaks[1] > peaks[0] + ALLOWED * long / 100:
        sys.exit("a long capture needs much more memory than a short one")
