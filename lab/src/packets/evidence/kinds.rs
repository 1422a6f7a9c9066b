//! The kinds of packets that the questions are about, as far as they ask.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddrV4};

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
    /// Whether only a part of the packet is in the capture.
    pub is_cut: bool,
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
    /// The windows that the server has advertised, as they are and as the field has them; and those
    /// of the client. A wrong answer is often one of them.
    pub windows: Numbers,
    pub fields: Numbers,
    pub client_windows: Numbers,
}

/// A few different numbers; there are not many in a lab.
pub type Numbers = BTreeSet<u64>;

impl Conversation {
    /// Whether the capture has cut off a header in which the scale of the windows would be.
    pub fn is_cut(&self) -> bool {
        [self.syn, self.synack].into_iter().flatten().any(|opening| opening.is_cut)
    }

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

/// What tshark's analysis of TCP has found.
#[derive(Debug, Default)]
pub struct Followed {
    /// In the whole file.
    pub retransmissions: u64,
    pub first_retransmission: Option<u64>,
    /// The first frame in which the server's buffer is full.
    pub throttled: Option<u64>,
}

/// The sequence number that follows: they count modulo 2^32.
pub fn after(sequence: u64) -> u64 {
    (sequence + 1) & 0xffff_ffff
}
