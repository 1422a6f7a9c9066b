//! The questions about packets, in one table: what is asked, which packets show it, what is right.

use std::fmt;
use std::net::Ipv4Addr;

use crate::packets::evidence::{
    Conversation, Echo, Evidence, Offer, Opening, Owner, Place, RETRANSMITTED, Reply, Request,
    THROTTLED, Topic, Who, after,
};

/// Which assignment a question is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sheet {
    /// NTNU's lab 3, Q3 to Q12
    Ntnu,
    /// Windsor's lab 3, 1 to 4
    Windsor,
}

impl Sheet {
    /// Both, in the order in which they are told.
    pub const ALL: [Sheet; 2] = [Sheet::Ntnu, Sheet::Windsor];

    /// For a person.
    pub fn title(self) -> &'static str {
        match self {
            Sheet::Ntnu => "NTNU lab 3",
            Sheet::Windsor => "Windsor lab 3",
        }
    }
}

/// What an answer may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Number(u64),
    /// A number that is written in hexadecimal by custom, with four digits.
    Type(u64),
    Yes(bool),
    Address(Ipv4Addr),
    /// Any one of them, or all.
    Addresses(Vec<Ipv4Addr>),
    /// With colons, in small letters.
    Card(String),
    /// The flags of a TCP header that are set.
    Flags(u64),
    Protocol(&'static str),
}

/// The names of the flags, by their bits.
pub const FLAGS: [(u64, &str); 6] =
    [(0x01, "FIN"), (0x02, "SYN"), (0x04, "RST"), (0x08, "PSH"), (0x10, "ACK"), (0x20, "URG")];

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Type(number) => write!(f, "0x{number:04x}"),
            Value::Yes(true) => f.write_str("yes"),
            Value::Yes(false) => f.write_str("no"),
            Value::Address(address) => write!(f, "{address}"),
            Value::Addresses(addresses) => {
                let all: Vec<String> = addresses.iter().map(Ipv4Addr::to_string).collect();
                f.write_str(&all.join(", "))
            }
            Value::Card(mac) => f.write_str(mac),
            Value::Flags(bits) => {
                let names = FLAGS.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name);
                f.write_str(&names.collect::<Vec<_>>().join(", "))
            }
            Value::Protocol(name) => f.write_str(name),
        }
    }
}

/// The right answer, and the packet that shows it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub value: Value,
    /// None where no packet is needed.
    pub place: Option<Place>,
}

/// A wrong answer that is given often, and what it really is.
pub type Mistake = (Value, &'static str);

/// One question, or a part of it, that has one answer.
pub struct Question {
    /// Its name in answers.toml.
    pub key: &'static str,
    pub sheet: Sheet,
    /// Its number on the sheet.
    pub number: &'static str,
    /// What is to be written down, as a phrase.
    pub asks: &'static str,
    pub about: About,
    pub answer: fn(&Evidence) -> Option<Answer>,
    pub mistakes: fn(&Evidence) -> Vec<Mistake>,
}

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
    pub fn filter(self, evidence: &Evidence, who: &Who) -> String {
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
    pub fn missing(self, who: &Who) -> String {
        let port = who.port;
        match self {
            About::Syn => format!(
                "there is no SYN to port {port}. Capture on the server, and begin before the \
                 client starts: sudo tcpdump -i eth0 -w chatserver.pcap"
            ),
            About::SynAck => format!(
                "no SYNACK answers the SYN to port {port}. Start the server first, and capture \
                 on it: sudo tcpdump -i eth0 -w chatserver.pcap"
            ),
            About::Windows | About::Throttling | About::Retransmissions => format!(
                "there is no whole connection to port {port}: a SYN, its SYNACK and the ACK after \
                 it. Capture on the server, and begin before the client starts: \
                 sudo tcpdump -i eth0 -w chatserver.pcap"
            ),
            About::Datagram => format!(
                "there is no UDP datagram at port {port}. Capture on a client, and send a message \
                 to one other client, such as \"@bob: hello\": sudo tcpdump -i eth0 -w client1.pcap"
            ),
            About::Echo => "there is no echo request. Capture while you run `ping -4 -c 3 HOST`: \
                            sudo tcpdump -i eth0 -w windsor.pcap"
                .to_owned(),
            About::Dhcp => "there is no message of a DHCP client. Capture while you run `dhclient \
                            -r -v` and `dhclient`: sudo tcpdump -i eth0 -w windsor.pcap"
                .to_owned(),
            About::Offer => "there is no DHCP offer. A lease that is only renewed needs none: \
                             capture while you run `dhclient -r -v` and then `dhclient`"
                .to_owned(),
            About::Request => "there is no ARP request to all that asks for another host's card. \
                               Delete the router's entry with `ip neigh del ROUTER dev eth0` while \
                               you capture, then ping: sudo tcpdump -i eth0 -w windsor.pcap"
                .to_owned(),
            About::Reply => "no ARP reply answers the request. Ask for a host that is there, the \
                             router: `ip neigh del ROUTER dev eth0`, then ping"
                .to_owned(),
            About::Page => "there is no HTTP request in a frame with Ethernet addresses. Capture \
                            while you run `curl -4 http://HOST/` (https is encrypted): \
                            sudo tcpdump -i eth0 -w windsor.pcap"
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

const RELATIVE: &str = "is the relative number, which Wireshark counts from the connection's first \
                        one. The number in the packet is \"Sequence Number (raw)\" or \
                        \"Acknowledgment number (raw)\"";

/// All questions, in the order of the sheets.
pub const QUESTIONS: &[Question] = &[
    Question {
        key: "q3_sequence",
        sheet: Sheet::Ntnu,
        number: "Q3",
        asks: "sequence number of the SYN, raw",
        about: About::Syn,
        answer: |e| at(syn(e)?.place, Value::Number(syn(e)?.sequence)),
        mistakes: |e| {
            let mine = wrong(synack(e), |s| s.sequence, "is the SYNACK's");
            relative().chain(mine).chain(elsewhere(e, |s| s.sequence)).collect()
        },
    },
    Question {
        key: "q3_flags",
        sheet: Sheet::Ntnu,
        number: "Q3",
        asks: "flags that are set in the SYN, such as \"FIN, ACK\"",
        about: About::Syn,
        answer: |e| at(syn(e)?.place, Value::Flags(0x02)),
        mistakes: |_| {
            vec![(
                Value::Flags(0x12),
                "are those of the SYNACK: the first SYN has nothing to acknowledge",
            )]
        },
    },
    Question {
        key: "q4_sequence",
        sheet: Sheet::Ntnu,
        number: "Q4",
        asks: "sequence number of the SYNACK, raw",
        about: About::SynAck,
        answer: |e| at(synack(e)?.place, Value::Number(synack(e)?.sequence)),
        mistakes: |e| {
            relative()
                .chain(wrong(
                    syn(e),
                    |s| s.sequence,
                    "is the SYN's: each side begins with a number of its own",
                ))
                .chain(wrong(synack(e), |s| s.acknowledgment, "is the acknowledgment number"))
                .chain(elsewhere(e, |s| s.sequence))
                .collect()
        },
    },
    Question {
        key: "q4_acknowledgment",
        sheet: Sheet::Ntnu,
        number: "Q4",
        asks: "acknowledgment number of the SYNACK, raw",
        about: About::SynAck,
        answer: |e| at(synack(e)?.place, Value::Number(synack(e)?.acknowledgment)),
        mistakes: |e| {
            let own = "is one more than the SYNACK's own number; it acknowledges what the other \
                       side has sent";
            relative()
                .chain(wrong(
                    syn(e),
                    |s| s.sequence,
                    "is the SYN's own number. A SYN counts as one byte: the next one is expected",
                ))
                .chain(wrong(synack(e), |s| s.sequence, "is the SYNACK's own sequence number"))
                .chain(wrong(synack(e), |s| after(s.sequence), own))
                .chain(elsewhere(e, |s| s.acknowledgment))
                .collect()
        },
    },
    Question {
        key: "q4_flags",
        sheet: Sheet::Ntnu,
        number: "Q4",
        asks: "flags that are set in the SYNACK",
        about: About::SynAck,
        answer: |e| at(synack(e)?.place, Value::Flags(0x12)),
        mistakes: |_| {
            let half = "is half of it: a SYNACK has two flags set";
            vec![(Value::Flags(0x02), half), (Value::Flags(0x10), half)]
        },
    },
    Question {
        key: "q5_window",
        sheet: Sheet::Ntnu,
        number: "Q5",
        asks: "smallest window that the server advertises to the client, in bytes",
        about: About::Windows,
        answer: |e| {
            let smallest = whole(e)?.smallest?;
            at(smallest.place, Value::Number(smallest.size))
        },
        mistakes: |e| {
            let field = whole(e).and_then(|chosen| chosen.smallest).filter(|w| w.field != w.size);
            let unscaled = "is the field as it is in the packet. It has to be scaled: \"Calculated \
                            window size\"";
            wrong(field, |w| w.field, unscaled).collect()
        },
    },
    Question {
        key: "q5_throttled",
        sheet: Sheet::Ntnu,
        number: "Q5",
        asks: "did the lack of buffer ever throttle the client? true or false",
        about: About::Throttling,
        answer: |e| {
            let throttled = e.followed.as_ref()?.throttled;
            let file = whole(e)?.file;
            let place = throttled.map(|frame| Place { file, frame });
            Some(Answer { value: Value::Yes(throttled.is_some()), place })
        },
        mistakes: |_| Vec::new(),
    },
    Question {
        key: "q6_retransmissions",
        sheet: Sheet::Ntnu,
        number: "Q6",
        asks: "how many segments of the whole trace are retransmitted",
        about: About::Retransmissions,
        answer: |e| {
            let (file, followed) = (whole(e)?.file, e.followed.as_ref()?);
            let place = followed.first_retransmission.map(|frame| Place { file, frame });
            Some(Answer { value: Value::Number(followed.retransmissions), place })
        },
        mistakes: |_| Vec::new(),
    },
    Question {
        key: "q7_fields",
        sheet: Sheet::Ntnu,
        number: "Q7",
        asks: "how many fields the UDP header has",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::Number(4)),
        mistakes: |_| vec![(Value::Number(8), "is how many bytes the header has")],
    },
    Question {
        key: "q8_bytes",
        sheet: Sheet::Ntnu,
        number: "Q8",
        asks: "length of each field of the UDP header, in bytes",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::Number(2)),
        mistakes: |_| {
            vec![
                (Value::Number(8), "is the length of all fields together"),
                (Value::Number(16), "is the length in bits"),
            ]
        },
    },
    Question {
        key: "q9_length",
        sheet: Sheet::Ntnu,
        number: "Q9",
        asks: "the Length field of the UDP datagram that you have selected",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::Number(e.datagram?.length)),
        mistakes: |e| {
            let total = "is the total length of the IP packet; its header of 20 bytes is no part \
                         of the datagram";
            wrong(
                e.datagram,
                |d| d.length - HEADER,
                "is the payload alone: the Length field counts the header, too",
            )
            .chain(wrong(e.datagram, |d| d.total, total))
            .collect()
        },
    },
    Question {
        key: "q9_payload",
        sheet: Sheet::Ntnu,
        number: "Q9",
        asks: "bytes of payload in the same datagram",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::Number(e.datagram?.length - HEADER)),
        mistakes: |e| {
            wrong(e.datagram, |d| d.length, "is the Length field: header and payload").collect()
        },
    },
    Question {
        key: "q10_payload",
        sheet: Sheet::Ntnu,
        number: "Q10",
        asks: "the most bytes that a UDP payload can have, IP left aside",
        about: About::Nothing,
        answer: |_| always(Value::Number(65_535 - HEADER)),
        mistakes: |_| {
            vec![
                (
                    Value::Number(65_535),
                    "is the largest Length. It counts the header's 8 bytes, too",
                ),
                (
                    Value::Number(65_507),
                    "is the most that fits into a packet of IPv4, whose header takes 20 more \
                     bytes; the question leaves IP aside",
                ),
                (
                    Value::Number(65_536),
                    "is how many values 16 bits have; the largest is one less, and the header is \
                     in it",
                ),
            ]
        },
    },
    Question {
        key: "q11_port",
        sheet: Sheet::Ntnu,
        number: "Q11",
        asks: "the largest possible source port",
        about: About::Nothing,
        answer: |_| always(Value::Number(65_535)),
        mistakes: |_| {
            vec![(Value::Number(65_536), "is how many ports there are; they count from 0")]
        },
    },
    Question {
        key: "q12_protocol",
        sheet: Sheet::Ntnu,
        number: "Q12",
        asks: "UDP's protocol number in the IP header",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::Number(e.datagram?.protocol)),
        mistakes: |_| vec![(Value::Number(6), "is TCP's"), (Value::Number(1), "is ICMP's")],
    },
    Question {
        key: "w1a_source",
        sheet: Sheet::Windsor,
        number: "1A",
        asks: "source address of the first echo request",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Address(e.echo?.from)),
        mistakes: |e| address(e.echo, |echo| echo.to, "is the destination").collect(),
    },
    Question {
        key: "w1a_destination",
        sheet: Sheet::Windsor,
        number: "1A",
        asks: "destination address of the first echo request",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Address(e.echo?.to)),
        mistakes: |e| address(e.echo, |echo| echo.from, "is the source").collect(),
    },
    Question {
        key: "w1b_protocol",
        sheet: Sheet::Windsor,
        number: "1B",
        asks: "the upper layer's protocol number in its IP header",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Number(e.echo?.protocol)),
        mistakes: |_| {
            vec![
                (Value::Number(8), "is the type of the ICMP message"),
                (Value::Number(17), "is UDP's"),
                (Value::Number(0x0800), "is what Ethernet calls IPv4"),
            ]
        },
    },
    Question {
        key: "w1c_header",
        sheet: Sheet::Windsor,
        number: "1C",
        asks: "length of its IP header, in bytes",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Number(e.echo?.header)),
        mistakes: |e| {
            wrong(e.echo, |echo| echo.header / 4, "is the field, which counts words of 4 bytes")
                .collect()
        },
    },
    Question {
        key: "w1d_payload",
        sheet: Sheet::Windsor,
        number: "1D",
        asks: "bytes of payload in the IP packet",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Number(payload(e.echo?))),
        mistakes: |e| {
            wrong(e.echo, |echo| echo.total, "is the total length, with the header")
                .chain(wrong(
                    e.echo,
                    |echo| payload(echo).saturating_sub(8),
                    "is the payload of ICMP; IP's has ICMP's header of 8 bytes in it",
                ))
                .collect()
        },
    },
    Question {
        key: "w1e_ttl",
        sheet: Sheet::Windsor,
        number: "1E",
        asks: "its TTL",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Number(e.echo?.ttl)),
        mistakes: |_| Vec::new(),
    },
    Question {
        key: "w1f_version",
        sheet: Sheet::Windsor,
        number: "1F",
        asks: "value of the field that tells IPv4 from IPv6",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Number(e.echo?.version)),
        mistakes: |_| {
            vec![(
                Value::Number(0x45),
                "is the whole byte: the version, and the header's length in words",
            )]
        },
    },
    Question {
        key: "w2a_protocol",
        sheet: Sheet::Windsor,
        number: "2A",
        asks: "the transport protocol's number in the IP header of a DHCP message",
        about: About::Dhcp,
        answer: |e| at(e.dhcp?.place, Value::Number(e.dhcp?.protocol)),
        mistakes: |_| vec![(Value::Number(6), "is TCP's")],
    },
    Question {
        key: "w2a_source_port",
        sheet: Sheet::Windsor,
        number: "2A",
        asks: "the DHCP client's port",
        about: About::Dhcp,
        answer: |e| at(e.dhcp?.place, Value::Number(e.dhcp?.from_port)),
        mistakes: |_| vec![(Value::Number(67), "is the server's")],
    },
    Question {
        key: "w2a_destination_port",
        sheet: Sheet::Windsor,
        number: "2A",
        asks: "the DHCP server's port",
        about: About::Dhcp,
        answer: |e| at(e.dhcp?.place, Value::Number(e.dhcp?.to_port)),
        mistakes: |_| vec![(Value::Number(68), "is the client's")],
    },
    Question {
        key: "w2b_server",
        sheet: Sheet::Windsor,
        number: "2B",
        asks: "address of the DHCP server, in the offer",
        about: About::Offer,
        answer: |e| at(offer(e)?.place, Value::Address(offer(e)?.server?)),
        mistakes: |_| Vec::new(),
    },
    Question {
        key: "w2b_mask",
        sheet: Sheet::Windsor,
        number: "2B",
        asks: "subnet mask, in the offer",
        about: About::Offer,
        answer: |e| at(offer(e)?.place, Value::Address(offer(e)?.mask?)),
        mistakes: |_| Vec::new(),
    },
    Question {
        key: "w2b_router",
        sheet: Sheet::Windsor,
        number: "2B",
        asks: "address of the router, in the offer",
        about: About::Offer,
        answer: |e| at(offer(e)?.place, several(&offer(e)?.routers)?),
        mistakes: |_| Vec::new(),
    },
    Question {
        key: "w2b_dns",
        sheet: Sheet::Windsor,
        number: "2B",
        asks: "address of the DNS server, in the offer",
        about: About::Offer,
        answer: |e| at(offer(e)?.place, several(&offer(e)?.dns)?),
        mistakes: |_| Vec::new(),
    },
    Question {
        key: "w3a_type",
        sheet: Sheet::Windsor,
        number: "3A",
        asks: "upper layer protocol in the link layer header of the ARP broadcast",
        about: About::Request,
        answer: |e| at(request(e)?.place, Value::Type(request(e)?.kind)),
        mistakes: |_| {
            vec![(
                Value::Type(0x0800),
                "is ARP's own field \"Protocol type\": the kind of address that is asked about. \
                 The link layer header is Ethernet's; look at its field Type",
            )]
        },
    },
    Question {
        key: "w3a_broadcast",
        sheet: Sheet::Windsor,
        number: "3A",
        asks: "the broadcast MAC address",
        about: About::Request,
        answer: |e| at(request(e)?.place, Value::Card(request(e)?.destination.clone())),
        mistakes: |e| {
            let mut mistakes = vec![(
                Value::Card("00:00:00:00:00:00".into()),
                "is what ARP writes for the address that it does not know yet; the frame was \
                 sent to another one",
            )];
            mistakes.extend(card(request(e), |request| &request.sender_mac, "is the sender's"));
            mistakes
        },
    },
    Question {
        key: "w3a_target",
        sheet: Sheet::Windsor,
        number: "3A",
        asks: "IP address whose MAC address is asked for: the router's",
        about: About::Request,
        answer: |e| at(request(e)?.place, Value::Address(request(e)?.target)),
        mistakes: |e| {
            let other = |target| (Value::Address(target), "is asked for, too; the router is meant");
            let sender = address(request(e), |request| request.sender, "is who asks");
            sender.chain(e.other_targets().map(other)).collect()
        },
    },
    Question {
        key: "w3b_mac",
        sheet: Sheet::Windsor,
        number: "3B",
        asks: "MAC address of the ARP reply's sender",
        about: About::Reply,
        answer: |e| at(reply(e)?.place, Value::Card(reply(e)?.mac.clone())),
        mistakes: |e| {
            card(request(e), |request| &request.sender_mac, "is that of who asked").collect()
        },
    },
    Question {
        key: "w3b_ip",
        sheet: Sheet::Windsor,
        number: "3B",
        asks: "IP address of the ARP reply's sender",
        about: About::Reply,
        answer: |e| at(reply(e)?.place, Value::Address(reply(e)?.sender)),
        mistakes: |e| address(reply(e), |reply| reply.asker, "is that of who asked").collect(),
    },
    Question {
        key: "w4a_source",
        sheet: Sheet::Windsor,
        number: "4A",
        asks: "source MAC address of the HTTP request",
        about: About::Page,
        answer: |e| at(e.page()?.place, Value::Card(e.page()?.from_mac.clone())),
        mistakes: |e| card(e.page(), |page| &page.to_mac, "is the destination").collect(),
    },
    Question {
        key: "w4a_destination",
        sheet: Sheet::Windsor,
        number: "4A",
        asks: "destination MAC address of the HTTP request",
        about: About::Page,
        answer: |e| at(e.page()?.place, Value::Card(e.page()?.to_mac.clone())),
        mistakes: |e| card(e.page(), |page| &page.from_mac, "is the source").collect(),
    },
    Question {
        key: "w4b_servers",
        sheet: Sheet::Windsor,
        number: "4B",
        asks: "does that MAC address belong to the web server? true or false",
        about: About::Page,
        answer: |e| {
            let page = e.page()?;
            at(page.place, Value::Yes(e.owner(page)? == Owner::Server))
        },
        mistakes: |e| match e.page().and_then(|page| e.owner(page)) {
            Some(Owner::Router(_)) => vec![(
                Value::Yes(true),
                "would mean that the web server is on your own network. The ARP reply with this \
                 MAC address comes from another IP address: the router's",
            )],
            _ => Vec::new(),
        },
    },
    Question {
        key: "w4c_type",
        sheet: Sheet::Windsor,
        number: "4C",
        asks: "upper layer protocol in the link layer header of the HTTP request",
        about: About::Page,
        answer: |e| at(e.page()?.place, Value::Type(e.page()?.kind)),
        mistakes: |_| {
            vec![
                (
                    Value::Type(6),
                    "is TCP's number in the header of IP; Ethernet's header is before that",
                ),
                (Value::Type(0x0806), "is ARP"),
            ]
        },
    },
    Question {
        key: "w4c_protocol",
        sheet: Sheet::Windsor,
        number: "4C",
        asks: "name of the protocol that this value stands for",
        about: About::Page,
        answer: |e| {
            let page = e.page().filter(|page| page.kind == 0x0800)?;
            at(page.place, Value::Protocol("IPv4"))
        },
        mistakes: |_| {
            vec![(
                Value::Protocol("TCP"),
                "is what the header of IP says of its own upper layer, with the number 6. \
                 Ethernet's header says what comes right behind it",
            )]
        },
    },
];

/// Of UDP, in bytes.
const HEADER: u64 = 8;

fn at(place: Place, value: Value) -> Option<Answer> {
    Some(Answer { value, place: Some(place) })
}

fn always(value: Value) -> Option<Answer> {
    Some(Answer { value, place: None })
}

fn syn(evidence: &Evidence) -> Option<Opening> {
    evidence.chosen.as_ref()?.syn
}

fn synack(evidence: &Evidence) -> Option<Opening> {
    evidence.chosen.as_ref().filter(|chosen| chosen.syn.is_some())?.synack
}

fn whole(evidence: &Evidence) -> Option<&Conversation> {
    evidence.chosen.as_ref().filter(|chosen| chosen.is_whole())
}

fn offer(evidence: &Evidence) -> Option<&Offer> {
    evidence.offer.as_ref()
}

fn request(evidence: &Evidence) -> Option<&Request> {
    evidence.asked().map(|(request, _)| request)
}

fn reply(evidence: &Evidence) -> Option<&Reply> {
    evidence.asked()?.1
}

fn payload(echo: Echo) -> u64 {
    echo.total.saturating_sub(echo.header)
}

fn several(addresses: &[Ipv4Addr]) -> Option<Value> {
    (!addresses.is_empty()).then(|| Value::Addresses(addresses.to_vec()))
}

fn relative() -> impl Iterator<Item = Mistake> {
    [0, 1].into_iter().map(|number| (Value::Number(number), RELATIVE))
}

fn wrong<T>(
    packet: Option<T>,
    number: impl Fn(T) -> u64,
    why: &'static str,
) -> impl Iterator<Item = Mistake> {
    packet.map(|packet| (Value::Number(number(packet)), why)).into_iter()
}

/// The numbers of other connections, and how to ask about one of those.
fn elsewhere(
    evidence: &Evidence,
    number: impl Fn(Opening) -> u64,
) -> impl Iterator<Item = Mistake> {
    let why = "is of another connection in these files; --client or --stream asks about that one";
    evidence.others().map(move |opening| (Value::Number(number(opening)), why))
}

fn address<T>(
    packet: Option<T>,
    address: impl Fn(T) -> Ipv4Addr,
    why: &'static str,
) -> impl Iterator<Item = Mistake> {
    packet.map(|packet| (Value::Address(address(packet)), why)).into_iter()
}

fn card<'a, T>(
    packet: Option<&'a T>,
    mac: impl Fn(&'a T) -> &'a String,
    why: &'static str,
) -> impl Iterator<Item = Mistake> {
    packet.map(|packet| (Value::Card(mac(packet).clone()), why)).into_iter()
}
