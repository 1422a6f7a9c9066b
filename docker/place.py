"""Which lab network this is, whose it is, and which addresses it has.

Several can be up on one machine: each has a name (NET=name), names of its own for all that is part
of it, and two subnets that nobody else has. What is in force is what Docker says, not what is
written anywhere else.
"""
import ipaddress
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKOUT = "socket-labs.checkout"  # a label: the directory that a network was started from
HANDOUT = ("10.20.30.0/24", "10.20.40.0/24")  # the addresses that the handouts have
HOSTS = ["dnsserver", "webserver", "mailserver", "client1", "client2", "client3", "dhcphost",
         "router", "outside"]


class Trouble(Exception):
    """Why it cannot be done, and what to do about it."""


def output(*command):
    """What a command says, without the last newline. Raises CalledProcessError if it fails."""
    # A session of its own: Ctrl-C at the terminal is for us, and not for what we have begun.
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          start_new_session=True).stdout.strip()


def works(*command):
    return subprocess.run(command, capture_output=True, start_new_session=True).returncode == 0


class Place:
    """One lab network: all names in it begin with `project`."""

    def __init__(self, name=""):
        if name and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,19}", name):
            raise Trouble(f"NET={name} is no name for a network: 1 to 20 small letters, digits and "
                          "- are expected, such as NET=ann")
        self.name = name
        self.project = f"socket-labs-{name}" if name else "socket-labs"
        self.label = f"label=com.docker.compose.project={self.project}"

    def __str__(self):
        return f"The lab network {self.name}" if self.name else "The lab network"

    def make(self, target, **variables):
        """A command for this network, as a person types it."""
        words = [f"{name}={value}" for name, value in variables.items()]
        return " ".join(["make", target, *words, *([f"NET={self.name}"] if self.name else [])])

    def container(self, host):
        return f"{self.project}-{host}"

    def parts(self, kind):
        """The names of all that is part of it: kind is container, network or volume."""
        names = {"container": ["ps", "--all", "--format", "{{.Names}}"],
                 "network": ["network", "ls", "--format", "{{.Name}}"],
                 "volume": ["volume", "ls", "--format", "{{.Name}}"]}[kind]
        return sorted(output("docker", *names, "--filter", self.label).split())

    def owners(self):
        """The directories that parts of it were started from: one, or none if nothing is there."""
        asked = {"ps": ["ps", "--all"], "network": ["network", "ls"], "volume": ["volume", "ls"]}
        form = '{{.Label "%s"}}' % CHECKOUT
        said = [output("docker", *words, "--filter", self.label, "--format", form)
                for words in asked.values()]
        return sorted({line for text in said for line in text.splitlines() if line})

    def stranger(self):
        """The directory of somebody else whose network this is, or None."""
        return next((owner for owner in self.owners() if owner != str(ROOT)), None)

    def need_own(self):
        """Raises Trouble if this network belongs to another checkout: nothing of it is touched."""
        if owner := self.stranger():
            raise Trouble(f"{self} is that of another directory: {owner}. It is left alone. For one "
                          "of your own beside it, add a name: make net-up NET=mine (and NET=mine "
                          "in all other net- commands). To end that one, ask who works there")

    def subnets(self):
        """Its two subnets, or None if it is not up."""
        found = []
        for kind in "lab", "outside":
            asked = subprocess.run(["docker", "network", "inspect", "--format",
                                    "{{(index .IPAM.Config 0).Subnet}}", f"{self.project}_{kind}"],
                                   capture_output=True, text=True, start_new_session=True)
            if asked.returncode:
                return None
            found.append(asked.stdout.strip())
        return tuple(found)

    def addresses(self):
        return Addresses(*(self.subnets() or HANDOUT))


class Addresses:
    """Who is where. The last number of each address is that of the handouts."""

    def __init__(self, lab, outside):
        self.subnets = {"lab": lab, "outside": outside}
        self.lab, self.beyond = lab.rpartition(".")[0], outside.rpartition(".")[0]
        self.router, self.mailserver = f"{self.lab}.100", f"{self.lab}.4"
        self.outside = f"{self.beyond}.80"
        self.dhcp_range = f"{self.lab}.150", f"{self.lab}.199"
        self.clients = [f"{self.lab}.{number}" for number in (11, 12, 13)]

    def hosts(self):
        """{address: its names}, as the DNS server has them."""
        lines = [line.split() for line in hosts_file().splitlines()]
        prefixes = {"LAB": self.lab, "OUTSIDE": self.beyond}
        named = [line for line in lines if line and not line[0].startswith("#")]
        return {re.sub(r"^[A-Z]+", lambda found: prefixes[found[0]], line[0]): line[1:]
                for line in named}


def hosts_file():
    return (ROOT / "docker/hosts").read_text()


# ---- subnets that are free ----

def overlaps(subnet, other):
    try:
        return ipaddress.ip_network(subnet).overlaps(ipaddress.ip_network(other))
    except (TypeError, ValueError):  # IPv6, or a word such as "default"
        return False


def taken(place):
    """[(subnet, who has it)] of this machine, the network itself left out."""
    own = set(place.parts("network"))
    names = set(output("docker", "network", "ls", "--format", "{{.Name}}").split())
    everyone = json.loads(output("docker", "network", "inspect", *sorted(names))) if names else []
    found, bridges = [], set()
    for network in everyone:
        bridges.add(f"br-{network.get('Id', '')[:12]}")
        if network["Name"] not in own:
            subnets = [config.get("Subnet", "")
                       for config in (network["IPAM"] or {}).get("Config") or []]
            found += [(subnet, f"the Docker network {network['Name']}") for subnet in subnets]
    if shutil.which("ip"):
        for line in output("ip", "-4", "route", "show").splitlines():
            words = line.split()
            device = words[words.index("dev") + 1] if "dev" in words else "a route"
            if device not in bridges:
                found.append((words[0], f"this machine, on {device},"))
    return found


def choose(place, wanted):
    """Two free subnets: `wanted` (SUBNET=…) or the handouts' for the lab, if nobody has them."""
    if wanted:
        try:
            subnet = ipaddress.ip_network(wanted)
        except ValueError as error:
            raise Trouble(f"SUBNET={wanted}: {error}. A private subnet with 24 bits is expected, "
                          "such as SUBNET=10.77.30.0/24") from None
        if subnet.version != 4 or subnet.prefixlen != 24 or not subnet.is_private:
            raise Trouble(f"SUBNET={wanted}: a private IPv4 subnet with 24 bits is expected, such "
                          "as SUBNET=10.77.30.0/24")
    others = taken(place)

    def holder(subnet):
        return next((f"{who} has {other}" for other, who in others if overlaps(subnet, other)), None)

    if wanted:
        if who := holder(wanted):
            raise Trouble(f"The subnet {wanted} is in use: {who}. Give another SUBNET, or none: "
                          "then a free one is chosen")
        first, second, third = wanted.split(".")[:3]
        numbers = (str((int(third) + step) % 256) for step in range(10, 256))
        pairs = ((wanted, f"{first}.{second}.{number}.0/24") for number in numbers)
    else:
        private = [f"10.{number}" for number in range(20, 100)]
        private += [f"172.{number}" for number in range(16, 32)] + ["192.168"]
        pairs = ((f"{prefix}.30.0/24", f"{prefix}.40.0/24") for prefix in private)
    for pair in pairs:
        if not any(map(holder, pair)):
            return pair, None if wanted or pair == HANDOUT else holder(HANDOUT[0]) or holder(HANDOUT[1])
    raise Trouble("No two private subnets are free on this machine. `ip route` and `docker network "
                  "ls` show who has them; SUBNET=10.77.30.0/24 takes a certain one")


def remember(addresses):
    """Writes the subnets beside the captures: `make packets` looks there who is who."""
    directory = ROOT / "captures"
    directory.mkdir(exist_ok=True)
    lines = [f'{name} = "{subnet}"\n' for name, subnet in addresses.subnets.items()]
    (directory / "network.toml").write_text(
        "# The subnets of the lab network that these captures are from. Written by `make net-up`.\n"
        + "".join(lines))


def environment(place, addresses, image):
    """What docker/compose.yaml wants to know."""
    return os.environ | {"SOCKET_LABS_IMAGE": image, "SOCKET_LABS_PROJECT": place.project,
                         "SOCKET_LABS_CHECKOUT": str(ROOT), "SOCKET_LABS_LAB": addresses.lab,
                         "SOCKET_LABS_OUTSIDE": addresses.beyond}
