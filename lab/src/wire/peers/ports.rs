//! Ports that both sides can have, and ports that nobody listens at.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::os::network::{self, Network};
use crate::os::sockets::{self, Transport};
use crate::trial::{CLIENT, Failure, Started, Stop, Trial, Verdict, no_port};

use super::{TURN, fault};

/// An address of this host besides 127.0.0.1, on systems whose loopback has more than one.
pub const ANOTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Two servers at one port, the first at ANOTHER address; `None` where that cannot be had, or where
/// the program cannot be told of it.
pub(super) fn two<T>(
    trial: &Trial,
    at: impl Fn(SocketAddrV4) -> io::Result<T>,
    port: impl Fn(&T) -> u16,
) -> Result<Option<[T; 2]>, Stop> {
    const TRIES: usize = 20;
    let wanted = trial.own_address().port();
    for tries_left in (0..TRIES).rev() {
        if trial.address_is_fixed() {
            break;
        }
        let Ok(first) = at(SocketAddrV4::new(ANOTHER, wanted)) else { break };
        match at(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port(&first))) {
            Ok(second) => return Ok(Some([first, second])),
            Err(error) if tries_left == 0 => return Err(no_port(port(&first), &error)),
            Err(_) => {} // somebody has it there: another port
        }
    }
    Ok(None)
}

/// The port that is the lab's own, where a client that ignores its arguments turns to: if this check
/// has a network to itself, and a server at another port.
pub(super) fn usual(trial: &Trial, taken: u16) -> Option<u16> {
    let port = trial.target.facts.port;
    (network::available() == Network::Private && port != taken).then_some(port)
}

/// Demands that the client turns to the first of two servers, which is at `wanted`, with `what`.
pub fn finds<T>(
    [other, usual]: &[T; 2],
    wanted: SocketAddrV4,
    (client, did): (Started, String),
    what: &str,
    has_come: impl Fn(&T) -> bool,
) -> Verdict {
    let turns_to = || match has_come(other) {
        true => Some(true),
        false => has_come(usual).then_some(false),
    };
    let failure = Failure::new(did, format!("{what} to {wanted}"));
    Err(match client.until(turns_to) {
        Ok(true) => return Ok(()),
        Ok(false) => {
            failure.received(format!("{what} to {}:{}", Ipv4Addr::LOCALHOST, wanted.port()))
        }
        Err(event) => {
            let (_article, thing) = what.split_once(' ').expect("an article");
            failure.received(format!("no {thing}")).lines(client.observed(&event))
        }
    }
    .into())
}

/// Waits for the first connection to be in the queue of the listener at this port. On a busy machine the
/// last step of its handshake may be on its way for a while; until it has come there is room for another.
pub(super) fn until_the_queue_is_full(port: u16) -> Verdict {
    const LATE: Duration = Duration::from_secs(10);
    let start = Instant::now();
    let is_full = |socket: &sockets::Socket| {
        socket.open_to_all && socket.local.port() == port && socket.unread > 0
    };
    while !sockets::all().iter().any(is_full) {
        if start.elapsed() > LATE {
            return Err(fault(ErrorKind::TimedOut.into()));
        }
        thread::sleep(TURN);
    }
    Ok(())
}

/// Takes a port. One that has to be this one may be in use for a moment still: by who is about to end,
/// or by what the kernel keeps of a connection that has been closed.
pub fn when_free<T>(port: u16, take: impl Fn() -> io::Result<T>) -> io::Result<T> {
    const MOMENT: Duration = Duration::from_secs(5);
    let start = Instant::now();
    loop {
        match take() {
            Err(error) if port != 0 && error.kind() == ErrorKind::AddrInUse => {
                let most = if sockets::remains(port) { sockets::REMAINS } else { MOMENT };
                if start.elapsed() > most {
                    return Err(error);
                }
                thread::sleep(TURN);
            }
            other => return other,
        }
    }
}

/// Whether nobody has the client's address and this port for UDP. Seen, not tried: a program that is
/// started at that moment would inherit the socket, and have it for a while.
pub(super) fn is_free_for_the_client(port: u16) -> bool {
    !sockets::all().iter().any(|socket| {
        let there = socket.everywhere() || socket.local.ip() == CLIENT;
        socket.transport == Transport::Udp && socket.local.port() == port && there
    })
}

/// A TCP port of this host at which nobody listens, kept so for as long as this lives.
pub struct ClosedPort {
    _socket: Socket,
    pub port: u16,
}

impl ClosedPort {
    pub fn new(trial: &Trial) -> Result<ClosedPort, Stop> {
        let port = trial.own_address().port();
        when_free(port, || ClosedPort::at(port)).map_err(|error| no_port(port, &error))
    }

    fn at(port: u16) -> io::Result<ClosedPort> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        // Where it has to be this port, what is left of connections before does not matter.
        socket.set_reuse_address(port != 0)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
        let port = socket.local_addr()?.as_socket().map_or(0, |address| address.port());
        Ok(ClosedPort { _socket: socket, port })
    }

    /// One that is free for UDP at the client's address, and the one behind it.
    pub fn pair(trial: &Trial) -> Result<[ClosedPort; 2], Stop> {
        loop {
            let first = ClosedPort::beside(trial)?;
            let behind = first.port.wrapping_add(1);
            match ClosedPort::at(behind) {
                Ok(second) if second.port == behind => return Ok([first, second]),
                Err(error) if trial.target.port_is_fixed() => return Err(no_port(behind, &error)),
                _ => {} // somebody has it: two others
            }
        }
    }

    /// One that is free for UDP at the client's address.
    pub fn beside(trial: &Trial) -> Result<ClosedPort, Stop> {
        loop {
            let closed = ClosedPort::new(trial)?;
            if is_free_for_the_client(closed.port) || trial.target.port_is_fixed() {
                return Ok(closed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_port_that_is_in_use_for_a_moment_is_waited_for() {
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = other.local_addr().unwrap().port();
        let taken =
            thread::spawn(move || when_free(port, || ClosedPort::at(port)).map(|it| it.port));
        while !other.local_addr().is_ok_and(|_| ClosedPort::at(port).is_err()) {}
        drop(other);
        assert_eq!(taken.join().unwrap().unwrap(), port);
    }
}
