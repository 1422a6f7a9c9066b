"""Makes the captures of this directory anew, in network namespaces and with the chat programs of
solutions/.

usage: make.py        as root; needs iproute2, tcpdump, editcap (of wireshark-common), dnsmasq,
                      isc-dhcp-client, iputils-ping, curl

Addresses, ports, sequence numbers and times differ from run to run; tests look up what they expect.
The numbers in solutions/10-packets-answers.md and the drawings in docs/pictures are from these
captures: after making new ones, bring them up to date as the tests say.
"""
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from namespaces import ADDRESSES, Network, chat, needs, until, windsor  # noqa: E402

PROGRAMS = HERE.parent.parent / "solutions/target/debug"
CHAT = ("port", "5000 or port 9")  # port 9 is for the marker, which is taken out again
SERVER = ADDRESSES["webserver"]

# A server that greets each client, and reads what it is sent only when told to by a line.
SLUGGISH = """if True:
    import socket, sys
    family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((sys.argv[1], 5000))
    server.listen()
    print("ready", flush=True)
    while True:
        client, _ = server.accept()
        sys.stdin.readline()
        while client.recv(65536):
            pass
        client.close()
"""
# A client that sends so many bytes and leaves.
SENDER = """if True:
    import socket, sys
    with socket.create_connection((sys.argv[1], 5000)) as client:
        client.sendall(b"x" * int(sys.argv[2]))
"""


def sluggish(network, host, address, name):
    server, said = network.logged(host, name, sys.executable, "-c", SLUGGISH, address)
    until("the server", lambda: "ready" in said())
    return server


def reads(server):
    server.stdin.write(b"\n")
    server.stdin.flush()


def ends(process):
    process.terminate()
    process.wait()


def tcp(network, file, expression):
    """Whether tcpdump finds such a segment in a file that is being written."""
    found = subprocess.run(["tcpdump", "-n", "-r", str(file), expression], capture_output=True)
    return found.stdout


def throttled(network, file):
    """The server does not read, its buffer fills up, and the client has to wait."""
    server = sluggish(network, "webserver", SERVER, "throttled")
    with network.capture("webserver", file, *CHAT):
        client = network.start("client1", sys.executable, "-c", SENDER, SERVER, "20000")
        until("a window of 0", lambda: tcp(network, file, "src port 5000 and tcp[14:2] = 0"))
        reads(server)
        client.wait()
        until("the server's FIN", lambda: tcp(network, file, "src port 5000 and tcp[13] & 1 = 1"))
    ends(server)


def retransmitted(network, file):
    """What the client sends is lost for a while: the server's cable is pulled out."""
    server = sluggish(network, "webserver", SERVER, "retransmitted")
    port = list(ADDRESSES).index("webserver")
    with network.capture("client1", file, *CHAT):
        client = network.start("client1", sys.executable, "-c", f"""if True:
            import socket, sys
            client = socket.create_connection(("{SERVER}", 5000))
            sys.stdin.readline()
            client.sendall(b"lost, and found")
            client.close()
            """)
        until("the handshake", lambda: tcp(network, file, "src port 5000"))
        network.run("switch", "ip", "link", "set", f"port{port}", "down")
        reads(client)
        sent = "dst port 5000 and tcp[13] & 8 = 8"
        until("two tries", lambda: tcp(network, file, sent).count(b"\n") > 1)
        network.run("switch", "ip", "link", "set", f"port{port}", "up")
        reads(server)
        until("the server's FIN", lambda: tcp(network, file, "src port 5000 and tcp[13] & 1 = 1"))
        client.wait()
    ends(server)


def twice(network, file):
    """The capture begins in the middle of one conversation, and has all of the next."""
    server = sluggish(network, "webserver", SERVER, "twice")
    client = network.start("client1", sys.executable, "-c", f"""if True:
        import socket, sys
        client = socket.create_connection(("{SERVER}", 5000))
        for _ in range(2):
            sys.stdin.readline()
            client.sendall(b"again")
        client.close()
        """)
    until("the connection", lambda: "ESTAB" in network.run("client1", "ss", "-tn"))
    with network.capture("webserver", file, *CHAT):
        reads(client)
        reads(client)
        reads(server)
        client.wait()
        until("the first FIN", lambda: tcp(network, file, "src port 5000 and tcp[13] & 1 = 1"))
        reads(server)
        network.run("client1", sys.executable, "-c", SENDER, SERVER, "7")
        fins = "src port 5000 and tcp[13] & 1 = 1"
        until("the second FIN", lambda: tcp(network, file, fins).count(b"\n") > 1)
    ends(server)


def over_ipv6(network, file):
    server = sluggish(network, "outside", "::1", "ipv6")
    with network.capture("outside", file, *CHAT, card="lo"):
        reads(server)
        network.run("outside", sys.executable, "-c", SENDER, "::1", "5")
    ends(server)


def unreachable(network, file):
    """Only the complaint about a datagram that found nobody, in which a piece of it is quoted."""
    with network.capture("client1", file, "icmp", "or", "port", "9"):
        network.run("client1", sys.executable, "-c", f"""if True:
            import socket
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            client.connect(("{SERVER}", 5000))
            client.send(b"nobody there?")
            try:
                client.recv(1)
            except ConnectionRefusedError:
                pass
            """)


def loopback(network, file):
    with network.capture("outside", file, *CHAT, card="lo"):
        server = sluggish(network, "outside", "127.0.0.1", "loopback")
        reads(server)
        network.run("outside", sys.executable, "-c", SENDER, "127.0.0.1", "5")
        ends(server)


if __name__ == "__main__":
    needs("ip", "tcpdump", "editcap", "dnsmasq", "dhclient", "ping", "curl")
    with Network() as network:
        with network.capture("webserver", HERE / "chatserver.pcap", *CHAT), \
             network.capture("client1", HERE / "client1.pcap", *CHAT), \
             network.capture("client2", HERE / "client2.pcap", *CHAT):
            chat(network, PROGRAMS)
        with network.capture("laptop", HERE / "cooked.pcap", card="any"):
            windsor(network, HERE / "windsor.pcap")
        for make in (throttled, retransmitted, twice, over_ipv6, unreachable, loopback):
            make(network, HERE / f"{make.__name__}.pcap")
    chatserver = HERE / "chatserver.pcap"
    subprocess.run(["editcap", "-F", "pcapng", chatserver, HERE / "chatserver.pcapng"], check=True)
