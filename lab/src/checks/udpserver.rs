//! Checks of udpserver.

use crate::checks::check::Check;
use crate::checks::common::{ANOTHER_CLIENT, address, cut, listens};
use crate::text::bytes::quote;
use crate::trial::{Failure, Stop, Trial, Verdict};
use crate::wire::peers::{UdpClient, same};

const LETTERS: &str = "The letters a to z become A to Z; every other byte stays as it was.";
const ANSWERS: &str = "The UDP server answers each datagram with one datagram, sent back to the \
                       address the question came from.";

const LISTENS: &str = "A server binds its socket to the ADDRESS and PORT it was given.";
const ADDRESS: &str = "The address and the port are arguments of every program: `udpserver \
                       ADDRESS PORT` listens there, and `udpclient ADDRESS PORT` asks there.";
const BYTES: &str = "Datagrams and connections carry bytes, and not every run of bytes is text.";
const SIZES: &str = "A datagram of up to 2048 bytes is answered whole, and an empty one with an \
                     empty one.";
const OVERSIZE: &str = "Of a longer datagram the rest is lost, and the server goes on.";
const AGAIN: &str = "The server goes on for ever: the next datagram may come from anybody.";

pub const CHECKS: &[Check] = &[
    Check::new("listens", "a UDP socket waits at the port", "bind", LISTENS, listens).door(),
    Check::new("answers", "a sentence comes back in capitals", "uppercase", LETTERS, answers)
        .door()
        .points(2),
    Check::new("address", "it listens at the ADDRESS it is given", "bind", ADDRESS, address),
    Check::new("letters", "only a-z change", "uppercase", LETTERS, letters),
    Check::new("bytes", "bytes that are no text come back too", "uppercase", BYTES, bytes),
    Check::new("again", "twenty datagrams, one after the other", "receive", AGAIN, again),
    Check::new("sizes", "datagrams of 0, 1 and 2048 bytes", "receive", SIZES, sizes).after("again"),
    Check::new("oversize", "a datagram too long does no harm", "receive", OVERSIZE, oversize)
        .after("again"),
    Check::new("sender", "two clients, each gets its own answer", "reply", ANSWERS, sender)
        .after("again"),
];

/// Asks, and demands this answer.
fn exchange(client: &UdpClient, datagram: &[u8]) -> Verdict {
    let expected = datagram.to_ascii_uppercase();
    client.exchange(datagram, &expected).map_err(|stop| cut(stop, &expected))
}

/// A word fits any buffer: how long a datagram may be, is another check's business.
fn word(trial: &Trial) -> Vec<u8> {
    trial.letters(6)
}

fn answers(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let (client, word) = (UdpClient::new(&server)?, word(trial));
    let expected = word.to_ascii_uppercase();
    let exchanged = exchange(&client, &word);
    if exchanged.is_err() && client.heard_from_elsewhere(&expected) {
        trial.others_go_on(|manner| manner.answers_from_elsewhere = true);
    } else if exchanged.is_err() && client.heard_more_than(&expected) {
        trial.others_go_on(|manner| manner.says_more = true);
    }
    exchanged.map_err(|stop| stop.if_silent("reply", ANSWERS))
}

/// What looks like nothing is a byte as any other, also at an end.
const ODD: [&str; 6] =
    ["BIG aZ 09", "&*!@[`{~", "caf\u{e9} \u{3b1}\u{3b2}", " a b \t ", "line\r\n", "\0nul\0"];

fn letters(trial: &Trial) -> Verdict {
    for word in ODD {
        let server = trial.server()?;
        exchange(&UdpClient::new(&server)?, word.as_bytes())?;
    }
    Ok(())
}

fn bytes(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let every = trial.shuffled((0..=255).collect());
    exchange(&UdpClient::new(&server)?, &every)
}

fn sizes(trial: &Trial) -> Verdict {
    for size in [1, 2048, 0] {
        let server = trial.server()?;
        let datagram = trial.letters(size);
        exchange(&UdpClient::new(&server)?, &datagram)?;
    }
    Ok(())
}

fn oversize(trial: &Trial) -> Verdict {
    const LARGEST: usize = 65_507; // 65,535 less the headers of IPv4 and UDP
    for size in [2049, LARGEST] {
        let server = trial.server()?;
        let client = UdpClient::new(&server)?;
        let datagram = trial.letters(size);
        client.send(&datagram)?;
        let did = format!("sent a datagram of {size} bytes");
        let all = datagram.to_ascii_uppercase();
        let whole = all.get(..2048).unwrap_or(&all);
        let reply = client.receive(&did, whole)?;
        // A server with a larger buffer may keep more of it.
        let right = reply.len() >= 2048 && all.starts_with(&reply);
        if !right && !trial.manner().accepts(whole, &reply) {
            same(Failure::new(did, ""), whole, &reply)?;
        }
        client.forget(); // that one answer came twice is another check's business
        let word = word(trial);
        exchange(&client, &word)?;
    }
    Ok(())
}

/// Some are longer than the one behind them: what is left of it in the buffer is no part of that.
fn again(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let client = UdpClient::new(&server)?;
    for answered in 0..20 {
        let word = trial.letters(if answered % 2 == 0 { 9 } else { 6 });
        exchange(&client, &word).map_err(|stop| match answered {
            0 => stop,
            1 => stop.after("1 datagram was answered"),
            _ => stop.after(&format!("{answered} datagrams were answered")),
        })?;
    }
    Ok(())
}

fn sender(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let (first, second) = (UdpClient::new(&server)?, UdpClient::at(&server, ANOTHER_CLIENT)?);
    let [one, other] = [word(trial), word(trial)];
    exchange(&first, &one)?;
    let did = format!("sent {} from a second socket, at {ANOTHER_CLIENT}", quote(&other));
    let expected = other.to_ascii_uppercase();
    second.send(&other)?;
    match second.receive(&did, &expected) {
        Ok(reply) if trial.manner().accepts(&expected, &reply) => {}
        Ok(reply) => same(Failure::new(did, ""), &expected, &reply)?,
        Err(Stop::Failure(mut failure)) => {
            if let Some(stray) = first.pending() {
                failure.received = vec![format!("{} at the first client's socket", quote(&stray))];
            }
            return Err(Stop::Failure(failure));
        }
        Err(fault) => return Err(fault),
    }
    // The first one once more, at another port.
    let word = word(trial);
    exchange(&UdpClient::new(&server)?, &word)
}
