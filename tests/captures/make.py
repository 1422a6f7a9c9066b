"""Makes the captures of this directory anew, in network namespaces and with the programs of solutions/.

usage: make.py        as root; needs iproute2, tcpdump, dnsmasq, isc-dhcp-client, iputils-ping, curl

Addresses, ports, sequence numbers and times differ from run to run; tests look up what they expect.
"""
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from namespaces import ADDRESSES, Network, chat, needs, windsor  # noqa: E402

PROGRAMS = HERE.parent.parent / "solutions/target/debug"

if __name__ == "__main__":
    needs("ip", "tcpdump", "dnsmasq", "dhclient", "ping", "curl")
    with Network() as network:
        with network.capture("webserver", HERE / "chatserver.pcap", "port", "5000 or port 9"), \
             network.capture("client1", HERE / "client1.pcap", "port", "5000 or port 9"), \
             network.capture("client2", HERE / "client2.pcap", "port", "5000 or port 9"):
            chat(network, PROGRAMS)
        windsor(network, HERE / "windsor.pcap")
