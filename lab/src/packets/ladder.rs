//! `lab packets --ladder`: a capture as a sequence diagram, one line down for each host and one
//! arrow across for each packet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use svg::Document;
use svg::node::element::{Group, Line, Polygon, Rectangle, Text};

use crate::error::Error;
use crate::packets::capture::{Analysis, Capture, Ending, Row, Tshark};
use crate::packets::evidence::Wanted;
use crate::packets::flags::{ACK, SYN, names};

/// How many packets are drawn of a long conversation: from its beginning, and from its end.
const FIRST: usize = 40;
const LAST: usize = 20;
/// How many hosts have room beside each other.
const HOSTS: usize = 8;
/// How many connections' first sequence numbers are remembered.
const CONNECTIONS: usize = 4096;
/// How many characters of a message are shown.
const SHOWN: usize = 24;
const EVERYBODY: &str = "everybody";

// In pixels.
const LEFT: usize = 170;
const TOP: usize = 92;
/// Between two hosts; between more than three, whose messages are shorter, there is less.
const COLUMN: usize = 420;
const NARROW: usize = 250;
const ROW: usize = 44;
const MARGIN: usize = 130;

/// Colours that people tell apart who do not see all of them (Okabe and Ito).
const TCP: &str = "#0072b2";
const UDP: &str = "#d55e00";
const OTHER: &str = "#009e73";
const INK: &str = "#333333";
const FAINT: &str = "#777777";

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
    first: Vec<Arrow>,
    last: VecDeque<Arrow>,
    /// Packets between the first and the last.
    left_out: usize,
    /// Packets of hosts for which there is no room.
    elsewhere: usize,
}

/// Draws the packets at the chat's port; of a capture without any, all that it has.
pub fn draw(tshark: &Tshark, capture: &Capture, who: &Wanted) -> Result<String, Error> {
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
        let mut ladder = Ladder::default();
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
            Some(1) => (OTHER, echo(row), String::new()),
            _ if row.has("tcp.flags") => {
                let (label, detail) = self.segment(row, &from, &to)?;
                (TCP, label, detail)
            }
            _ if row.has("dhcp.option.dhcp") => (UDP, dhcp(row), ports(row)),
            _ if row.has("udp.length") => {
                let payload = row.number("udp.length")?.saturating_sub(8);
                let said = said(row.text("data.data"));
                (UDP, format!("UDP, {payload} bytes{said}"), ports(row))
            }
            _ if row.has("arp.opcode") => (OTHER, arp(row), String::new()),
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
        if length > 0 {
            label.push_str(&format!(", {length} bytes{}", said(row.text("tcp.payload"))));
        }
        Some((label, detail))
    }

    fn picture(&self, name: &str) -> String {
        let gap = usize::from(self.left_out > 0);
        let rows = self.first.len() + self.last.len() + gap + usize::from(self.elsewhere > 0);
        let width = self.column(self.hosts.len() - 1) + MARGIN;
        let bottom = TOP + ROW * (rows + 1);
        let mut drawing = Group::new().set("font-family", "sans-serif").set("font-size", 13);
        let title = Text::new(legible(name, usize::MAX));
        drawing =
            drawing.add(title.set("x", 16).set("y", 26).set("font-size", 16).set("fill", INK));
        for (head, x) in [("frame", 40), ("seconds", 115)] {
            let head = Text::new(head).set("x", x).set("y", TOP - 22).set("fill", INK);
            drawing = drawing.add(head.set("text-anchor", "middle"));
        }
        for (index, host) in self.hosts.iter().enumerate() {
            drawing = drawing.add(self.line_of(host, self.column(index), bottom));
        }
        let start = self.first.first().map_or(0.0, |step| step.time);
        let mut row = 0;
        for step in &self.first {
            drawing = drawing.add(self.arrow(step, row, start));
            row += 1;
        }
        if self.left_out > 0 {
            drawing = drawing.add(note(row, width, &format!("… {} more packets", self.left_out)));
            row += 1;
        }
        for step in &self.last {
            drawing = drawing.add(self.arrow(step, row, start));
            row += 1;
        }
        if self.elsewhere > 0 {
            let said = format!("{} packets of other hosts are not drawn", self.elsewhere);
            drawing = drawing.add(note(row, width, &said));
        }
        let height = bottom + 24;
        let paper = Rectangle::new().set("width", width).set("height", height).set("fill", "white");
        let document = Document::new()
            .set("viewBox", (0, 0, width, height))
            .set("width", width)
            .set("height", height)
            .add(paper)
            .add(drawing);
        format!("{document}\n")
    }

    /// Where a host's line is.
    fn column(&self, index: usize) -> usize {
        let between = if self.hosts.len() > 3 { NARROW } else { COLUMN };
        LEFT + MARGIN + between * index
    }

    fn line_of(&self, host: &str, x: usize, bottom: usize) -> Group {
        let role = if self.servers.contains(host) { "server" } else { "" };
        let centred = |text: &str, y: usize| {
            Text::new(text).set("x", x).set("y", y).set("text-anchor", "middle").set("fill", INK)
        };
        let line = Line::new().set("x1", x).set("x2", x).set("y1", TOP - 16).set("y2", bottom);
        Group::new()
            .add(centred(host, TOP - 38).set("font-weight", "bold"))
            .add(centred(role, TOP - 22))
            .add(line.set("stroke", FAINT))
    }

    fn arrow(&self, step: &Arrow, row: usize, start: f64) -> Group {
        let place = |host: &String| {
            let index = self.hosts.iter().position(|other| other == host);
            self.column(index.expect("every step's hosts have a line"))
        };
        let (from, to) = (place(&step.from), place(&step.to));
        let y = TOP + ROW * row + ROW / 2;
        let tip = if to > from { to - 9 } else { to + 9 };
        let head = format!("{to},{y} {tip},{} {tip},{}", y - 5, y + 5);
        let line = Line::new().set("x1", from).set("x2", tip).set("y1", y).set("y2", y);
        let line = line.set("stroke", step.colour).set("stroke-width", 1.5);
        let line = if step.to == EVERYBODY { line.set("stroke-dasharray", "6 4") } else { line };
        // Letters have an edge of the paper's colour, so that lines behind them do not disturb.
        let text = |content: &str, x: usize, y: usize, size: usize, fill: &str| {
            Text::new(content)
                .set("x", x)
                .set("y", y)
                .set("font-size", size)
                .set("fill", fill)
                .set("stroke", "white")
                .set("stroke-width", 4)
                .set("paint-order", "stroke")
                .set("text-anchor", "middle")
        };
        let middle = usize::midpoint(from, to);
        let when = format!("{:.6}", step.time - start);
        Group::new()
            .add(line)
            .add(Polygon::new().set("points", head).set("fill", step.colour))
            .add(text(&step.label, middle, y - 7, 13, step.colour))
            .add(text(&step.detail, middle, y + 14, 10, FAINT))
            .add(text(&format!("#{}", step.frame), 40, y + 4, 12, FAINT))
            .add(text(&when, 115, y + 4, 12, INK))
    }
}

/// A line of words in the place of packets.
fn note(row: usize, width: usize, said: &str) -> Text {
    let y = TOP + ROW * row + ROW / 2;
    let text = Text::new(said).set("x", usize::midpoint(LEFT, width)).set("y", y + 4);
    let text = text.set("text-anchor", "middle").set("font-style", "italic").set("fill", INK);
    text.set("stroke", "white").set("stroke-width", 6).set("paint-order", "stroke")
}

/// Sender and receiver. On the loopback of one host they are told apart by their ports.
fn ends(row: &Row) -> Option<(String, String)> {
    let address = |v4, v6, arp| row.text(v4).or(row.text(v6)).or(row.text(arp));
    let from = address("ip.src", "ipv6.src", "arp.src.proto_ipv4")?;
    let mut to = address("ip.dst", "ipv6.dst", "arp.dst.proto_ipv4")?;
    if to == "255.255.255.255" || row.number("arp.opcode") == Some(1) {
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

fn ports(row: &Row) -> String {
    let port = |field| row.text(field).unwrap_or("?");
    format!("from port {} to port {}", port("udp.srcport"), port("udp.dstport"))
}

fn echo(row: &Row) -> String {
    match row.number("icmp.type") {
        Some(8) => "ICMP echo request".to_owned(),
        Some(0) => "ICMP echo reply".to_owned(),
        Some(3) => "ICMP destination unreachable".to_owned(),
        Some(11) => "ICMP time exceeded".to_owned(),
        _ => format!("ICMP, type {}", row.text("icmp.type").unwrap_or("?")),
    }
}

fn dhcp(row: &Row) -> String {
    const KINDS: [&str; 8] =
        ["discover", "offer", "request", "decline", "ack", "nak", "release", "inform"];
    let kind = row.number("dhcp.option.dhcp").and_then(|kind| usize::try_from(kind).ok());
    let kind = kind.and_then(|kind| KINDS.get(kind.checked_sub(1)?));
    format!("DHCP {}", kind.copied().unwrap_or("message"))
}

fn arp(row: &Row) -> String {
    let text = |field| row.text(field).unwrap_or("?");
    match row.number("arp.opcode") {
        Some(2) => {
            format!("ARP: {} is at {}", text("arp.src.proto_ipv4"), text("arp.src.hw_mac"))
        }
        _ => format!("ARP: who has {}?", text("arp.dst.proto_ipv4")),
    }
}

/// The beginning of a message, from tshark's hexadecimal digits.
fn said(digits: Option<&str>) -> String {
    let Some(digits) = digits else { return String::new() };
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).take(8 * SHOWN).collect();
    let pairs = digits.chunks_exact(2).map(|pair| {
        let pair = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(pair, 16).expect("two hexadecimal digits")
    });
    let bytes: Vec<u8> = pairs.collect();
    format!(": \"{}\"", legible(&String::from_utf8_lossy(&bytes), SHOWN))
}

/// A text without what cannot stand in a drawing, and not too long.
fn legible(text: &str, most: usize) -> String {
    let visible = |c: char| match c {
        '\n' => '⏎',
        c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => '·',
        c => c,
    };
    let letters = text.chars().filter(|c| *c != '\r').map(visible);
    let mut shown: String = letters.take(most).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_and_made_legible() {
        assert_eq!(said(Some("68656c6c6f0a")), ": \"hello⏎\"");
        assert_eq!(said(Some("68:65:6c:6c:6f")), ": \"hello\"");
        assert_eq!(said(Some("00ff41")), ": \"·\u{fffd}A\"");
        let long = "61".repeat(30);
        assert_eq!(said(Some(&long)), format!(": \"{}…\"", "a".repeat(SHOWN)));
        assert_eq!(said(None), "");
    }

    #[test]
    fn a_drawing_holds_whatever_was_sent() {
        let step = |frame| Arrow {
            frame,
            time: frame as f64,
            from: "10.0.0.1".into(),
            to: "10.0.0.2".into(),
            colour: TCP,
            label: "<script> & \"more\"".into(),
            detail: String::new(),
        };
        let hosts = vec!["10.0.0.1".to_owned(), "10.0.0.2".to_owned()];
        let first = (1..=2).map(step).collect();
        let last = VecDeque::from([step(9)]);
        let ladder = Ladder { hosts, first, last, left_out: 6, ..Ladder::default() };
        let drawn = ladder.picture("a<b.pcap");
        assert!(drawn.contains("&lt;script&gt; &amp;"), "{drawn}");
        assert!(drawn.contains("… 6 more packets"), "{drawn}");
        assert!(drawn.contains("8.000000"), "times count from the first packet: {drawn}");
        assert!(!drawn.contains("<script>"), "{drawn}");
        assert_eq!(drawn, ladder.picture("a<b.pcap"), "the same packets give the same drawing");
    }
}
