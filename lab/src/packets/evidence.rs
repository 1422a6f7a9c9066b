//! The packets in which the answers are: found in a student's captures, whatever else is in there.
//!
//! Every packet is known by its flags and types, never by its place in the file. What is kept does
//! not grow with the length of a capture.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};

use crate::error::Error;
use crate::packets::capture::{Analysis, Capture, Ending, Row, Tshark};

/// The lab network's chat server.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(10, 20, 30, 3);
/// The client of whom the assignment asks.
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 20, 30, 11);

/// How many conversations, ARP packets and web pages are kept; a lab has a dozen of them.
const KEPT: usize = 1024;
const BROADCAST: &str = "ff:ff:ff:ff:ff:ff";
const NO_CARD: &str = "00:00:00:00:00:00";

/// Whose packets are asked for. What is left open is found in the captures.
#[derive(Clone, Debug)]
pub struct Who {
    pub server: Option<Ipv4Addr>,
    pub client: Option<Ipv4Addr>,
    /// The other end of the datagrams.
    pub peer: Option<Ipv4Addr>,
    pub port: u16,
    /// tshark's number for a TCP conversation, `tcp.stream`.
    pub stream: Option<u64>,
}

/// Where a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its file's place on the command line, from 0.
    pub file: usize,
    /// Its number in the file, from 1, as Wireshark counts.
    pub frame: u64,
}

/// A segment that opens a connection.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    pub place: Place,
    /// Raw, as it is in the packet.
    pub sequence: u64,
    pub acknowledgment: u64,
    /// The shift that it announces for the windows of its sender.
    pub scale: Option<u64>,
}

/// A window that the server has advertised.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub place: Place,
    /// In bytes.
    pub size: u64,
    /// As it is in the packet, before it is scaled.
    pub field: u64,
}

/// A TCP connection to the chat server.
#[derive(Clone, Debug)]
pub struct Conversation {
    pub file: usize,
    pub stream: u64,
    pub client: SocketAddrV4,
    pub server: SocketAddrV4,
    pub syn: Option<Opening>,
    pub synack: Option<Opening>,
    /// The third segment of the handshake has come, too.
    pub acknowledged: bool,
    pub smallest: Option<Window>,
}

impl Conversation {
    /// Whether all three segments of the handshake are there.
    pub fn is_whole(&self) -> bool {
        self.syn.is_some() && self.synack.is_some() && self.acknowledged
    }

    /// As a display filter says it.
    pub fn filter(&self) -> String {
        format!("tcp.stream=={}", self.stream)
    }
}

/// A chat message that went over UDP.
#[derive(Clone, Copy, Debug)]
pub struct Datagram {
    pub place: Place,
    pub from: Ipv4Addr,
    pub to: Ipv4Addr,
    /// The Length field, in bytes.
    pub length: u64,
    /// Of the IP packet, with its header.
    pub total: u64,
    pub protocol: u64,
}

/// The header of an IP packet.
#[derive(Clone, Copy, Debug)]
pub struct Echo {
    pub place: Place,
    pub from: Ipv4Addr,
    pub to: Ipv4Addr,
    pub protocol: u64,
    pub header: u64,
    pub total: u64,
    pub ttl: u64,
    pub version: u64,
}

/// A message of a DHCP client.
#[derive(Clone, Copy, Debug)]
pub struct Dhcp {
    pub place: Place,
    pub protocol: u64,
    pub from_port: u64,
    pub to_port: u64,
}

/// What a DHCP server has offered.
#[derive(Clone, Debug)]
pub struct Offer {
    pub place: Place,
    pub server: Option<Ipv4Addr>,
    pub mask: Option<Ipv4Addr>,
    pub routers: Vec<Ipv4Addr>,
    pub dns: Vec<Ipv4Addr>,
}

/// Who has this address?
#[derive(Clone, Debug)]
pub struct Request {
    pub place: Place,
    pub kind: u64,
    pub destination: String,
    pub sender_mac: String,
    pub sender: Ipv4Addr,
    pub target: Ipv4Addr,
}

/// I have.
#[derive(Clone, Debug)]
pub struct Reply {
    pub place: Place,
    pub mac: String,
    pub sender: Ipv4Addr,
    /// Who is told.
    pub asker: Ipv4Addr,
}

/// A request for a web page, with the header of its frame.
#[derive(Clone, Debug)]
pub struct Page {
    pub place: Place,
    pub from_mac: String,
    pub to_mac: String,
    pub kind: u64,
    pub to: Ipv4Addr,
}

/// Whose card a frame to a web server was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Another host than the web server has that card: a router.
    Router(Ipv4Addr),
    /// The web server itself, which is on the same network.
    Server,
}

/// What is in the way of a question, seen while looking for its packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    Chat,
    Direct,
    Ping,
    Dhcp,
    Arp,
    Web,
}

/// All that the captures have to say.
#[derive(Debug, Default)]
pub struct Evidence {
    /// By file and `tcp.stream`.
    conversations: BTreeMap<(usize, u64), Conversation>,
    /// How many conversations are beyond those that were kept.
    pub surplus: usize,
    /// The conversation that the questions are about.
    pub chosen: Option<Conversation>,
    /// By their Length field: the first datagram of each.
    pub datagrams: BTreeMap<u64, Datagram>,
    /// The first of all, or the one that a student has selected.
    pub datagram: Option<Datagram>,
    pub echo: Option<Echo>,
    pub dhcp: Option<Dhcp>,
    pub offer: Option<Offer>,
    requests: Vec<Request>,
    replies: Vec<Reply>,
    pages: Vec<Page>,
    /// The cards to which frames for other hosts were sent: a card, and such a host.
    forwarded: Vec<(String, Ipv4Addr)>,
    /// Where packets of IPv6 stand in the place of those that are asked for.
    pub over_ipv6: BTreeMap<Topic, Place>,
    /// Files in which there are no Ethernet headers, with what is there.
    pub without_ethernet: Vec<(usize, String)>,
    /// Files in which packets are not kept whole, with the first of them.
    pub cut_packets: Vec<(usize, u64)>,
    pub endings: Vec<Ending>,
    /// What tshark found when it followed the conversation. None: it could not, or there is none.
    pub followed: Option<Followed>,
    /// Whether that was for want of memory.
    pub too_long_to_follow: bool,
}

/// What tshark's analysis of TCP has found.
#[derive(Debug, Default)]
pub struct Followed {
    /// In the whole file.
    pub retransmissions: u64,
    pub first_retransmission: Option<u64>,
    /// The first frame in which the server's buffer is full.
    pub throttled: Option<u64>,
}

const FIELDS: &[&str] = &[
    "frame.number",
    "frame.protocols",
    "frame.len",
    "frame.cap_len",
    "eth.src",
    "eth.dst",
    "eth.type",
    "ip.src",
    "ip.dst",
    "ip.proto",
    "ip.hdr_len",
    "ip.len",
    "ip.ttl",
    "ip.version",
    "ipv6.src",
    "tcp.stream",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.flags",
    "tcp.window_size_value",
    "tcp.options.wscale.shift",
    "udp.srcport",
    "udp.dstport",
    "udp.length",
    "icmp.type",
    "icmpv6.type",
    "dhcp.option.dhcp",
    "dhcp.option.dhcp_server_id",
    "dhcp.option.subnet_mask",
    "dhcp.option.router",
    "dhcp.option.domain_name_server",
    "arp.opcode",
    "arp.src.hw_mac",
    "arp.src.proto_ipv4",
    "arp.dst.proto_ipv4",
    "http.request",
];

const TCP: u64 = 6;
const UDP: u64 = 17;
const ICMP: u64 = 1;
const SYN: u64 = 0x02;
const RST: u64 = 0x04;
const ACK: u64 = 0x10;

/// Looks through the captures.
pub fn gather(tshark: &Tshark, captures: &[Capture], who: &Who) -> Result<Evidence, Error> {
    let port = who.port;
    // The first frame says what headers there are in this file.
    let filter = format!(
        "frame.number==1 || arp || icmp.type==8 || dhcp || dhcpv6 || (http.request && tcp) || \
         icmpv6.type==128 || icmpv6.type==135 || tcp.port=={port} || udp.port=={port}"
    );
    let mut evidence = Evidence::default();
    for (file, capture) in captures.iter().enumerate() {
        let ending = tshark.read(capture, &filter, FIELDS, Analysis::Without, |row| {
            evidence.take(file, row, who);
        })?;
        if ending == Ending::TooLong {
            return Err(Error::Fault(capture.too_long()));
        }
        evidence.endings.push(ending);
    }
    evidence.chosen = evidence.choose(who);
    if let Some(conversation) = evidence.chosen.clone() {
        evidence.follow(tshark, &captures[conversation.file], &conversation)?;
    }
    Ok(evidence)
}

impl Evidence {
    fn take(&mut self, file: usize, row: &Row, who: &Who) {
        let Some(frame) = row.number("frame.number") else { return };
        let place = Place { file, frame };
        self.look_at_frame(place, row);
        if row.has("ipv6.src") && !row.has("ip.src") {
            return self.take_ipv6(place, row, who);
        }
        // The outermost header counts: ICMP errors have a piece of another packet in them.
        match row.number("ip.proto") {
            None if row.has("arp.opcode") => self.take_arp(place, row),
            Some(TCP) => self.take_segment(place, row, who),
            Some(UDP) if row.has("dhcp.option.dhcp") => self.take_dhcp(place, row),
            Some(UDP) => self.take_datagram(place, row, who),
            Some(ICMP) => self.take_echo(place, row),
            _ => {}
        }
    }

    fn look_at_frame(&mut self, place: Place, row: &Row) {
        let protocols = row.text("frame.protocols").unwrap_or_default();
        let known = self.without_ethernet.last().is_some_and(|(file, _)| *file == place.file);
        if !protocols.starts_with("eth") && !known {
            let lowest = protocols.split(':').next().unwrap_or_default();
            self.without_ethernet.push((place.file, lowest.to_owned()));
        }
        let known = self.cut_packets.last().is_some_and(|(file, _)| *file == place.file);
        if row.number("frame.cap_len") < row.number("frame.len") && !known {
            self.cut_packets.push((place.file, place.frame));
        }
    }

    fn take_ipv6(&mut self, place: Place, row: &Row, who: &Who) {
        let port = Some(u64::from(who.port));
        let at_port = |from, to| row.number(from) == port || row.number(to) == port;
        let protocols = row.text("frame.protocols").unwrap_or_default();
        let topic = match row.number("icmpv6.type") {
            Some(128) => Topic::Ping,
            Some(135) => Topic::Arp,
            Some(_) => return,
            None if row.has("http.request") => Topic::Web,
            None if protocols.contains("dhcpv6") => Topic::Dhcp,
            None if at_port("tcp.srcport", "tcp.dstport") => Topic::Chat,
            None if at_port("udp.srcport", "udp.dstport") => Topic::Direct,
            None => return,
        };
        self.over_ipv6.entry(topic).or_insert(place);
    }

    fn take_segment(&mut self, place: Place, row: &Row, who: &Who) {
        self.take_page(place, row);
        let end = |address, port| {
            let port = u16::try_from(row.number(port)?).ok()?;
            Some(SocketAddrV4::new(row.parse(address)?, port))
        };
        let (Some(from), Some(to)) = (end("ip.src", "tcp.srcport"), end("ip.dst", "tcp.dstport"))
        else {
            return;
        };
        let (Some(stream), Some(flags)) = (row.number("tcp.stream"), row.number("tcp.flags"))
        else {
            return;
        };
        // A client may happen to have the server's port number; who sends the SYN is the client.
        let from_server = match flags & (SYN | ACK) {
            SYN => false,
            flags if flags == SYN | ACK => true,
            _ => from.port() == who.port,
        };
        let (client, server) = if from_server { (to, from) } else { (from, to) };
        if server.port() != who.port || who.stream.is_some_and(|wanted| wanted != stream) {
            return;
        }
        let key = (place.file, stream);
        if self.conversations.len() == KEPT && !self.conversations.contains_key(&key) {
            self.surplus += usize::from(flags & (SYN | ACK) == SYN);
            return;
        }
        let conversation = self.conversations.entry(key).or_insert(Conversation {
            file: place.file,
            stream,
            client,
            server,
            syn: None,
            synack: None,
            acknowledged: false,
            smallest: None,
        });
        conversation.take(place, row, flags, from_server);
    }

    fn take_datagram(&mut self, place: Place, row: &Row, who: &Who) {
        let port = Some(u64::from(who.port));
        if row.number("udp.srcport") != port && row.number("udp.dstport") != port {
            return;
        }
        let datagram = || {
            Some(Datagram {
                place,
                from: row.parse("ip.src")?,
                to: row.parse("ip.dst")?,
                length: row.number("udp.length")?,
                total: row.number("ip.len")?,
                protocol: row.number("ip.proto")?,
            })
        };
        let Some(datagram) = datagram().filter(|datagram| datagram.length >= 8) else { return };
        let ends = [datagram.from, datagram.to];
        if who.peer.is_some_and(|peer| !ends.contains(&peer)) {
            return;
        }
        self.datagram.get_or_insert(datagram);
        self.datagrams.entry(datagram.length).or_insert(datagram);
    }

    fn take_echo(&mut self, place: Place, row: &Row) {
        if row.number("icmp.type") != Some(8) {
            return;
        }
        let echo = || {
            Some(Echo {
                place,
                from: row.parse("ip.src")?,
                to: row.parse("ip.dst")?,
                protocol: row.number("ip.proto")?,
                header: row.number("ip.hdr_len")?,
                total: row.number("ip.len")?,
                ttl: row.number("ip.ttl")?,
                version: row.number("ip.version")?,
            })
        };
        let Some(echo) = echo() else { return };
        self.echo.get_or_insert(echo);
        if let Some(card) = row.text("eth.dst") {
            self.was_sent_to(card, echo.to);
        }
    }

    fn take_dhcp(&mut self, place: Place, row: &Row) {
        let addresses = |field| row.all(field).filter_map(|text| text.parse().ok()).collect();
        if row.number("dhcp.option.dhcp") == Some(2) && self.offer.is_none() {
            self.offer = Some(Offer {
                place,
                server: row.parse("dhcp.option.dhcp_server_id"),
                mask: row.parse("dhcp.option.subnet_mask"),
                routers: addresses("dhcp.option.router"),
                dns: addresses("dhcp.option.domain_name_server"),
            });
        }
        let message = || {
            Some(Dhcp {
                place,
                protocol: row.number("ip.proto")?,
                from_port: row.number("udp.srcport")?,
                to_port: row.number("udp.dstport")?,
            })
        };
        if let Some(message) = message().filter(|message| message.from_port == 68) {
            self.dhcp.get_or_insert(message);
        }
    }

    fn take_arp(&mut self, place: Place, row: &Row) {
        let (Some(mac), Some(sender), Some(target)) = (
            row.text("arp.src.hw_mac"),
            row.parse::<Ipv4Addr>("arp.src.proto_ipv4"),
            row.parse::<Ipv4Addr>("arp.dst.proto_ipv4"),
        ) else {
            return;
        };
        // Who announces an address, or tries whether it is free, does not ask for a card.
        if sender == target || sender.is_unspecified() {
            return;
        }
        let mac = mac.to_owned();
        match (row.number("arp.opcode"), row.text("eth.dst"), row.number("eth.type")) {
            (Some(1), Some(BROADCAST), Some(kind)) if self.requests.len() < KEPT => {
                self.requests.push(Request {
                    place,
                    kind,
                    destination: BROADCAST.to_owned(),
                    sender_mac: mac,
                    sender,
                    target,
                });
            }
            (Some(2), ..) if self.replies.len() < KEPT => {
                self.replies.push(Reply { place, mac, sender, asker: target });
            }
            _ => {}
        }
    }

    fn take_page(&mut self, place: Place, row: &Row) {
        let page = || {
            row.text("http.request")?;
            Some(Page {
                place,
                from_mac: row.text("eth.src")?.to_owned(),
                to_mac: row.text("eth.dst").filter(|mac| *mac != NO_CARD)?.to_owned(),
                kind: row.number("eth.type")?,
                to: row.parse("ip.dst")?,
            })
        };
        let Some(page) = page() else { return };
        self.was_sent_to(&page.to_mac, page.to);
        let like = |other: &Page| (&other.to_mac, other.to) == (&page.to_mac, page.to);
        if self.pages.len() < KEPT && !self.pages.iter().any(like) {
            self.pages.push(page);
        }
    }

    fn was_sent_to(&mut self, card: &str, host: Ipv4Addr) {
        let known = self.forwarded.iter().any(|(mac, to)| mac == card && *to == host);
        if !known && self.forwarded.len() < KEPT {
            self.forwarded.push((card.to_owned(), host));
        }
    }

    /// The first whole conversation, that of the lab's client before others; in the file that has
    /// most of them, which is the server's.
    fn choose(&self, who: &Who) -> Option<Conversation> {
        let wanted = |conversation: &&Conversation| {
            who.server.is_none_or(|server| server == *conversation.server.ip())
                && who.client.is_none_or(|client| client == *conversation.client.ip())
        };
        let mut in_file: BTreeMap<usize, usize> = BTreeMap::new();
        for (file, _) in self.conversations.keys() {
            *in_file.entry(*file).or_default() += 1;
        }
        let rank = |conversation: &&Conversation| {
            let ends = (*conversation.server.ip(), *conversation.client.ip());
            let elsewhere = self.conversations.len() - in_file[&conversation.file];
            (!conversation.is_whole(), ends != (SERVER, CLIENT), elsewhere)
        };
        self.conversations.values().filter(wanted).min_by_key(rank).cloned()
    }

    /// Lets tshark follow the file's TCP connections, for what it says of the chosen one.
    fn follow(
        &mut self,
        tshark: &Tshark,
        capture: &Capture,
        conversation: &Conversation,
    ) -> Result<(), Error> {
        const FIELDS: &[&str] = &[
            "frame.number",
            "ip.src",
            "tcp.stream",
            "tcp.analysis.zero_window",
            "tcp.analysis.window_full",
            "tcp.analysis.retransmission",
            "tcp.analysis.fast_retransmission",
            "tcp.analysis.spurious_retransmission",
        ];
        let filter = format!("{RETRANSMITTED} || {THROTTLED}");
        let mut followed = Followed::default();
        let server = Some(*conversation.server.ip());
        let ending = tshark.read(capture, &filter, FIELDS, Analysis::With, |row| {
            let frame = row.number("frame.number");
            if FIELDS.iter().any(|field| field.ends_with("retransmission") && row.has(field)) {
                followed.retransmissions += 1;
                followed.first_retransmission = followed.first_retransmission.or(frame);
            }
            let from_server = row.parse("ip.src") == server;
            let full =
                if from_server { "tcp.analysis.zero_window" } else { "tcp.analysis.window_full" };
            if row.number("tcp.stream") == Some(conversation.stream) && row.has(full) {
                followed.throttled = followed.throttled.or(frame);
            }
        })?;
        self.too_long_to_follow = ending == Ending::TooLong;
        self.followed = Some(followed).filter(|_| !self.too_long_to_follow);
        Ok(())
    }

    /// The datagram that a student has selected, by its Length field, is the one to ask about.
    pub fn select(&mut self, length: u64) {
        if let Some(datagram) = self.datagrams.get(&length) {
            self.datagram = Some(*datagram);
        }
    }

    /// How many conversations with the chat server there are in a file.
    pub fn conversations_in(&self, file: usize) -> usize {
        self.conversations.keys().filter(|(other, _)| *other == file).count()
    }

    /// The ARP request of the student's host for its router, with the reply; if there is none, the
    /// first request that was answered.
    pub fn asked(&self) -> Option<(&Request, Option<&Reply>)> {
        let rank = |request: &&Request| {
            let reply = self.reply_to(request);
            let forwards = reply.is_some_and(|reply| self.forwards(&reply.mac, request.target));
            (!forwards, !self.is_router(request.target), reply.is_none())
        };
        let request = self.requests.iter().min_by_key(rank)?;
        Some((request, self.reply_to(request)))
    }

    /// The openings of all connections but the chosen one.
    pub fn others(&self) -> impl Iterator<Item = Opening> {
        let chosen = self.chosen.as_ref().map(|chosen| (chosen.file, chosen.stream));
        let others = self.conversations.iter().filter(move |(key, _)| Some(**key) != chosen);
        others.flat_map(|(_, other)| [other.syn, other.synack]).flatten()
    }

    /// For whom there are requests besides the one that is asked about.
    pub fn other_targets(&self) -> impl Iterator<Item = Ipv4Addr> {
        let meant = self.asked().map(|(request, _)| request.target);
        self.requests
            .iter()
            .map(|request| request.target)
            .filter(move |target| Some(*target) != meant)
    }

    /// The reply to a request, in the same file and after it.
    pub fn reply_to(&self, request: &Request) -> Option<&Reply> {
        self.replies.iter().find(|reply| {
            (reply.sender, reply.asker) == (request.target, request.sender)
                && reply.place.file == request.place.file
                && reply.place > request.place
        })
    }

    fn is_router(&self, address: Ipv4Addr) -> bool {
        self.offer.as_ref().is_some_and(|offer| offer.routers.contains(&address))
    }

    /// Whether frames for other hosts than this one were sent to its card.
    fn forwards(&self, mac: &str, address: Ipv4Addr) -> bool {
        self.forwarded.iter().any(|(card, host)| card == mac && *host != address)
    }

    /// The first request for a web page that went through a router; else the first one.
    pub fn page(&self) -> Option<&Page> {
        let routed = |page: &&Page| matches!(self.owner(page), Some(Owner::Router(_)));
        self.pages.iter().find(routed).or(self.pages.first())
    }

    /// Whose card a request was sent to, as far as an ARP reply says so.
    pub fn owner(&self, page: &Page) -> Option<Owner> {
        let said = |reply: &&Reply| reply.mac == page.to_mac;
        let server = |reply: &Reply| reply.sender == page.to;
        if self.replies.iter().filter(said).any(server) {
            return Some(Owner::Server);
        }
        self.replies.iter().find(said).map(|reply| Owner::Router(reply.sender))
    }
}

/// A display filter for what tshark takes to be sent again.
pub const RETRANSMITTED: &str = "tcp.analysis.retransmission || \
                                 tcp.analysis.fast_retransmission || \
                                 tcp.analysis.spurious_retransmission";
/// A display filter for a sender who has to wait, and for the window that lets him.
pub const THROTTLED: &str = "tcp.analysis.zero_window || tcp.analysis.window_full";

impl Conversation {
    fn take(&mut self, place: Place, row: &Row, flags: u64, from_server: bool) {
        let opening = || {
            Some(Opening {
                place,
                sequence: row.number("tcp.seq_raw")?,
                acknowledgment: row.number("tcp.ack_raw").unwrap_or(0),
                scale: row.number("tcp.options.wscale.shift"),
            })
        };
        match (flags & (SYN | ACK), from_server) {
            // One that is sent again has the same numbers.
            (SYN, false) => self.syn = self.syn.or_else(opening),
            (flags, true) if flags == SYN | ACK => {
                let answers = |synack: &Opening| {
                    self.syn.is_none_or(|syn| synack.acknowledgment == after(syn.sequence))
                };
                self.synack = self.synack.or_else(|| opening().filter(answers));
            }
            (ACK, false) => self.acknowledged |= self.synack.is_some(),
            _ => {}
        }
        // A RST advertises nothing: its window is 0, most often, and nobody reads it.
        if from_server && flags & RST == 0 {
            self.take_window(place, row, flags & SYN != 0);
        }
    }

    /// Windows are scaled if both sides have said so, and never in the segments that say it.
    fn take_window(&mut self, place: Place, row: &Row, opens: bool) {
        let Some(field) = row.number("tcp.window_size_value") else { return };
        let scales = (self.syn.and_then(|syn| syn.scale), self.synack.and_then(|syn| syn.scale));
        let shift = match scales {
            (Some(_), Some(shift)) if !opens => shift.min(14), // RFC 7323, section 2.3
            _ => 0,
        };
        let size = field << shift;
        if self.smallest.is_none_or(|smallest| size < smallest.size) {
            self.smallest = Some(Window { place, size, field });
        }
    }
}

/// The sequence number that follows: they count modulo 2^32.
pub fn after(sequence: u64) -> u64 {
    (sequence + 1) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: Who = Who { server: None, client: None, peer: None, port: 5000, stream: None };
    const ROUTER: &str = "02:00:00:00:00:64";
    const LAPTOP: &str = "02:00:00:00:00:96";

    /// Packets with these fields, one after the other.
    fn seen(packets: &[&[(&str, &str)]]) -> Evidence {
        let mut evidence = Evidence::default();
        for (number, packet) in (1..).zip(packets) {
            let number = number.to_string();
            let cell = |field: &&'static str| match *field {
                "frame.number" => number.as_str(),
                "frame.protocols" => "eth:ethertype",
                field => {
                    packet.iter().find(|(name, _)| *name == field).map_or("", |(_, text)| text)
                }
            };
            let row = Row::new(FIELDS, FIELDS.iter().map(cell).collect());
            evidence.take(0, &row, &WHO);
        }
        evidence.chosen = evidence.choose(&WHO);
        evidence
    }

    const C: &str = "10.20.30.11";
    const S: &str = "10.20.30.3";

    fn segment<'a>(
        to_server: bool,
        flags: &'a str,
        numbers: (&'a str, &'a str),
        window: &'a str,
        shift: &'a str,
    ) -> Vec<(&'static str, &'a str)> {
        let (from, to) = if to_server { (C, S) } else { (S, C) };
        let ports = if to_server { ("40000", "5000") } else { ("5000", "40000") };
        vec![
            ("ip.proto", "6"),
            ("ip.src", from),
            ("ip.dst", to),
            ("tcp.srcport", ports.0),
            ("tcp.dstport", ports.1),
            ("tcp.stream", "0"),
            ("tcp.flags", flags),
            ("tcp.seq_raw", numbers.0),
            ("tcp.ack_raw", numbers.1),
            ("tcp.window_size_value", window),
            ("tcp.options.wscale.shift", shift),
        ]
    }

    fn conversation(shifts: (&str, &str), last: (&str, &str)) -> Conversation {
        let packets = [
            segment(true, "0x0002", ("4294967295", "0"), "64240", shifts.0),
            segment(false, "0x0012", ("7", "99"), "65160", shifts.1), // answers another SYN
            segment(false, "0x0012", ("8", "0"), "65160", shifts.1),
            segment(true, "0x0010", ("0", "9"), "63", ""),
            segment(false, last.0, ("9", "0"), last.1, ""),
        ];
        let packets: Vec<&[(&str, &str)]> = packets.iter().map(Vec::as_slice).collect();
        seen(&packets).chosen.expect("there is one")
    }

    #[test]
    fn sequence_numbers_go_round_and_a_synack_answers_its_own_syn() {
        let conversation = conversation(("7", "10"), ("0x0010", "64"));
        assert!(conversation.is_whole());
        assert_eq!(conversation.syn.unwrap().sequence, 0xffff_ffff);
        assert_eq!(conversation.synack.unwrap().sequence, 8);
        assert_eq!(conversation.synack.unwrap().acknowledgment, 0);
    }

    #[test]
    fn a_window_is_scaled_if_both_sides_have_said_so() {
        let smallest = |shifts, last| conversation(shifts, last).smallest.expect("a window");
        let scaled = smallest(("7", "10"), ("0x0010", "3"));
        assert_eq!((scaled.size, scaled.field, scaled.place.frame), (3072, 3, 5));
        assert_eq!(smallest(("7", "10"), ("0x0010", "64")).size, 65160, "of the SYNACK");
        assert_eq!(smallest(("", "10"), ("0x0010", "3")).size, 3);
        assert_eq!(smallest(("7", "10"), ("0x0014", "0")).size, 65160, "RST advertises nothing");
    }

    fn arp<'a>(
        opcode: &'a str,
        to: &'a str,
        (mac, sender): (&'a str, &'a str),
        target: &'a str,
    ) -> Vec<(&'static str, &'a str)> {
        vec![
            ("eth.dst", to),
            ("eth.type", "0x0806"),
            ("arp.opcode", opcode),
            ("arp.src.hw_mac", mac),
            ("arp.src.proto_ipv4", sender),
            ("arp.dst.proto_ipv4", target),
        ]
    }

    #[test]
    fn of_many_arp_requests_the_host_s_own_for_its_router_is_meant() {
        let (laptop, dns) = ((LAPTOP, "10.20.30.150"), ("02:00:00:00:00:02", "10.20.30.2"));
        let router = (ROUTER, "10.20.30.100");
        let packets = [
            arp("1", BROADCAST, laptop, laptop.1), // announces itself
            arp("1", BROADCAST, (LAPTOP, "0.0.0.0"), laptop.1), // is it free?
            arp("1", BROADCAST, router, laptop.1), // the router asks for us
            arp("2", ROUTER, laptop, router.1),    // and we reply
            arp("1", BROADCAST, laptop, dns.1),
            arp("2", LAPTOP, dns, laptop.1),
            arp("1", BROADCAST, laptop, "10.20.30.77"), // who is not there
            arp("1", BROADCAST, laptop, router.1),
            arp("2", LAPTOP, router, laptop.1),
            vec![
                ("ip.proto", "6"),
                ("ip.src", laptop.1),
                ("ip.dst", "10.20.40.80"),
                ("eth.src", LAPTOP),
                ("eth.dst", ROUTER),
                ("eth.type", "0x0800"),
                ("http.request", "1"),
            ],
        ];
        let packets: Vec<&[(&str, &str)]> = packets.iter().map(Vec::as_slice).collect();
        let evidence = seen(&packets);
        let (request, reply) = evidence.asked().expect("somebody asks");
        assert_eq!((request.place.frame, reply.expect("a reply").place.frame), (8, 9));
        let page = evidence.page().expect("a page");
        assert_eq!(evidence.owner(page), Some(Owner::Router("10.20.30.100".parse().unwrap())));
        // Without any sign of who is the router, the first request that was answered.
        let (request, _) =
            seen(&packets[4..9]).asked().map(|(r, a)| (r.clone(), a.is_some())).unwrap();
        assert_eq!(request.target.to_string(), dns.1);
        assert!(seen(&packets[..2]).asked().is_none());
    }

    #[test]
    fn what_an_icmp_error_quotes_is_no_packet_of_its_own() {
        let quoted = [
            ("ip.proto", "1,17"),
            ("ip.src", "10.20.30.12,10.20.30.11"),
            ("ip.dst", "10.20.30.11,10.20.30.12"),
            ("icmp.type", "3"),
            ("udp.srcport", "5000"),
            ("udp.dstport", "5000"),
            ("udp.length", "21"),
        ];
        let evidence = seen(&[&quoted]);
        assert!(evidence.datagram.is_none() && evidence.echo.is_none());
    }
}
