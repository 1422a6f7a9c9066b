//! Checks of timeserver. Its Python original ends an answer without a newline, so a newline after an
//! answer may be there or not; that it should be there is advice.

mod caller;
mod unread;

use std::time::{Duration, Instant};

use self::caller::Caller;
use crate::checks::check::Check;
use crate::checks::common::{ANOTHER_CLIENT, address, listens};
use crate::os::program::{Event, Patience, said};
use crate::os::zone::{self, Zone};
use crate::os::{processes, sockets};
use crate::text::bytes::quote;
use crate::trial::{Server, Stop, Trial, Verdict};
use crate::wire::peers::{End, TcpClient};

/// How long the program may wait for a client, and how much earlier or later is still the same.
const IDLE: Duration = Duration::from_secs(15);
const EARLY: Duration = Duration::from_millis(100);
/// A client that is let go behind this was let go too late, unless the program was kept from running.
const MUCH_LATER: Duration = Duration::from_millis(16_500);
/// A program that has slept so long without a break is late, however slow the machine is.
const TOO_LATE: Patience = Patience { idle: Duration::from_millis(16_500), ..Patience::SHORT };

const ONE_READ: &str = "Treat what one read returns, up to 1024 bytes, as one command; white space before and after it does not count.";
const LATE: &str = "A client that sends no command for 15 seconds, or does not read its answers for as \
                    long, is let go, and the next is served.";
const OTHERS: &str = "Anything else, a blank line included, is answered with `Invalid command!` and \
                      a newline.";

pub const CHECKS: &[Check] = &[
    Check::new(
        "listens",
        "a TCP socket listens at the port",
        "bind",
        "The time server listens at the ADDRESS and PORT it was given.",
        listens,
    )
    .door(),
    Check::new(
        "greets",
        "a client is told its own address and port",
        "greet",
        "As soon as a client is connected, the server sends it `You are connected from \
         IP:PORT` and a newline: the client's own IP address and port.",
        greets,
    )
    .after("listens"),
    Check::new(
        "address",
        "it listens at the ADDRESS it is given",
        "bind",
        "The time server listens at the ADDRESS and PORT it was given.",
        address,
    )
    .after("listens")
    .beginning(),
    Check::new(
        "time",
        "TIME is answered with the time",
        "time",
        "`TIME` is answered with the local time, written as Python's `time.ctime()` writes it, \
         and a newline.",
        time,
    )
    .after("listens"),
    Check::new("invalid", "anything else is an invalid command", "invalid", OTHERS, invalid)
        .after("time"),
    Check::new(
        "several",
        "several commands in turn, with white space around them",
        "receive",
        ONE_READ,
        several,
    )
    .after("time"),
    Check::new(
        "next",
        "the next client is served, however the last one left",
        "accept",
        "When a client has closed the connection, the next one is served, without end.",
        next,
    )
    .after("listens")
    .beginning(),
    Check::new(
        "exit",
        "EXIT closes every socket and ends the server",
        "exit",
        "At `EXIT` the server closes all its sockets, the one at which clients queue up \
         included, and ends with exit status 0.",
        exit,
    )
    .after("time")
    .points(2),
    Check::new("idle", "a silent client is let go after 15 s", "timeout", LATE, idle)
        .after("listens")
        .slow(),
    Check::new(
        "newline",
        "an answer ends in a newline",
        "time",
        "The newline tells the client where an answer ends.",
        newline,
    )
    .after("time")
    .after("invalid")
    .advice(),
    Check::new("blank", "a blank line is an invalid command", "receive", OTHERS, blank)
        .after("invalid")
        .advice(),
    Check::new("bytes", "bytes that are no text are an invalid command", "receive", OTHERS, bytes)
        .after("invalid")
        .advice(),
    Check::new(
        "reset",
        "a client that resets does not end the server",
        "receive",
        "An error with one client must not stop the server.",
        reset,
    )
    .after("next")
    .advice(),
    Check::new(
        "unread",
        "a client that does not read is let go after 15 s",
        "timeout",
        LATE,
        unread::unread,
    )
    .slow()
    .after("idle")
    .after("invalid")
    .after("reset")
    .advice(),
];

/// A client that is greeted and leaves.
fn visit(server: &Server) -> Verdict {
    Caller::begin(server)?.leave()
}

/// The client comes from an address that nobody would write into the program.
fn greets(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let client = TcpClient::connect_from(&server, ANOTHER_CLIENT)?;
    let mut visit = Caller::of(&server, client, Patience::SHORT)?;
    visit.did = format!("connected from {ANOTHER_CLIENT}");
    let port = trial.target.facts.port;
    visit.is_greeted().map_err(|stop| {
        stop.map(|failure| failure.replay = format!("nc -s {ANOTHER_CLIENT} 127.0.0.1 {port}"))
    })
}

/// Early and late in the day, and at two different minutes: what is written in another way is the same
/// as it should be at one of them, but not at all.
fn time(trial: &Trial) -> Verdict {
    for zone in [zone::where_it_is(2..9), zone::where_it_is(14..21), zone::of_checks()] {
        Caller::begin_in(&trial.server_in(&zone)?, zone)?.ask_time(b"TIME")?;
    }
    Ok(())
}

fn invalid(trial: &Trial) -> Verdict {
    let (word, long) = (trial.letters(5), trial.letters(1024));
    let server = trial.server()?;
    let mut visit = Caller::begin(&server)?;
    for command in [&b"HELLO"[..], &word, b"TIMES", b"time", b"exit\n", b"TIME EXIT", &long] {
        visit.ask_invalid(command)?;
    }
    visit.leave()
}

/// Where the hour has two digits, and is none of the first twelve: what else is wrong with the time is
/// told once, at whatever hour the check runs.
fn afternoon() -> Zone {
    zone::where_it_is(14..21)
}

fn several(trial: &Trial) -> Verdict {
    let zone = afternoon();
    let server = trial.server_in(&zone)?;
    let mut visit = Caller::begin_in(&server, zone)?;
    for command in [&b"TIME"[..], b"TIME\n", b" \tTIME \r\n", b"TIME"] {
        visit.ask_time(command)?;
    }
    visit.leave()
}

fn next(trial: &Trial) -> Verdict {
    const MANY: usize = 10_000;
    let server = trial.server()?;
    let leave = |said: &[u8]| -> Verdict {
        let mut client = TcpClient::connect(&server)?;
        client.send(said);
        client.finish()?;
        client.read_to_end();
        Ok(())
    };
    visit(&server)?;
    visit(&server).map_err(|stop| stop.after("a first client was served"))?;
    leave(b"")?;
    visit(&server).map_err(|stop| stop.after("a client left without a word"))?;
    leave(b"TI")?;
    visit(&server).map_err(|stop| stop.after("a client sent \"TI\" and left"))?;
    leave(&b"TIME\n".repeat(MANY))?;
    let many = format!("a client sent {MANY} commands in one go and left");
    visit(&server).map_err(|stop| stop.after(&many))?;
    let mut queue = Vec::new();
    for _ in 0..3 {
        queue.push(TcpClient::connect(&server)?);
    }
    queue.into_iter().try_for_each(|client| {
        let visit = Caller::of(&server, client, Patience::SHORT);
        visit.map_err(|stop| stop.after("three clients queued up"))?.leave()
    })
}

/// Another client waits meanwhile: it is turned away, and holds nobody up.
fn exit(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut visit = Caller::begin(&server)?;
    let _in_the_queue = TcpClient::connect(&server)?;
    visit.did += " and sent \"EXIT\" while another client waited";
    visit.client.send(b"EXIT");
    let end = visit.read(Patience::SHORT, |_| false).unwrap_or(End::Open(Event::Idle));
    let failure = visit
        .failure("the end of the connection, and of the program with exit status 0")
        .replay(trial.replay_send(b"EXIT"));
    if !visit.bytes.is_empty() && !trial.target.words_are_free() {
        let failure = failure.received(quote(&visit.bytes));
        return Err(failure.cause("EXIT has no answer").into());
    }
    if let End::Open(event) = end {
        let failure = failure.received("the connection is open");
        return Err(failure.lines(server.observed(&event)).into());
    }
    let failure = match server.wait() {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => failure.received(said(status)).lines(server.last_words()),
        Err(event) => {
            let failure = failure.received("the connection was closed, but not the server");
            let failure = failure.lines(server.observed(&event));
            let open = sockets::of(&server.processes());
            match open.iter().any(|socket| socket.local.port() == server.port) {
                true => failure.cause(
                    "only the client's socket was closed: the one at which clients queue up is \
                     still open",
                ),
                false => failure,
            }
        }
    };
    Err(failure.into())
}

/// One client says nothing at all, the other one nothing more; a third and a fourth wait for them.
fn idle(trial: &Trial) -> Verdict {
    let at_once = trial.server()?;
    // Two at once, if both can have a port.
    let zone = afternoon();
    let later = match trial.target.port_is_fixed() {
        true => None,
        false => Some(trial.server_in(&zone)?),
    };
    let start = Instant::now();
    let mut silent = Caller::begin(&at_once)?;
    silent.did = "connected and sent nothing".to_owned();
    let mut visits = vec![(silent, TOO_LATE)];
    if let Some(later) = &later {
        let mut asked = Caller::begin_in(later, zone)?;
        asked.ask_time(b"TIME")?;
        asked.did += " and no more";
        // Both wait at the same time.
        let soon = Patience { idle: Duration::from_millis(1500), ..Patience::SHORT };
        visits.push((asked, soon));
    }
    for (number, (visit, patience)) in visits.iter_mut().enumerate() {
        let end = end_of(visit, *patience)?;
        let took = start.elapsed();
        // What the first one took delays the look at the second.
        let too_late = number == 0 && took > MUCH_LATER + processes::delay(visit.server.leader());
        let replay = format!("nc 127.0.0.1 {}", trial.target.facts.port);
        let failure = visit.failure("the end of the connection after 15 s").replay(replay);
        match end {
            End::Open(event) => {
                return Err(match event {
                    Event::Exited(status) => failure.received(said(status)),
                    _ => failure
                        .received("the connection is still open after 16 s")
                        .lines(visit.server.observed(&event)),
                }
                .into());
            }
            _ if too_late => {
                return Err(failure.received("its end after more than 16 s").into());
            }
            _ if took + EARLY < IDLE => {
                let failure = failure.received(format!("its end after {} s", took.as_secs()));
                return Err(failure.lines(visit.server.last_words()).into());
            }
            _ => {}
        }
        Caller::begin(visit.server).map_err(|stop| stop.after("a silent client was let go"))?;
    }
    Ok(())
}

/// How the connection of a client ends that says no more.
fn end_of(visit: &mut Caller, patience: Patience) -> Result<End, Stop> {
    // The newline of an answer may have come late.
    for _ in 0..2 {
        match visit.client.read_patiently(patience, &mut visit.bytes) {
            None => return Err(Stop::GivenUp),
            Some(Err(end)) => return Ok(end),
            Some(Ok(())) => {}
        }
    }
    Err(visit.failure("no answer without a command").received("an answer").into())
}

fn newline(trial: &Trial) -> Verdict {
    let zone = afternoon();
    let server = trial.server_in(&zone)?;
    let mut visit = Caller::begin_in(&server, zone)?;
    visit.ask_time(b"TIME")?;
    ends_its_line(visit, "the time", "time")?;
    if trial.target.words_are_free() {
        return Ok(());
    }
    let another = trial.server()?;
    let mut visit = Caller::begin(&another)?;
    visit.ask_invalid(b"HELLO")?;
    ends_its_line(visit, "the answer", "invalid")
}

/// Demands that the answer, which has been looked at, has a newline behind it.
fn ends_its_line(mut visit: Caller, what: &str, gap: &'static str) -> Verdict {
    visit.client.finish()?;
    let _ = visit.read(Patience::SHORT, |_| false); // to the end, however it comes
    if visit.bytes.ends_with(b"\n") && visit.line_ends().contains(&visit.bytes.as_slice()) {
        return Ok(());
    }
    let failure = visit.failure(&format!("{what} and a newline"));
    Err(failure.received(format!("{what}, and no newline behind it")).gap(gap).into())
}

fn blank(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut visit = Caller::begin(&server)?;
    let asked = visit.ask_invalid(b"\n");
    asked.map_err(|stop| match visit.client.open && visit.bytes.is_empty() {
        true => stop.look("invalid"), // it is passed over
        false => stop,
    })
}

fn bytes(trial: &Trial) -> Verdict {
    Caller::begin(&trial.server()?)?.ask_invalid(b"\xff\xfe")
}

/// One resets before it is accepted; another has waited in the queue and sent something; others go
/// before they can be answered.
fn reset(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    // Who has asked the socket where it comes from has ended without a panic.
    let at_accept =
        |stop: Stop| match server.exited().is_some_and(|status| status.code() == Some(1)) {
            true => stop.look("accept"),
            false => stop,
        };
    processes::while_stopped(&server.processes(), || TcpClient::connect(&server)?.reset())?;
    visit(&server).map_err(|stop| at_accept(stop.after("a first client reset its connection")))?;
    let first = Caller::begin(&server)?;
    let mut queued = TcpClient::connect(&server)?;
    queued.send(b"TIME");
    queued.reset()?;
    first.leave()?;
    let queued = "a client in the queue sent TIME and reset its connection";
    visit(&server).map_err(|stop| at_accept(stop.after(queued)))?;
    for (command, gap) in [("TIME", "time"), ("HELLO", "invalid")] {
        let mut client = Caller::begin(&server)?.client;
        processes::while_stopped(&server.processes(), || {
            client.send(command.as_bytes());
            client.reset()
        })?;
        visit(&server).map_err(|stop| {
            let what = format!("a client sent {command} and reset its connection at once");
            stop.after(&what).look(gap)
        })?;
    }
    Ok(())
}
