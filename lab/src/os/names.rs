//! The names of other people's hosts, in a check's own network that has every address: all of them are found,
//! at one address. So a program with the name of its author's server in it can be checked, too.
#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here

use std::fs;
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Where every name leads: an address that no host has (RFC 2544).
const SOMEWHERE: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);

/// A DNS server in the calling thread's network, where this host's programs look for one; it ends with this.
pub struct FoundNames {
    over: Arc<AtomicBool>,
}

impl FoundNames {
    pub fn answer() -> io::Result<FoundNames> {
        const DNS: u16 = 53;
        const TURN: Duration = Duration::from_millis(50);
        let configuration = fs::read_to_string("/etc/resolv.conf").unwrap_or_default(); // there may be none
        let socket = UdpSocket::bind((server_of(&configuration), DNS))?;
        socket.set_read_timeout(Some(TURN))?;
        let over = Arc::new(AtomicBool::new(false));
        let is_over = over.clone();
        let serve = move || {
            let mut query = [0; 512];
            while !is_over.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut query) else { continue };
                let answer = query.get(..length).and_then(answer_to);
                // Who gets no answer finds no host, as it was before.
                answer.map(|answer| socket.send_to(&answer, from));
            }
        };
        thread::Builder::new().spawn(serve)?;
        Ok(FoundNames { over })
    }
}

impl Drop for FoundNames {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// The first DNS server with an IPv4 address that a resolv.conf names; without any it is this host.
fn server_of(configuration: &str) -> Ipv4Addr {
    let addresses = configuration.lines().filter_map(|line| line.strip_prefix("nameserver"));
    addresses.filter_map(|it| it.trim().parse().ok()).next().unwrap_or(Ipv4Addr::LOCALHOST)
}

/// The answer to a question for one name (RFC 1035, section 4): its IPv4 address, or that it has no other.
fn answer_to(query: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 12;
    const A: [u8; 4] = [0, 1, 0, 1]; // the type, and the class of the Internet
    let (header, question) = query.split_at_checked(HEADER)?;
    let [first, second, _, _, 0, 1, ..] = header else { return None };
    // The name is a run of labels, each behind its length, and an empty one.
    let mut name = 0_usize;
    while let Some(length) = question.get(name).filter(|length| **length > 0) {
        name = name.checked_add(usize::from(*length))?.checked_add(1)?;
    }
    let end = name.checked_add(5)?;
    let question = question.get(..end)?;
    let has_address = question.ends_with(&A);
    let mut answer = vec![*first, *second, 0x81, 0x80, 0, 1, 0, u8::from(has_address), 0, 0, 0, 0];
    answer.extend(question);
    if has_address {
        answer.extend([0xc0, 12]); // the name again
        answer.extend(A);
        answer.extend([0, 0, 0, 0, 0, 4]); // good for no time, and four bytes long
        answer.extend(SOMEWHERE.octets());
    }
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_server_of_ipv4_is_taken() {
        assert_eq!(
            server_of("search lan\nnameserver ::1\nnameserver 10.0.0.2\n"),
            Ipv4Addr::new(10, 0, 0, 2)
        );
        assert_eq!(server_of("# nothing"), Ipv4Addr::LOCALHOST);
    }

    #[test]
    fn a_name_has_an_address_and_no_other_and_nonsense_has_no_answer() {
        let query = |kind| {
            let header = [7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            [&header[..], b"\x04mail\x07example\0\0", &[kind, 0, 1]].concat()
        };
        let answer = answer_to(&query(1)).unwrap();
        assert_eq!((&answer[..2], answer[7]), (&[7, 9][..], 1));
        assert!(answer.ends_with(&SOMEWHERE.octets()));
        let other = answer_to(&query(28)).unwrap();
        assert_eq!((other[7], other.len()), (0, query(28).len()));
        let whole = query(1);
        for length in 0..whole.len() {
            assert!(whole.get(..length).and_then(answer_to).is_none(), "{length}");
        }
    }
}
