//! Packets by their fields, and what is found in them.

use std::net::Ipv4Addr;

use crate::packets::capture::Row;
use crate::packets::evidence::kinds::{Conversation, Owner};
use crate::packets::evidence::{Evidence, FIELDS, Wanted};

const BROADCAST: &str = "ff:ff:ff:ff:ff:ff";

const WANTED: Wanted = Wanted {
    server: None,
    client: None,
    peer: None,
    port: 5000,
    stream: None,
    usual: Some((Ipv4Addr::new(10, 20, 30, 3), Ipv4Addr::new(10, 20, 30, 11))),
};
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
            field => packet.iter().find(|(name, _)| *name == field).map_or("", |(_, text)| text),
        };
        let row = Row::new(FIELDS, FIELDS.iter().map(cell).collect());
        evidence.take(0, &row, &WANTED);
    }
    evidence.chosen = evidence.choose(&WANTED);
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
    let (request, _) = seen(&packets[4..9]).asked().map(|(r, a)| (r.clone(), a.is_some())).unwrap();
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
