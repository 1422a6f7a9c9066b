"""`make net-check`: does the labs on the lab network, with our programs and with the Python twins.

Every step says what it has done; the first that comes out otherwise ends it.
"""
import email
import email.policy
import ipaddress
import re
import secrets
import time

import place
import programs
from interrupts import say
from programs import begin, build, command, demand, done, run, stage, sure, until

WEB_PORT = 6789
OUTSIDE = "www.example.com"
PEOPLE = {"ann": "client1", "bob": "client2", "eve": "client3"}
MAIL_USER, MAIL_PASSWORD, MAIL_TO = "alice@ttm4200.com", "wonderland", "bob@ttm4200.com"


class Chat:
    """A server on webserver and one client for each of PEOPLE, as far as they have come."""

    def __init__(self, start, addresses, language):
        self.start, self.clients = start, {}
        self.addresses = dict(zip(PEOPLE, addresses.clients))
        self.server = start("webserver", *command(language, "chatserver"))
        self.server.expect("Waiting for connection...")

    def join(self, name, language):
        """A client starts, without arguments: it must find server and itself by their names."""
        host, address = PEOPLE[name], self.addresses[name]
        client = self.start(host, *command(language, "chatclient"),
                            name=f"chatclient of {name} in {language}")
        client.expect("First enter your name to register it in the server: ")
        client.type(name)
        self.server.expect(f"{name} with IP address:{address}, has connected")
        self.clients[name] = client
        self.wait_for_roster()

    def wait_for_roster(self):
        """Until `#ls` shows every client who is there, and nobody else."""
        expected = {name: self.addresses[name] for name in self.clients}
        for client in self.clients.values():
            def fact():
                shown = client.answer("#ls", r"\{.*\}|None")[0]
                users = dict(re.findall(r"['\"]?(\w+)['\"]?: ?['\"]?([\d.]+)", shown))
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


def chat(addresses, server, clients):
    begin(f"A chat: the server in {server}, clients in {', '.join(clients)}")
    with stage() as start:
        room = Chat(start, addresses, server)
        done("webserver: chatserver waits for connections")
        for name, language in zip(PEOPLE, clients):
            room.join(name, language)
            done(f"{PEOPLE[name]}: {name} has found chat.ttm4200.com, and is in every roster")
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


def names(addresses):
    begin("Names")
    known = addresses.hosts()
    for address, its_names in known.items():
        for name in its_names:
            said = sure("client1", "getent", "ahostsv4", name)
            demand(said.split()[0] == address, f"client1: looked {name} up", address, said)
        if address == addresses.clients[0]:
            continue  # client1 has its own name from /etc/hosts
        said = sure("client1", "getent", "hosts", address)
        demand(said.split()[1] == its_names[0], f"client1: looked {address} up", its_names[0], said)
    done(f"client1 finds {sum(map(len, known.values()))} names, "
         f"and the names of {len(known) - 1} addresses")
    for host in place.HOSTS[:7]:
        said = sure("client2", "getent", "ahostsv4", host)
        demand(said.startswith(addresses.lab), f"client2: looked {host} up", "its address", said)
        own = sure(host, "getent", "ahostsv4", host)
        demand(own.startswith(addresses.lab), f"{host}: looked itself up", "its address", own)
    done("short names work, too, that of dhcphost included")
    status, said = run("client1", "getent", "ahostsv4", "nobody.ttm4200.com")
    demand(status == 2, "client1: looked nobody.ttm4200.com up", "no such name", said)
    done("client1 does not find nobody.ttm4200.com")


def web(language):
    begin(f"The web server in {language} on webserver, seen from client1")
    with stage() as start:
        server = start("webserver", *command(language, "webserver"), directory="/labs/www")
        server.expect("Ready to serve...")
        files = sorted(file for file in (place.ROOT / "www").iterdir() if file.is_file())
        for file in files:
            url = f"http://www.ttm4200.com:{WEB_PORT}/{file.name}"
            status, body = run("client1", "curl", "--silent", "--show-error", "--fail", url,
                               binary=True)
            demand(status == 0 and body == file.read_bytes(), f"client1: curl {url}",
                   f"the {file.stat().st_size} bytes of www/{file.name}", body[:500])
        done(f"{len(files)} files, byte for byte")
        said = sure("client1", "curl", "--silent", "--output", "/dev/null", "--write-out",
                    "%{http_code}", f"http://www.ttm4200.com:{WEB_PORT}/nothing.html")
        demand(said == "404", "client1: asked for /nothing.html", "404", said)
        done("404 for a file that is not there")


def mails():
    """All mails in the receiver's box, the oldest first."""
    file = f"/var/mail/{MAIL_TO.partition('@')[0]}"
    status, box = run("mailserver", "cat", file, user="mail", binary=True)
    if status:
        return []  # nobody has written yet
    return [email.message_from_bytes(mail.partition(b"\n")[2], policy=email.policy.default)
            for mail in re.split(rb"^From ", box, flags=re.MULTILINE)[1:]]


def mail(addresses, language):
    begin(f"Mail from client1 in {language}")
    subject, text = f"lab {secrets.token_hex(4)}", f"a letter {secrets.token_hex(4)}"
    variables = {"MAIL_USER": MAIL_USER, "MAIL_PASSWORD": MAIL_PASSWORD, "MAIL_TO": MAIL_TO,
                 "MAIL_SUBJECT": subject, "MAIL_BODY": text}
    sure("client1", *command(language, "mailclient"), variables=variables)
    last = (mails() or [None])[-1]
    demand(last and last["Subject"] == subject and last.get_content().strip() == text,
           "client1: mailclient, without arguments",
           f"a mail with the subject {subject!r} in bob's box", last)
    done("TLS with a verified certificate, user and password; the mail is in bob's box")
    count = len(mails())
    status, said = run("client1", *command(language, "mailclient"), addresses.mailserver,
                       variables=variables)
    demand(status != 0 and len(mails()) == count, f"client1: mailclient {addresses.mailserver}",
           "an error, since the certificate is for mail.ttm4200.com",
           f"exit status {status}: {said}")
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


def router(addresses):
    begin("Through the router, from client1")
    name, address, gateway = OUTSIDE, addresses.outside, addresses.router
    said = sure("client1", "ping", "-c", "1", name)
    demand(f"from {name} ({address})" in said and "ttl=63" in said, f"client1: ping {name}",
           f"an answer from {address} with a TTL of 64 - 1", said)
    done(f"ICMP: {name} answers, and the TTL is one less")
    said = sure("client1", "curl", "--silent", "--show-error", "--fail", f"http://{name}/")
    demand("other side of the router" in said, f"client1: curl http://{name}/", "its page", said)
    done("HTTP: its page comes")
    sure("client1", "arp", "-d", gateway)
    said = sure("client1", "ip", "neighbour", "show", gateway)
    demand("lladdr" not in said, f"client1: arp -d {gateway}", "no entry", said)
    sure("client1", "ping", "-c", "1", name)
    said = sure("client1", "ip", "neighbour", "show", gateway)
    hardware, _ = mac("router", gateway)
    demand(f"lladdr {hardware}" in said, f"client1: ping {name}", f"{gateway} is at {hardware}",
           said)
    done("ARP: an entry that was deleted is back after the next ping")


def dhcp(addresses):
    begin("DHCP, on dhcphost")
    address = lease_anew(addresses)
    done("dhclient -r: the address is given back, and gone")
    done(f"dhclient: {address}, from the range of the DHCP server")
    said = sure("dhcphost", "ip", "route")
    demand(f"default via {addresses.router}" in said, "dhcphost: dhclient",
           f"a default route via {addresses.router}", said)
    sure("dhcphost", "ping", "-c", "1", OUTSIDE)
    done("the router and the DNS server that came with it work")


def lease_anew(addresses):
    """Gives the address back and asks for one. Whoever interrupts that leaves a host that has an address."""
    try:
        release()
        return renew(addresses)
    except BaseException:
        run("dhcphost", "dhclient", "eth0", user="root")
        raise


def release():
    sure("dhcphost", "dhclient", "-r", "-v", "eth0", user="root")
    said = sure("dhcphost", "ip", "-4", "-o", "address", "show", "dev", "eth0")
    demand("inet" not in said, "dhcphost: dhclient -r", "no address", said)


def renew(addresses):
    """Asks for an address; gives it."""
    said = sure("dhcphost", "dhclient", "-v", "eth0", user="root")
    first, last = map(ipaddress.ip_address, addresses.dhcp_range)
    found = re.search(r"bound to ([\d.]+)", said)
    demand(found and first <= ipaddress.ip_address(found[1]) <= last, "dhcphost: dhclient",
           f"an address from {first} to {last}", said)
    return found[1]


def check(net):
    """All parts of the lab network, and both our programs and the Python twins on it."""
    started = time.monotonic()
    programs.use(net)
    addresses = net.addresses()
    build()
    names(addresses)
    chat(addresses, "Rust", ["Rust", "Python", "Rust"])
    chat(addresses, "Python", ["Python", "Rust", "Python"])
    for language in "Rust", "Python":
        web(language)
    for language in "Rust", "Python":
        mail(addresses, language)
    router(addresses)
    dhcp(addresses)
    say(f"\nAll is well on the lab network ({time.monotonic() - started:.0f} s).")
