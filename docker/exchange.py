"""What happens on the lab network when a script does the labs: `make net-check`, `make net-capture`.

Every step says what it does; the first that comes out otherwise ends it all with what was expected.
Nothing waits for a length of time: what must happen is waited for, up to LIMIT.
"""
import email
import email.policy
import ipaddress
import re
import secrets
import signal
import struct
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager

LIMIT = 30  # seconds until what must happen is given up; a slow machine needs some
SOLUTIONS = "/labs/solutions/target/debug"
TWINS = "/labs/tests/twins"
CHAT_PORT = 5000
WEB_PORT = 6789
ROUTER = "10.20.30.100"
OUTSIDE = ("www.example.com", "10.20.40.80")
DHCP_RANGE = ("10.20.30.150", "10.20.30.199")
FIN, RST, ACK = 1, 4, 16  # flags of TCP
PEOPLE = {"ann": ("client1", "10.20.30.11"), "bob": ("client2", "10.20.30.12"),
          "eve": ("client3", "10.20.30.13")}
MAIL_USER, MAIL_PASSWORD, MAIL_TO = "alice@ttm4200.com", "wonderland", "bob@ttm4200.com"


class Failed(Exception):
    """What was done, what was expected, and what came of it."""


def begin(title):
    print(f"\n{title}", flush=True)


def done(text):
    print(f"  ✓ {text}", flush=True)


def demand(true, did, expected, received):
    """Raises Failed unless the first is true."""
    if not true:
        raise Failed(f"it came out otherwise\n    did       {did}\n    expected  {expected}\n"
                     f"    received  {str(received).strip() or 'nothing'}")


# ---- programs on the hosts ----

def docker_exec(host, user, variables, directory):
    given = [word for name, value in (variables or {}).items() for word in ("--env", f"{name}={value}")]
    return ["docker", "exec", "--interactive", "--user", user, "--workdir", directory,
            "--env", "PYTHONUNBUFFERED=1", *given, f"socket-labs-{host}"]


def run(host, *command, user="student", variables=None, directory="/labs", limit=LIMIT, binary=False):
    """Runs a command on a host to its end; gives its exit status and all that it said."""
    try:
        ended = subprocess.run([*docker_exec(host, user, variables, directory), *command],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, timeout=limit, start_new_session=True)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{host}: {' '.join(command)}: has not ended within {limit} s; it said:\n"
                     f"{(late.stdout or b'').decode(errors='replace')}") from None
    return ended.returncode, ended.stdout if binary else ended.stdout.decode(errors="replace")


def sure(host, *command, **options):
    """What a command said that must succeed."""
    status, said = run(host, *command, **options)
    demand(status == 0, f"{host}: {' '.join(command)}", "exit status 0", f"exit status {status}: {said}")
    return said


def until(fact, did, expected):
    """Waits until fact() gives something true as its first value, and gives that back."""
    end = time.monotonic() + LIMIT
    while True:
        true, seen = fact()
        if true:
            return true
        demand(time.monotonic() < end, did, f"within {LIMIT} s, {expected}", seen)
        time.sleep(0.05)


class Program:
    """A program that runs on a host, with somebody who types and reads."""

    def __init__(self, host, *command, name=None, directory="/labs", user="student"):
        self.host, self.name, self.user = host, name or command[-1].rpartition("/")[2], user
        self.output, self.read = "", 0  # all that it said; how much of that was expected already
        self.ended = False
        self.news = threading.Condition()
        self.exec = subprocess.Popen(
            [*docker_exec(host, user, None, directory), "sh", "-c", 'echo $$; exec "$@" 2>&1', "sh", *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self.pid = self.exec.stdout.readline().decode().strip()
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()

    def __str__(self):
        return f"{self.host}: {self.name}"

    def listen(self):
        while piece := self.exec.stdout.read1():
            with self.news:
                self.output += piece.decode(errors="replace")
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def type(self, line):
        try:
            self.exec.stdin.write(line.encode() + b"\n")
            self.exec.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"{self}: has ended, and cannot be told {line!r}; it said:\n{self.output}") from None

    def expect(self, text):
        """Waits for a text behind the last one that was expected."""
        with self.news:
            self.news.wait_for(lambda: text in self.output[self.read:] or self.ended, LIMIT)
            demand(text in self.output[self.read:], f"waited for {self}", f"it says {text!r}",
                   f"{self.output[self.read:]!r}{', and then it ended' if self.ended else ''}")
            self.read = self.output.index(text, self.read) + len(text)

    def answer(self, line, form):
        """Types a line; gives the first match of a pattern in what comes after it."""
        with self.news:
            before = len(self.output)
        self.type(line)
        pattern = re.compile(form)
        with self.news:
            self.news.wait_for(lambda: pattern.search(self.output, before) or self.ended, LIMIT)
            found = pattern.search(self.output, before)
            demand(found, f"{self}: typed {line!r}", f"something like {form!r}", self.output[before:])
            return found

    def signal(self, name):
        run(self.host, "kill", f"-{name}", self.pid, user=self.user)

    def interrupt(self):
        """Ctrl-C; gives the exit status."""
        self.signal("INT")
        try:
            status = self.exec.wait(LIMIT)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self}: has not ended {LIMIT} s after Ctrl-C") from None
        self.reader.join(LIMIT)
        return status

    def close(self):
        """Ends it for sure, if it has not ended."""
        if self.exec.poll() is None:
            self.signal("KILL")
            self.exec.wait(LIMIT)
        self.reader.join(LIMIT)
        self.exec.stdin.close()


@contextmanager
def stage():
    """Gives a function that starts programs; all of them are ended behind the `with`."""
    with ExitStack() as programs:
        def start(*words, **options):
            # Interrupted between these two lines, nobody would know what to end. The thread that listens
            # to the program keeps this mask, so that only the main thread is ever interrupted.
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
            try:
                program = Program(*words, **options)
                programs.callback(program.close)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            return program
        yield start


def command(language, name):
    return {"Rust": [f"{SOLUTIONS}/{name}"], "Python": ["python3", f"{TWINS}/{name}.py"]}[language]


def build():
    begin("The solutions")
    sure("client1", "cargo", "build", "--locked", "--quiet", "--manifest-path", "solutions/Cargo.toml",
         "--features", "tls", limit=600)
    done("client1 has built them, and all hosts see them")


# ---- the chat ----

class Chat:
    """A server on webserver and one client for each of PEOPLE, as far as they have come."""

    def __init__(self, start, language):
        self.start, self.clients = start, {}
        self.server = start("webserver", *command(language, "chatserver"))
        self.server.expect("Waiting for connection...")

    def join(self, name, language):
        """A client starts, without arguments: it must find server and itself by their names."""
        host, address = PEOPLE[name]
        client = self.start(host, *command(language, "chatclient"), name=f"chatclient of {name} in {language}")
        client.expect("First enter your name to register it in the server: ")
        client.type(name)
        self.server.expect(f"{name} with IP address:{address}, has connected")
        self.clients[name] = client
        self.wait_for_roster()

    def wait_for_roster(self):
        """Until `#ls` shows every client who is there, and nobody else."""
        expected = {name: PEOPLE[name][1] for name in self.clients}
        for client in self.clients.values():
            def fact():
                shown = client.answer("#ls", r"\{.*\}|None")[0]
                users = dict(re.findall(r"['\"]?(\w+)['\"]?: ['\"]?([\d.]+)", shown))
                return users == expected, shown
            until(fact, f"{client}: typed #ls", f"the users {expected}")

    def to_all(self, name):
        text = f"hello all {secrets.token_hex(4)}"
        self.clients[name].type(text)
        for other, client in self.clients.items():
            if other != name:
                client.expect(f"incoming msg from chatserver ({name}: {text} ")

    def to_one(self, name, other):
        text = f"hello {other} {secrets.token_hex(4)}"
        self.clients[name].type(f"@{other}: {text}")
        self.clients[other].expect(f"Incoming msg (P2P) from {name}: {text}")
        for third, client in self.clients.items():
            demand(third == other or text not in client.output, f"{name} wrote to {other} directly",
                   f"{third} does not see it", client.output)

    def leave(self, name):
        status = self.clients.pop(name).interrupt()
        self.wait_for_roster()
        return status


def chat(server, clients):
    begin(f"A chat: the server in {server}, clients in {', '.join(clients)}")
    with stage() as start:
        room = Chat(start, server)
        done("webserver: chatserver waits for connections")
        for name, language in zip(PEOPLE, clients):
            room.join(name, language)
            done(f"{PEOPLE[name][0]}: {name} has found chat.ttm4200.com, and is in every roster")
        for name in PEOPLE:
            room.to_all(name)
        done("each of them to all, by way of the server over TCP")
        for name in PEOPLE:
            for other in PEOPLE:
                if name != other:
                    room.to_one(name, other)
        done("each of them to each other, directly over UDP; the third does not see it")
        room.leave("eve")
        done("Ctrl-C at client3: eve is in no roster any more")
        room.to_all("ann")
        done("and the others talk on")


# ---- the other parts of the network ----

def names(root):
    begin("Names")
    lines = [line.split() for line in (root / "docker/hosts").read_text().splitlines()]
    known = {line[0]: line[1:] for line in lines if line and not line[0].startswith("#")}
    for address, its_names in known.items():
        for name in its_names:
            said = sure("client1", "getent", "ahostsv4", name)
            demand(said.split()[0] == address, f"client1: looked {name} up", address, said)
        if address == PEOPLE["ann"][1]:
            continue  # client1 has its own name from /etc/hosts
        said = sure("client1", "getent", "hosts", address)
        demand(said.split()[1] == its_names[0], f"client1: looked {address} up", its_names[0], said)
    done(f"client1 finds {sum(map(len, known.values()))} names, and the names of {len(known) - 1} addresses")
    status, said = run("client1", "getent", "ahostsv4", "nobody.ttm4200.com")
    demand(status == 2, "client1: looked nobody.ttm4200.com up", "no such name", said)
    done("client1 does not find nobody.ttm4200.com")


def web(root, language):
    begin(f"The web server in {language} on webserver, seen from client1")
    with stage() as start:
        server = start("webserver", *command(language, "webserver"), directory="/labs/www")
        server.expect("Ready to serve...")
        files = sorted(file for file in (root / "www").iterdir() if file.is_file())
        for file in files:
            url = f"http://www.ttm4200.com:{WEB_PORT}/{file.name}"
            status, body = run("client1", "curl", "--silent", "--show-error", "--fail", url, binary=True)
            demand(status == 0 and body == file.read_bytes(), f"client1: curl {url}",
                   f"the {file.stat().st_size} bytes of www/{file.name}", body[:500])
        done(f"{len(files)} files, byte for byte")
        said = sure("client1", "curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}",
                    f"http://www.ttm4200.com:{WEB_PORT}/nothing.html")
        demand(said == "404", "client1: asked for /nothing.html", "404", said)
        done("404 for a file that is not there")


def mails():
    """All mails in the receiver's box, the oldest first."""
    status, box = run("mailserver", "cat", f"/var/mail/{MAIL_TO.partition('@')[0]}", user="mail", binary=True)
    if status:
        return []  # nobody has written yet
    return [email.message_from_bytes(mail.partition(b"\n")[2], policy=email.policy.default)
            for mail in re.split(rb"^From ", box, flags=re.MULTILINE)[1:]]


def mail(language):
    begin(f"Mail from client1 in {language}")
    subject, text = f"lab {secrets.token_hex(4)}", f"a letter {secrets.token_hex(4)}"
    variables = {"MAIL_USER": MAIL_USER, "MAIL_PASSWORD": MAIL_PASSWORD, "MAIL_TO": MAIL_TO,
                 "MAIL_SUBJECT": subject, "MAIL_BODY": text}
    sure("client1", *command(language, "mailclient"), variables=variables)
    last = (mails() or [None])[-1]
    demand(last and last["Subject"] == subject and last.get_content().strip() == text,
           "client1: mailclient, without arguments", f"a mail with the subject {subject!r} in bob's box", last)
    done("TLS with a verified certificate, user and password; the mail is in bob's box")
    count = len(mails())
    status, said = run("client1", *command(language, "mailclient"), "10.20.30.4", variables=variables)
    demand(status != 0 and len(mails()) == count, "client1: mailclient 10.20.30.4",
           "an error, since the certificate is for mail.ttm4200.com", f"exit status {status}: {said}")
    done("a server that shows a certificate for another name gets no mail")
    variables["MAIL_PASSWORD"] = "something else"
    status, said = run("client1", *command(language, "mailclient"), variables=variables)
    demand(status != 0 and "535" in said, "client1: mailclient with a wrong password", "535", said)
    done("a wrong password is refused")


def mac(host, address):
    """The hardware address of the interface with an IP address, and the interface's name."""
    lines = sure(host, "ip", "-4", "-o", "address", "show").splitlines()
    interface = next(line.split()[1] for line in lines if f" {address}/" in line)
    return sure(host, "cat", f"/sys/class/net/{interface}/address").strip(), interface


def router():
    begin("Through the router, from client1")
    name, address = OUTSIDE
    said = sure("client1", "ping", "-c", "1", name)
    demand(f"from {name} ({address})" in said and "ttl=63" in said, f"client1: ping {name}",
           f"an answer from {address} with a TTL of 64 - 1", said)
    done(f"ICMP: {name} answers, and the TTL is one less")
    said = sure("client1", "curl", "--silent", "--show-error", "--fail", f"http://{name}/")
    demand("the other side of the router" in said, f"client1: curl http://{name}/", "its page", said)
    done("HTTP: its page comes")
    sure("client1", "arp", "-d", ROUTER)
    said = sure("client1", "ip", "neighbour", "show", ROUTER)
    demand("lladdr" not in said, f"client1: arp -d {ROUTER}", "no entry", said)
    sure("client1", "ping", "-c", "1", name)
    said = sure("client1", "ip", "neighbour", "show", ROUTER)
    hardware, _ = mac("router", ROUTER)
    demand(f"lladdr {hardware}" in said, f"client1: ping {name}", f"{ROUTER} is at {hardware}", said)
    done("ARP: an entry that was deleted is back after the next ping")


def dhcp():
    begin("DHCP, on dhcphost")
    release()
    done("dhclient -r: the address is given back, and gone")
    address = renew()
    done(f"dhclient: {address}, from the range of the DHCP server")
    said = sure("dhcphost", "ip", "route")
    demand(f"default via {ROUTER}" in said, "dhcphost: dhclient", f"a default route via {ROUTER}", said)
    sure("dhcphost", "ping", "-c", "1", OUTSIDE[0])
    done("the router and the DNS server that came with it work")


def release():
    sure("dhcphost", "dhclient", "-r", "-v", "eth0", user="root")
    said = sure("dhcphost", "ip", "-4", "-o", "address", "show", "dev", "eth0")
    demand("inet" not in said, "dhcphost: dhclient -r", "no address", said)


def renew():
    """Asks for an address; gives it."""
    said = sure("dhcphost", "dhclient", "-v", "eth0", user="root")
    first, last = map(ipaddress.ip_address, DHCP_RANGE)
    found = re.search(r"bound to ([\d.]+)", said)
    demand(found and first <= ipaddress.ip_address(found[1]) <= last, "dhcphost: dhclient",
           f"an address from {first} to {last}", said)
    return found[1]


def check(root):
    """All parts of the lab network, and both our programs and the Python twins on it."""
    started = time.monotonic()
    build()
    names(root)
    chat("Rust", ["Rust", "Python", "Rust"])
    chat("Python", ["Python", "Rust", "Python"])
    for language in "Rust", "Python":
        web(root, language)
    for language in "Rust", "Python":
        mail(language)
    router()
    dhcp()
    print(f"\nAll is well on the lab network ({time.monotonic() - started:.0f} s).")


# ---- captures ----

class Capture:
    """tcpdump on a host, as a student starts it; the file has its name when it is complete."""

    def __init__(self, start, root, host, name):
        self.host, self.file = host, root / "captures" / f"{name}.pcap"
        self.part = self.file.with_suffix(".part")
        self.tcpdump = start(host, "tcpdump", "-i", "eth0", "-U", "-w", f"/labs/captures/{self.part.name}",
                             name="tcpdump")

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
        """For each TCP connection with this port, whether both have closed it and know of each other."""
        connections = {}  # for each end of each: the number that acknowledges its FIN, or None: done
        for packet in self.packets():
            tcp = (packet[0] & 15) * 4
            if packet[9] != 6 or port not in struct.unpack_from("!HH", packet, tcp):
                continue
            sender, receiver = (packet[12:16], packet[tcp:tcp + 2]), (packet[16:20], packet[tcp + 2:tcp + 4])
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

    def wait_for_end(self, port, count):
        """Until the last packet of so many TCP connections is in the file."""
        def fact():
            closed = self.closed(port)
            return len(closed) == count and all(closed), f"{len(closed)}, and {sum(closed)} are closed"
        until(fact, f"{self.host}: captured packets",
              f"{count} connections at port {port}, from SYN to the last ACK")

    def stop(self):
        """Ends tcpdump and gives the file its name; a file that has that name already is kept."""
        status = self.tcpdump.interrupt()
        said = self.tcpdump.output
        demand(status == 0 and "\n0 packets dropped by kernel" in said, f"{self.host}: Ctrl-C to tcpdump",
               "exit status 0, and that no packet was dropped", said)
        if self.file.exists():
            kept = next(name for number in range(1, 10_000)
                        if not (name := self.file.with_name(f"{self.file.name}.kept-{number}")).exists())
            self.file.rename(kept)
            done(f"captures/{self.file.name} was there already: it is captures/{kept.name} now")
        self.part.rename(self.file)
        captured = re.search(r"(\d+) packets captured", said)[1]
        done(f"captures/{self.file.name}: {captured} packets, as seen by {self.host}")


@contextmanager
def captures(root, hosts):
    """Captures on some hosts, {host: file name}, while the body of the `with` runs and succeeds."""
    sure(next(iter(hosts)), "mkdir", "-p", "captures")  # as the one who will write there
    with stage() as start:
        running = []
        try:
            for host, name in hosts.items():
                running.append(Capture(start, root, host, name))
            for capture in running:
                capture.tcpdump.expect("listening on eth0")
            done(f"tcpdump listens on {', '.join(hosts)}")
            yield {capture.host: capture for capture in running}
            for capture in running:
                capture.stop()
        finally:
            for capture in running:
                capture.part.unlink(missing_ok=True)


def capture_chat(root):
    begin("The chat: chatserver.pcap, client1.pcap, client2.pcap")
    with stage() as start, captures(root, {"webserver": "chatserver", "client1": "client1",
                                           "client2": "client2"}) as files:
        room = Chat(start, "Rust")
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
        for host, count in ("webserver", len(PEOPLE)), ("client1", 1), ("client2", 1):
            files[host].wait_for_end(CHAT_PORT, count)


def capture_windsor(root):
    begin("ping, DHCP, ARP and HTTP: windsor.pcap")
    with captures(root, {"dhcphost": "windsor"}) as files:
        sure("dhcphost", "ping", "-c", "1", OUTSIDE[0])
        release()
        renew()
        sure("dhcphost", "ping", "-c", "1", ROUTER)
        sure("dhcphost", "arp", "-d", ROUTER)
        sure("dhcphost", "ping", "-c", "1", ROUTER)
        sure("dhcphost", "curl", "--silent", "--show-error", "--fail", f"http://{OUTSIDE[0]}/")
        done(f"ping {OUTSIDE[0]}; dhclient -r, dhclient; arp -d {ROUTER}, ping; curl http://{OUTSIDE[0]}/")
        files["dhcphost"].wait_for_end(80, 1)


def capture(root):
    """The captures that the questions are about, from an exchange with the solutions."""
    build()
    capture_chat(root)
    capture_windsor(root)
