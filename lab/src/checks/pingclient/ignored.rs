//! What is no answer, or comes too late, is ignored.

use std::time::{Duration, Instant};

use crate::os::sockets;
use crate::trial::{Failure, Trial, Verdict};
use crate::wire::peers::UdpServer;

use super::server::{A_MOMENT, PINGS, TOO_LONG, all_but, any, at, judged, pong, started};
use super::{EARLY, LATE, WAIT};

pub(super) fn late(trial: &Trial) -> Verdict {
    let silent = any(trial);
    let next = silent + 1;
    let did =
        format!("answered ping {silent} when {next} had come, and then {next}, in this order");
    judged(
        trial,
        &did,
        &|line, number| {
            if number == 1 {
                line.sleep(A_MOMENT);
            }
            if number == next {
                line.answer(silent);
            }
            if number != silent {
                line.answer(number);
            }
        },
        |visit| visit.must_receive_all_but(&[silent]),
    )
}

pub(super) fn reordered(trial: &Trial) -> Verdict {
    let silent = any(trial);
    let next = silent + 1;
    let did = format!("answered ping {next} first, and then {silent}, the one before it");
    judged(
        trial,
        &did,
        &|line, number| {
            if number != silent {
                line.answer(number);
            }
            if number == next {
                line.answer(silent);
            }
        },
        |visit| visit.must_receive_all_but(&[silent]),
    )
}

pub(super) fn duplicate(trial: &Trial) -> Verdict {
    let twice = any(trial);
    let did = format!("answered every ping, and ping {twice} twice");
    judged(
        trial,
        &did,
        &|line, number| {
            line.answer(number);
            if number == twice {
                line.answer(number);
            }
        },
        |visit| visit.must_receive_all_but(&[]),
    )
}

pub(super) fn corrupted(trial: &Trial) -> Verdict {
    let (spoilt, silent) = (any(trial), PINGS - 1);
    let did = format!(
        "answered ping {spoilt} wrongly in three ways, and then as it should be, and ping {silent} only \
         with itself, with the number of another and with a letter more"
    );
    judged(
        trial,
        &did,
        &|line, number| {
            let right = pong(&line.ping(number));
            if number == spoilt {
                let mut other = right.clone();
                if let Some(last) = other.last_mut() {
                    *last ^= 1; // one bit, as on a bad wire
                }
                line.say(&other);
                line.say(right.split_last().map_or(&[][..], |(_, rest)| rest));
                line.say(&[&right[..], b"\xff"].concat());
            }
            if number == silent {
                let text = String::from_utf8_lossy(&right);
                let another = text.replacen(&number.to_string(), &spoilt.to_string(), 1);
                line.say(&line.ping(number).datagram);
                line.say(another.as_bytes());
                line.say(&[&right[..], b"X"].concat());
                return;
            }
            line.answer(number);
        },
        |run| {
            run.must_receive_all_but(&[silent])?;
            let Some([lost, next]) = run.pings.get(silent - 1..=silent) else { return Ok(()) };
            let took = next.seen.duration_since(lost.seen);
            if took + EARLY >= WAIT {
                return Ok(());
            }
            let failure = run.failure(format!("ping {PINGS}, a second after ping {silent}"));
            let failure = failure.received(format!("it after {:.1} s", took.as_secs_f64()));
            Err(failure.cause("one of these was taken for the answer").into())
        },
    )
}

pub(super) fn stranger(trial: &Trial) -> Verdict {
    let other = UdpServer::stranger()?;
    let silent = any(trial);
    let did = format!(
        "left ping {silent} to strangers, who answered it from port {} and from another address",
        other.port
    );
    judged(
        trial,
        &did,
        &|line, number| match number == silent {
            true => {
                let ping = line.ping(number);
                // That nothing came shows on the screen.
                for stranger in UdpServer::namesake(line.port).iter().chain([&other]) {
                    let _ = stranger.send(&pong(&ping), ping.from);
                }
            }
            false => line.answer(number),
        },
        |visit| visit.must_receive_all_but(&[silent]),
    )
}

/// One stray comes late in the second: who waits a second anew waits much longer than one.
pub(super) fn in_all(trial: &Trial) -> Verdict {
    const LATE_IN_IT: Duration = Duration::from_millis(700);
    strays_without_end(trial)?;
    let silent = any(trial);
    let did = format!("answered every ping but {silent}, and that with a stray after 700 ms");
    judged(
        trial,
        &did,
        &|line, number| {
            all_but(&[silent])(line, number);
            if number == silent {
                line.sleep(LATE_IN_IT);
                line.say(b"PING 0");
            }
        },
        |run| {
            let Some([lost, next]) = run.pings.get(silent - 1..=silent) else {
                return Err(run.no_more_pings(silent + 1).into());
            };
            let took = next.seen.duration_since(lost.seen).saturating_sub(run.rest());
            if took <= WAIT + LATE {
                return Ok(());
            }
            let failure = run.failure(format!("ping {}, a second after ping {silent}", silent + 1));
            let failure = failure.received(format!("it after {:.1} s", took.as_secs_f64()));
            Err(failure.cause("the second began anew with the stray").into())
        },
    )
}

/// Strays come for as long as the client waits, each when the one before it was read. So a client
/// that looks at its clock has had its chance, however slow the machine is.
fn strays_without_end(trial: &Trial) -> Verdict {
    const STRAYS: usize = 6;
    const EVERY: Duration = Duration::from_millis(300);
    let server = UdpServer::new(trial)?;
    let (client, did) = started(trial, at(&server))?;
    let (_, from) = server.receive(&client, &did)?;
    let is_its_own = |socket: &sockets::Socket| socket.local.port() == from.port();
    let has_read = || {
        let open = sockets::of(&client.processes());
        open.iter().filter(|socket| is_its_own(socket)).all(|socket| socket.unread == 0)
    };
    let (mut strays, mut last) = (0, Instant::now());
    let over = client.patiently(TOO_LONG, || {
        if server.pending().ok().flatten().is_some() {
            return Some(true);
        }
        if last.elapsed() < EVERY || !has_read() {
            return None;
        }
        client.settle(); // what it makes of a stray takes a moment
        if strays == STRAYS {
            return Some(server.pending().ok().flatten().is_some());
        }
        let _ = server.send(b"PING 0", from); // a client that has gone shows by itself
        (strays, last) = (strays + 1, Instant::now());
        None
    });
    let failure = Failure::new(
        format!("{did}, answered ping 1 with a stray every 300 ms"),
        "ping 2, a second after ping 1",
    );
    Err(match over {
        Ok(true) => return Ok(()),
        Ok(false) => failure
            .received(format!("no ping 2 after {STRAYS} strays, 1.8 s"))
            .cause("the second began anew with each of them"),
        Err(event) => failure.received("no ping 2").lines(client.observed(&event)),
    }
    .into())
}
