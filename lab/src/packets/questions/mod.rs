//! The questions about packets, in a table for each sheet: what is asked, which packets show it, what
//! is right.

use std::fmt;
use std::net::Ipv4Addr;

use crate::packets::evidence::{Evidence, Place};
use crate::packets::flags;

mod about;
mod ntnu;
mod windsor;

pub use about::About;

/// Which assignment a question is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sheet {
    /// NTNU's lab 3, Q3 to Q12
    Ntnu,
    /// Windsor's lab 3, 1 to 4
    Windsor,
}

impl Sheet {
    /// Both, in the order in which they are told.
    pub const ALL: [Sheet; 2] = [Sheet::Ntnu, Sheet::Windsor];

    /// For a person.
    pub fn title(self) -> &'static str {
        match self {
            Sheet::Ntnu => "NTNU lab 3",
            Sheet::Windsor => "Windsor lab 3",
        }
    }
}

/// What an answer may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Number(u64),
    /// A protocol's number in the header of IP, which has a name as well.
    IpProtocol(u64),
    /// A number that is written in hexadecimal by custom, with four digits.
    Type(u64),
    Yes(bool),
    Address(Ipv4Addr),
    /// Any one of them, or all.
    Addresses(Vec<Ipv4Addr>),
    /// With colons, in small letters.
    Card(String),
    /// The flags of a TCP header that are set.
    Flags(u64),
    Protocol(&'static str),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Value::Number(number) | Value::IpProtocol(number) => write!(f, "{number}"),
            Value::Type(number) => write!(f, "0x{number:04x}"),
            Value::Yes(true) => f.write_str("yes"),
            Value::Yes(false) => f.write_str("no"),
            Value::Address(address) => write!(f, "{address}"),
            Value::Addresses(addresses) => {
                let all: Vec<String> = addresses.iter().map(Ipv4Addr::to_string).collect();
                f.write_str(&all.join(", "))
            }
            Value::Card(mac) => f.write_str(mac),
            Value::Flags(bits) => f.write_str(&flags::names(*bits).join(", ")),
            Value::Protocol(name) => f.write_str(name),
        }
    }
}

/// The right answer, and the packet that shows it.
#[derive(Clone, Debug)]
pub struct RightAnswer {
    pub value: Value,
    /// None where no packet is needed.
    pub place: Option<Place>,
}

/// A wrong answer that is given often, and what it really is.
pub type Mistake = (Value, &'static str);

/// One question, or a part of it, that has one answer.
pub struct PacketQuestion {
    /// Its name in answers.toml.
    pub key: &'static str,
    pub sheet: Sheet,
    /// Its number on the sheet.
    pub number: &'static str,
    /// What is to be written down, as a phrase.
    pub asks: &'static str,
    pub about: About,
    pub answer: fn(&Evidence) -> Option<RightAnswer>,
    pub mistakes: fn(&Evidence) -> Vec<Mistake>,
}

/// All questions, in the order of the sheets.
pub fn all() -> impl Iterator<Item = &'static PacketQuestion> {
    ntnu::QUESTIONS.iter().chain(windsor::QUESTIONS)
}

fn at(place: Place, value: Value) -> Option<RightAnswer> {
    Some(RightAnswer { value, place: Some(place) })
}

fn always(value: Value) -> Option<RightAnswer> {
    Some(RightAnswer { value, place: None })
}

fn wrong<T>(
    packet: Option<T>,
    number: impl Fn(T) -> u64,
    why: &'static str,
) -> impl Iterator<Item = Mistake> {
    packet.map(|packet| (Value::Number(number(packet)), why)).into_iter()
}
