//! Checks of pingserver. It loses pings by chance, so each number of pings here is chosen such that
//! a right server fails less than once in a million runs; the arithmetic stands beside it.

use crate::checks::check::Check;
use crate::checks::common::{MIXED, address, listens};
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict, is_inside};
use crate::wire::peers::UdpClient;

const LISTENS: &str = "The ping server listens at the ADDRESS and PORT it was given.";
const CAPITALS: &str = "A ping that is not lost comes back to its sender with the letters a to z in \
                        capitals and every other byte as it was, up to 1024 bytes.";
const LOSES: &str = "For each ping the server draws a number from 0 to 10, and loses the ping if the \
                     number is below 4.";

/// The program is given complete, so no gap is at fault.
const NO_GAP: &str = "";

pub const CHECKS: &[Check] = &[
    Check::new("listens", "a UDP socket waits at the port", NO_GAP, LISTENS, listens).door(),
    Check::new("answers", "a ping comes back in capitals", NO_GAP, CAPITALS, answers)
        .door()
        .points(2),
    Check::new("address", "it listens at the ADDRESS it is given", NO_GAP, LISTENS, address),
    Check::new("bytes", "exactly the same bytes, but for a to z", NO_GAP, CAPITALS, bytes)
        .points(2),
    Check::new("loses", "some pings are lost, and some are not", NO_GAP, LOSES, loses).points(2),
    Check::new("rate", "four of eleven are lost", NO_GAP, LOSES, rate).after("loses").points(2),
];

/// So many pings at a time fit into any socket's buffer. All of them are lost with a probability of
/// (4/11)^32, which is 9 in 10^15.
const AT_ONCE: usize = 32;

/// Sends a datagram until it is answered, from a socket of its own.
fn exchange(server: &Server, datagram: &[u8]) -> Verdict {
    let expected = datagram.to_ascii_uppercase();
    let (did, reply) = answer(server, datagram)?;
    if server.trial().manner().accepts(&expected, &reply) {
        return Ok(());
    }
    let failure = Failure::new(did, "").seen(("the ping", datagram), &expected, &reply);
    Err(failure.difference(&expected, &reply).into())
}

/// What was done, and what came back.
fn answer(server: &Server, datagram: &[u8]) -> Result<(String, Vec<u8>), Stop> {
    let client = UdpClient::new(server)?;
    for _ in 0..AT_ONCE {
        client.send(datagram)?;
    }
    let did = format!("sent {AT_ONCE} times the ping {}", quote(datagram));
    let reply = client.receive(&did, &datagram.to_ascii_uppercase())?;
    Ok((did, reply))
}

fn answers(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let ping = format!("Ping 1 {}", trial.sentence()).into_bytes();
    let exchanged = exchange(&server, &ping);
    if exchanged.is_err() && is_inside(&ping.to_ascii_uppercase(), &answer(&server, &ping)?.1) {
        trial.others_go_on(|manner| manner.says_more = true);
    }
    exchanged
}

fn bytes(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    exchange(&server, MIXED.as_bytes())?;
    exchange(&server, &trial.shuffled((0..=255).collect()))?;
    exchange(&server, &trial.letters(1024))?;
    exchange(&server, b"")
}

/// Sends so many times AT_ONCE pings, each with a number of its own, and gives back how many were
/// lost.
fn lost(server: &Server, rounds: usize) -> Result<usize, Stop> {
    let client = UdpClient::new(server)?;
    let did = format!("sent {} pings", rounds * AT_ONCE);
    let mut answered = vec![false; rounds * AT_ONCE];
    let mut take = |reply: &[u8]| -> Result<usize, Stop> {
        let failure = Failure::new(did.clone(), "an answer like \"PING 7\" to some of them, once");
        let text = str::from_utf8(reply).unwrap_or_default();
        let number = match server.trial().manner().says_more {
            true => text
                .split("PING ")
                .nth(1)
                .and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()),
            false => text.strip_prefix("PING "),
        };
        let number = number.and_then(|number| number.parse().ok());
        match number.and_then(|number: usize| Some((number, answered.get_mut(number)?))) {
            None => Err(failure.received(quote(reply)).into()),
            Some((_, true)) => Err(failure.received(format!("{} twice", quote(reply))).into()),
            Some((number, seen)) => {
                *seen = true;
                Ok(number)
            }
        }
    };
    for round in 0..rounds {
        let first = round * AT_ONCE;
        for number in first..first + AT_ONCE {
            client.send(format!("ping {number}").as_bytes())?;
        }
        // With one answer of this round most of the others are behind the server: no buffer runs over.
        while take(&client.receive(&did, b"PING 7")?)? < first {}
        while let Some(reply) = client.pending() {
            take(&reply)?;
        }
    }
    server.settle();
    while let Some(reply) = client.pending() {
        take(&reply)?;
    }
    Ok(answered.into_iter().filter(|answered| !*answered).count())
}

/// Of 64 pings none is lost with a probability of (7/11)^64, which is 3 in 10^13. That some are
/// answered is demanded on the way, see AT_ONCE.
fn loses(trial: &Trial) -> Verdict {
    const ROUNDS: usize = 2;
    if lost(&trial.server()?, ROUNDS)? > 0 {
        return Ok(());
    }
    let did = format!("sent {} pings", ROUNDS * AT_ONCE);
    let failure = Failure::new(did, "no answer to some of them");
    Err(failure.received("an answer to every one of them").into())
}

/// By Hoeffding's inequality the share of n = 10,240 differs from 4/11 by more than 0.03 with a
/// probability of at most 2·exp(-2n·0.03²) = 2·exp(-18.4), which is 2 in 10^8. A server that loses 30 %
/// is 0.064 away, and passes with a probability of at most exp(-2n·0.033²), which is 2 in 10^10.
fn rate(trial: &Trial) -> Verdict {
    const ROUNDS: usize = 320;
    const MARGIN: f64 = 0.03;
    let pings = ROUNDS * AT_ONCE;
    let share = lost(&trial.server()?, ROUNDS)? as f64 / pings as f64;
    if (share - 4.0 / 11.0).abs() <= MARGIN {
        return Ok(());
    }
    let failure =
        Failure::new(format!("sent {pings} pings"), "four of eleven lost, 36 %, give or take 3");
    Err(failure.received(format!("{:.0} % lost", 100.0 * share)).into())
}
