//! Windsor's sheet: ping, DHCP, ARP and Ethernet.

use std::net::Ipv4Addr;

use crate::packets::evidence::{Echo, Evidence, Offer, Owner, Reply, Request};
use crate::packets::questions::{About, Mistake, PacketQuestion, Sheet, Value, at, wrong};

/// The header of an Ethernet frame, in bytes.
const ETHERNET: u64 = 14;

pub const QUESTIONS: &[PacketQuestion] = &[
    PacketQuestion {
        key: "w1a_source",
        sheet: Sheet::Windsor,
        number: "1A",
        asks: "source address of the first echo request",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Address(e.echo?.from)),
        mistakes: |e| address(e.echo, |echo| echo.to, "is the destination").collect(),
    },
    PacketQuestion {
        key: "w1a_destination",
        sheet: Sheet::Windsor,
        number: "1A",
        asks: "destination address of the first echo request",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Address(e.echo?.to)),
        mistakes: |e| address(e.echo, |echo| echo.from, "is the source").collect(),
    },
    PacketQuestion {
        key: "w1b_protocol",
        sheet: Sheet::Windsor,
        number: "1B",
        asks: "the upper layer's protocol number in its IP header",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::IpProtocol(e.echo?.protocol)),
        mistakes: |_| {
            vec![
                (Value::Number(8), "is the type of the ICMP message"),
                (Value::IpProtocol(6), "is TCP's"),
                (Value::IpProtocol(17), "is UDP's"),
                (Value::Number(4), "is the version of IP"),
                (Value::Number(0x0800), "is what Ethernet calls IPv4"),
            ]
        },
    },
    PacketQuestion {
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
    PacketQuestion {
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
                .chain(wrong(
                    e.echo,
                    |echo| echo.total + ETHERNET,
                    "is the length of the whole frame, with the headers of Ethernet and IP",
                ))
                .collect()
        },
    },
    PacketQuestion {
        key: "w1e_ttl",
        sheet: Sheet::Windsor,
        number: "1E",
        asks: "its TTL",
        about: About::Echo,
        answer: |e| at(e.echo?.place, Value::Number(e.echo?.ttl)),
        mistakes: |e| {
            let reply = "is that of a reply: each router on the way has taken one off";
            e.reply_ttls.iter().map(|ttl| (Value::Number(*ttl), reply)).collect()
        },
    },
    PacketQuestion {
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
    PacketQuestion {
        key: "w2a_protocol",
        sheet: Sheet::Windsor,
        number: "2A",
        asks: "the transport protocol's number in the IP header of a DHCP message",
        about: About::Dhcp,
        answer: |e| at(e.dhcp?.place, Value::IpProtocol(e.dhcp?.protocol)),
        mistakes: |_| vec![(Value::IpProtocol(6), "is TCP's"), (Value::IpProtocol(1), "is ICMP's")],
    },
    PacketQuestion {
        key: "w2a_source_port",
        sheet: Sheet::Windsor,
        number: "2A",
        asks: "the DHCP client's port",
        about: About::Dhcp,
        answer: |e| at(e.dhcp?.place, Value::Number(e.dhcp?.from_port)),
        mistakes: |_| vec![(Value::Number(67), "is the server's")],
    },
    PacketQuestion {
        key: "w2a_destination_port",
        sheet: Sheet::Windsor,
        number: "2A",
        asks: "the DHCP server's port",
        about: About::Dhcp,
        answer: |e| at(e.dhcp?.place, Value::Number(e.dhcp?.to_port)),
        mistakes: |_| vec![(Value::Number(68), "is the client's")],
    },
    PacketQuestion {
        key: "w2b_server",
        sheet: Sheet::Windsor,
        number: "2B",
        asks: "address of the DHCP server, in the offer",
        about: About::Offer,
        answer: |e| at(offer(e)?.place, Value::Address(offer(e)?.server?)),
        mistakes: |e| offered(e, &["router", "DNS server", "mask"]),
    },
    PacketQuestion {
        key: "w2b_mask",
        sheet: Sheet::Windsor,
        number: "2B",
        asks: "subnet mask, in the offer",
        about: About::Offer,
        answer: |e| at(offer(e)?.place, Value::Address(offer(e)?.mask?)),
        mistakes: |e| {
            let mut mistakes = offered(e, &["router", "DNS server", "DHCP server"]);
            let limited = Ipv4Addr::BROADCAST;
            mistakes.push((Value::Address(limited), "is the address of a broadcast"));
            mistakes
        },
    },
    PacketQuestion {
        key: "w2b_router",
        sheet: Sheet::Windsor,
        number: "2B",
        asks: "address of the router, in the offer",
        about: About::Offer,
        answer: |e| at(offer(e)?.place, several(&offer(e)?.routers)?),
        mistakes: |e| offered(e, &["DHCP server", "DNS server", "mask"]),
    },
    PacketQuestion {
        key: "w2b_dns",
        sheet: Sheet::Windsor,
        number: "2B",
        asks: "address of the DNS server, in the offer",
        about: About::Offer,
        answer: |e| at(offer(e)?.place, several(&offer(e)?.dns)?),
        mistakes: |e| offered(e, &["router", "DHCP server", "mask"]),
    },
    PacketQuestion {
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
    PacketQuestion {
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
    PacketQuestion {
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
    PacketQuestion {
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
    PacketQuestion {
        key: "w3b_ip",
        sheet: Sheet::Windsor,
        number: "3B",
        asks: "IP address of the ARP reply's sender",
        about: About::Reply,
        answer: |e| at(reply(e)?.place, Value::Address(reply(e)?.sender)),
        mistakes: |e| {
            let dns = offer(e).map(|offer| offer.dns.clone()).unwrap_or_default();
            let dns = dns.into_iter().map(|dns| (Value::Address(dns), "is the DNS server's"));
            address(reply(e), |reply| reply.asker, "is that of who asked").chain(dns).collect()
        },
    },
    PacketQuestion {
        key: "w4a_source",
        sheet: Sheet::Windsor,
        number: "4A",
        asks: "source MAC address of the HTTP request",
        about: About::Page,
        answer: |e| at(e.page()?.place, Value::Card(e.page()?.from_mac.clone())),
        mistakes: |e| card(e.page(), |page| &page.to_mac, "is the destination").collect(),
    },
    PacketQuestion {
        key: "w4a_destination",
        sheet: Sheet::Windsor,
        number: "4A",
        asks: "destination MAC address of the HTTP request",
        about: About::Page,
        answer: |e| at(e.page()?.place, Value::Card(e.page()?.to_mac.clone())),
        mistakes: |e| card(e.page(), |page| &page.from_mac, "is the source").collect(),
    },
    PacketQuestion {
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
    PacketQuestion {
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
    PacketQuestion {
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
            vec![
                (
                    Value::Protocol("TCP"),
                    "is what the header of IP says of its own upper layer, with the number 6. \
                     Ethernet's header says what comes right after it",
                ),
                (
                    Value::Protocol("HTTP"),
                    "is what is in the TCP segment. Ethernet's header says what comes right after \
                     it, and knows nothing of what is further inside",
                ),
                (Value::Protocol("IPv6"), "has another value in the field Type: 0x86dd"),
                (Value::Protocol("ARP"), "has another value in the field Type: 0x0806"),
            ]
        },
    },
];

fn offer(evidence: &Evidence) -> Option<&Offer> {
    evidence.offer.as_ref()
}

/// What else of the offer may have been read: whose address it is, said as a cause.
fn offered(evidence: &Evidence, others: &[&str]) -> Vec<Mistake> {
    let Some(offer) = offer(evidence) else { return Vec::new() };
    let one = |address: Option<Ipv4Addr>| address.into_iter().collect();
    let named: [(&str, Vec<Ipv4Addr>, &'static str); 4] = [
        ("DHCP server", one(offer.server), "is the DHCP server's address"),
        ("mask", one(offer.mask), "is the subnet mask"),
        ("router", offer.routers.clone(), "is the router's address"),
        ("DNS server", offer.dns.clone(), "is the DNS server's address"),
    ];
    let wanted = named.into_iter().filter(|(name, ..)| others.contains(name));
    let all = wanted.flat_map(|(_, addresses, why)| {
        addresses.into_iter().map(move |address| (Value::Address(address), why))
    });
    all.collect()
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
