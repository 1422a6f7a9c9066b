//! Our ends of TCP.

use std::io::{self, ErrorKind, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::os::program::{Event, Patience, said};
use crate::os::sockets::{self, Transport};
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Started, Stop, Trial, Verdict, is_inside, no_port};
use crate::wire::intake::{Intake, Look};

use super::{
    STUCK, TURN, UdpServer, fault, is_free_for_the_client, two, until_the_queue_is_full, usual,
    when_free,
};

/// A full queue of connections makes the kernel wait and try again.
const LATE: Duration = Duration::from_secs(10);
/// How often it is looked what the program waits for.
const NOW_AND_THEN: Duration = Duration::from_millis(100);

/// A TCP connection to the program.
pub struct TcpClient<'s> {
    server: &'s Server<'s>,
    stream: TcpStream,
    intake: Intake,
    /// Neither side has closed it yet, as far as was read.
    pub open: bool,
    /// The last answer, right or wrong.
    heard: Vec<u8>,
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
        TcpClient::over(server, TcpStream::connect_timeout(&server.address(), LATE))
    }

    /// The same from an address of this host's that is not the usual one.
    pub fn connect_from(server: &'s Server<'s>, address: Ipv4Addr) -> Result<TcpClient<'s>, Stop> {
        if server.address().is_ipv6() {
            return TcpClient::connect(server); // which has no such addresses
        }
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(fault)?;
        socket.bind(&SocketAddr::from((address, 0)).into()).map_err(fault)?;
        let connected = socket.connect_timeout(&server.address().into(), LATE);
        TcpClient::over(server, connected.map(|()| socket.into()))
    }

    fn over(
        server: &'s Server<'s>,
        connected: io::Result<TcpStream>,
    ) -> Result<TcpClient<'s>, Stop> {
        match connected {
            Ok(stream) => {
                stream.set_read_timeout(Some(TURN)).map_err(fault)?;
                stream.set_write_timeout(Some(STUCK)).map_err(fault)?;
                stream.set_nodelay(true).map_err(fault)?;
                Ok(TcpClient {
                    server,
                    stream,
                    intake: Intake::default(),
                    open: true,
                    heard: Vec::new(),
                })
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

    /// Reads until the program closes the connection, or does nothing more: another of its threads may
    /// wake up now and then, while one waits for more.
    pub fn read_to_end(&mut self) -> Answer {
        let mut bytes = Vec::new();
        let (mut looked, mut waiting) = (Instant::now(), None);
        let server = self.server;
        let read = server.until(|| {
            while let Some(piece) = self.look(&mut bytes) {
                if let Err(end) = piece {
                    return Some(end);
                }
                waiting = None;
            }
            if looked.elapsed() > NOW_AND_THEN {
                looked = Instant::now();
                let since = *waiting.get_or_insert(looked);
                if !self.is_waited_for() {
                    waiting = None;
                } else if since.elapsed() > Patience::SHORT.idle {
                    return Some(End::Open(Event::Idle));
                }
            }
            None
        });
        let end = read.unwrap_or_else(|event| {
            self.open = true;
            End::Open(event)
        });
        self.heard.clone_from(&bytes);
        Answer { bytes, end }
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

    /// Demands that the answer to a sentence is this one, however the connection ended then.
    pub fn judge(&self, sentence: &[u8], expected: &[u8], answer: Answer) -> Result<Answer, Stop> {
        if self.server.trial().manner().accepts(expected, &answer.bytes) {
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

    /// Whether the last answer held this, and more.
    pub fn heard_more_than(&self, expected: &[u8]) -> bool {
        is_inside(expected, &self.heard)
    }

    pub fn trial(&self) -> &'s Trial<'s> {
        self.server.trial()
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

    /// Ends the connection the rude way: the program's kernel has been told of a reset when this is done.
    pub fn reset(self) -> Verdict {
        let mine = self.stream.local_addr().map_err(fault)?;
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).map_err(fault)?;
        drop(self);
        sockets::until_the_other_end_is_gone(mine);
        Ok(())
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
    pub(super) fn reading(&self, failure: Failure) -> Failure {
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

/// The TCP server that the check plays.
pub struct TcpServer {
    listener: TcpListener,
    pub port: u16,
}

impl TcpServer {
    pub fn new(trial: &Trial) -> Result<TcpServer, Stop> {
        let address = trial.own_address();
        when_free(address.port(), || TcpServer::at(address))
            .map_err(|error| no_port(address.port(), &error))
    }

    fn at(address: SocketAddrV4) -> io::Result<TcpServer> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok(TcpServer { listener, port })
    }

    /// A server at this address.
    pub fn of(address: SocketAddrV4) -> Result<TcpServer, Stop> {
        when_free(address.port(), || TcpServer::at(address))
            .map_err(|error| no_port(address.port(), &error))
    }

    /// A server at the port that is the lab's own, beside this one; `None` where that cannot be had.
    pub fn usual(trial: &Trial, beside: &TcpServer) -> Option<TcpServer> {
        let port = usual(trial, beside.port)?;
        TcpServer::at(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).ok()
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
            match TcpServer::at(SocketAddrV4::new(*trial.own_address().ip(), behind)) {
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
        let first = TcpStream::connect((*trial.own_address().ip(), server.port)).map_err(fault)?;
        until_the_queue_is_full(server.port)?;
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

    /// From now on, whoever comes is refused.
    pub fn stops_listening(&self) {
        let _ = SockRef::from(&self.listener).shutdown(Shutdown::Both); // it does not wait for it
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
    /// Whether the program has read all that was sent, and waits for more.
    pub fn is_read_by(&self, client: &Started) -> bool {
        self.stream.local_addr().is_ok_and(|mine| client.waits_for_bytes_from(mine))
    }

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
}
