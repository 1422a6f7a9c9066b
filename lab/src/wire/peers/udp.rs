//! Our ends of UDP.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};

use crate::os::sockets::Transport;
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Started, Stop, Trial, Verdict, is_inside, no_port};
use crate::wire::intake::not_yet;

use super::{TURN, fault, two, usual, when_free};

/// A UDP client of the program.
pub struct UdpClient<'s> {
    server: &'s Server<'s>,
    socket: UdpSocket,
    /// The last answer, right or wrong.
    answer: RefCell<Option<Vec<u8>>>,
    /// Who sent one, if it was not who was asked.
    from: Cell<Option<SocketAddr>>,
}

impl<'s> UdpClient<'s> {
    pub fn new(server: &'s Server<'s>) -> Result<UdpClient<'s>, Stop> {
        UdpClient::at(server, Ipv4Addr::LOCALHOST)
    }

    /// The same at another address of this host's.
    pub fn at(server: &'s Server<'s>, address: Ipv4Addr) -> Result<UdpClient<'s>, Stop> {
        let socket = UdpSocket::bind((address, 0)).map_err(fault)?;
        socket.set_read_timeout(Some(TURN)).map_err(fault)?;
        Ok(UdpClient { server, socket, answer: RefCell::default(), from: Cell::default() })
    }

    pub fn send(&self, datagram: &[u8]) -> Verdict {
        self.socket.send_to(datagram, self.server.address()).map_err(fault)?;
        Ok(())
    }

    /// Waits for the next datagram; the failure, if none comes, begins with what was done.
    pub fn receive(&self, did: &str, expected: &[u8]) -> Result<Vec<u8>, Stop> {
        let mut buffer = vec![0; 65_535];
        let received = self.server.until(|| match self.socket.recv_from(&mut buffer) {
            Err(error) if not_yet(&error) => None,
            other => Some(other),
        });
        let wanted = || match expected {
            [] => "an empty datagram back".to_owned(),
            _ => format!("the datagram {} back", quote(expected)),
        };
        match received {
            Ok(Ok((length, from))) if self.may_answer(from) => {
                buffer.truncate(length);
                Ok(buffer)
            }
            Ok(Ok((length, from))) => {
                buffer.truncate(length);
                let failure = Failure::new(did, wanted())
                    .received(format!("{} from {from}", quote(&buffer)))
                    .cause(format!(
                        "the reply must come from the socket that was asked, {}: the program sent \
                         it from another one",
                        self.server.address()
                    ))
                    .gap("reply");
                self.answer.replace(Some(buffer));
                self.from.set(Some(from));
                Err(failure.into())
            }
            Ok(Err(error)) => Err(fault(error)),
            Err(event) => {
                let mut failure = Failure::new(did, wanted())
                    .silence()
                    .received("no datagram")
                    .lines(self.server.observed(&event));
                if self.server.exited().is_none() {
                    failure = self.server.reading(failure);
                }
                Err(self.server.or_printed(failure, expected).into())
            }
        }
    }

    /// Sends a datagram and demands exactly this one in return.
    pub fn exchange(&self, datagram: &[u8], expected: &[u8]) -> Verdict {
        let did = format!("sent the datagram {}", quote(datagram));
        let replay = self.server.trial().replay_send(datagram);
        self.send(datagram)?;
        let reply = self
            .receive(&did, expected)
            .map_err(|stop| stop.map(|failure| failure.replay.clone_from(&replay)))?;
        let before = self.answer.replace(Some(reply.clone()));
        if self.server.trial().manner().accepts(expected, &reply) {
            return Ok(());
        }
        let failure = Failure::new(did.clone(), "").replay(replay);
        if before.as_ref() != Some(&reply) {
            let failure = failure
                .seen(("the question", datagram), expected, &reply)
                .difference(expected, &reply);
            self.server.settle();
            return Err(match self.pending() {
                None => failure,
                Some(more) => failure
                    .received(format!("and then a second datagram, {}", quote(&more)))
                    .cause("one question is answered with one datagram")
                    .gap("reply"),
            }
            .into());
        }
        // Twice, or for ever? What comes next tells.
        let failure = failure.difference(expected, &reply);
        Err(match self.receive(&did, expected) {
            Ok(next) if next == reply => failure
                .cause("the answer before this one comes again and again: was its datagram taken?")
                .gap("receive"),
            _ => {
                failure.cause("this is the answer before this one, sent a second time").gap("reply")
            }
        }
        .into())
    }

    /// Whether an answer may come from there.
    fn may_answer(&self, from: SocketAddr) -> bool {
        let asked = self.server.address();
        let elsewhere = self.server.trial().manner().answers_from_elsewhere;
        from == asked || (elsewhere && from.ip() == asked.ip())
    }

    /// Whether the last answer was this one, and came from another socket of the program's.
    pub fn heard_from_elsewhere(&self, expected: &[u8]) -> bool {
        self.from.get().is_some_and(|from| from.ip() == self.server.address().ip())
            && self.answer.borrow().as_deref() == Some(expected)
    }

    /// Whether the last answer held this, and more.
    pub fn heard_more_than(&self, expected: &[u8]) -> bool {
        self.answer.borrow().as_ref().is_some_and(|answer| is_inside(expected, answer))
    }

    /// Takes what has come without being asked for.
    pub fn forget(&self) {
        self.server.settle();
        while self.pending().is_some() {}
    }

    /// A datagram that has come without being waited for.
    pub fn pending(&self) -> Option<Vec<u8>> {
        self.socket.set_nonblocking(true).ok()?;
        let mut buffer = vec![0; 65_535];
        let length = self.socket.recv(&mut buffer).ok();
        self.socket.set_nonblocking(false).ok()?;
        buffer.truncate(length?);
        Some(buffer)
    }
}

/// The UDP server that the check plays.
pub struct UdpServer {
    socket: UdpSocket,
    pub port: u16,
}

impl UdpServer {
    pub fn new(trial: &Trial) -> Result<UdpServer, Stop> {
        let address = trial.own_address();
        when_free(address.port(), || UdpServer::at(address))
            .map_err(|error| no_port(address.port(), &error))
    }

    pub(super) fn at(address: SocketAddrV4) -> io::Result<UdpServer> {
        let socket = UdpSocket::bind(address)?;
        socket.set_read_timeout(Some(TURN))?;
        let port = socket.local_addr()?.port();
        Ok(UdpServer { socket, port })
    }

    /// A server at the port that is the lab's own, beside this one; `None` where that cannot be had.
    pub fn usual(trial: &Trial, beside: &UdpServer) -> Option<UdpServer> {
        let port = usual(trial, beside.port)?;
        UdpServer::at(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).ok()
    }

    /// A server at another address than the usual one, and one with its port at the usual address.
    pub fn two(trial: &Trial) -> Result<Option<[UdpServer; 2]>, Stop> {
        two(trial, UdpServer::at, |server| server.port)
    }

    /// Somebody else, at a port of his own.
    pub fn stranger() -> Result<UdpServer, Stop> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(fault)?;
        let port = socket.local_addr().map_err(fault)?.port();
        Ok(UdpServer { socket, port })
    }

    /// Somebody else at another host, at the port of this server.
    pub fn namesake(port: u16) -> Option<UdpServer> {
        const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);
        UdpServer::at(SocketAddrV4::new(ELSEWHERE, port)).ok()
    }

    /// Waits for the program's datagram and its address.
    pub fn receive(&self, client: &Started, did: &str) -> Result<(Vec<u8>, SocketAddr), Stop> {
        let mut buffer = vec![0; 65_535];
        let received = client.until(|| match self.socket.recv_from(&mut buffer) {
            Err(error) if not_yet(&error) => None,
            other => Some(other),
        });
        match received {
            Ok(Ok((length, from))) => {
                buffer.truncate(length);
                Ok((buffer, from))
            }
            Ok(Err(error)) => Err(fault(error)),
            Err(event) => {
                let failure = Failure::new(did, format!("a datagram to UDP port {}", self.port))
                    .silence()
                    .received("no datagram")
                    .lines(client.observed(&event))
                    .lines(client.elsewhere(Transport::Udp, self.port))
                    .replay(client.trial().replay_client());
                Err(failure.into())
            }
        }
    }

    pub fn send(&self, datagram: &[u8], to: SocketAddr) -> Verdict {
        self.socket.send_to(datagram, to).map_err(fault)?;
        Ok(())
    }

    /// Whether a datagram has come; it is taken out.
    pub fn has_come(&self) -> bool {
        matches!(self.pending(), Ok(Some(_)))
    }

    /// A datagram that has come without being waited for.
    pub fn pending(&self) -> Result<Option<Vec<u8>>, Stop> {
        Ok(self.pending_from()?.map(|(datagram, _)| datagram))
    }

    /// The same, and who sent it.
    pub fn pending_from(&self) -> Result<Option<(Vec<u8>, SocketAddr)>, Stop> {
        self.socket.set_nonblocking(true).map_err(fault)?;
        let mut buffer = vec![0; 65_535];
        match self.socket.recv_from(&mut buffer) {
            Ok((length, from)) => {
                buffer.truncate(length);
                Ok(Some((buffer, from)))
            }
            Err(error) if not_yet(&error) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }
}
