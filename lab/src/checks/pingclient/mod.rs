//! Checks of pingclient. The check plays the server, by a script: which ping is answered, when, and
//! what else comes meanwhile. So nothing here depends on chance.

mod ignored;
mod server;
mod summary;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use crate::checks::check::Check;
use crate::os::sockets::{self, Transport};
use crate::text::bytes::quote_line;
use crate::trial::{Failure, Trial, Verdict, no_port};
use crate::wire::peers::{ANOTHER, UdpServer, finds};

use self::ignored::{corrupted, duplicate, in_all, late, reordered, stranger};
use self::server::{
    A_MOMENT, LOST_WORDS, PINGS, Ping, PingServer, RECEIVING_WORDS, RTT_WORDS, SENDING_WORDS,
    all_but, any, at, judged, seconds, started, text, watch,
};
use self::summary::summary;

const SENDS: &str =
    "The client sends each ping as one datagram to the ADDRESS and PORT it was given.";
const PORT: &str = "A client does not care which port it has, so it lets the kernel choose.";
const FORM: &str = "A ping is the text `Ping N TIME`: the word, its number from 1 to 10, and the time \
                    when it is sent.";
const TEN: &str =
    "There are ten pings, one after the other; then the client ends, with exit status 0.";
const SENDING: &str = "Before each ping it prints `Sending Ping Message: ` and the ping.";
const RECEIVING: &str = "The answer is printed behind `Receiving Pong Message: `, as it came.";
const RTT: &str = "The RTT is the time from sending the ping to receiving its answer, and is printed as \
                   `Round Trip Time(RTT): S seconds`.";
const SECOND: &str =
    "The client waits for the answer to a ping for one second in all, and for no less.";
const LOST: &str = "When the second is over the ping is lost: the client prints `Request timed out for \
                    sequence number: N` and goes on with the next.";
const NO_SERVER: &str = "The socket is not connected, so nobody tells the client that there is no server: \
                         its pings are lost.";
const OWN: &str = "Only the server's answer to this very ping counts, the whole ping in capitals; \
                   whatever else arrives is ignored.";
const LINES: &str =
    "Each of these stands on a line of its own, and there is no other line between them.";
const SUMMARY: &str = "At the end it sums up as `ping` does: packets transmitted, received, the loss in \
                       per cent, and the smallest, the mean and the largest RTT.";

pub const CHECKS: &[Check] = &[
    Check::new("reaches", "a ping reaches the server", "send", SENDS, reaches).door(),
    Check::new("port", "two clients at once, each at a port of its own", "socket", PORT, port),
    Check::new("address", "a server at another address is pinged", "send", SENDS, address),
    Check::new("pings", "ten pings, each with its number and the time", "send", FORM, pings),
    Check::new("second", "an answer is waited for, for one second", "timeout", SECOND, second)
        .after("pings"),
    Check::new(
        "sending",
        "each ping is printed, and all lines in their order",
        "send",
        SENDING,
        sending,
    )
    .after("pings"),
    Check::new("received", "every answer is printed", "receive", RECEIVING, received)
        .after("second"),
    Check::new("rtt", "the RTT of each ping", "rtt", RTT, rtt).after("received"),
    Check::new("lost", "a lost ping is said to be lost, and the next one sent", "lost", LOST, lost)
        .after("received"),
    Check::new("all-lost", "without a server all ten are lost", "lost", NO_SERVER, all_lost)
        .after("lost"),
    Check::new("late", "a late answer is not taken for the next ping's", "receive", OWN, late)
        .after("received")
        .advice(),
    Check::new(
        "reordered",
        "an answer that another one has overtaken is too late",
        "receive",
        OWN,
        reordered,
    )
    .after("late")
    .advice(),
    Check::new("duplicate", "an answer that comes twice counts once", "receive", OWN, duplicate)
        .after("late")
        .advice(),
    Check::new(
        "corrupted",
        "an answer that is not the ping in capitals is none",
        "receive",
        OWN,
        corrupted,
    )
    .after("late")
    .advice(),
    Check::new(
        "stranger",
        "an answer from somebody else is not believed",
        "receive",
        OWN,
        stranger,
    )
    .after("received")
    .advice(),
    Check::new("in-all", "what is ignored does not lengthen the second", "timeout", SECOND, in_all)
        .after("second")
        .advice(),
    Check::new("summary", "a summary at the end", "rtt", SUMMARY, summary).after("lost").advice(),
];

/// What a client may wait for an answer, and how much earlier is still the same.
const WAIT: Duration = Duration::from_secs(1);
const EARLY: Duration = Duration::from_millis(100);

fn reaches(trial: &Trial) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (client, did) = started(trial, at(&server))?;
    let arrived = || server.pending().ok().flatten().is_some();
    let seen = client.until(|| match arrived() {
        true => Some(true),
        false => client.printed(LOST_WORDS.as_bytes()).then_some(false), // it has waited already
    });
    let failure = Failure::new(did, format!("a datagram to UDP port {}", server.port))
        .received("no datagram")
        .replay(trial.replay_client());
    let failure = match seen {
        Ok(true) => return Ok(()),
        Ok(false) => failure,
        Err(event) => failure
            .lines(client.observed(&event))
            .lines(client.elsewhere(Transport::Udp, server.port)),
    };
    Err(if client.ended_saying("in use") {
        failure.gap("socket").cause(PORT)
    } else if client.printed(b"Ping") {
        failure.cause("it is on the program's own screen: is it sent, and to `server_address`?")
    } else {
        failure
    }
    .into())
}

/// The first client still waits for its answer while the second one sends.
fn port(trial: &Trial) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (first, did) = started(trial, at(&server))?;
    let (_, one) = server.receive(&first, &did)?;
    let loopback = |socket: &sockets::Socket| {
        socket.transport == Transport::Udp && socket.open_to_all && socket.local.ip().is_loopback()
    };
    if let Some(socket) = sockets::of(&first.processes()).into_iter().find(loopback) {
        return Err(Failure::new(did, "a socket at 0.0.0.0, any address of this host")
            .received(format!("a socket at {} alone", socket.local))
            .cause("from there it reaches no server on another host")
            .into());
    }
    let (second, did) = started(trial, at(&server))?;
    loop {
        // The first one may send more pings meanwhile.
        let received = server.receive(&second, &did);
        let (_, other) = received.map_err(|stop| stop.after("one client waited for its answer"))?;
        if other != one {
            return Ok(());
        }
    }
}

fn address(trial: &Trial) -> Verdict {
    let Some(servers) = UdpServer::two(trial)? else { return Ok(()) };
    let wanted = SocketAddrV4::new(ANOTHER, servers[0].port);
    let started = started(trial, wanted)?;
    finds(&servers, wanted, started, "a ping", UdpServer::has_come)
}

/// The time in a ping of this number, if it is one.
fn time_of(datagram: &[u8], number: usize) -> Option<&str> {
    let text = str::from_utf8(datagram).ok()?;
    let rest = text.strip_prefix("Ping ").or_else(|| text.strip_prefix("Ping: "))?;
    let time = rest.strip_prefix(&number.to_string())?.strip_prefix(' ')?;
    // A time of day with its colons, or a number of seconds since some moment.
    let of_day = time.as_bytes().windows(8).any(|window| {
        let like = |(byte, like): (&u8, u8)| {
            if like == b'0' { byte.is_ascii_digit() } else { *byte == like }
        };
        window.iter().zip(*b"00:00:00").all(like)
    });
    let right = (of_day || time.parse::<f64>().is_ok()) && time.trim() == time;
    right.then_some(time)
}

/// The first two answers take their time, so that every clock has moved on.
fn pings(trial: &Trial) -> Verdict {
    const A_WHILE: Duration = Duration::from_millis(600);
    judged(
        trial,
        "answered every ping, the first two after 600 ms",
        &|line, number| {
            if number <= 2 {
                line.sleep(A_WHILE);
            }
            line.answer(number);
        },
        |visit| {
            for (index, ping) in visit.pings.iter().enumerate() {
                let number = index + 1;
                if number > PINGS {
                    let failure =
                        visit.failure("the end of the program after ten pings").cause(TEN);
                    return Err(failure
                        .received(format!("{} besides", text(&ping.datagram)))
                        .into());
                }
                if time_of(&ping.datagram, number).is_none() {
                    let example = format!("Ping {number} 2026-11-20 06:50:01.123456");
                    let failure =
                        visit.failure(format!("a ping like {example:?}, and nothing else"));
                    let failure = failure.received(text(&ping.datagram));
                    return Err(match ping.datagram.strip_suffix(b"\n") {
                        Some(rest) if time_of(rest, number).is_some() => {
                            failure.cause("the newline is no part of it")
                        }
                        _ if number == 1 && time_of(&ping.datagram, 0).is_some() => {
                            failure.cause("the first ping has number 1")
                        }
                        _ => failure,
                    }
                    .into());
                }
            }
            if let Some([first, _, third]) = visit.pings.get(..3) {
                let [one, other] =
                    [(first, 1), (third, 3)].map(|(ping, number)| time_of(&ping.datagram, number));
                if one == other && third.seen.duration_since(first.seen) > A_WHILE * 2 {
                    let failure = visit.failure("another time in the third ping than in the first");
                    let shown = one.unwrap_or_default();
                    return Err(failure.received(format!("the time {shown:?} in both")).into());
                }
            }
            let next = visit.pings.len() + 1;
            if next <= PINGS {
                let failure = visit.failure(format!("ping {next}")).cause(TEN);
                return Err(failure.received("no more pings").lines(visit.ended.clone()).into());
            }
            visit.must_end_well()
        },
    )
}

fn sending(trial: &Trial) -> Verdict {
    judged(trial, "answered every ping", &all_but(&[]), |visit| {
        let pings = visit.pings.iter().take(PINGS);
        let text = |ping: &Ping| String::from_utf8_lossy(&ping.datagram).into_owned();
        let wanted = pings.map(|ping| format!("{SENDING_WORDS}{}", text(ping)));
        visit.must_show(SENDING_WORDS, wanted)?;
        let kinds = [SENDING_WORDS, RECEIVING_WORDS, RTT_WORDS];
        if kinds.iter().any(|kind| visit.lines_of(kind).count() != PINGS) {
            return Ok(()); // another check tells of it
        }
        for (line, kind) in visit.lines.iter().zip(kinds.iter().cycle().take(kinds.len() * PINGS)) {
            if !line.starts_with(kind) {
                let failure =
                    visit.failure(format!("a line that begins with {kind:?}")).cause(LINES);
                return Err(failure.received(format!("the line {}", quote_line(line))).into());
            }
        }
        Ok(())
    })
}

/// One ping is not answered. The one before it was, and a moment later it was sent: so what lies
/// between that answer and the next ping is a whole second at least.
fn second(trial: &Trial) -> Verdict {
    let silent = any(trial);
    let did = format!("answered every ping but {silent}");
    judged(trial, &did, &all_but(&[silent]), |visit| {
        let next = silent + 1;
        let failure = visit.failure(format!("ping {next}, a second after ping {silent}"));
        let Some([before, _, after]) = visit.pings.get(silent - 2..next) else {
            let failure = match visit.asleep {
                true => failure.received(format!("no ping {next} after 1.5 s")),
                false => failure.received(format!("no ping {next}")).gap("lost").cause(LOST),
            };
            let failure = failure.lines(visit.said.clone());
            return Err(failure.lines(visit.ended.clone()).into());
        };
        let answered = before.answered.expect("the script has answered it");
        if after.seen.duration_since(answered) + EARLY >= WAIT {
            return Ok(());
        }
        Err(failure.received(format!("ping {next} before the second was over")).into())
    })
}

fn received(trial: &Trial) -> Verdict {
    let silent = any(trial);
    let did = format!("answered every ping but {silent}, each after 20 ms");
    judged(
        trial,
        &did,
        &|line, number| {
            if number != silent {
                line.sleep(A_MOMENT);
                line.answer(number);
            }
        },
        |visit| visit.must_receive_all_but(&[silent]),
    )
}

/// Some answers are held back. Before one of them arrived the ping was out at least for that
/// time, and it was sent after the answer before it.
const ROUNDED: &str = "it is rounded too far: a round trip on a fast network would be 0";

/// Whether it would be right but for digits behind the hundredths.
fn is_rounded(seconds: f64, least: f64, most: f64) -> bool {
    const HALF: f64 = 0.005;
    let hundredths = seconds * 100.0;
    let has_no_more = (hundredths - hundredths.round()).abs() < 1e-6;
    has_no_more && (least - HALF..=most + HALF).contains(&seconds)
}

fn rtt(trial: &Trial) -> Verdict {
    let held: Vec<Duration> =
        (0..PINGS).map(|_| Duration::from_millis(trial.number(100..200) as u64)).collect();
    let did = "answered every ping after 100 to 200 ms";
    judged(
        trial,
        did,
        &|line, number| {
            line.sleep(held.get(number - 1).copied().unwrap_or_default());
            line.answer(number);
        },
        |visit| {
            let lines: Vec<&String> = visit.lines_of(RTT_WORDS).collect();
            for number in 2..PINGS {
                let line = lines.get(number - 1);
                let Some((window, line)) = visit.pings.get(number - 2..=number).zip(line) else {
                    let wanted =
                        format!("a line like \"{RTT_WORDS}0.000123 seconds\" for ping {number}");
                    let failure = visit.failure(wanted).received("no such line");
                    let like = visit
                        .like(RTT_WORDS)
                        .map(|line| format!("but the line {}", quote_line(line)));
                    return Err(failure.lines(like).lines(visit.ended.clone()).into());
                };
                let [before, ping, after] = window else { unreachable!("there are three") };
                let [before, answered] = [before, ping]
                    .map(|ping| ping.answered.expect("the script answers every ping"));
                let least = answered.duration_since(ping.seen).as_secs_f64();
                let most = after.seen.duration_since(before).as_secs_f64();
                if seconds(line).is_some_and(|seconds| fits(seconds, least, most)) {
                    continue;
                }
                return Err(false_time(visit, number, line, (least, most)).into());
            }
            Ok(())
        },
    )
}

/// Whether a time can be that of a ping that took between these two, in seconds.
fn fits(seconds: f64, least: f64, most: f64) -> bool {
    const ROUNDING: f64 = 0.001;
    (least - ROUNDING..=most + ROUNDING).contains(&seconds)
}

/// The line of a ping has a time that cannot be: with the cause, if the number shows one.
fn false_time(
    visit: &server::Run,
    number: usize,
    line: &str,
    (least, most): (f64, f64),
) -> Failure {
    let wanted = format!(
        "the line \"{RTT_WORDS}S seconds\", with S from {least:.6}, so long ping {number} was held \
         back, to {most:.6}, when ping {} had come",
        number + 1
    );
    let failure = visit.failure(wanted).received(format!("the line {}", quote_line(line)));
    let Some(seconds) = seconds(line) else { return failure };
    if is_rounded(seconds, least, most) {
        return failure.cause(ROUNDED);
    }
    let causes = [
        (0.001, "in milliseconds this would be right: the line is in seconds"),
        (0.000_001, "in microseconds this would be right: the line is in seconds"),
        (2.0, "this is half of it: the way there and back was asked for"),
    ];
    match causes.into_iter().find(|(factor, _)| fits(seconds * factor, least, most)) {
        Some((_, cause)) => failure.cause(cause),
        None => failure,
    }
}

fn lost(trial: &Trial) -> Verdict {
    let silent = [any(trial), PINGS];
    let did = format!("answered every ping but {} and {}", silent[0], silent[1]);
    let script = |line: &PingServer, number| {
        if number == 1 {
            line.sleep(A_MOMENT);
        }
        all_but(&silent)(line, number);
    };
    judged(trial, &did, &script, |visit| {
        if visit.pings.len() > PINGS {
            let failure = visit.failure("ten pings, each of them once");
            return Err(failure.received(format!("{} pings", visit.pings.len())).into());
        }
        visit.must_lose(silent)?;
        visit.must_end_well()
    })
}

/// Datagrams to a port whose only socket is connected to somebody else are refused by the kernel, as
/// if it had none.
fn all_lost(trial: &Trial) -> Verdict {
    trial.takes_long();
    let line = PingServer::new(trial)?;
    line.socket.connect((Ipv4Addr::LOCALHOST, 9)).map_err(|error| no_port(line.port, &error))?;
    let visit = watch(trial, "with no server at that port", &line)?;
    let refused = visit.ended.iter().any(|line| line.to_lowercase().contains("refused"));
    visit.must_lose(1..=PINGS).and_then(|()| visit.must_end_well()).map_err(|stop| match refused {
        true => stop
            .look("socket")
            .or_cause("a connected UDP socket is told when nobody listens: do not connect it"),
        false => stop,
    })
}
