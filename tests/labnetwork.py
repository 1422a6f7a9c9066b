"""What docker/net says where something is missing: no Docker, an old Compose, a subnet in use, …

Docker itself is played by a script that answers as Docker does, so that every case can be had on
every machine; .ci/run has the real one.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# For each case: the answers of `docker` (the arguments, as in a shell's `case`; what is said; the
# exit status), those of `docker-compose`, the command, what must be said, and, where they matter, the
# routes of this machine.
VERSION = ("version *", "20.10.24", 0)
NO_PLUGIN = ("compose *", "docker: 'compose' is not a docker command.", 1)
PLUGIN = ("compose version *", "v2.24.5", 0)
NOTHING = [("ps *", "", 0), ("network ls *", "", 0), ("volume ls *", "", 0)]
# Nothing of the lab network's own is there; other networks are, as the case says.
EMPTY = [("ps *", "", 0), ("network ls *--filter*", "", 0), ("volume ls *", "", 0),
         ("network inspect --format *", "Error: No such network", 1)]
OTHER = ('[{"Name": "bridge", "IPAM": {"Config": null}}, '
         '{"Name": "other", "IPAM": {"Config": [{"Subnet": "10.20.0.0/16"}]}}]')
NO_IMAGE = [("image inspect *", "No such image", 1),
            ("pull *", "dial tcp: lookup registry.example.com: no such host", 1)]
CASES = {
    "no Docker": (None, None, ["up"], "Docker is missing. Install Docker Engine"),
    "not allowed": (
        [("version *", "permission denied while trying to connect to the Docker daemon socket", 1)],
        None, ["up"], "usermod -aG docker"),
    "no daemon": (
        [("version *", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", 1)],
        None, ["down"], "The Docker daemon does not run. Start it: sudo systemctl start docker"),
    "no Compose": ([VERSION, NO_PLUGIN], None, ["up"],
                   "Docker Compose is missing. Install the plugin"),
    "old Compose": ([VERSION, NO_PLUGIN], [("version *", "1.25.0", 0)], ["up"],
                    "Docker Compose 1.25 is too old: 1.27 or newer is needed"),
    "subnet of another Docker network": (
        [VERSION, PLUGIN, *EMPTY, ("network ls *", "bridge other", 0),
         ("network inspect bridge other", OTHER, 0), *NO_IMAGE], None, ["up"],
        "the Docker network other has 10.20.0.0/16, so the lab network gets 10.21.30.0/24 and "
        "10.21.40.0/24 instead"),
    "subnet of this machine's own network": (
        [VERSION, PLUGIN, *EMPTY, ("network ls *", "", 0), *NO_IMAGE], None, ["up"],
        "this machine, on eth0, has 10.20.30.0/24, so the lab network gets 10.21.30.0/24",
        ["10.20.30.0/24 dev eth0 proto kernel scope link src 10.20.30.7"]),
    "a wider network of this machine": (
        [VERSION, PLUGIN, *EMPTY, ("network ls *", "", 0), *NO_IMAGE], None, ["up"],
        "this machine, on tun0, has 10.0.0.0/8, so the lab network gets 172.16.30.0/24",
        ["default via 192.0.2.1 dev eth0", "10.0.0.0/8 via 192.0.2.9 dev tun0"]),
    "a subnet that is given, and in use": (
        [VERSION, PLUGIN, *EMPTY, ("network ls *", "bridge other", 0),
         ("network inspect bridge other", OTHER, 0)], None, ["up", "--subnet", "10.20.77.0/24"],
        "The subnet 10.20.77.0/24 is in use: the Docker network other has 10.20.0.0/16. Give "
        "another SUBNET, or none"),
    "a subnet that is none": ([VERSION, PLUGIN, *EMPTY], None, ["up", "--subnet", "10.20.30.5/24"],
                              "SUBNET=10.20.30.5/24: 10.20.30.5/24 has host bits set. A private "
                              "subnet with 24 bits is expected"),
    "a public subnet": ([VERSION, PLUGIN, *EMPTY], None, ["up", "--subnet", "8.8.8.0/24"],
                        "SUBNET=8.8.8.0/24: a private IPv4 subnet with 24 bits is expected"),
    "a name that is none": ([], None, ["--net", "Ann B", "up"],
                            "NET=Ann B is no name for a network: 1 to 20 small letters"),
    **{f"{' '.join(command)} of another directory": (
        [VERSION, PLUGIN, ("ps *", "/somewhere/else", 0), ("network *", "", 0),
         ("volume *", "", 0)], None, command,
        "The lab network is that of another directory: /somewhere/else. It is left alone")
       for command in (["up"], ["down"], ["shell", "client1"], ["check"], ["capture"],
                       ["run", "client1", "chatclient", "skeletons", ""])},
    "down of another directory with NET": (
        [VERSION, ("ps *", "/somewhere/else", 0), ("network *", "", 0), ("volume *", "", 0)], None,
        ["--net", "ann", "down"], "or, if you are sure, here: make net-down FORCE=1 NET=ann"),
    "no image and no registry": (
        [VERSION, PLUGIN, *EMPTY, ("network ls *", "", 0), *NO_IMAGE], None, ["up"],
        "The image debian:bookworm-slim is not here and cannot be fetched, see above. If this host "
        "reaches a Debian mirror, make it: sudo docker/base-images.sh"),
    "not up": ([VERSION, *NOTHING], None, ["status"],
               "The lab network is not up. Start it: make net-up"),
    "nothing to end": ([VERSION, *NOTHING], None, ["down"],
                       "The lab network is not up: there is nothing to end"),
    "a host that is down": ([VERSION, *NOTHING, ("inspect *", "false", 0)], None,
                            ["shell", "client1"],
                            "The host client1 is not up. Start the lab network: make net-up"),
    "an unknown host": ([], None, ["shell", "client9"],
                        "There is no host client9. There are: dnsserver,"),
    "no host": ([], None, ["run", "", "chatserver", "skeletons", ""],
                "Which host? HOST=client1, for example"),
    "an unknown command": ([], None, ["restart"], "usage: net [--net NAME] up"),
}
SUCCEED = {"nothing to end"}


def play(directory, name, answers):
    """Writes a program that gives these answers; to anything else it says so and fails."""
    lines = ["#!/bin/sh", 'case "$*" in']
    for number, (arguments, said, status) in enumerate(answers):
        (directory / f"{name}-{number}").write_text(said + "\n")
        output = "" if status == 0 else " >&2"
        pattern = arguments.replace(" ", "\\ ")
        lines.append(f"{pattern}) /bin/cat {directory}/{name}-{number}{output}; exit {status} ;;")
    lines += [f'*) echo "{name} $*: not expected here" >&2; exit 99 ;;', "esac"]
    program = directory / name
    program.write_text("\n".join(lines) + "\n")
    program.chmod(0o755)


def impatient():
    """Ctrl-C from Docker's first answer to the end of the program: never a traceback."""
    for milliseconds in range(60):
        with tempfile.TemporaryDirectory(prefix="socket-labs-") as directory:
            directory = stage(directory)
            asked = directory / "asked"
            (directory / "docker").write_text(f"#!/bin/sh\n: >{asked}\n")
            (directory / "docker").chmod(0o755)
            process = subprocess.Popen([ROOT / "docker/net", "status"], env={"PATH": str(directory)},
                                       text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            while not asked.exists() and process.poll() is None:
                time.sleep(0.001)
            time.sleep(milliseconds / 1000)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=60)[0]
        if "Traceback" in said:
            sys.exit(f"Ctrl-C {milliseconds} ms after the first answer: a traceback is no message:\n{said}")


def stage(directory):
    """What PATH has beside the programs that are played."""
    directory = Path(directory)
    (directory / "python3").symlink_to(shutil.which(sys.executable))
    (directory / "env").symlink_to("/usr/bin/env")
    return directory


def main():
    impatient()
    for case, (docker, compose, command, expected, *routes) in CASES.items():
        with tempfile.TemporaryDirectory(prefix="socket-labs-") as directory:
            directory = stage(directory)
            for name, answers in ("docker", docker), ("docker-compose", compose):
                if answers is not None:
                    play(directory, name, answers)
            if routes:
                play(directory, "ip", [("-4 route show", "\n".join(routes[0]), 0)])
            said = subprocess.run([ROOT / "docker/net", *command], env={"PATH": str(directory)},
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=60)
        if expected not in said.stdout or (said.returncode == 0) != (case in SUCCEED):
            sys.exit(f"{case}: expected {expected!r}; exit status {said.returncode}, and it said:\n"
                     f"{said.stdout}")
    print(f"docker/net says what is missing in {len(CASES)} cases")


main()
