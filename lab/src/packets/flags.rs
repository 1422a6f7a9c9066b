//! The flags of a TCP header.

pub const FIN: u64 = 0x01;
pub const SYN: u64 = 0x02;
pub const RST: u64 = 0x04;
pub const ACK: u64 = 0x10;

/// Their names, by their bits.
pub const NAMES: [(u64, &str); 6] =
    [(FIN, "FIN"), (SYN, "SYN"), (RST, "RST"), (0x08, "PSH"), (ACK, "ACK"), (0x20, "URG")];

/// The names of those that are set.
pub fn names(bits: u64) -> Vec<&'static str> {
    NAMES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect()
}
