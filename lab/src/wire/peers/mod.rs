//! The ends of the wire that a check holds: a client's where the program is a server, a server's
//! where it is a client. Every wait is a wait for the program, and says what the program did.

use std::io;
use std::time::Duration;

use crate::trial::{Failure, Stop, Verdict};

mod ports;
mod screen;
mod tcp;
mod udp;

pub use ports::{ANOTHER, ClosedPort, finds, when_free};
pub use screen::Shown;
pub use tcp::{Accepted, Answer, End, TcpClient, TcpServer};
pub use udp::{UdpClient, UdpServer};

use self::ports::{is_free_for_the_client, two, until_the_queue_is_full, usual};

/// How long one look at a socket may take before the program is looked at again.
const TURN: Duration = Duration::from_millis(10);
/// How long a program may leave unread what it is sent, once all buffers are full.
const STUCK: Duration = Duration::from_secs(5);

fn fault(error: io::Error) -> Stop {
    Stop::Fault(format!("the check's own socket failed: {error}"))
}

/// Demands equal bytes; else the failure shows where they part.
pub fn same(failure: Failure, expected: &[u8], received: &[u8]) -> Verdict {
    if expected == received { Ok(()) } else { Err(failure.difference(expected, received).into()) }
}
