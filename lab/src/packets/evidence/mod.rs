//! The packets in which the answers are: found in a student's captures, whatever else is in there.
//!
//! Every packet is known by its flags and types, never by its place in the file. What is kept does
//! not grow with the length of a capture.
#![warn(clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::error::Error;
use crate::packets::capture::{Analysis, Capture, Ending, Tshark};

mod choose;
mod follow;
mod kinds;
mod take;
#[cfg(test)]
mod tests;

pub use follow::{RETRANSMITTED, THROTTLED};
pub use kinds::{
    Conversation, Datagram, Dhcp, Echo, Followed, Numbers, Offer, Opening, Owner, Page, Place,
    Reply, Request, Topic, after,
};

/// Whose packets are asked for. What is left open is found in the captures.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub server: Option<Ipv4Addr>,
    pub client: Option<Ipv4Addr>,
    /// The other end of the datagrams.
    pub peer: Option<Ipv4Addr>,
    pub port: u16,
    /// tshark's number for a TCP conversation, `tcp.stream`.
    pub stream: Option<u64>,
    /// The chat server and the client that are meant where nothing else is said.
    pub usual: Option<(Ipv4Addr, Ipv4Addr)>,
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
    /// The TTLs of echo replies.
    pub reply_ttls: Numbers,
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

const FIELDS: &[&str] = &[
    "frame.number",
    "frame.protocols",
    "frame.len",
    "frame.cap_len",
    "eth.src",
    "eth.dst",
    "eth.type",
    "vlan.etype",
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

/// Looks through the captures.
pub fn gather(tshark: &Tshark, captures: &[Capture], who: &Wanted) -> Result<Evidence, Error> {
    let port = who.port;
    // The first frame says what headers there are in this file.
    let filter = format!(
        "frame.number==1 || arp || icmp.type==8 || icmp.type==0 || dhcp || dhcpv6 || (http.request && tcp) || \
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
    if let Some(conversation) = evidence.chosen.clone()
        && let Some(capture) = captures.get(conversation.file)
    {
        evidence.follow(tshark, capture, &conversation)?;
    }
    Ok(evidence)
}
