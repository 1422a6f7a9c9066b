//! What there is to know of a lab program before it is started.

use crate::os::sockets::Transport;

#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub name: &'static str,
    pub transport: Transport,
    /// Where it listens, or where its server listens, unless told otherwise.
    pub port: u16,
    /// The arguments with which it is started.
    pub arguments: &'static [&'static str],
}
