"""What docker/net says where something is missing: no Docker, an old Compose, a subnet in use, …

Docker itself is played by a script that answers as Docker does, so that every case can be had on
every machine; .ci/run has the real one.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# For each case: the answers of `docker` (the arguments, as in a shell's `case`; what is said; the
# exit status), those of `docker-compose`, the command, and what must be said.
VERSION = ("version *", "20.10.24", 0)
NO_PLUGIN = ("compose *", "docker: 'compose' is not a docker command.", 1)
PLUGIN = ("compose version *", "v2.24.5", 0)
NOTHING = [("ps *", "", 0), ("network ls *", "", 0), ("volume ls *", "", 0)]
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
    "subnet of another network": (
        [VERSION, PLUGIN, ("ps *", "", 0), ("network ls *--filter*", "", 0),
         ("network ls *", "bridge other", 0), ("network inspect bridge other",
          '[{"Name": "bridge", "IPAM": {"Config": null}}, '
          '{"Name": "other", "IPAM": {"Config": [{"Subnet": "10.20.0.0/16"}]}}]', 0)],
        None, ["up"], "the Docker network other has 10.20.0.0/16. If nobody needs that network: "
                      "docker network rm other"),
    "up from another directory": (
        [VERSION, PLUGIN, ("ps *", "/somewhere/else/docker", 0)], None, ["up"],
        "The lab network is up already, for /somewhere/else. End it there, or here, with: make "
        "net-down"),
    "no image and no registry": (
        [VERSION, PLUGIN, *NOTHING, ("image inspect *", "No such image", 1),
         ("pull *", "dial tcp: lookup registry-1.docker.io: no such host", 1)], None, ["up"],
        "The image debian:bookworm-slim is not here and cannot be fetched, see above. If this host "
        "reaches a Debian mirror, make it: sudo docker/base-images.sh"),
    "not up": ([VERSION, *NOTHING], None, ["status"],
               "The lab network is not up. Start it: make net-up"),
    "nothing to end": ([VERSION, *NOTHING], None, ["down"],
                       "The lab network is not up: there is nothing to end"),
    "a host that is down": ([VERSION, ("inspect *", "false", 0)], None, ["shell", "client1"],
                            "The host client1 is not up. Start the lab network: make net-up"),
    "an unknown host": ([], None, ["shell", "client9"],
                        "There is no host client9. There are: dnsserver,"),
    "no host": ([], None, ["run", "", "chatserver", "skeletons", ""],
                "Which host? HOST=client1, for example"),
    "an unknown command": ([], None, ["restart"], "usage: net up"),
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


def main():
    for case, (docker, compose, command, expected) in CASES.items():
        with tempfile.TemporaryDirectory(prefix="socket-labs-") as directory:
            directory = Path(directory)
            (directory / "python3").symlink_to(shutil.which(sys.executable))
            (directory / "env").symlink_to("/usr/bin/env")
            for name, answers in ("docker", docker), ("docker-compose", compose):
                if answers is not None:
                    play(directory, name, answers)
            said = subprocess.run([ROOT / "docker/net", *command], env={"PATH": str(directory)},
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=60)
        if expected not in said.stdout or (said.returncode == 0) != (case in SUCCEED):
            sys.exit(f"{case}: expected {expected!r}; exit status {said.returncode}, and it said:\n"
                     f"{said.stdout}")
    print(f"docker/net says what is missing in {len(CASES)} cases")


main()
