//! What the operating system knows of a program: its processes, sockets and network.

pub mod network;
pub mod processes;
pub mod program;
pub mod sockets;
