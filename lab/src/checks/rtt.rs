//! What udpclient_rtt and tcpclient_rtt have in common. The server holds each reply back for a time
//! of its own choice, and the typist is slow as well: so the check knows from below and from above
//! what a clock must show.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, Utc};

use crate::checks::check::Check;
use crate::os::program::said;
use crate::os::sockets::Transport;
use crate::os::zone::{self, Zone};
use crate::text::bytes::{quote, quote_line};
use crate::text::times::{self, Moment};
use crate::trial::{Failure, Started, Stop, Trial, Verdict};
use crate::wire::peers::{Accepted, TcpServer, UdpServer};

// The checks of both clients.

pub const REPLY_CHECK: Check =
    Check::new("reply", "the reply is printed", "received", REPLY_RULE, reply);

pub const LINES_CHECK: Check =
    Check::new("lines", "a line for each time, in their order", "received", LINES_RULE, lines)
        .after("reply")
        .of_words();

pub const FORMAT_CHECK: Check = Check::new(
    "format",
    "the times can be read, to the microsecond",
    "readable",
    FORMAT_RULE,
    format,
)
.after("lines")
.of_words();

pub const ZONE_CHECK: Check =
    Check::new("zone", "the times are local, with their UTC offset", "readable", ZONE_RULE, zone)
        .after("format")
        .of_words();

pub const SENT_CHECK: Check =
    Check::new("sent", "when the request was sent", "sent", SENT_RULE, sent)
        .after("zone")
        .after("format");

pub const RECEIVED_CHECK: Check =
    Check::new("received", "when the reply came", "received", RECEIVED_RULE, received)
        .after("zone")
        .after("format");

pub const RTT_CHECK: Check =
    Check::new("rtt", "the RTT, and nothing else in it", "received", RTT_RULE, rtt).after("lines");

/// The prompt of both programs.
pub const PROMPT: &str = "Enter your name ";

pub const SENT: &str = "Request sent:";
pub const RECEIVED: &str = "Reply received:";
pub const RTT: &str = "RTT:";
pub const CONNECT: &str = "Connect:";

/// The rules that both programs have in common.
const REPLY_RULE: &str = "The first line is the reply, as it came.";
const LINES_RULE: &str = "Each line begins with these words, and there is no other line.";
const FORMAT_RULE: &str = "A time is a date, a time of day with microseconds, and the offset \
                               from UTC.";
const ZONE_RULE: &str = "The times are those of the place where the client runs.";
pub const ADDRESS: &str = "The ADDRESS and the PORT of the server are arguments of both programs.";
const SENT_RULE: &str = "The client reads both clocks right before it sends.";
const RECEIVED_RULE: &str = "The client reads both clocks again as soon as the reply is there.";
const RTT_RULE: &str = "The RTT is the time from sending to receiving, in seconds, and nothing \
                            else is in it: not the typing, not the connecting, not the printing.";

/// A printed time is cut off or rounded at its last digit.
const ROUNDING: Duration = Duration::from_micros(1);

/// A clock that stood still, or was started late.
pub(super) const NOTHING_OF_IT: &str = "the waiting is not in it: either this is CPU time, or the clock was \
                                        started when the reply had come";

/// The program was seen to wait for its connection.
const NOTHING_OF_CONNECTING: &str = "it was seen to wait for its connection, and that is not in it: either \
                                     this is CPU time, or the clock was started when it was connected";

/// Each of several round trips took longer than it was held back.
const PAUSE: &str = "it is longer each time: something else is in it, such as a pause";

/// How many lines of a talkative program are shown.
const MANY: usize = 8;

/// Two moments between which something happened, by the wall clock.
type Span = [DateTime<Utc>; 2];

/// What a client has printed, from its prompt to its end.
pub struct Printed {
    did: String,
    lines: Vec<String>,
    /// How the program ended, where it did not end well.
    ended: Vec<String>,
    replay: String,
    /// What it says may be said in other words.
    free: bool,
}

/// A client's whole visit, and what the check knows of the times in it.
struct Session {
    printed: Printed,
    reply: String,
    /// The client's offset from UTC, as it is printed.
    offset: FixedOffset,
    /// When it sent its request, and when it received the reply.
    sent: Span,
    received: Span,
    /// How long the server held the reply back.
    held: Duration,
    /// How long all of it took, from the typing on.
    took: Duration,
}

/// The server that the check plays.
enum EitherServer {
    Udp(UdpServer),
    Tcp(TcpServer),
}

/// A client that waits for its reply.
enum Asked<'s> {
    Udp(&'s UdpServer, SocketAddr),
    Tcp(Accepted),
}

impl EitherServer {
    fn new(trial: &Trial) -> Result<EitherServer, Stop> {
        Ok(match trial.target.facts.transport {
            Transport::Udp => EitherServer::Udp(UdpServer::new(trial)?),
            Transport::Tcp => EitherServer::Tcp(TcpServer::new(trial)?),
        })
    }

    fn port(&self) -> u16 {
        match self {
            EitherServer::Udp(server) => server.port,
            EitherServer::Tcp(server) => server.port,
        }
    }

    /// Waits for a request: what exactly it is, is another check's business.
    fn request(&self, client: &Started, did: &str) -> Result<Asked<'_>, Stop> {
        match self {
            EitherServer::Udp(server) => {
                let (_, from) = server.receive(client, did)?;
                Ok(Asked::Udp(server, from))
            }
            EitherServer::Tcp(server) => {
                let mut connection = server.accept(client, did)?;
                connection.read(1, client);
                Ok(Asked::Tcp(connection))
            }
        }
    }
}

impl Asked<'_> {
    fn answer(&mut self, reply: &str) -> Verdict {
        match self {
            Asked::Udp(server, from) => server.send(reply.as_bytes(), *from),
            Asked::Tcp(connection) => {
                connection.answer(reply.as_bytes());
                Ok(())
            }
        }
    }
}

/// A client that has been typed to, and when.
pub struct Typed<'t> {
    pub client: Started<'t>,
    pub did: String,
    /// By the monotonic clock and by the wall clock.
    pub at: (Instant, DateTime<Utc>),
}

/// Starts a client, lets it wait at its prompt for as long as somebody thinks, and types a name.
pub fn slowly_typed<'t>(
    trial: &'t Trial,
    port: u16,
    zone: &str,
    thinking: Duration,
) -> Result<Typed<'t>, Stop> {
    let server = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let client = trial.client_on_a_terminal(server, &[("TZ", std::ffi::OsStr::new(zone))])?;
    let asks = || client.stdout.bytes().starts_with(PROMPT.as_bytes()).then_some(());
    let _ = client.until(asks); // one with another prompt has had its time to start
    thread::sleep(thinking);
    let name = trial.sentence();
    let did = format!("typed {} into `{}`", quote(name.as_bytes()), client.command_line);
    let at = (Instant::now(), Utc::now());
    client.type_line(name.as_bytes());
    Ok(Typed { client, did, at })
}

/// One visit of a client.
fn visit(trial: &Trial) -> Result<Session, Stop> {
    visit_after(trial, Duration::ZERO)
}

/// The same, by a typist who thinks for a while.
fn visit_after(trial: &Trial, thinking: Duration) -> Result<Session, Stop> {
    let quarters = trial.number(1..4) as i32;
    visit_in(trial, zone::before_noon(quarters * 15), thinking)
}

/// The same, where clocks show the time of this zone.
fn visit_in(trial: &Trial, zone: Zone, thinking: Duration) -> Result<Session, Stop> {
    let held = Duration::from_millis(trial.number(50..100) as u64);
    let (server, reply) = (EitherServer::new(trial)?, trial.sentence());
    let Typed { client, did, at } = slowly_typed(trial, server.port(), &zone.name, thinking)?;
    let mut asked = server.request(&client, &did)?;
    let arrived = Utc::now();
    thread::sleep(held);
    let replying = Utc::now();
    asked.answer(&reply)?;
    let did = format!("{did}, held the reply {reply:?} back for {} ms", held.as_millis());
    // The end of some programs takes its time, which is no part of what they measured.
    let line = |text: &str| text.lines().any(|line| line.starts_with(RTT));
    let _ = client.until(|| line(&client.stdout.text()).then_some(())); // what it did not print shows
    let (took, over) = (at.0.elapsed(), Utc::now());
    let printed = Printed::by(&client, did);
    let (sent, received) = ([at.1, arrived], [replying, over]);
    let offset = zone.fixed();
    Ok(Session { printed, reply, offset, sent, received, held, took })
}

impl Printed {
    /// Waits for the end of the client.
    pub fn by(client: &Started, did: String) -> Printed {
        let ended = match client.wait() {
            Ok(status) if status.success() => Vec::new(),
            Ok(status) => [vec![said(status)], client.last_words()].concat(),
            Err(event) => client.observed(&event),
        };
        let shown = String::from_utf8_lossy(&client.shown(PROMPT)).into_owned();
        // A line feed after the prompt is a matter of taste.
        let shown = shown.strip_prefix('\n').unwrap_or(&shown);
        let lines = shown.lines().map(str::to_owned).collect();
        let trial = client.trial();
        let (replay, free) = (trial.replay_client(), trial.target.words_are_free());
        Printed { did, lines, ended, replay, free }
    }

    fn failure(&self, expected: impl Into<String>) -> Failure {
        Failure::new(self.did.clone(), expected).replay(self.replay.clone())
    }

    /// Whether there is a line that begins with our words, which must be right then.
    fn has(&self, words: &str) -> bool {
        !self.free && self.lines.iter().any(|line| line.starts_with(words))
    }

    /// All lines, and how the program ended.
    fn shown(&self, failure: Failure) -> Stop {
        let failure = match self.lines.is_empty() {
            true => failure.received("no line"),
            false => failure.lines(self.lines.iter().take(MANY).map(|line| quote_line(line))),
        };
        failure.lines(self.ended.iter().cloned()).into()
    }

    /// What stands behind these words, and the line itself.
    fn line(&self, words: &str) -> Result<(&str, &str), Stop> {
        let mut lines = self.lines.iter();
        match lines.find_map(|line| Some((line.strip_prefix(words)?.trim(), line.as_str()))) {
            Some(found) => Ok(found),
            None => Err(self.shown(self.failure(format!("a line that begins with {words:?}")))),
        }
    }

    /// The moment in the line of these words, with its offset.
    fn moment(&self, words: &str) -> Result<(DateTime<FixedOffset>, &str), Stop> {
        const EXAMPLE: &str = "2026-11-20 06:50:01.123456 +05:45";
        let (value, line) = self.line(words)?;
        let parsed = DateTime::parse_from_str(&value.replacen('T', " ", 1), "%F %T%.f %z");
        // The parser does without a space in the middle, and takes one for a 0; people do not.
        const FORM: &[u8] = b"0000-00-00 00:00:00.";
        let is_like = |(byte, like): (u8, &u8)| match like {
            b'0' => byte.is_ascii_digit(),
            b' ' => b" T".contains(&byte),
            _ => byte == *like,
        };
        let whole = value.len() > FORM.len() && value.bytes().zip(FORM).all(is_like);
        match parsed {
            Ok(moment) if whole && decimals(value) >= 6 => Ok((moment, line)),
            _ => {
                let expected = format!("a time like {EXAMPLE}");
                Err(self.failure(expected).received(quote_line(line)).into())
            }
        }
    }

    /// The time that the line of these words says something took.
    pub fn duration(&self, words: &str) -> Result<(Duration, &str), Stop> {
        let (value, line) = self.line(words)?;
        let number = value.strip_suffix(" seconds").filter(|number| decimals(number) >= 6);
        let seconds = number.and_then(|number| number.parse().ok());
        match seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
            Some(duration) => Ok((duration, line)),
            None => Err(self
                .failure(format!("seconds with six decimals, as in \"{words} 0.000123 seconds\""))
                .received(quote_line(line))
                .into()),
        }
    }

    /// Whether there is no line with our words for the RTT, and another one with a time that fits, in
    /// whatever unit.
    fn is_said_in_other_words(&self, fits: impl Fn(Duration) -> bool) -> bool {
        // Whoever counts in milliseconds may round them.
        const HALF: f64 = 0.0005;
        let near = |seconds: f64| {
            [seconds - HALF, seconds, seconds + HALF]
                .into_iter()
                .filter_map(|it| Duration::try_from_secs_f64(it).ok())
                .any(&fits)
        };
        !self.has(RTT)
            && self
                .lines
                .iter()
                .flat_map(|line| times::named(line))
                .any(|named| named.seconds.into_iter().any(near))
    }

    /// No line has a time that can be the RTT.
    fn says_another_time(&self, least: Duration, expected: String) -> Stop {
        let mut named = self.lines.iter().rev().flat_map(|line| times::named(line));
        let shorter = |named: times::Named| named.seconds[0] < least.as_secs_f64() / 10.0;
        let failure = self.failure(expected);
        let failure = match named.next().map(shorter) {
            Some(true) => failure.cause(NOTHING_OF_IT),
            _ => failure,
        };
        self.shown(failure)
    }

    /// Demands that the line of these words shows at least and at most these times, and says why.
    pub fn must_take(
        &self,
        words: &str,
        least: Option<(Duration, &str)>,
        most: (Duration, &str),
    ) -> Verdict {
        let at_least = least.map_or(Duration::ZERO, |(least, _)| least);
        let fits = |duration: Duration| {
            duration.saturating_add(ROUNDING) >= at_least && duration <= most.0 + ROUNDING
        };
        if words == RTT && self.is_said_in_other_words(fits) {
            return Ok(());
        }
        let mut expected = format!("at most {:.6} seconds: {}", most.0.as_secs_f64(), most.1);
        if let Some((least, why)) = least {
            expected = format!("at least {:.3} seconds: {why}; {expected}", least.as_secs_f64());
        }
        if self.free {
            return Err(self.says_another_time(at_least, expected));
        }
        let (duration, line) = self.duration(words)?;
        if fits(duration) {
            return Ok(());
        }
        let mut failure = self.failure(expected).received(quote_line(line));
        if least.is_some() {
            let seen = [
                (duration / 1000, "in milliseconds this would be right: the line is in seconds"),
                (
                    duration / 1_000_000,
                    "in microseconds this would be right: the line is in seconds",
                ),
                (
                    duration.saturating_mul(2),
                    "this is half of it: the way there and back was asked for",
                ),
            ];
            if let Some((_, cause)) = seen.into_iter().find(|(duration, _)| fits(*duration)) {
                failure = failure.cause(cause);
            } else if duration < at_least / 10 {
                failure = failure.cause(match words {
                    CONNECT => NOTHING_OF_CONNECTING,
                    _ => NOTHING_OF_IT,
                });
            }
        }
        Err(failure.into())
    }
}

/// How many digits stand behind the point.
fn decimals(text: &str) -> usize {
    let behind = text.split_once('.').map_or("", |(_, behind)| behind);
    behind.bytes().take_while(u8::is_ascii_digit).count()
}

// ---- The checks that both programs have ----

fn reply(trial: &Trial) -> Verdict {
    let Session { printed, reply, .. } = visit(trial)?;
    if printed.lines.iter().any(|line| line.contains(&reply)) {
        return Ok(());
    }
    Err(printed.shown(printed.failure(format!("first the line {reply:?}"))))
}

fn lines(trial: &Trial) -> Verdict {
    let Session { printed, reply, .. } = visit(trial)?;
    let mut words = vec![SENT, RECEIVED, RTT];
    if trial.target.facts.transport == Transport::Tcp {
        words.push(CONNECT);
    }
    let lines = printed.lines.get(1..).unwrap_or_default();
    let in_order = printed.lines.first() == Some(&reply)
        && lines.len() == words.len()
        && lines.iter().zip(&words).all(|(line, words)| line.starts_with(words));
    if in_order && printed.ended.is_empty() {
        return Ok(());
    }
    let quoted: Vec<String> = words.iter().map(|words| format!("{words:?}")).collect();
    let expected = format!(
        "the reply, then a line each that begins with {}; then the end, with exit status 0",
        quoted.join(", ")
    );
    Err(printed.shown(printed.failure(expected)))
}

/// Early and late in the day: what is written in another way is as it should be at one of them only.
fn format(trial: &Trial) -> Verdict {
    for hours in [2..9, 14..21] {
        let visit = visit_in(trial, zone::where_it_is(hours), Duration::ZERO)?;
        let (moment, line) = visit.printed.moment(SENT)?;
        visit.printed.moment(RECEIVED)?;
        let too_early = (visit.sent[0] - moment.to_utc()).num_minutes();
        if (HALF_A_DAY - 1..=HALF_A_DAY + 1).contains(&too_early) {
            let failure = visit.printed.failure("an hour from 00 to 23").received(quote_line(line));
            return Err(failure.cause("it is the hour of a clock that begins anew at noon").into());
        }
    }
    Ok(())
}

/// In minutes.
const HALF_A_DAY: i64 = 12 * 60;

fn zone(trial: &Trial) -> Verdict {
    let Session { printed, offset, .. } = visit(trial)?;
    let (moment, line) = printed.moment(SENT)?;
    if *moment.offset() == offset {
        return Ok(());
    }
    let failure = printed
        .failure(format!("the local time, with its offset from UTC, {offset}"))
        .received(quote_line(line))
        .cause(format!("where the client ran, TZ said that clocks show UTC{offset}"));
    Err(failure.into())
}

fn sent(trial: &Trial) -> Verdict {
    let visit = visit(trial)?;
    visit.must_lie(SENT, visit.sent, ["the name was typed", "the request arrived"])
}

fn received(trial: &Trial) -> Verdict {
    let visit = visit(trial)?;
    visit.must_lie(RECEIVED, visit.received, ["the reply was sent", "it was printed"])
}

impl Session {
    /// How long the reply was held back in fact.
    fn was_held(&self) -> Duration {
        (self.received[0] - self.sent[1]).to_std().unwrap_or(self.held)
    }

    /// Demands that the line of these words names a moment between two others.
    fn must_lie(&self, words: &str, [from, to]: Span, [after, before]: [&str; 2]) -> Verdict {
        if self.is_said_in_other_words(words, [from, to]) {
            return Ok(());
        }
        let (moment, line) = self.printed.moment(words)?;
        if (from - ROUNDING..=to + ROUNDING).contains(&moment.to_utc()) {
            return Ok(());
        }
        let zone = moment.offset();
        let shown = |moment: DateTime<Utc>| moment.with_timezone(zone).format("%T%.6f");
        let failure = self
            .printed
            .failure(format!(
                "a time from {}, when {after}, to {}, when {before}",
                shown(from),
                shown(to)
            ))
            .received(quote_line(line));
        Err(failure.into())
    }
}

impl Session {
    /// Whether there is no line in our words and our form, and another with a moment between these two: as a
    /// time of day here or in UTC, or in seconds since 1970.
    fn is_said_in_other_words(&self, words: &str, [from, to]: Span) -> bool {
        let Session { printed, reply, offset, .. } = self;
        // What is wrong with its form is told elsewhere.
        if printed.has(words) && printed.moment(words).is_ok() {
            return false;
        }
        let since_1970 = |at: DateTime<Utc>| at.timestamp_micros() as f64 / 1e6;
        let east = f64::from(offset.local_minus_utc());
        const DAY: f64 = 86_400.0;
        let lies = |moment: &Moment| {
            let shifts = if moment.since_1970 { [0.0; 2] } else { [east, 0.0] };
            shifts.into_iter().any(|shift| {
                let [from, to] = [from, to].map(|at| since_1970(at) + shift);
                // The last midnight before it.
                let day = if moment.since_1970 { 0.0 } else { (to / DAY).floor() * DAY };
                let seconds = day + moment.seconds;
                (from - moment.digit..=to + moment.digit).contains(&seconds)
            })
        };
        let lines = printed.lines.iter().map(|line| line.replace(reply.as_str(), ""));
        lines.flat_map(|line| times::moments(&line)).any(|moment| lies(&moment))
    }
}

pub(super) fn rtt(trial: &Trial) -> Verdict {
    const THINKING: Duration = Duration::from_millis(400);
    const TRIES: usize = 5;
    const WHOLE: usize = 3;
    const MOST: Duration = Duration::from_millis(15);
    let (mut whole, mut late, mut always_longer) = (0, Duration::ZERO, true);
    for tries_left in (0..TRIES).rev() {
        let visit = visit_after(trial, THINKING)?;
        let (printed, was_held) = (&visit.printed, visit.was_held());
        let least = (visit.held, "so long the reply was held back");
        let most = (visit.took, "so long all of it took, from the typing on");
        printed.must_take(RTT, Some(least), most)?;
        let Ok((duration, line)) = printed.duration(RTT) else { return Ok(()) };
        // One in a thousand is a whole number of milliseconds by chance, not three in a row.
        let is_whole = duration.subsec_nanos() % 1_000_000 == 0;
        whole = if is_whole { whole + 1 } else { 0 };
        if whole == WHOLE {
            let failure = printed.failure("a time finer than milliseconds");
            let failure = failure.received(quote_line(line));
            return Err(failure.cause("its microseconds are 0 each time").into());
        }
        // As late as the check itself was, the program may be as well, on both ways. Who is late each time
        // has something else in it.
        late = late.max(was_held.saturating_sub(visit.held));
        let longer = duration.saturating_sub(was_held);
        always_longer &= longer > MOST + late * 4;
        if always_longer && tries_left == 0 {
            let held = visit.held.as_secs_f64();
            let expected = format!("{held:.3} seconds: so long the reply was held back");
            let failure = printed.failure(expected).received(quote_line(line));
            return Err(failure.cause(PAUSE).into());
        }
        if !always_longer && !is_whole {
            return Ok(());
        }
    }
    Ok(())
}
