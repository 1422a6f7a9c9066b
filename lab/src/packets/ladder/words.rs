//! What stands at an arrow: the kind of packet by its protocol's name, and what it says.

use crate::packets::capture::Row;

/// How many characters of a message are shown.
const SHOWN: usize = 24;
/// And of a name or a path.
const LONGEST_NAME: usize = 40;

pub(super) fn ports(row: &Row) -> String {
    let port = |field| row.text(field).unwrap_or("?");
    format!("from port {} to port {}", port("udp.srcport"), port("udp.dstport"))
}

pub(super) fn echo(row: &Row) -> String {
    match row.number("icmp.type") {
        Some(8) => "ICMP echo request".to_owned(),
        Some(0) => "ICMP echo reply".to_owned(),
        Some(3) => "ICMP destination unreachable".to_owned(),
        Some(11) => "ICMP time exceeded".to_owned(),
        _ => format!("ICMP, type {}", row.text("icmp.type").unwrap_or("?")),
    }
}

pub(super) fn dhcp(row: &Row) -> String {
    const KINDS: [&str; 8] =
        ["discover", "offer", "request", "decline", "ack", "nak", "release", "inform"];
    let kind = row.number("dhcp.option.dhcp").and_then(|kind| usize::try_from(kind).ok());
    let kind = kind.and_then(|kind| KINDS.get(kind.checked_sub(1)?));
    format!("DHCP {}", kind.copied().unwrap_or("message"))
}

pub(super) fn arp(row: &Row) -> String {
    let text = |field| row.text(field).unwrap_or("?");
    match row.number("arp.opcode") {
        Some(2) => {
            format!("ARP: {} is at {}", text("arp.src.proto_ipv4"), text("arp.src.hw_mac"))
        }
        _ => format!("ARP: who has {}?", text("arp.dst.proto_ipv4")),
    }
}

/// A question for an address, or the answer.
pub(super) fn dns(row: &Row) -> String {
    let name = row.text("dns.qry.name").map_or(String::new(), |name| legible(name, LONGEST_NAME));
    match row.number("dns.flags.response") {
        Some(1) => match row.text("dns.a") {
            Some(address) => format!("DNS: {name} is {address}"),
            None => format!("DNS: no address for {name}"),
        },
        _ => format!("DNS: where is {name}?"),
    }
}

/// The request line, or the status line, of a message of HTTP.
pub(super) fn http(row: &Row) -> Option<String> {
    let text = |field| row.text(field).map(|text| legible(text, LONGEST_NAME));
    if let Some(method) = text("http.request.method") {
        return Some(format!("HTTP {method} {}", text("http.request.uri").unwrap_or_default()));
    }
    let code = text("http.response.code")?;
    Some(format!("HTTP {code} {}", text("http.response.phrase").unwrap_or_default()))
}

/// The beginning of a message, from tshark's hexadecimal digits.
pub(super) fn said(digits: Option<&str>) -> String {
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
pub(super) fn legible(text: &str, most: usize) -> String {
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
}
