//! The other end of the wire: our clients, servers and what they read.

pub mod certificates;
pub mod intake;
pub mod mime;
pub mod peers;
pub mod smtp;
pub mod tls;
