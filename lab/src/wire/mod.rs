//! The other end of the wire: our clients, servers and what they read.
#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here

pub mod certificates;
pub mod intake;
pub mod mime;
pub mod peers;
pub mod smtp;
pub mod tls;
