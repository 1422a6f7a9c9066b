//! The program under check, and how it is started.

use std::fmt;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use crate::tree::Set;
use crate::trial::Facts;

/// Where the program under check comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Set(Set),
    /// A command of the caller's, in whatever language.
    Command,
}

/// The address of a client that has to have one of its own.
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);

/// The program under check and how to start it.
pub struct Target {
    pub facts: Facts,
    pub origin: Origin,
    /// `{address}`, `{client}` and `{port}` are replaced in every word.
    pub command: Vec<String>,
}

impl Target {
    /// A program of a set, or its twin: started by these words, with the arguments of its lab.
    pub fn of_set(facts: Facts, set: Set, start: &[PathBuf]) -> Target {
        let words = start.iter().map(|word| word.display().to_string());
        let arguments = facts.arguments.iter().map(ToString::to_string);
        let command = words.chain(arguments).collect();
        Target { facts, origin: Origin::Set(set), command }
    }

    /// Whether the program cannot be told its port and takes the lab's own.
    pub fn port_is_fixed(&self) -> bool {
        !self.command.iter().any(|word| word.contains("{port}"))
    }

    /// Whether the program cannot be told its address.
    pub fn address_is_fixed(&self) -> bool {
        !self.command.iter().any(|word| word.contains("{address}"))
    }

    /// Whether the program, a client, cannot be told which address is its own.
    pub fn client_is_fixed(&self) -> bool {
        !self.command.iter().any(|word| word.contains("{client}"))
    }

    /// The command line for this address and port.
    pub(super) fn words(&self, address: impl fmt::Display, port: u16) -> Vec<String> {
        let fill = |word: &String| {
            let word = word.replace("{address}", &address.to_string());
            let word = word.replace("{client}", &CLIENT.to_string());
            word.replace("{port}", &port.to_string())
        };
        self.command.iter().map(fill).collect()
    }
}
