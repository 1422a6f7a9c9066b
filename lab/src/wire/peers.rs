//! The ends of the wire that a check holds: a client's where the program is a server, a server's
//! where it is a client. Every wait is a wait for the program, and says what the program did.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use crate::os::program::{Event, Patience, said};
use crate::os::sockets::{self, Transport};
use crate::text::bytes::quote;
use crate::trial::{CLIENT, Failure, Server, Started, Stop, Trial, Verdict, no_port};
use crate::wire::intake::{Intake, Look, not_yet};

/// How long one look at a socket may take before the program is looked at again.
const TURN: Duration = Duration::from_millis(10);
/// How long a program may leave unread what it is sent, once all buffers are full.
const STUCK: Duration = Duration::from_secs(5);

fn fault(error: io::Error) -> Stop {
    Stop::Fault(format!("the check's own socket failed: {error}"))
}

// ---- The program is a UDP server ----

/// A UDP client of the program.
pub struct UdpClient<'s> {
    server: &'s Server<'s>,
    socket: UdpSocket,
    /// The last answer that was right.
    answer: RefCell<Option<Vec<u8>>>,
}

impl<'s> UdpClient<'s> {
    pub fn new(server: &'s Server<'s>) -> Result<UdpClient<'s>, Stop> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(fault)?;
        socket.set_read_timeout(Some(TURN)).map_err(fault)?;
        Ok(UdpClient { server, socket, answer: RefCell::default() })
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
            Ok(Ok((length, from))) if from == self.server.address() => {
                buffer.truncate(length);
                Ok(buffer)
            }
            Ok(Ok((length, from))) => Err(Failure::new(did, wanted())
                .received(format!("{} from {from}", quote(&buffer[..length])))
                .cause(format!(
                    "the reply must come from the socket that was asked, {}: the program sent it \
                     from another one",
                    self.server.address()
                ))
                .gap("reply")
                .into()),
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
        if reply == expected {
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

/// Demands equal bytes; else the failure shows where they part.
pub fn same(failure: Failure, expected: &[u8], received: &[u8]) -> Verdict {
    if expected == received { Ok(()) } else { Err(failure.difference(expected, received).into()) }
}

// ---- The program is a TCP server ----

/// A TCP connection to the program.
pub struct TcpClient<'s> {
    server: &'s Server<'s>,
    stream: TcpStream,
    intake: Intake,
    /// Neither side has closed it yet, as far as was read.
    pub open: bool,
}

/// All that came over a connection, and how that ended.
pub struct Answer {
    pub bytes: Vec<u8>,
    pub end: End,
}

#[derive(Clone, Copy, Debug)]
pub enum End {
    /// The program closed the connection in good order.
    Closed,
    /// The program reset it, or closed it with bytes unread, which comes to the same.
    Reset,
    /// It is still open, and nothing more comes, or no end of it.
    Open(Event),
}

impl<'s> TcpClient<'s> {
    pub fn connect(server: &'s Server<'s>) -> Result<TcpClient<'s>, Stop> {
        // A full queue of connections makes the kernel wait and try again.
        const LATE: Duration = Duration::from_secs(10);
        match TcpStream::connect_timeout(&server.address(), LATE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(TURN)).map_err(fault)?;
                stream.set_write_timeout(Some(STUCK)).map_err(fault)?;
                stream.set_nodelay(true).map_err(fault)?;
                Ok(TcpClient { server, stream, intake: Intake::default(), open: true })
            }
            Err(error) => Err(server
                .ended()
                .unwrap_or_else(|| {
                    Failure::new(format!("connected to TCP port {}", server.port), "a connection")
                        .received(error.to_string())
                        .lines(server.observed(&Event::Idle))
                })
                .into()),
        }
    }

    /// Sends bytes. That the program may have closed already shows when its answer is read.
    pub fn send(&mut self, bytes: &[u8]) {
        self.intake.renew(bytes.len());
        let _ = self.stream.write_all(bytes); // see above
    }

    /// Reads until the program closes the connection, or does nothing more.
    pub fn read_to_end(&mut self) -> Answer {
        let mut bytes = Vec::new();
        let end = self.read_until(Patience::SHORT, &mut bytes, |_| false);
        Answer { bytes, end: end.unwrap_or(End::Closed) }
    }

    /// Reads until there is enough; `Some` says why no more comes.
    pub fn read_until(
        &mut self,
        patience: Patience,
        bytes: &mut Vec<u8>,
        enough: impl Fn(&[u8]) -> bool,
    ) -> Option<End> {
        if enough(bytes) {
            return None;
        }
        let server = self.server;
        // One wait for all of it: who sends a little now and then does not begin anew each time.
        let looked = server.patiently(patience, || {
            loop {
                match self.look(bytes)? {
                    Ok(()) if enough(bytes) => return Some(None),
                    Ok(()) => {}
                    Err(end) => return Some(Some(end)),
                }
            }
        });
        looked.unwrap_or_else(|event| {
            self.open = true;
            Some(End::Open(event))
        })
    }

    /// Waits for the next piece, or says why none comes.
    pub fn read(&mut self, patience: Patience, bytes: &mut Vec<u8>) -> Result<(), End> {
        let server = self.server;
        server.patiently(patience, || self.look(bytes)).unwrap_or_else(|event| {
            self.open = true;
            Err(End::Open(event))
        })
    }

    /// The same in a check that takes long; `None` if the wait was given up.
    pub fn read_patiently(
        &mut self,
        patience: Patience,
        bytes: &mut Vec<u8>,
    ) -> Option<Result<(), End>> {
        let server = self.server;
        let looked = server.patiently(patience, || match server.trial().is_given_up() {
            true => Some(None),
            false => self.look(bytes).map(Some),
        });
        looked.unwrap_or_else(|event| Some(Err(End::Open(event))))
    }

    /// Looks for a piece that has come.
    fn look(&mut self, bytes: &mut Vec<u8>) -> Option<Result<(), End>> {
        let end = match self.intake.look(&mut self.stream, bytes) {
            Look::Piece(_) => return Some(Ok(())),
            Look::NotYet => return None,
            Look::Closed => End::Closed,
            Look::Reset => End::Reset,
            Look::Over(event) => {
                self.server.give_up(event);
                return Some(Err(End::Open(event)));
            }
        };
        self.open = false;
        Some(Err(end))
    }

    /// The client's own address, which the program sees.
    pub fn address(&self) -> Result<SocketAddr, Stop> {
        self.stream.local_addr().map_err(fault)
    }

    /// Sends a sentence and demands exactly this answer, however the connection ends then.
    pub fn exchange(&mut self, sentence: &[u8], expected: &[u8]) -> Result<Answer, Stop> {
        self.send(sentence);
        let answer = self.read_to_end();
        if answer.bytes == expected {
            return Ok(answer);
        }
        let failure = Failure::new(
            format!("connected and sent {}", quote(sentence)),
            format!("the answer {}", quote(expected)),
        )
        .replay(self.server.trial().replay_send(sentence));
        if !answer.bytes.is_empty() {
            let mut failure = failure
                .seen(("the sentence", sentence), expected, &answer.bytes)
                .difference(expected, &answer.bytes);
            if matches!(answer.end, End::Reset) && self.server.settle().is_none() {
                failure = failure
                    .received("then a reset: the program closed with bytes unread")
                    .gap("receive");
            }
            return Err(failure.into());
        }
        let failure = self.silence(failure.silence(), &answer.end);
        Err(self.server.or_printed(failure, expected).into())
    }

    /// Says in what way there was no answer.
    pub fn silence(&self, failure: Failure, end: &End) -> Failure {
        if let Some(ended) = self.server.ended() {
            return ended;
        }
        match end {
            // Closed before it was read or after, that shows as an end or as a reset: which of the
            // two depends on who was quicker.
            End::Closed | End::Reset => failure
                .received("the connection closed, without an answer")
                .lines(self.server.last_words()),
            End::Open(event) => failure
                .received("no answer; the connection is open")
                .lines(self.server.observed(event))
                .received(self.unread()),
        }
    }

    /// Whether the program has accepted this client.
    pub fn is_accepted(&self) -> bool {
        let mine = self.stream.local_addr().ok();
        sockets::of(&self.server.processes()).iter().any(|socket| Some(socket.remote) == mine)
    }

    /// Whether the program waits for more of what this client sends.
    pub fn is_waited_for(&self) -> bool {
        self.stream.local_addr().is_ok_and(|mine| self.server.waits_for_bytes_from(mine))
    }

    /// Waits until the program has read what was sent, and waits for more. What it does instead shows
    /// in its answer.
    pub fn until_it_is_read(&self) -> bool {
        let mine = self.stream.local_addr().ok();
        let read = || {
            let theirs = sockets::of(&self.server.processes());
            let socket = theirs.iter().find(|socket| Some(socket.remote) == mine)?;
            (socket.unread == 0 && self.is_waited_for()).then_some(())
        };
        self.server.until(read).is_ok()
    }

    /// How much of what was sent the program has not read.
    fn unread(&self) -> String {
        let mine = self.stream.local_addr().ok();
        let theirs = sockets::of(&self.server.processes());
        match theirs.iter().find(|socket| Some(socket.remote) == mine) {
            None => "it has not accepted the connection".to_owned(),
            Some(socket) if socket.unread > 0 => {
                format!("{} bytes of what was sent are not read yet", socket.unread)
            }
            Some(_) => "it has read everything that was sent".to_owned(),
        }
    }

    /// Says that nothing more will be sent; what the program sends can still be read.
    pub fn finish(&self) -> Verdict {
        self.stream.shutdown(Shutdown::Write).or_else(|error| match error.kind() {
            ErrorKind::NotConnected => Ok(()), // the program was quicker
            _ => Err(fault(error)),
        })
    }

    /// Ends the connection the rude way: the program is told of a reset.
    pub fn reset(self) -> Verdict {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).map_err(fault)
    }
}

impl Server<'_> {
    /// What there is to say if the program has ended. How its connections break then depends on
    /// who was quicker, so that is left out.
    fn ended(&self) -> Option<Failure> {
        let status = self.settle()?;
        let failure = Failure::new("connected to the server", "a server that goes on").silence();
        Some(failure.received(said(status)).lines(self.last_words()))
    }

    /// Says whether a UDP server has taken what was sent to it.
    fn reading(&self, failure: Failure) -> Failure {
        let open = sockets::of(&self.processes());
        let at_port = || open.iter().filter(|socket| socket.local.port() == self.port);
        if let Some(socket) = at_port().find(|socket| !socket.open_to_all) {
            return failure
                .received(format!("its socket is connected to {}", socket.remote))
                .cause("a connected UDP socket hears nobody but the one it is connected to");
        }
        failure.received(match at_port().any(|socket| socket.unread > 0) {
            true => "it has not read the datagram",
            false => "it has read the datagram",
        })
    }

    /// Looks for a common cause: the answer went to the screen.
    pub fn or_printed(&self, failure: Failure, answer: &[u8]) -> Failure {
        if self.printed(answer) {
            return failure.cause("the program printed the answer on its own screen: send it");
        }
        failure
    }
}

// ---- The program is a client ----

/// An address of this host besides 127.0.0.1, on systems whose loopback has more than one.
pub const ANOTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Two servers at one port, the first at ANOTHER address; `None` where that cannot be had, or where
/// the program cannot be told of it.
fn two<T>(
    trial: &Trial,
    at: impl Fn(SocketAddrV4) -> io::Result<T>,
    port: impl Fn(&T) -> u16,
) -> Result<Option<[T; 2]>, Stop> {
    const TRIES: usize = 20;
    let wanted = trial.own_address().port();
    for tries_left in (0..TRIES).rev() {
        if trial.target.address_is_fixed() {
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

/// The UDP server that the check plays.
pub struct UdpServer {
    socket: UdpSocket,
    pub port: u16,
}

impl UdpServer {
    pub fn new(trial: &Trial) -> Result<UdpServer, Stop> {
        let address = trial.own_address();
        UdpServer::at(address).map_err(|error| no_port(address.port(), &error))
    }

    fn at(address: SocketAddrV4) -> io::Result<UdpServer> {
        let socket = UdpSocket::bind(address)?;
        socket.set_read_timeout(Some(TURN))?;
        let port = socket.local_addr()?.port();
        Ok(UdpServer { socket, port })
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

/// Whether nobody has the client's address and this port for UDP. Seen, not tried: a program that is
/// started at that moment would inherit the socket, and have it for a while.
fn is_free_for_the_client(port: u16) -> bool {
    !sockets::all().iter().any(|socket| {
        let there = socket.everywhere() || socket.local.ip() == CLIENT;
        socket.transport == Transport::Udp && socket.local.port() == port && there
    })
}

/// The TCP server that the check plays.
pub struct TcpServer {
    listener: TcpListener,
    pub port: u16,
}

impl TcpServer {
    pub fn new(trial: &Trial) -> Result<TcpServer, Stop> {
        let address = trial.own_address();
        TcpServer::at(address).map_err(|error| no_port(address.port(), &error))
    }

    fn at(address: SocketAddrV4) -> io::Result<TcpServer> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok(TcpServer { listener, port })
    }

    /// A server at this address.
    pub fn of(address: SocketAddrV4) -> Result<TcpServer, Stop> {
        TcpServer::at(address).map_err(|error| no_port(address.port(), &error))
    }

    /// A server at another address than the usual one, and one with its port at the usual address.
    pub fn two(trial: &Trial) -> Result<Option<[TcpServer; 2]>, Stop> {
        two(trial, TcpServer::at, |server| server.port)
    }

    /// A server whose port is free for UDP at the client's address, too; and UDP sockets of that port
    /// at these addresses.
    pub fn beside(trial: &Trial, hosts: &[Ipv4Addr]) -> Result<(TcpServer, Vec<UdpServer>), Stop> {
        const TRIES: usize = 20;
        for tries_left in (0..TRIES).rev() {
            let server = TcpServer::new(trial)?;
            let at = |host: &Ipv4Addr| UdpServer::at(SocketAddrV4::new(*host, server.port));
            let bound = match is_free_for_the_client(server.port) {
                true => hosts.iter().map(at).collect(),
                false => Err(ErrorKind::AddrInUse.into()),
            };
            match bound {
                Ok(sockets) => return Ok((server, sockets)),
                Err(error) if tries_left == 0 || trial.target.port_is_fixed() => {
                    return Err(no_port(server.port, &error));
                }
                Err(_) => {} // somebody has it there: another port
            }
        }
        unreachable!("the last try returns")
    }

    /// A server as `beside` gives it, and one at the port behind its.
    pub fn pair(trial: &Trial) -> Result<[TcpServer; 2], Stop> {
        const TRIES: usize = 20;
        for tries_left in (0..TRIES).rev() {
            let (first, _) = TcpServer::beside(trial, &[])?;
            let behind = first.port.wrapping_add(1);
            match TcpServer::at(SocketAddrV4::new(Ipv4Addr::LOCALHOST, behind)) {
                Ok(second) if second.port == behind => return Ok([first, second]),
                Err(error) if tries_left == 0 || trial.target.port_is_fixed() => {
                    return Err(no_port(behind, &error));
                }
                _ => {} // somebody has it: two others
            }
        }
        unreachable!("the last try returns")
    }

    /// A server whose queue is full: the kernel drops the SYN of whoever connects, and his kernel
    /// sends it again after a second. Accepting the one in the queue makes room.
    pub fn full(trial: &Trial) -> Result<(TcpServer, TcpStream), Stop> {
        let server = TcpServer::new(trial)?;
        SockRef::from(&server.listener).listen(0).map_err(fault)?;
        let first = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).map_err(fault)?;
        Ok((server, first))
    }

    /// Waits for the program's connection.
    pub fn accept(&self, client: &Started, did: &str) -> Result<Accepted, Stop> {
        self.accept_patiently(Patience::SHORT, client, did)
    }

    /// The same, for as long as the caller says.
    pub fn accept_patiently(
        &self,
        patience: Patience,
        client: &Started,
        did: &str,
    ) -> Result<Accepted, Stop> {
        match client.patiently(patience, || self.pending()) {
            Ok(stream) => Accepted::new(stream),
            Err(event) => Err(Failure::new(did, format!("a connection to TCP port {}", self.port))
                .silence()
                .received("no connection")
                .lines(client.observed(&event))
                .lines(client.elsewhere(Transport::Tcp, self.port))
                .replay(client.trial().replay_client())
                .into()),
        }
    }

    /// A connection that has come without being waited for.
    pub fn pending(&self) -> Option<TcpStream> {
        self.listener.accept().ok().map(|(stream, _)| stream)
    }
}

/// A connection that the program opened, and all that has come over it.
pub struct Accepted {
    stream: TcpStream,
    intake: Intake,
    pub bytes: Vec<u8>,
}

impl Accepted {
    /// A connection at which a look takes no longer than a turn.
    pub fn new(stream: TcpStream) -> Result<Accepted, Stop> {
        stream.set_nonblocking(false).map_err(fault)?;
        stream.set_read_timeout(Some(TURN)).map_err(fault)?;
        stream.set_write_timeout(Some(STUCK)).map_err(fault)?;
        stream.set_nodelay(true).map_err(fault)?; // a second piece would wait
        Ok(Accepted { stream, intake: Intake::default(), bytes: Vec::new() })
    }

    /// What has come by now, without waiting for it.
    pub fn read_now(&mut self) -> Vec<u8> {
        let mut piece = Vec::new();
        self.intake.look(&mut self.stream, &mut piece); // that it has ended shows later
        piece
    }

    /// Reads until so many bytes have come in all; `Some` says why no more come.
    pub fn read(&mut self, count: usize, client: &Started) -> Option<End> {
        self.read_until(client, |bytes| bytes.len() >= count)
    }

    /// Reads until there is enough.
    pub fn read_until(&mut self, client: &Started, enough: impl Fn(&[u8]) -> bool) -> Option<End> {
        let Accepted { stream, intake, bytes } = self;
        if enough(bytes) {
            return None;
        }
        let looked = client.until(|| {
            loop {
                let end = match intake.look(stream, bytes) {
                    Look::Piece(_) if enough(bytes) => return Some(None),
                    Look::Piece(_) => continue,
                    Look::NotYet => return None,
                    Look::Closed => End::Closed,
                    Look::Reset => End::Reset,
                    Look::Over(event) => {
                        client.give_up(event);
                        End::Open(event)
                    }
                };
                return Some(Some(end));
            }
        });
        looked.unwrap_or_else(|event| Some(End::Open(event)))
    }

    /// Takes in what has come without being waited for.
    pub fn catch_up(&mut self) {
        self.intake.look(&mut self.stream, &mut self.bytes); // that it has ended shows later
    }

    /// The connection itself: a look at it takes no longer than a turn.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }

    /// Sends a piece of what there is to say.
    pub fn send(&mut self, bytes: &[u8]) {
        self.intake.renew(bytes.len());
        let _ = self.stream.write_all(bytes); // a program that has gone shows when it is waited for
    }

    /// Waits until the program has read what has arrived of what was sent.
    pub fn is_read(&self, client: &Started) -> bool {
        let unread = || {
            let sockets = sockets::all();
            self.theirs(&sockets).is_none_or(|socket| socket.unread == 0).then_some(())
        };
        // One that only looks at what has come may be busy with that for ever.
        let patience = Patience { busy: Duration::from_millis(300), ..Patience::SHORT };
        client.patiently(patience, unread).is_ok()
    }

    /// The same, when all of it has arrived, and that the program has made of it what it does.
    pub fn is_taken(&self, client: &Started) -> bool {
        let arrived = || {
            let sockets = sockets::all();
            self.mine(&sockets).is_none_or(|socket| socket.unacknowledged == 0).then_some(())
        };
        let taken = client.until(arrived).is_ok() && self.is_read(client);
        client.settle();
        taken
    }

    fn mine<'s>(&self, sockets: &'s [sockets::Socket]) -> Option<&'s sockets::Socket> {
        let (mine, theirs) = (self.stream.local_addr().ok()?, self.stream.peer_addr().ok()?);
        sockets.iter().find(|socket| socket.local == mine && socket.remote == theirs)
    }

    fn theirs<'s>(&self, sockets: &'s [sockets::Socket]) -> Option<&'s sockets::Socket> {
        let (mine, theirs) = (self.stream.local_addr().ok()?, self.stream.peer_addr().ok()?);
        sockets.iter().find(|socket| socket.local == theirs && socket.remote == mine)
    }

    /// Sends an answer and no more, as the lab's server does. A program that has gone already shows
    /// when it is waited for.
    pub fn answer(&mut self, bytes: &[u8]) {
        self.intake.renew(bytes.len());
        let _ = self.stream.write_all(bytes); // see above
        let _ = self.stream.shutdown(Shutdown::Write);
    }
}

impl Started<'_> {
    /// Where a client turned to instead.
    pub fn elsewhere(&self, transport: Transport, port: u16) -> Vec<String> {
        let other = |socket: &&sockets::Socket| {
            socket.transport != transport
                || (socket.remote.port() != 0 && socket.remote.port() != port)
        };
        let describe = |socket: &sockets::Socket| {
            let name = socket.transport.name();
            match socket.remote.port() {
                0 => format!("it has a {name} socket open"),
                _ => format!("it has a {name} socket connected to {}", socket.remote),
            }
        };
        sockets::of(&self.processes()).iter().filter(other).map(describe).collect()
    }

    /// What the program has printed behind its prompt.
    pub fn shown(&self, prompt: &str) -> Vec<u8> {
        let printed = self.stdout.bytes();
        // A prompt without an end of line stands before the answer, as a screen shows it.
        let shown = printed.strip_prefix(prompt.as_bytes()).unwrap_or(&printed);
        shown.to_vec()
    }

    /// Waits for the end of a client and demands exactly this on its screen: the reply, after some
    /// words of the lab's. `typed` is the question.
    pub fn prints(
        &self,
        did: &str,
        prompt: &str,
        typed: &str,
        words: &str,
        reply: &[u8],
    ) -> Verdict {
        let event = self.wait().err();
        let shown = self.shown(prompt);
        let expected = [words.as_bytes(), reply, b"\n"].concat();
        // A line feed after the prompt is a matter of taste.
        let shown = shown.strip_prefix(b"\n").filter(|_| expected != b"\n").unwrap_or(&shown);
        if shown == expected {
            return Ok(());
        }
        let failure = Failure::new(did, "").replay(self.trial().replay_client());
        let answer = shown.strip_prefix(words.as_bytes()).unwrap_or(shown);
        let answer = answer.strip_suffix(b"\n").unwrap_or(answer);
        let failure = failure.seen(("what was typed", typed.as_bytes()), reply, answer);
        let failure = failure.difference(&expected, shown);
        Err(match event {
            Some(event) => failure.lines(self.observed(&event)),
            None => failure.lines(self.last_words()),
        }
        .into())
    }
}

/// A TCP port of this host at which nobody listens, kept so for as long as this lives.
pub struct ClosedPort {
    _socket: Socket,
    pub port: u16,
}

impl ClosedPort {
    pub fn new(trial: &Trial) -> Result<ClosedPort, Stop> {
        let port = trial.own_address().port();
        ClosedPort::at(port).map_err(|error| no_port(port, &error))
    }

    fn at(port: u16) -> io::Result<ClosedPort> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
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
