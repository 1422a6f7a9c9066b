//! How a failure is seen again by hand.

use std::ffi::OsString;
use std::net::Ipv4Addr;

use crate::os::sockets::Transport;
use crate::text::bytes;
use crate::tree::Set;
use crate::trial::{CLIENT, Facts, Origin, Trial};

impl Trial<'_> {
    /// The command that starts the program as the check did.
    pub fn replay_run(&self, port: u16) -> String {
        let name = self.target.facts.name;
        match self.target.origin {
            Origin::Set(Set::Skeletons) => format!("make run LAB={name} ARGS=\"0.0.0.0 {port}\""),
            Origin::Set(set) => {
                format!("make run LAB={name} SET={} ARGS=\"0.0.0.0 {port}\"", set.directory())
            }
            Origin::Command => shell(&self.target.words(Ipv4Addr::UNSPECIFIED, port)),
        }
    }

    /// The command that sends these bytes to the server, started by `make run`.
    pub fn replay_send(&self, bytes: &[u8]) -> String {
        let facts = self.target.facts;
        if bytes.is_empty() && facts.transport == Transport::Udp {
            return String::new(); // of nothing netcat makes no datagram
        }
        let Some(printf) = bytes::printf(bytes) else { return String::new() };
        let netcat = match facts.transport {
            Transport::Tcp => "nc",
            Transport::Udp => "nc -u -w 1",
        };
        format!("{printf} | {netcat} 127.0.0.1 {}", facts.port)
    }

    /// The two commands that show what the client sends and what it makes of an answer.
    pub fn replay_client(&self) -> String {
        let facts = self.target.facts;
        let netcat = match facts.transport {
            Transport::Tcp => "nc -l",
            Transport::Udp => "nc -u -l",
        };
        format!(
            "terminal 1: {netcat} 127.0.0.1 {}\nterminal 2: {}",
            facts.port,
            self.replay_alone()
        )
    }

    /// The command that starts the client by itself.
    pub fn replay_alone(&self) -> String {
        let Facts { name, port, .. } = self.target.facts;
        let arguments = match self.target.client_is_fixed() {
            true => String::new(),
            false => format!(" ARGS=\"{} {CLIENT}\"", Ipv4Addr::LOCALHOST),
        };
        match self.target.origin {
            Origin::Set(Set::Skeletons) => format!("make run LAB={name}{arguments}"),
            Origin::Set(set) => format!("make run LAB={name} SET={}{arguments}", set.directory()),
            Origin::Command => shell(&self.target.words(Ipv4Addr::LOCALHOST, port)),
        }
    }
}

/// Words as a shell wants them.
pub(super) fn shell(words: &[OsString]) -> String {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    shlex::try_join(words.iter().map(AsRef::as_ref)).unwrap_or_else(|_| words.join(" "))
}
