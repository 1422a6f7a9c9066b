//! `lab packets --ladder`: a capture as a sequence diagram, one line down for each host and one
//! arrow across for each packet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use crate::error::Error;
use crate::packets::capture::{Analysis, Capture, Ending, Row, Tshark};
use crate::packets::evidence::Wanted;
use crate::packets::flags::{ACK, FIN, SYN, names};
use crate::packets::labnet::Names;

mod picture;
mod words;

use picture::{OTHER, TCP, UDP};

/// How many packets are drawn of a long conversation: from its beginning, and from its end.
const FIRST: usize = 40;
const LAST: usize = 20;
/// How many hosts have room beside each other.
const HOSTS: usize = 8;
/// How many connections' first sequence numbers are remembered.
const CONNECTIONS: usize = 4096;
const EVERYBODY: &str = "everybody";
/// To whom a host without an address sends, and from where.
const NO_ADDRESS: &str = "0.0.0.0";
const ALL_CARDS: &str = "ff:ff:ff:ff:ff:ff";

const FIELDS: &[&str] = &[
    "frame.number",
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "ip.proto",
    "ipv6.src",
    "ipv6.dst",
    "tcp.stream",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.flags",
    "tcp.len",
    "tcp.payload",
    "udp.srcport",
    "udp.dstport",
    "udp.length",
    "data.data",
    "icmp.type",
    "icmpv6.type",
    "dhcp.option.dhcp",
    "dns.flags.response",
    "dns.qry.name",
    "dns.a",
    "http.request.method",
    "http.request.uri",
    "http.response.code",
    "http.response.phrase",
    "eth.dst",
    "arp.opcode",
    "arp.src.hw_mac",
    "arp.src.proto_ipv4",
    "arp.dst.proto_ipv4",
];

/// One packet, as it is drawn.
#[derive(Debug)]
struct Arrow {
    frame: u64,
    /// In seconds since 1970.
    time: f64,
    from: String,
    to: String,
    colour: &'static str,
    /// Above the arrow.
    label: String,
    /// Below it, in small letters.
    detail: String,
}

/// What is drawn, collected packet by packet.
#[derive(Default)]
struct Ladder {
    hosts: Vec<String>,
    servers: BTreeSet<String>,
    /// The number before the first byte of each direction: by `tcp.stream` and sender.
    origins: BTreeMap<(u64, String), u64>,
    /// How far each direction has come: the number after the last byte that was sent.
    reached: BTreeMap<(u64, String), u64>,
    /// What hosts are called.
    names: Names,
    first: Vec<Arrow>,
    last: VecDeque<Arrow>,
    /// Packets between the first and the last.
    left_out: usize,
    /// Packets of hosts for which there is no room.
    elsewhere: usize,
}

/// Draws the packets at the chat's port; of a capture without any, all that it has.
pub fn draw(
    tshark: &Tshark,
    capture: &Capture,
    who: &Wanted,
    names: &Names,
) -> Result<String, Error> {
    let port = who.port;
    let chat = match who.stream {
        Some(stream) => format!("tcp.stream=={stream}"),
        None => format!("(tcp.port=={port} || udp.port=={port}) && !icmp"),
    };
    let ends = [who.server, who.client, who.peer];
    let ends = ends.iter().flatten().map(|address| format!(" && ip.addr=={address}"));
    let ends: String = ends.collect();
    let all = "arp || tcp || udp || icmp || icmpv6.type==128 || icmpv6.type==129".to_owned();
    for chosen in [chat, all].iter().take(if who.stream.is_some() { 1 } else { 2 }) {
        let filter = format!("({chosen}){ends}");
        let mut ladder = Ladder { names: names.clone(), ..Ladder::default() };
        let take = |row: &Row| ladder.take(row);
        let ending = tshark.read(capture, &filter, FIELDS, Analysis::Without, take)?;
        if ending == Ending::TooLong {
            return Err(Error::Fault(capture.too_long()));
        }
        // Its arrows are the longest, and cross nobody's line if it stands last.
        ladder.hosts.sort_by_key(|host| host == EVERYBODY);
        if !ladder.first.is_empty() {
            let name = Path::new(&capture.name).file_name().unwrap_or_default();
            return Ok(ladder.picture(&name.to_string_lossy()));
        }
    }
    Err(Error::Failed(format!("{} has no packets of this kind that could be drawn", capture.name)))
}

impl Ladder {
    fn take(&mut self, row: &Row) {
        let Some(step) = self.step(row) else { return };
        for host in [&step.from, &step.to] {
            if !self.hosts.contains(host) {
                if self.hosts.len() == HOSTS {
                    self.elsewhere += 1;
                    return;
                }
                self.hosts.push(host.clone());
            }
        }
        if self.first.len() < FIRST {
            self.first.push(step);
            return;
        }
        self.last.push_back(step);
        if self.last.len() > LAST {
            self.last.pop_front();
            self.left_out += 1;
        }
    }

    fn step(&mut self, row: &Row) -> Option<Arrow> {
        let (from, to) = ends(row)?;
        let (colour, label, detail) = match row.number("ip.proto") {
            Some(1) => (OTHER, words::echo(row), String::new()),
            _ if row.has("tcp.flags") => {
                let (label, detail) = self.segment(row, &from, &to)?;
                (TCP, label, detail)
            }
            _ if row.has("dhcp.option.dhcp") => (UDP, words::dhcp(row), words::ports(row)),
            _ if row.has("dns.qry.name") => (UDP, words::dns(row), words::ports(row)),
            _ if row.has("udp.length") => {
                let payload = row.number("udp.length")?.saturating_sub(8);
                let said = words::said(row.text("data.data"));
                (UDP, format!("UDP, {payload} bytes{said}"), words::ports(row))
            }
            _ if row.has("arp.opcode") => (OTHER, words::arp(row), String::new()),
            _ => (OTHER, format!("ICMPv6, type {}", row.text("icmpv6.type")?), String::new()),
        };
        let (frame, time) = (row.number("frame.number")?, row.parse("frame.time_epoch")?);
        Some(Arrow { frame, time, from, to, colour, label, detail })
    }

    /// What a TCP segment says: with numbers that count from the first one, and the raw ones below.
    fn segment(&mut self, row: &Row, from: &str, to: &str) -> Option<(String, String)> {
        let flags = row.number("tcp.flags")?;
        let (stream, sequence) = (row.number("tcp.stream")?, row.number("tcp.seq_raw")?);
        let acknowledged = row.number("tcp.ack_raw").filter(|_| flags & ACK != 0);
        let length = row.number("tcp.len").unwrap_or(0);
        if flags & (SYN | ACK) == SYN | ACK {
            self.servers.insert(from.to_owned());
        }
        let origin = if flags & SYN != 0 { sequence } else { sequence.wrapping_sub(1) };
        let key = (stream, from.to_owned());
        if self.origins.len() < CONNECTIONS || self.origins.contains_key(&key) {
            self.origins.entry(key).or_insert(origin);
        }
        let relative = |sender: &str, number: u64| {
            let origin = self.origins.get(&(stream, sender.to_owned()))?;
            Some(number.wrapping_sub(*origin) & 0xffff_ffff)
        };
        let mut label = names(flags).join(", ");
        let mut detail = format!("raw: seq {sequence}");
        if let Some(number) = relative(from, sequence) {
            label.push_str(&format!("  seq={number}"));
        }
        if let Some(raw) = acknowledged {
            detail.push_str(&format!(", ack {raw}"));
            if let Some(number) = relative(to, raw) {
                label.push_str(&format!(" ack={number}"));
            }
        }
        let begin = relative(from, sequence);
        let again = self.is_sent_again(stream, from, flags, begin, length);
        if let Some(said) = words::http(row) {
            label = format!("{said}, {label}");
        } else if length > 0 {
            label.push_str(&format!(", {length} bytes{}", words::said(row.text("tcp.payload"))));
        }
        if again {
            label = format!("retransmission: {label}");
        }
        Some((label, detail))
    }

    /// Whether all that this segment brings was sent before. A segment that probes an idle connection
    /// repeats one byte; SYN and FIN count as one each.
    fn is_sent_again(
        &mut self,
        stream: u64,
        from: &str,
        flags: u64,
        begin: Option<u64>,
        length: u64,
    ) -> bool {
        let (Some(begin), key) = (begin, (stream, from.to_owned())) else { return false };
        let size = length + u64::from(flags & SYN != 0) + u64::from(flags & FIN != 0);
        if size == 0 || self.reached.len() >= CONNECTIONS && !self.reached.contains_key(&key) {
            return false;
        }
        let reached = self.reached.entry(key).or_insert(begin);
        let probes = flags & (SYN | FIN) == 0 && size == 1 && begin + 1 == *reached;
        let is_again = begin + size <= *reached && !probes;
        *reached = (*reached).max(begin + size);
        is_again
    }
}

/// Sender and receiver. On the loopback of one host they are told apart by their ports.
fn ends(row: &Row) -> Option<(String, String)> {
    let address = |v4, v6, arp| row.text(v4).or(row.text(v6)).or(row.text(arp));
    let from = address("ip.src", "ipv6.src", "arp.src.proto_ipv4")?;
    let mut to = address("ip.dst", "ipv6.dst", "arp.dst.proto_ipv4")?;
    // A question of ARP may go to one host alone, where an old entry is checked.
    let to_all = match (row.number("arp.opcode"), row.text("eth.dst")) {
        (Some(_), Some(card)) => card == ALL_CARDS,
        (Some(opcode), None) => opcode == 1, // a capture without Ethernet: questions mostly do
        (None, _) => to == "255.255.255.255",
    };
    if to_all {
        to = EVERYBODY;
    }
    if from != to {
        return Some((from.to_owned(), to.to_owned()));
    }
    let port = |tcp, udp| row.text(tcp).or(row.text(udp));
    let from_port = port("tcp.srcport", "udp.srcport")?;
    let to_port = port("tcp.dstport", "udp.dstport")?;
    // A host that sends to itself, port to port, has no arrow.
    let end = |port| match from.contains(':') {
        true => format!("[{from}]:{port}"),
        false => format!("{from}:{port}"),
    };
    (from_port != to_port).then(|| (end(from_port), end(to_port)))
}
