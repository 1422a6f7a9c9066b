//! The ends of the wire that a check holds: a client's where the program is a server, a server's
//! where it is a client. Every wait is a wait for the program, and says what the program did.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use crate::bytes::quote;
use crate::check::{Failure, Stop, Verdict};
use crate::program::{Event, said};
use crate::sockets::{self, Transport};
use crate::trial::{Server, Started, Trial, no_port};

/// How long one look at a socket may take before the program is looked at again.
const TURN: Duration = Duration::from_millis(10);

fn fault(error: io::Error) -> Stop {
    Stop::Fault(format!("the check's own socket failed: {error}"))
}

/// Nothing there yet, which is no error.
fn not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

// ---- The program is a UDP server ----

/// A UDP client of the program.
pub struct UdpClient<'s> {
    server: &'s Server<'s>,
    socket: UdpSocket,
}

impl<'s> UdpClient<'s> {
    pub fn new(server: &'s Server<'s>) -> Result<UdpClient<'s>, Stop> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(fault)?;
        socket.set_read_timeout(Some(TURN)).map_err(fault)?;
        Ok(UdpClient { server, socket })
    }

    pub fn address(&self) -> Result<SocketAddr, Stop> {
        self.socket.local_addr().map_err(fault)
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
                .into()),
            Ok(Err(error)) => Err(fault(error)),
            Err(event) => {
                let mut failure = Failure::new(did, wanted())
                    .received("no datagram")
                    .lines(self.server.observed(&event));
                if self.server.exited().is_none() {
                    failure = failure.received(self.server.reading());
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
        let reply = self.receive(&did, expected).map_err(|stop| with_replay(stop, &replay))?;
        same(Failure::new(did, "").replay(replay), expected, &reply)
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

fn with_replay(stop: Stop, replay: &str) -> Stop {
    match stop {
        Stop::Failure(mut failure) => {
            replay.clone_into(&mut failure.replay);
            Stop::Failure(failure)
        }
        fault => fault,
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
}

/// All that came over a connection, and how that ended.
pub struct Answer {
    pub bytes: Vec<u8>,
    pub end: End,
}

pub enum End {
    /// The program closed the connection in good order.
    Closed,
    /// The program reset it, or closed it with bytes unread, which comes to the same.
    Reset,
    /// It is still open, and nothing more comes.
    Open(Event),
}

impl<'s> TcpClient<'s> {
    pub fn connect(server: &'s Server<'s>) -> Result<TcpClient<'s>, Stop> {
        // A full queue of connections makes the kernel wait and try again.
        const LATE: Duration = Duration::from_secs(10);
        match TcpStream::connect_timeout(&server.address(), LATE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(TURN)).map_err(fault)?;
                stream.set_nodelay(true).map_err(fault)?;
                Ok(TcpClient { server, stream })
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
        let _ = self.stream.write_all(bytes); // see above
    }

    /// Reads until the program closes the connection, or does nothing more.
    pub fn read_to_end(&mut self) -> Answer {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let stream = &mut self.stream;
            let piece = self.server.until(|| match stream.read(&mut buffer) {
                Err(error) if not_yet(&error) => None,
                other => Some(other),
            });
            let end = match piece {
                Ok(Ok(0)) => End::Closed,
                Ok(Ok(length)) => {
                    bytes.extend_from_slice(&buffer[..length]);
                    continue;
                }
                Ok(Err(_)) => End::Reset,
                Err(event) => End::Open(event),
            };
            return Answer { bytes, end };
        }
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
            return Err(failure.difference(expected, &answer.bytes).into());
        }
        Err(self.server.or_printed(self.silence(failure, &answer.end), expected).into())
    }

    /// Says in what way there was no answer.
    fn silence(&self, failure: Failure, end: &End) -> Failure {
        if let Some(ended) = self.server.ended() {
            return ended;
        }
        match end {
            End::Closed => failure.received("the connection closed, without an answer"),
            End::Reset => failure.received("the connection reset, without an answer"),
            End::Open(event) => {
                let failure = failure.received("no answer; the connection is open");
                return failure.lines(self.server.observed(event)).received(self.unread());
            }
        }
        .lines(self.server.last_words())
    }

    /// Whether the program waits for more of what this client sends.
    pub fn is_waited_for(&self) -> bool {
        self.stream.local_addr().is_ok_and(|mine| self.server.waits_for_bytes_from(mine))
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
        let failure = Failure::new("connected to the server", "a server that goes on");
        Some(failure.received(said(status)).lines(self.last_words()))
    }

    /// Whether a UDP server has taken what was sent to it.
    fn reading(&self) -> String {
        let open = sockets::of(&self.processes());
        let unread =
            open.iter().any(|socket| socket.local.port() == self.port && socket.unread > 0);
        if unread { "it has not read the datagram" } else { "it has read the datagram" }.to_owned()
    }

    /// Looks for a common cause: the answer went to the screen.
    fn or_printed(&self, failure: Failure, answer: &[u8]) -> Failure {
        let printed = self.stdout.bytes();
        if answer.len() > 1 && printed.windows(answer.len()).any(|window| window == answer) {
            return failure.cause("the program printed the answer on its own screen: send it");
        }
        failure
    }
}

// ---- The program is a client ----

/// The UDP server that the check plays.
pub struct UdpServer {
    socket: UdpSocket,
    pub port: u16,
}

impl UdpServer {
    pub fn new(trial: &Trial) -> Result<UdpServer, Stop> {
        let address = trial.own_address();
        let socket = UdpSocket::bind(address).map_err(|error| no_port(address.port(), &error))?;
        socket.set_read_timeout(Some(TURN)).map_err(fault)?;
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
            Err(event) => Err(Failure::new(did, format!("a datagram to UDP port {}", self.port))
                .received("no datagram")
                .lines(client.observed(&event))
                .lines(client.elsewhere(Transport::Udp, self.port))
                .replay(client.trial().replay_client())
                .into()),
        }
    }

    pub fn send(&self, datagram: &[u8], to: SocketAddr) -> Verdict {
        self.socket.send_to(datagram, to).map_err(fault)?;
        Ok(())
    }

    /// A datagram that has come without being waited for.
    pub fn pending(&self) -> Result<Option<Vec<u8>>, Stop> {
        self.socket.set_nonblocking(true).map_err(fault)?;
        let mut buffer = vec![0; 65_535];
        match self.socket.recv(&mut buffer) {
            Ok(length) => {
                buffer.truncate(length);
                Ok(Some(buffer))
            }
            Err(error) if not_yet(&error) => Ok(None),
            Err(error) => Err(fault(error)),
        }
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
        let listener =
            TcpListener::bind(address).map_err(|error| no_port(address.port(), &error))?;
        listener.set_nonblocking(true).map_err(fault)?;
        let port = listener.local_addr().map_err(fault)?.port();
        Ok(TcpServer { listener, port })
    }

    /// Waits for the program's connection.
    pub fn accept(&self, client: &Started, did: &str) -> Result<Accepted, Stop> {
        match client.until(|| self.pending()) {
            Ok(stream) => {
                stream.set_nonblocking(false).map_err(fault)?;
                stream.set_read_timeout(Some(TURN)).map_err(fault)?;
                Ok(Accepted { stream, bytes: Vec::new() })
            }
            Err(event) => Err(Failure::new(did, format!("a connection to TCP port {}", self.port))
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
    pub bytes: Vec<u8>,
}

impl Accepted {
    /// Reads until so many bytes have come in all; `Some` says why no more come.
    pub fn read(&mut self, count: usize, client: &Started) -> Option<End> {
        let mut buffer = [0; 4096];
        while self.bytes.len() < count {
            let stream = &mut self.stream;
            let piece = client.until(|| match stream.read(&mut buffer) {
                Err(error) if not_yet(&error) => None,
                other => Some(other),
            });
            match piece {
                Ok(Ok(0)) => return Some(End::Closed),
                Ok(Ok(length)) => self.bytes.extend_from_slice(&buffer[..length]),
                Ok(Err(_)) => return Some(End::Reset),
                Err(event) => return Some(End::Open(event)),
            }
        }
        None
    }

    /// Sends bytes. A program that has gone already shows when it is waited for.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes); // see above
    }
}

impl Started<'_> {
    /// Where a client turned to instead.
    fn elsewhere(&self, transport: Transport, port: u16) -> Vec<String> {
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

    /// Waits for the end of a client and demands success and exactly this on its screen.
    pub fn ends_with(&self, did: &str, prompt: &str, expected: &[u8]) -> Verdict {
        let failure = Failure::new(did, "").replay(self.trial().replay_client());
        let event = self.wait().err();
        let printed = self.stdout.bytes();
        // A prompt without an end of line stands before the answer, as a screen shows it.
        let shown = printed.strip_prefix(prompt.as_bytes()).unwrap_or(&printed);
        let shown = shown.strip_prefix(b"\n").filter(|_| expected != b"\n").unwrap_or(shown);
        if shown == expected {
            return Ok(());
        }
        let mut failure = failure.difference(expected, shown);
        if let Some(event) = event {
            failure = failure.lines(self.observed(&event));
        } else {
            failure = failure.lines(self.last_words());
        }
        Err(failure.into())
    }
}

/// A TCP port of this host at which nobody listens, kept so for as long as this lives.
pub struct ClosedPort {
    _socket: Socket,
    pub port: u16,
}

impl ClosedPort {
    pub fn new(trial: &Trial) -> Result<ClosedPort, Stop> {
        let bound = || {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            socket.bind(&trial.own_address().into())?;
            let port = socket.local_addr()?.as_socket().map_or(0, |address| address.port());
            Ok(ClosedPort { _socket: socket, port })
        };
        bound().map_err(|error: io::Error| no_port(trial.own_address().port(), &error))
    }
}
