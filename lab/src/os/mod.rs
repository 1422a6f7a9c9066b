//! What the operating system knows of a program: its processes, sockets and network.

pub mod limits;
pub mod namespace;
pub mod network;
pub mod output;
pub mod processes;
pub mod program;
pub mod sockets;
pub mod view;
pub mod zone;
