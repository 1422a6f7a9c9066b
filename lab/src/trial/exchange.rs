//! What went over the wire during a check, packet by packet, as people tell it: who connected, what was
//! said, who closed.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use crate::os::sockets::Transport;
use crate::os::tap::Packet;

/// How something was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Connect,
    /// The other side's kernel has refused a connection, or a side has reset it.
    Reset,
    Segment,
    /// An end of what one side sends.
    Fin,
    Datagram,
}

/// One thing that went over the wire.
#[derive(Clone, Debug)]
pub struct Crossed {
    /// Since the first.
    pub after: Duration,
    pub from_program: bool,
    /// Which connection, or which pair of UDP sockets, in the order in which they began.
    pub number: usize,
    /// The other one's, as seen from the sender.
    pub to: SocketAddrV4,
    pub kind: How,
    /// The first of them.
    pub bytes: Vec<u8>,
    /// How many there were.
    pub length: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Exchange {
    pub sent: Vec<Crossed>,
}

/// Who of two ends is the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Server,
    Client,
}

/// A packet's header, read.
struct Header<'p> {
    from: SocketAddrV4,
    to: SocketAddrV4,
    /// The flags of a TCP segment.
    flags: Option<u8>,
    bytes: &'p [u8],
}

/// How much is kept of what one packet brought.
const KEPT: usize = 256;

const DNS: u16 = 53;

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

impl Exchange {
    /// Reads packets; a program of this role, whose own address is known where it was told one.
    pub fn of(packets: &[Packet], role: Role, own: Ipv4Addr) -> Exchange {
        let mut exchange = Exchange::default();
        // Of each pair of ends the one that began, and its number.
        let mut pairs: BTreeMap<[SocketAddrV4; 2], (SocketAddrV4, usize)> = BTreeMap::new();
        let mut begun = 0;
        let start = packets.first().map(|packet| packet.time).unwrap_or_default();
        for packet in packets {
            let Some(header) = header(&packet.bytes) else { continue };
            let Header { from, to, flags, bytes } = header;
            if [from, to].iter().any(|end| end.port() == DNS) {
                continue; // where a host is, is no part of what is said to it
            }
            let pair = if from < to { [from, to] } else { [to, from] };
            let begins = flags.is_some_and(|flags| flags & (SYN | ACK) == SYN);
            if begins || !pairs.contains_key(&pair) {
                begun = usize::saturating_add(begun, 1);
                pairs.insert(pair, (from, begun));
            }
            let Some((first, number)) = pairs.get(&pair).copied() else { continue };
            let client = if flags.is_none() && to.ip() == &own { to } else { first };
            let from_program = (from == client) == (role == Role::Client);
            let mut push = |kind, bytes: &[u8]| {
                let after = packet.time.saturating_sub(start);
                let length = bytes.len();
                let bytes = bytes.iter().take(KEPT).copied().collect();
                exchange.sent.push(Crossed {
                    after,
                    from_program,
                    number,
                    to,
                    kind,
                    bytes,
                    length,
                });
            };
            let Some(flags) = flags else {
                push(How::Datagram, bytes);
                continue;
            };
            if begins {
                push(How::Connect, &[]);
            }
            if !bytes.is_empty() {
                push(How::Segment, bytes);
            }
            if flags & RST > 0 {
                push(How::Reset, &[]);
            } else if flags & FIN > 0 {
                push(How::Fin, &[]);
            }
        }
        exchange
    }

    /// Where a program has turned to first, and over TCP or UDP, if it has turned to anybody.
    pub fn asked(&self) -> Option<(SocketAddrV4, Transport)> {
        let begins = |sent: &&Crossed| {
            let kind = matches!(sent.kind, How::Connect | How::Datagram);
            sent.from_program && kind && sent.to.port() != 0
        };
        let transport = |kind| if kind == How::Datagram { Transport::Udp } else { Transport::Tcp };
        self.sent.iter().find(begins).map(|sent| (sent.to, transport(sent.kind)))
    }
}

/// An IPv4 packet with TCP or UDP in it.
fn header(packet: &[u8]) -> Option<Header<'_>> {
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    let word =
        |at: usize| Some(u16::from_be_bytes(packet.get(at..at.checked_add(2)?)?.try_into().ok()?));
    let address = |at: usize| {
        let octets: [u8; 4] = packet.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(Ipv4Addr::from(octets))
    };
    let first = packet.first().filter(|first| **first >> 4 == 4)?;
    let ip = usize::from(first & 15).checked_mul(4)?;
    let whole = packet.get(..usize::from(word(2)?)).unwrap_or(packet);
    let from = SocketAddrV4::new(address(12)?, word(ip)?);
    let to = SocketAddrV4::new(address(16)?, word(ip.checked_add(2)?)?);
    let (flags, length) = match *packet.get(9)? {
        TCP => {
            let words = packet.get(ip.checked_add(12)?)? >> 4;
            (Some(*packet.get(ip.checked_add(13)?)?), usize::from(words).checked_mul(4)?)
        }
        UDP => (None, 8),
        _ => return None,
    };
    Some(Header { from, to, flags, bytes: whole.get(ip.checked_add(length)?..)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet from 127.0.0.1 and one port to 127.0.0.1 and another.
    fn packet(protocol: u8, ports: [u16; 2], flags: u8, bytes: &[u8]) -> Packet {
        let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0];
        packet.extend([127, 0, 0, 1, 127, 0, 0, 1]);
        packet.extend(ports.into_iter().flat_map(u16::to_be_bytes));
        match protocol {
            6 => packet.extend([0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]),
            _ => packet.extend([0, 0, 0, 0]),
        }
        packet.extend(bytes);
        let length = u16::try_from(packet.len()).unwrap().to_be_bytes();
        packet[2..4].copy_from_slice(&length);
        Packet { time: Duration::ZERO, bytes: packet }
    }

    #[test]
    fn a_connection_is_told_by_what_people_see_of_it() {
        let packets = [
            packet(6, [9, 80], SYN, b""),
            packet(6, [80, 9], SYN | ACK, b""),
            packet(6, [9, 80], ACK, b""),
            packet(6, [9, 80], ACK, b"hello"),
            packet(6, [80, 9], FIN | ACK, b"HELLO"),
            packet(6, [9, 80], RST, b""),
        ];
        for (role, by_client) in [(Role::Server, false), (Role::Client, true)] {
            let told = Exchange::of(&packets, role, Ipv4Addr::BROADCAST).sent;
            let told: Vec<_> = told
                .iter()
                .map(|sent| (sent.kind, sent.from_program == by_client, &sent.bytes[..]))
                .collect();
            let expected: [(How, bool, &[u8]); 5] = [
                (How::Connect, true, b""),
                (How::Segment, true, b"hello"),
                (How::Segment, false, b"HELLO"),
                (How::Fin, false, b""),
                (How::Reset, true, b""),
            ];
            assert_eq!(told, expected, "{role:?}");
        }
    }

    #[test]
    fn what_a_client_asks_first_is_seen() {
        let packets = [packet(17, [9, 53], 0, b"q"), packet(17, [9, 8888], 0, b"Ping")];
        let asked = |role| Exchange::of(&packets, role, Ipv4Addr::BROADCAST).asked();
        let there = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8888);
        assert_eq!(asked(Role::Client), Some((there, Transport::Udp)));
        assert_eq!(asked(Role::Server), None);
    }

    #[test]
    fn datagrams_are_told_by_who_began_and_cut_packets_are_passed_over() {
        let packets = [packet(17, [9, 54], 0, b"q"), packet(17, [54, 9], 0, b"a")];
        let told = Exchange::of(&packets, Role::Server, Ipv4Addr::BROADCAST).sent;
        assert_eq!(told.iter().map(|sent| sent.from_program).collect::<Vec<_>>(), [false, true]);
        let whole = packets[0].bytes.clone();
        for length in 0..whole.len() {
            let cut = Packet { time: Duration::ZERO, bytes: whole[..length].to_vec() };
            let _ = Exchange::of(&[cut], Role::Client, Ipv4Addr::LOCALHOST);
        }
    }
}
