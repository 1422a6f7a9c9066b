"""A student's path through handouts 09 and 10, from a clone or a kit to marked answers, as who is not root.

usage: network_student.py CLONE      run it as the one whom CLONE belongs to. In a kit the programs in
                                     skeletons/ are run, which must be done

Every command comes from a console block of the handouts: the test ends if they have one that it does
not know, or no longer have one that it types. The network must be down before and is down after.
"""
import re
import sys
import time
from pathlib import Path

from terminal import Terminal

CLONE = Path(sys.argv[1]).resolve()
SET = f"SET={'solutions' if (CLONE / 'solutions').is_dir() else 'skeletons'}"
PROMPT = r"[\w-]+@{host}:[^\n]*[#$] ?$"
# Commands that the handouts show, and that another test types or that are for another machine.
ELSEWHERE = {"export MAIL_USER=alice@ttm4200.com MAIL_PASSWORD=wonderland MAIL_TO=bob@ttm4200.com"}
typed = set()


def handout(name):
    text = (CLONE / "docs" / name).read_text()
    blocks = re.findall(r"^ *```\n(.*?)^ *```", text, re.S | re.M)
    shown = re.findall(r"^ *(?:\$|\w+@\w+:[^\s$#]+[$#]) (.+)$", "\n".join(blocks), re.M)
    return [line.strip() for line in shown]


def known(command):
    """A command that a handout has, noted as typed."""
    if command not in COMMANDS:
        sys.exit(f"No handout has the command {command!r} any more; they have:\n" + "\n".join(COMMANDS))
    typed.add(command)
    return command


def run(command, limit=120, wanted=0):
    terminal = Terminal("sh", "-c", command, cwd=CLONE)
    status = terminal.wait(limit)
    if status != wanted:
        sys.exit(f"{command}: exit status {status}:\n{terminal.said}")
    return terminal.said


def window(command, extra=""):
    """A new terminal window in which a command of the handouts is typed."""
    return Terminal("sh", "-c", f"exec {known(command)} {extra}", cwd=CLONE)


def shell(host, root=False):
    """A shell on a host; client2 is like client1, which the handout shows."""
    command = known(f"make net-shell HOST={host.replace('client2', 'client1')}{' ROOT=1' * root}")
    terminal = Terminal("sh", "-c", "exec " + command.replace("client1", host), cwd=CLONE)
    terminal.expect(PROMPT.format(host=host))
    terminal.host = host
    return terminal


def at(terminal, command, form=None):
    """Types a command at a shell's prompt; waits for the pattern, or for the next prompt."""
    terminal.type(command)
    terminal.expect(re.escape(command[-20:]))
    found = terminal.expect(form) if form else None
    if not form:
        terminal.expect(PROMPT.format(host=terminal.host))
    return found


def leave(*terminals):
    for terminal in terminals:
        terminal.end()


def tcpdump(host, name):
    terminal = shell(host)
    at(terminal, known_capture(name), "listening on eth0")
    return terminal


def known_capture(name):
    """The handout shows the command for one host of the chat; the others differ in the file's name."""
    command = "tcpdump --immediate-mode -i eth0 -U -w captures/chatserver.pcap"
    if name == "windsor":
        return known(command.replace("chatserver", name))
    return known(command).replace("chatserver", name)


def captured(terminal):
    terminal.ctrl_c()
    count = terminal.expect(r"(\d+) packets captured")[1]
    terminal.expect(r"\n0 packets dropped by kernel")
    terminal.expect(PROMPT.format(host=terminal.host))
    leave(terminal)
    return int(count)


def chat():
    """Milestones 3 and 4: the chat on four hosts, captured on three of them."""
    dumps = {name: tcpdump(host, name) for host, name in
             (("webserver", "chatserver"), ("client1", "client1"), ("client2", "client2"))}
    server = window("make net-run HOST=webserver LAB=chatserver", SET)
    server.expect("Waiting for connection")
    people = {"ann": "client1", "bob": "client2", "eve": "client3"}
    clients = {}
    for name, host in people.items():
        command = "make net-run HOST=client1 LAB=chatclient"
        command = known(command).replace('client1', host)
        clients[name] = Terminal("sh", "-c", f"exec {command} {SET}", cwd=CLONE)
        clients[name].expect("First enter your name")
        clients[name].type(name)
        server.expect(f"{name} with IP address:")
        clients[name].expect(">")
    seen = ""
    while '"eve":' not in seen:  # the roster comes when it comes; a person types it again, too
        clients["ann"].type("#ls")
        seen = clients["ann"].expect(r"\{[^}]*\}")[0]
    clients["ann"].type("hello")
    clients["bob"].expect(r"incoming msg from chatserver \(ann: hello")
    clients["ann"].type("@bob: only you")
    clients["bob"].expect(r"Incoming msg \(P2P\) from ann: only you")
    clients["bob"].type("@ann: me too")
    clients["ann"].expect(r"Incoming msg \(P2P\) from bob: me too")
    for name in ("eve", "bob", "ann"):
        clients[name].ctrl_c()
        clients[name].wait()
    server.ctrl_c()
    server.wait()
    print("  the chat:", {name: captured(dump) for name, dump in dumps.items()}, flush=True)


def windsor():
    """The commands of the table, in its order, on the host that has its address by DHCP."""
    dump = tcpdump("dhcphost", "windsor")
    root = shell("dhcphost", root=True)
    rows = re.findall(r"^\| \d, \w+ \| (.+) \|$",
                      (CLONE / "docs/09-chat-in-the-network.md").read_text(), re.M)
    gateway = re.search(r"default via ([\d.]+)", docker_exec("dhcphost", "ip", "route"))[1]
    for command in re.findall(r"`([^`]+)`", " ".join(rows)):
        at(root, command.replace("10.20.30.100", gateway) + "; echo status $?")
        if not re.search(r"status 0\s", root.said[-400:]):
            sys.exit(f"{command}:\n{root.said}")
    leave(root)
    print("  dhcphost:", captured(dump), "packets", flush=True)


def docker_exec(host, *words):
    return run("docker exec socket-labs-" + host + " " + " ".join(words))


def mail_and_web():
    variables = next(iter(ELSEWHERE)).removeprefix("export ")
    typed.update(ELSEWHERE)
    run(f"{variables} {known('make net-run HOST=client1 LAB=mailclient')} {SET}")
    box = shell("mailserver", root=True)
    at(box, known("setpriv --reuid=mail cat /var/mail/bob"), "I love computer networks!")
    leave(box)
    server = window("make net-run HOST=webserver LAB=webserver", SET)
    server.expect("Ready to serve")
    client = shell("client1")
    at(client, known("curl -i http://www.ttm4200.com:6789/hello.txt"), "200 OK")
    # A window that is closed ends what ran in it, and gives its port back.
    server.close_window()
    end = time.monotonic() + 20
    while docker_exec("webserver", "sh -c 'pgrep -x webserver || true'").strip():
        if time.monotonic() > end:
            sys.exit("The window is closed, and the web server runs on")
        time.sleep(0.2)
    server.end()
    leave(client)


def marks():
    """Handout 10: answers are marked with the captures made above."""
    client = shell("client1")
    files = " ".join(f"captures/{name}.pcap" for name in ("chatserver", "client1", "windsor"))
    terminal_command = f"make packets FILES=\"{files}\""
    at(client, terminal_command, r"q12_protocol")
    client.expect(PROMPT.format(host="client1"))
    if re.search(r"no packets|cannot", client.said[client.said.index("q3"):] if "q3" in client.said else ""):
        sys.exit(f"not all questions have their packets:\n{client.said}")
    leave(client)


COMMANDS = handout("09-chat-in-the-network.md")
start = time.monotonic()
run("make net-up", 900)
print(f"net-up: {time.monotonic() - start:.1f} s", flush=True)
try:
    for part in chat, windsor, mail_and_web, marks:
        begin = time.monotonic()
        part()
        print(f"{part.__name__}: {time.monotonic() - begin:.1f} s", flush=True)
finally:
    begin = time.monotonic()
    run("make net-down")
    print(f"net-down: {time.monotonic() - begin:.1f} s", flush=True)
if missing := set(COMMANDS) - typed:
    sys.exit(f"The handout shows commands that nobody has typed here: {sorted(missing)}")
print(f"{len(typed)} commands of the handouts, from clone to answers in "
      f"{time.monotonic() - start:.0f} s")
