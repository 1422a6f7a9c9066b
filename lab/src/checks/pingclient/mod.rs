//! Checks of pingclient. The check plays the server, by a script: which ping is answered, when, and
//! what else comes meanwhile. So nothing here depends on chance.

mod ignored;
mod screen;
mod server;
mod summary;
mod time;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use crate::checks::check::Check;
use crate::checks::common::asks_at_the_usual_port;
use crate::checks::rtt::NOTHING_OF_IT;
use crate::os::sockets::{self, Transport};
use crate::os::zone;
use crate::text::bytes::quote_line;
use crate::text::times::Named;
use crate::trial::{Failure, Stop, Trial, Verdict, no_port};
use crate::wire::peers::{ANOTHER, UdpServer, finds};

use self::ignored::{corrupted, duplicate, in_all, late, reordered, stranger};
use self::server::{
    A_MOMENT, LOST_WORDS, PINGS, Ping, PingServer, RECEIVING_WORDS, RTT_WORDS, Run, SENDING_WORDS,
    TOO_LONG, all_but, any, at, judged, seconds, started, text, watch,
};
use self::summary::summary;
use self::time::{is_true, time_in, time_of};

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
                   `Round Trip Time(RTT): S seconds`, finer than in whole milliseconds.";
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
    Check::new("port", "two clients at once, each at a port of its own", "socket", PORT, port)
        .beginning(),
    Check::new("address", "a server at another address is pinged", "send", SENDS, address)
        .beginning(),
    Check::new("pings", "ten pings, each with its number and the time", "send", FORM, pings),
    Check::new("second", "an answer is waited for, for one second", "timeout", SECOND, second)
        .after("pings"),
    Check::new("received", "every answer is printed", "receive", RECEIVING, received)
        .after("pings"),
    Check::new("rtt", "the RTT of each ping", "rtt", RTT, rtt).after("received"),
    Check::new("lost", "a lost ping is said to be lost, and the next one sent", "lost", LOST, lost)
        .after("received")
        .after("second"),
    Check::new("all-lost", "without a server all ten are lost", "lost", NO_SERVER, all_lost)
        .after("lost")
        .slow(),
    Check::new("words", "the lines in these words, in their order", "send", SENDING, words)
        .after("received")
        .after("rtt")
        .after("lost")
        .of_words(),
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
    .after("second")
    .after("pings")
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
    Check::new("summary", "a summary at the end", "rtt", SUMMARY, summary)
        .after("rtt")
        .after("lost")
        .advice(),
];

/// What a client may wait for an answer; how much earlier is still the same, since clocks tick; and how
/// much later, since nobody wakes up at once.
const WAIT: Duration = Duration::from_secs(1);
const EARLY: Duration = Duration::from_millis(10);
const LATE: Duration = Duration::from_millis(350);

fn reaches(trial: &Trial) -> Verdict {
    let server = UdpServer::new(trial)?;
    let usual = UdpServer::usual(trial, &server);
    let (client, did) = started(trial, at(&server))?;
    let arrived = || server.pending().ok().flatten();
    let seen = client.patiently(TOO_LONG, || match arrived() {
        Some(ping) => Some(Some(ping)),
        None => client.printed(LOST_WORDS.as_bytes()).then_some(None), // it has waited already
    });
    let failure = Failure::new(did, format!("a datagram to UDP port {}", server.port))
        .received("no datagram")
        .replay(trial.replay_client());
    let failure = match seen {
        Ok(Some(ping)) => {
            // Neither number nor time: that they are all the same is told once.
            if !ping.iter().any(u8::is_ascii_digit) {
                trial.others_go_on(|manner| manner.same_pings = true);
            }
            return Ok(());
        }
        Ok(None) => failure,
        Err(event) => failure
            .lines(client.observed(&event))
            .lines(client.elsewhere(Transport::Udp, server.port)),
    };
    if usual.is_some_and(|usual| usual.has_come()) {
        return Err(asks_at_the_usual_port(trial, failure.into(), "a ping"));
    }
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
        |visit| must_be_ten(trial, visit, A_WHILE * 2),
    )
}

/// Ten pings, each with its number and its time; the first and the third lie so far apart.
fn must_be_ten(trial: &Trial, visit: &Run, apart: Duration) -> Verdict {
    for (index, ping) in visit.pings.iter().enumerate() {
        let number = index + 1;
        if number > PINGS {
            let failure = visit.failure("the end of the program after ten pings").cause(TEN);
            return Err(failure.received(format!("{} besides", text(&ping.datagram))).into());
        }
        if time_in(trial, visit, ping, number).is_none() {
            let example = format!("Ping {number} 2026-11-20 06:50:01.123456");
            let failure = visit.failure(format!("a ping like {example:?}, and nothing else"));
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
    let untrue = |ping: &&Ping| !is_true(&text(&ping.datagram), ping.at);
    // What else the pings of another course may carry, nobody has said.
    let judged = !trial.target.words_are_free();
    if let Some(ping) = visit.pings.iter().find(untrue).filter(|_| judged) {
        let here = ping.at.with_timezone(&zone::of_checks().fixed()).format("%F %T");
        let failure = visit.failure(format!("the time when it was sent, {here} in its time zone"));
        return Err(failure.received(text(&ping.datagram)).into());
    }
    if let Some([first, _, third]) = visit.pings.get(..3) {
        let [one, other] =
            [(first, 1), (third, 3)].map(|(ping, number)| time_in(trial, visit, ping, number));
        if one == other && third.seen.duration_since(first.seen) > apart {
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
    if visit.again {
        let failure = visit.failure("each ping once").cause(TEN);
        return Err(failure.received("a ping that came a second time").into());
    }
    visit.must_end_well()
}

/// Every line of a ping, in the handout's words: one ping is answered, and the next one is lost. Whether
/// what it prints is the answer, and whether it goes on to the end, is other checks' business.
fn words(trial: &Trial) -> Verdict {
    let silent = any(trial);
    let did = format!("answered every ping but {silent}");
    let later = |line: &server::PingServer, number| {
        line.sleep(A_MOMENT);
        all_but(&[silent])(line, number);
    };
    judged(trial, &did, &later, |run| {
        let mut lines = run.lines.iter();
        let stops_early = run.asleep || !run.ended.is_empty();
        for (index, ping) in run.pings.iter().take(PINGS).enumerate() {
            let number = index + 1;
            let said = String::from_utf8_lossy(&ping.datagram);
            let pong = String::from_utf8_lossy(&server::pong(ping)).into_owned();
            let mut wanted = vec![format!("{SENDING_WORDS}{said}")];
            match number == silent {
                true => wanted.push(format!("{LOST_WORDS}{number}")),
                false => wanted.extend([format!("{RECEIVING_WORDS}{pong}"), RTT_WORDS.to_owned()]),
            }
            for wanted in wanted {
                let line = lines.next();
                if line.is_none() && index >= 2 && stops_early {
                    return Ok(());
                }
                let is_another = |line: &String| {
                    line.starts_with(RECEIVING_WORDS) && !line.contains(pong.trim())
                };
                let right = match (line, wanted.as_str()) {
                    (Some(line), RTT_WORDS) => seconds(line).is_some(),
                    (Some(line), it) if it.starts_with(RECEIVING_WORDS) && is_another(line) => true,
                    (line, _) => line == Some(&wanted),
                };
                if !right {
                    return Err(other_words(run, &wanted, line));
                }
            }
        }
        if run.pings.len() < silent {
            return Err(run.no_more_pings(silent).into());
        }
        Ok(())
    })
}

fn other_words(run: &Run, wanted: &str, line: Option<&String>) -> Stop {
    let (wanted, gap) = match wanted {
        RTT_WORDS => (format!("{RTT_WORDS}0.000123 seconds"), "rtt"),
        _ if wanted.starts_with(RECEIVING_WORDS) => (wanted.to_owned(), "receive"),
        _ if wanted.starts_with(LOST_WORDS) => (wanted.to_owned(), "lost"),
        _ => (wanted.to_owned(), "send"),
    };
    let failure = run.failure(format!("the line {wanted:?}")).gap(gap);
    let failure = match line {
        Some(line) => failure.received(format!("the line {}", quote_line(line))),
        None => failure.received("no more lines"),
    };
    let kinds = [SENDING_WORDS, RECEIVING_WORDS, RTT_WORDS, LOST_WORDS];
    let is_ours = |line: &String| kinds.iter().any(|kind| line.starts_with(kind));
    match line.is_none_or(is_ours) {
        true => failure.into(),
        false => failure.cause(LINES).into(),
    }
}

/// One ping is not answered. The one before it was, and a moment later it was sent: so what lies
/// between that answer and the next ping is a whole second at least. A client that rests before each
/// ping rests before this one, too.
fn second(trial: &Trial) -> Verdict {
    let silent = any(trial);
    let did = format!("answered every ping but {silent}");
    judged(trial, &did, &all_but(&[silent]), |run| {
        let next = silent + 1;
        let failure = run.failure(format!("ping {next}, a second after ping {silent}"));
        let Some([before, lost, after]) = run.pings.get(silent - 2..next) else {
            let failure = match run.asleep {
                true => failure.received(format!("no ping {next} after 4 s")),
                false => failure.received(format!("no ping {next}")).gap("lost").cause(LOST),
            };
            let failure = failure.lines(run.said.clone());
            return Err(failure.lines(run.ended.clone()).into());
        };
        let rest = run.rest();
        let answered = before.answered.expect("the script has answered it");
        let earliest = after.seen.duration_since(answered).saturating_sub(rest);
        let latest = after.seen.duration_since(lost.seen).saturating_sub(rest);
        let shown = |time: Duration| format!("ping {next} after {:.1} s", time.as_secs_f64());
        match () {
            () if earliest + EARLY < WAIT => Err(failure.received(shown(earliest)).into()),
            () if latest > WAIT + LATE => Err(failure.received(shown(latest)).into()),
            () => Ok(()),
        }
    })
}

fn received(trial: &Trial) -> Verdict {
    judged(
        trial,
        "answered every ping after 20 ms",
        &|line, number| {
            line.sleep(A_MOMENT);
            line.answer(number);
        },
        Run::must_receive_what_was_sent,
    )
}

const ROUNDED: &str = "it is rounded too far: a round trip on a fast network would be 0";

/// Every answer is held back for a time of its own. Before it arrived the ping was out at least for
/// that time, and it was sent after the answer before it.
fn rtt(trial: &Trial) -> Verdict {
    const STEP: u64 = 12;
    let order = trial.shuffled((0..PINGS as u8).collect());
    let held: Vec<Duration> =
        order.iter().map(|step| Duration::from_millis(97 + STEP * u64::from(*step))).collect();
    let script = |line: &PingServer, number: usize| {
        line.sleep(held.get(number - 1).copied().unwrap_or_default());
        line.answer(number);
    };
    judged(
        trial,
        "answered every ping after 97 to 205 ms, each after another time",
        &script,
        |run| {
            let (mut whole, mut longer) = (0, Vec::new());
            let last = PINGS.min(run.pings.len());
            if last < 3 {
                return Err(run.no_more_pings(3).into());
            }
            for number in 2..last {
                let (least, most) = times_of(run, number)?;
                let durations = run.durations(number);
                let right = |named: &Named| named.seconds.iter().any(|it| fits(*it, least, most));
                let Some((named, line)) = durations.iter().find(|(named, _)| right(named)) else {
                    return Err(false_time(run, number, &durations, (least, most)).into());
                };
                let fitting = named.seconds.iter().find(|it| fits(**it, least, most));
                longer.push((fitting.map_or(0.0, |it| it - least), line.clone()));
                whole += usize::from((named.seconds[0] * 1000.0).fract() < 1e-6);
                if whole == last - 2 && !trial.target.words_are_free() {
                    let failure = run.failure("times finer than milliseconds").cause(ROUNDED);
                    return Err(failure.received(format!("the line {}", quote_line(line))).into());
                }
            }
            nothing_else_in_it(run, &longer, &held)
        },
    )
}

/// A machine that is busy makes some round trips longer than they were held back, and never all: with a
/// pause between the two looks at the clock all of them are.
fn nothing_else_in_it(run: &Run, longer: &[(f64, String)], held: &[Duration]) -> Verdict {
    const MOST: f64 = 0.015;
    let late = |(ping, held): (&Ping, &Duration)| {
        let answered = ping.answered.unwrap_or(ping.seen);
        answered.duration_since(ping.seen).saturating_sub(*held).as_secs_f64()
    };
    // As late as the check itself was now and then, the program may be as well, on both ways.
    let slack = MOST + 4.0 * run.pings.iter().zip(held).map(late).fold(0.0, f64::max);
    let least = longer.iter().min_by(|one, other| one.0.total_cmp(&other.0));
    match least {
        Some((seconds, line)) if *seconds > slack => {
            let failure = run.failure("round trips as long as the answers were held back");
            let received = format!(
                "all of them at least {:.0} ms longer; the line {}",
                seconds * 1000.0,
                quote_line(line)
            );
            Err(failure.received(received).cause("something else is in it, such as a pause").into())
        }
        _ => Ok(()),
    }
}

/// How long the round trip of a ping took at least and at most: it was held back for that time, and
/// sent after the answer before it, or the ping before it, if that was lost.
fn times_of(run: &Run, number: usize) -> Result<(f64, f64), Stop> {
    let Some([ping, next]) = run.pings.get(number - 1..=number) else {
        return Err(run.no_more_pings(number + 1).into());
    };
    let before = number.checked_sub(2).and_then(|before| run.pings.get(before));
    let answered = ping.answered.unwrap_or(ping.seen);
    let least = answered.duration_since(ping.seen).as_secs_f64();
    let from = before.map(|before| before.answered.unwrap_or(before.seen));
    // The first one was on its way for a while, too: not for a second.
    let most = match from {
        Some(from) => next.seen.duration_since(from),
        None => next.seen.duration_since(ping.seen) + WAIT,
    };
    // What the client was kept from doing for so long is found out elsewhere, and does not count.
    const KEPT: f64 = 0.25;
    Ok((least, most.as_secs_f64().min(least + KEPT)))
}

/// Whether a time can be that of a ping that took between these two, in seconds.
fn fits(seconds: f64, least: f64, most: f64) -> bool {
    const ROUNDING: f64 = 0.001;
    (least - ROUNDING..=most + ROUNDING).contains(&seconds)
}

/// No line about a ping has a time that can be: with the cause, if a number shows one.
fn false_time(
    run: &Run,
    number: usize,
    durations: &[(Named, String)],
    (least, most): (f64, f64),
) -> Failure {
    let wanted = format!(
        "a round trip of {least:.6} to {most:.6} seconds: so long ping {number} was held back, and so \
         long it took until ping {} had come",
        number + 1
    );
    let failure = run.failure(wanted);
    let ours = durations.iter().find(|(_, line)| line.starts_with(RTT_WORDS));
    let with_unit = durations.iter().find(|(named, _)| named.seconds[0] == named.seconds[1]);
    let Some((named, line)) = ours.or(with_unit).or(durations.first()) else {
        let failure = failure.received("no line with a time");
        return failure.lines(run.ended.clone());
    };
    let failure = failure.received(format!("the line {}", quote_line(line)));
    let shown = named.seconds[0];
    let causes = [
        (0.001, "in milliseconds this would be right: the line is in seconds"),
        (0.000_001, "in microseconds this would be right: the line is in seconds"),
        (
            1000.0,
            "a thousand times as long would be right: its unit is another than the line names",
        ),
        (2.0, "this is half of it: the way there and back was asked for"),
    ];
    match causes.into_iter().find(|(factor, _)| fits(shown * factor, least, most)) {
        Some((_, cause)) => failure.cause(cause),
        None if shown < least / 10.0 => failure.cause(NOTHING_OF_IT),
        None if is_rounded(shown, least, most) => failure.cause(ROUNDED),
        None if shown > most => failure.cause("something else is in it, such as a pause"),
        None => failure,
    }
}

/// Whether it would be right but for digits behind the hundredths.
fn is_rounded(seconds: f64, least: f64, most: f64) -> bool {
    let has_no_more = |places: f64| (seconds * places - (seconds * places).round()).abs() < 1e-6;
    let near = |places: f64| (least - 0.5 / places..=most + 0.5 / places).contains(&seconds);
    [10.0, 100.0].into_iter().any(|places| has_no_more(places) && near(places))
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
    judged(trial, &did, &script, |run| {
        if run.pings.len() > PINGS {
            let failure = run.failure("ten pings, each of them once");
            return Err(failure.received(format!("{} pings", run.pings.len())).into());
        }
        if run.pings.len() <= silent[0] {
            return Err(run.no_more_pings(silent[0] + 1).into());
        }
        // Whether there are ten is another check's business.
        let sent: Vec<usize> = silent.into_iter().filter(|it| *it <= run.pings.len()).collect();
        run.must_lose(&sent)?;
        run.must_end_well()
    })
}

/// Datagrams to a port whose only socket is connected to somebody else are refused by the kernel, as
/// if it had none. What is said of a loss is what was not said when all pings were answered.
fn all_lost(trial: &Trial) -> Verdict {
    let quiet = PingServer::new(trial)?.run(trial, "answered every ping", &all_but(&[]))?;
    let line = PingServer::new(trial)?;
    line.socket.connect((Ipv4Addr::LOCALHOST, 9)).map_err(|error| no_port(line.port, &error))?;
    let run = watch(trial, "with no server at that port", &line)?;
    let refused = run.ended.iter().any(|line| line.to_lowercase().contains("refused"));
    let lost = run.must_lose_all(&quiet);
    let behind = lost.is_ok();
    lost.and_then(|()| run.must_end_well()).map_err(|stop| match refused {
        true => stop
            .look("socket")
            .or_cause("a connected UDP socket is told when nobody listens: do not connect it"),
        false if behind => stop.or_cause("all were said to be lost: what it does then goes wrong"),
        false => stop,
    })
}
