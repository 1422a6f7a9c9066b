//! What is kept of each packet.

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::packets::capture::Row;
use crate::packets::evidence::kinds::{
    Conversation, Datagram, Dhcp, Echo, Numbers, Offer, Opening, Page, Place, Reply, Request,
    Topic, Window, after,
};
use crate::packets::evidence::{Evidence, Wanted};
use crate::packets::flags::{ACK, RST, SYN};

/// How many conversations, ARP packets and web pages are kept; a lab has a dozen of them.
const KEPT: usize = 1024;
const BROADCAST: &str = "ff:ff:ff:ff:ff:ff";
const NO_CARD: &str = "00:00:00:00:00:00";

const TCP: u64 = 6;
const UDP: u64 = 17;
const ICMP: u64 = 1;

/// What a frame carries: behind the tag of a VLAN, where it has one.
fn carried(row: &Row) -> Option<u64> {
    row.number("vlan.etype").or_else(|| row.number("eth.type"))
}

impl Evidence {
    pub(super) fn take(&mut self, file: usize, row: &Row, who: &Wanted) {
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

    fn take_ipv6(&mut self, place: Place, row: &Row, who: &Wanted) {
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

    fn take_segment(&mut self, place: Place, row: &Row, who: &Wanted) {
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
            windows: Numbers::new(),
            fields: Numbers::new(),
            client_windows: Numbers::new(),
        });
        conversation.take(place, row, flags, from_server);
    }

    fn take_datagram(&mut self, place: Place, row: &Row, who: &Wanted) {
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
        if row.number("icmp.type") == Some(0) {
            if let Some(ttl) = row.number("ip.ttl") {
                note(&mut self.reply_ttls, ttl);
            }
            return;
        }
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
        match (row.number("arp.opcode"), row.text("eth.dst"), carried(row)) {
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
                kind: carried(row)?,
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
}

fn note(numbers: &mut Numbers, number: u64) {
    if numbers.len() < KEPT {
        numbers.insert(number);
    }
}

impl Conversation {
    fn take(&mut self, place: Place, row: &Row, flags: u64, from_server: bool) {
        let opening = || {
            Some(Opening {
                place,
                sequence: row.number("tcp.seq_raw")?,
                acknowledgment: row.number("tcp.ack_raw").unwrap_or(0),
                scale: row.number("tcp.options.wscale.shift"),
                is_cut: row.number("frame.cap_len") < row.number("frame.len"),
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
        if flags & RST == 0 {
            self.take_window(place, row, flags & SYN != 0, from_server);
        }
    }

    /// Windows are scaled if both sides have said so, and never in the segments that say it.
    fn take_window(&mut self, place: Place, row: &Row, opens: bool, from_server: bool) {
        let Some(field) = row.number("tcp.window_size_value") else { return };
        let scales = (self.syn.and_then(|syn| syn.scale), self.synack.and_then(|syn| syn.scale));
        let shift = match scales {
            (Some(client), Some(server)) if !opens => {
                if from_server { server } else { client }.min(14) // RFC 7323, section 2.3
            }
            _ => 0,
        };
        let size = field << shift;
        if !from_server {
            return note(&mut self.client_windows, size);
        }
        note(&mut self.windows, size);
        note(&mut self.fields, field);
        if self.smallest.is_none_or(|smallest| size < smallest.size) {
            self.smallest = Some(Window { place, size, field });
        }
    }
}
