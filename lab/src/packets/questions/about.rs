//! Which packets a question is about: how to see them, and how to capture them.

use crate::packets::evidence::{Evidence, RETRANSMITTED, THROTTLED, Topic, Wanted};

/// The packets that a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Syn,
    SynAck,
    Windows,
    Throttling,
    Retransmissions,
    Datagram,
    Echo,
    Dhcp,
    Offer,
    Request,
    Reply,
    Page,
    /// Its answer follows from the protocol.
    Nothing,
}

impl About {
    /// The packets as a display filter.
    pub fn filter(self, evidence: &Evidence, who: &Wanted) -> String {
        let port = who.port;
        let chosen = evidence.chosen.as_ref();
        let (client, server, stream) = match chosen {
            Some(chosen) => (
                chosen.client.ip().to_string(),
                chosen.server.ip().to_string(),
                format!(" && {}", chosen.filter()),
            ),
            None => ("CLIENT".to_owned(), "SERVER".to_owned(), String::new()),
        };
        match self {
            About::Syn => format!(
                "ip.src=={client} && tcp.dstport=={port} && tcp.flags.syn==1 && \
                 tcp.flags.ack==0{stream}"
            ),
            About::SynAck => format!(
                "ip.src=={server} && tcp.srcport=={port} && tcp.flags.syn==1 && \
                 tcp.flags.ack==1{stream}"
            ),
            About::Windows => {
                format!("ip.src=={server} && tcp.srcport=={port} && tcp.flags.reset==0{stream}")
            }
            About::Throttling => format!("({THROTTLED}){stream}"),
            About::Retransmissions => RETRANSMITTED.to_owned(),
            About::Datagram => match evidence.datagram {
                Some(datagram) => {
                    format!("udp.port=={port} && ip.addr=={} && !icmp", datagram.to)
                }
                None => format!("udp.port=={port} && !icmp"),
            },
            About::Echo => "icmp.type==8".to_owned(),
            About::Dhcp => "dhcp && udp.srcport==68".to_owned(),
            About::Offer => "dhcp.option.dhcp==2".to_owned(),
            About::Request => "arp.opcode==1 && eth.dst==ff:ff:ff:ff:ff:ff".to_owned(),
            About::Reply => "arp.opcode==2".to_owned(),
            About::Page => "http.request && tcp".to_owned(),
            About::Nothing => String::new(),
        }
    }

    /// What tshark is to show of them.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            About::Syn => &["tcp.seq_raw", "tcp.flags", "tcp.flags.str"],
            About::SynAck => &["tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.flags.str"],
            About::Windows => &["tcp.window_size"],
            About::Throttling => &["tcp.analysis.zero_window", "tcp.analysis.window_full"],
            About::Retransmissions => &["tcp.stream", "tcp.seq_raw", "tcp.len"],
            About::Datagram => &[
                "udp.srcport",
                "udp.dstport",
                "udp.length",
                "udp.checksum",
                "data.len",
                "ip.len",
                "ip.hdr_len",
                "ip.proto",
            ],
            About::Echo => {
                &["ip.src", "ip.dst", "ip.proto", "ip.hdr_len", "ip.len", "ip.ttl", "ip.version"]
            }
            About::Dhcp => &["ip.proto", "udp.srcport", "udp.dstport"],
            About::Offer => &[
                "dhcp.option.dhcp_server_id",
                "dhcp.option.subnet_mask",
                "dhcp.option.router",
                "dhcp.option.domain_name_server",
            ],
            About::Request => &["eth.type", "eth.dst", "arp.dst.proto_ipv4"],
            About::Reply => &["arp.src.hw_mac", "arp.src.proto_ipv4"],
            About::Page => &["eth.src", "eth.dst", "eth.type", "ip.proto"],
            About::Nothing => &[],
        }
    }

    /// What is missing, and how to capture it.
    pub fn missing(self, who: &Wanted) -> String {
        let port = who.port;
        match self {
            About::Syn => format!(
                "there is no SYN to port {port}. Capture on the server, and begin before the \
                 client starts: tcpdump --immediate-mode -i eth0 -U -w chatserver.pcap"
            ),
            About::SynAck => format!(
                "no SYNACK answers the SYN to port {port}. Start the server first, and capture \
                 on it: tcpdump --immediate-mode -i eth0 -U -w chatserver.pcap"
            ),
            About::Windows | About::Throttling | About::Retransmissions => format!(
                "there is no whole connection to port {port}: a SYN, its SYNACK and the ACK after \
                 it. Capture on the server, and begin before the client starts: \
                 tcpdump --immediate-mode -i eth0 -U -w chatserver.pcap"
            ),
            About::Datagram => format!(
                "there is no UDP datagram at port {port}. Capture on a client, and send a message \
                 to one other client, such as \"@bob: hello\": tcpdump --immediate-mode -i eth0 -U -w client1.pcap"
            ),
            About::Echo => "there is no echo request. Capture while you run `ping -4 -c 3 HOST`: \
                            tcpdump --immediate-mode -i eth0 -U -w windsor.pcap"
                .to_owned(),
            About::Dhcp => "there is no message of a DHCP client. Capture while you run `dhclient \
                            -r -v` and `dhclient`: tcpdump --immediate-mode -i eth0 -U -w windsor.pcap"
                .to_owned(),
            About::Offer => "there is no DHCP offer. A lease that is only renewed needs none: \
                             capture while you run `dhclient -r -v` and then `dhclient`"
                .to_owned(),
            About::Request => "there is no ARP request to all that asks for another host's card. \
                               Delete the router's entry with `arp -d ROUTER` while \
                               you capture, then ping: tcpdump --immediate-mode -i eth0 -U -w windsor.pcap"
                .to_owned(),
            About::Reply => "no ARP reply answers the request. Ask for a host that is there, the \
                             router: `arp -d ROUTER`, then ping"
                .to_owned(),
            About::Page => "there is no HTTP request in a frame with Ethernet addresses. Capture \
                            while you run `curl -4 http://HOST/` (https is encrypted): \
                            tcpdump --immediate-mode -i eth0 -U -w windsor.pcap"
                .to_owned(),
            About::Nothing => String::new(),
        }
    }

    /// What of IPv6 may be there instead.
    pub fn topic(self) -> Option<Topic> {
        match self {
            About::Syn | About::SynAck => Some(Topic::Chat),
            About::Windows | About::Throttling | About::Retransmissions => Some(Topic::Chat),
            About::Datagram => Some(Topic::Direct),
            About::Echo => Some(Topic::Ping),
            About::Dhcp | About::Offer => Some(Topic::Dhcp),
            About::Request | About::Reply => Some(Topic::Arp),
            About::Page => Some(Topic::Web),
            About::Nothing => None,
        }
    }

    /// Whether the question is about Ethernet's header.
    pub fn needs_ethernet(self) -> bool {
        matches!(self, About::Request | About::Reply | About::Page)
    }
}
