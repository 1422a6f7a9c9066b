//! The server that the check plays for a pingclient, and what it sees of a whole run.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{mem, thread};

use chrono::{DateTime, Utc};

use crate::os::processes;
use crate::os::program::{Patience, said};
use crate::text::bytes::quote_line;
use crate::trial::{Failure, Started, Stop, Trial, Verdict, no_port};
use crate::wire::peers::{UdpServer, when_free};

pub(super) const PINGS: usize = 10;

/// What begins the lines that are the same every time, and the one that says a loss.
pub(super) const SENDING_WORDS: &str = "Sending Ping Message: ";
pub(super) const RECEIVING_WORDS: &str = "Receiving Pong Message: ";
pub(super) const RTT_WORDS: &str = "Round Trip Time(RTT): ";
pub(super) const LOST_WORDS: &str = "Request timed out for sequence number: ";
/// A client may rest between two pings, as ping does; one that has slept so long without a break
/// waits too long, however slow the machine is.
pub(super) const TOO_LONG: Patience =
    Patience { idle: Duration::from_millis(4500), ..Patience::SHORT };

/// A client that does not wait at all is not to have luck.
pub(super) const A_MOMENT: Duration = Duration::from_millis(20);

/// Starts a client; gives back what was done, as a report says it.
pub(super) fn started<'t>(
    trial: &'t Trial,
    server: SocketAddrV4,
) -> Result<(Started<'t>, String), Stop> {
    let client = trial.client_on_a_terminal(server, &[])?;
    let did = format!("started `{}`", client.command_line);
    Ok((client, did))
}

pub(super) fn at(server: &UdpServer) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, server.port)
}

// ---- The server, and what it sees ----

/// The check's end of the wire. A thread of its own answers the pings, so that it does so at once.
pub(super) struct PingServer {
    pub(super) socket: UdpSocket,
    pub(super) port: u16,
    pub(super) pings: Mutex<Vec<Ping>>,
    /// When the thread was last waited for, and came.
    awake: Mutex<Instant>,
    /// It was kept from running for so long that the script was not carried out.
    hindered: AtomicBool,
    /// Some ping came a second time, right behind the first; it was not answered.
    again: AtomicBool,
    /// One that is as the one before it is the next one.
    same: bool,
    pub(super) over: AtomicBool,
}

/// A ping that has arrived.
#[derive(Clone)]
pub(super) struct Ping {
    pub(super) datagram: Vec<u8>,
    pub(super) from: SocketAddr,
    pub(super) seen: Instant,
    /// The same, by the wall clock.
    pub(super) at: DateTime<Utc>,
    /// When its answer was sent.
    pub(super) answered: Option<Instant>,
}

/// How long the thread waits before it looks whether all is over.
const TURN: Duration = Duration::from_millis(10);
/// Who wakes up so much later than he wanted to, or is interrupted for so long, cannot be sure that
/// an answer comes within a second.
const HINDERED: Duration = Duration::from_millis(200);

impl PingServer {
    pub(super) fn new(trial: &Trial) -> Result<PingServer, Stop> {
        let address = trial.own_address();
        let made = || {
            let socket = UdpSocket::bind(address)?;
            socket.set_read_timeout(Some(TURN))?;
            Ok((socket.local_addr()?.port(), socket))
        };
        let (port, socket) =
            when_free(address.port(), made).map_err(|error| no_port(address.port(), &error))?;
        let [hindered, again, over] = [false; 3].map(AtomicBool::new);
        let awake = Mutex::new(Instant::now());
        let (pings, same) = (Mutex::default(), trial.manner().same_pings);
        Ok(PingServer { socket, port, pings, awake, hindered, again, same, over })
    }

    /// Lets a client send its pings, and goes by the script.
    pub(super) fn run(&self, trial: &Trial, did: &str, script: &Answering) -> Result<Run, Stop> {
        let mut run = thread::scope(|scope| {
            scope.spawn(|| self.serve(script));
            let run = watch(trial, did, self);
            self.over.store(true, Ordering::Relaxed);
            run
        })?;
        run.pings.clone_from(&self.pings());
        run.again = self.again.load(Ordering::Relaxed);
        Ok(run)
    }

    /// Does for every ping what the script says, until all is over. The script is told the number
    /// of the ping, as it should be.
    fn serve(&self, script: &Answering) {
        let mut buffer = vec![0; 65_535];
        loop {
            let over = self.over.load(Ordering::Relaxed); // seen before the last of what has come
            let start = Instant::now();
            let received = self.socket.recv_from(&mut buffer);
            self.wakes(start + TURN);
            match received {
                Ok((length, from)) => {
                    let (datagram, seen, at) = (
                        buffer.get(..length).unwrap_or(&buffer).to_vec(),
                        Instant::now(),
                        Utc::now(),
                    );
                    let is_as_before = |last: &Ping| last.datagram == datagram;
                    if !self.same && self.pings().last().is_some_and(is_as_before) {
                        self.again.store(true, Ordering::Relaxed);
                        continue;
                    }
                    self.pings().push(Ping { datagram, from, seen, at, answered: None });
                    script(self, self.count());
                }
                Err(_) if over => return,
                Err(_) => {} // nothing yet
            }
        }
    }

    /// The thread was to wake up by this time.
    fn wakes(&self, wanted: Instant) {
        self.must_be_in_time(wanted);
        *held(&self.awake) = Instant::now();
    }

    fn must_be_in_time(&self, wanted: Instant) {
        if wanted.elapsed() > HINDERED {
            self.hindered.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn pings(&self) -> MutexGuard<'_, Vec<Ping>> {
        held(&self.pings)
    }

    pub(super) fn count(&self) -> usize {
        self.pings().len()
    }

    /// The ping of this number, counted from 1.
    #[expect(clippy::indexing_slicing, reason = "a script names pings that have come")]
    pub(super) fn ping(&self, number: usize) -> Ping {
        self.pings()[number - 1].clone()
    }

    /// Answers a ping as the ping server does.
    #[expect(clippy::indexing_slicing, reason = "a script names pings that have come")]
    pub(super) fn answer(&self, number: usize) {
        self.pings()[number - 1].answered = Some(Instant::now());
        self.say(&pong(&self.ping(number)));
    }

    /// Sends something to the client.
    pub(super) fn say(&self, datagram: &[u8]) {
        let to = self.ping(self.count()).from;
        let _ = self.socket.send_to(datagram, to); // that nothing came shows on the client's screen
        self.must_be_in_time(*held(&self.awake));
    }

    pub(super) fn sleep(&self, time: Duration) {
        let wanted = Instant::now() + time;
        thread::sleep(time);
        self.wakes(wanted);
    }
}

pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner) // a script that panicked left it whole
}

/// The right answer to a ping.
pub(super) fn pong(ping: &Ping) -> Vec<u8> {
    ping.datagram.to_ascii_uppercase()
}

/// What the server does when this ping has come.
pub(super) type Answering<'s> = dyn Fn(&PingServer, usize) + Sync + 's;

/// What came of a whole run of the client.
pub(super) struct Run {
    pub(super) did: String,
    pub(super) pings: Vec<Ping>,
    pub(super) lines: Vec<String>,
    pub(super) stderr: Vec<String>,
    /// A ping came twice.
    pub(super) again: bool,
    /// How it ended, where it did not end well.
    pub(super) ended: Vec<String>,
    /// That it ended well, and what it said on stderr.
    pub(super) said: Vec<String>,
    /// It did not end by itself: it waited for something.
    pub(super) asleep: bool,
    /// It was ready to run, and kept from it for long while a ping was under way.
    hindered: bool,
    pub(super) replay: String,
}

/// Lets the client send its pings to a server that goes by this script, and judges what came of it;
/// `did` says what the script was. On a machine so busy that an answer may have come too late by no
/// fault of the client, a failure does not count, and all is done once more.
pub(super) fn judged(
    trial: &Trial,
    did: &str,
    script: &Answering,
    judge: impl Fn(&Run) -> Verdict,
) -> Verdict {
    const TRIES: usize = 10;
    for _ in 0..TRIES {
        let line = PingServer::new(trial)?;
        let run = line.run(trial, did, script)?;
        let verdict = judge(&run);
        if verdict.is_ok() || !(run.hindered || line.hindered.load(Ordering::Relaxed)) {
            return verdict;
        }
    }
    Err(Stop::Fault("this machine is too busy to answer a ping within a second".to_owned()))
}

/// Follows the client from one ping, or one line on its screen, to the next, and to its end.
pub(super) fn watch(trial: &Trial, did: &str, line: &PingServer) -> Result<Run, Stop> {
    // A line for each ping, and some for the summary; who prints more without an end is let go.
    const STEPS: usize = 20 * PINGS;
    let client =
        trial.client_on_a_terminal(SocketAddrV4::new(Ipv4Addr::LOCALHOST, line.port), &[])?;
    let did = format!("started `{}`, {did}", client.command_line);
    let (mut ended, mut said_so, mut asleep) = (Vec::new(), Vec::new(), false);
    let (mut hindered, mut delay) = (false, Duration::MAX);
    let mut seen = (0, 0, 0);
    for _ in 0..STEPS {
        let looked = client.patiently(TOO_LONG, || {
            let now = (line.count(), client.stdout.total(), client.stderr.total());
            match trial.is_given_up() {
                true => Some(None),
                false if now != seen => Some(Some(Err(now))),
                false => client.exited().map(|status| Some(Ok(status))),
            }
        });
        // What its start took is no ping's delay.
        let before = mem::replace(&mut delay, processes::delay(client.leader()));
        hindered |= delay.saturating_sub(before) > HINDERED;
        ended = match looked {
            Ok(None) => return Err(Stop::GivenUp),
            // One that sends more is let go on for a while: what it does then does not depend on luck.
            Ok(Some(Err(now))) if now.0 < 2 * PINGS => {
                seen = now;
                continue;
            }
            Ok(Some(Err(_))) => Vec::new(),
            Ok(Some(Ok(status))) if status.success() => {
                said_so = [vec![said(status)], client.last_words()].concat();
                Vec::new()
            }
            Ok(Some(Ok(status))) => [vec![said(status)], client.last_words()].concat(),
            Err(event) => {
                asleep = true;
                client.observed(&event)
            }
        };
        break;
    }
    let lines = |text: String| text.lines().map(str::to_owned).collect();
    let (lines, stderr) = (lines(client.stdout.text()), lines(client.stderr.text()));
    let replay = trial.replay_alone();
    let (pings, again) = (Vec::new(), false);
    Ok(Run { did, pings, lines, stderr, again, ended, said: said_so, asleep, hindered, replay })
}

/// The time in the line of an RTT.
pub(super) fn seconds(line: &str) -> Option<f64> {
    line.strip_prefix(RTT_WORDS)?.strip_suffix(" seconds")?.parse().ok()
}

impl Run {
    pub(super) fn failure(&self, expected: impl Into<String>) -> Failure {
        Failure::new(self.did.clone(), expected).replay(self.replay.clone())
    }

    /// A ping of this number has not come.
    pub(super) fn no_more_pings(&self, number: usize) -> Failure {
        let failure = self.failure(format!("ping {number}")).received("no more pings");
        failure.lines(self.ended.clone())
    }

    /// How long the client rests at least before it sends the next ping, once it has an answer.
    pub(super) fn rest(&self) -> Duration {
        let rests = |pings: &[Ping]| {
            let [one, next] = pings else { return None };
            one.answered.map(|answered| next.seen.duration_since(answered))
        };
        self.pings.windows(2).filter_map(rests).min().unwrap_or_default()
    }

    /// Behind the lines of the pings.
    pub(super) fn must_end_well(&self) -> Verdict {
        if self.ended.is_empty() {
            return Ok(());
        }
        let failure = self.failure("the end of the program after ten pings, with exit status 0");
        Err(failure.lines(self.ended.clone()).into())
    }
}

/// A ping as a report shows it.
pub(super) fn text(datagram: &[u8]) -> String {
    quote_line(&String::from_utf8_lossy(datagram))
}

/// The script of a server that answers every ping but some.
pub(super) fn all_but<'s>(silent: &'s [usize]) -> impl Fn(&PingServer, usize) + Sync + 's {
    |line, number| {
        if !silent.contains(&number) {
            line.answer(number);
        }
    }
}

/// A ping somewhere in the middle.
pub(super) fn any(trial: &Trial) -> usize {
    trial.number(3..PINGS - 2)
}
