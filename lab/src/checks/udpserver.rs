//! Checks of udpserver.

use crate::checks::check::Check;
use crate::checks::common::{MIXED, address, listens};
use crate::text::bytes::quote;
use crate::text::causes::Cause;
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
    Check::new("sizes", "datagrams of 0, 1 and 2048 bytes", "receive", SIZES, sizes).after("again"),
    Check::new("oversize", "a datagram too long does no harm", "receive", OVERSIZE, oversize)
        .after("sizes"),
    Check::new("again", "twenty datagrams, one after the other", "receive", AGAIN, again),
    Check::new("sender", "two clients, each gets its own answer", "reply", ANSWERS, sender)
        .after("again"),
];

fn upper(sentence: &str) -> Vec<u8> {
    sentence.as_bytes().to_ascii_uppercase()
}

fn answers(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let sentence = trial.sentence();
    UdpClient::new(&server)?
        .exchange(sentence.as_bytes(), &upper(&sentence))
        .map_err(|stop| stop.if_silent("reply", ANSWERS))
        .map_err(|stop| {
            stop.map(|failure| {
                // Of a datagram that does not fit the buffer the rest is lost.
                if failure.seen == Some(Cause::Cut) {
                    failure.gap.get_or_insert("receive");
                }
            })
        })
}

fn letters(trial: &Trial) -> Verdict {
    // What looks like nothing is a byte as any other, also at an end.
    for sentence in [MIXED, " white space \r\n", "\0nul\0"] {
        let server = trial.server()?;
        UdpClient::new(&server)?.exchange(sentence.as_bytes(), &upper(sentence))?;
    }
    Ok(())
}

fn bytes(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let every = trial.shuffled((0..=255).collect());
    UdpClient::new(&server)?.exchange(&every, &every.to_ascii_uppercase())
}

fn sizes(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let client = UdpClient::new(&server)?;
    for size in [1, 2048, 0] {
        let datagram = trial.letters(size);
        client.exchange(&datagram, &datagram.to_ascii_uppercase())?;
    }
    Ok(())
}

fn oversize(trial: &Trial) -> Verdict {
    const LARGEST: usize = 65_507; // 65,535 less the headers of IPv4 and UDP
    let server = trial.server()?;
    let client = UdpClient::new(&server)?;
    for size in [2049, LARGEST] {
        let datagram = trial.letters(size);
        client.send(&datagram)?;
        let did = format!("sent a datagram of {size} bytes");
        let all = datagram.to_ascii_uppercase();
        let reply = client.receive(&did, &all[..2048])?;
        // A server with a larger buffer may keep more of it.
        if reply.len() < 2048 || !all.starts_with(&reply) {
            same(Failure::new(did, ""), &all[..2048], &reply)?;
        }
    }
    let sentence = trial.sentence();
    client.exchange(sentence.as_bytes(), &upper(&sentence))
}

fn again(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let client = UdpClient::new(&server)?;
    for answered in 0..20 {
        let sentence = trial.sentence();
        client.exchange(sentence.as_bytes(), &upper(&sentence)).map_err(|stop| match answered {
            0 => stop,
            1 => stop.after("1 datagram was answered"),
            _ => stop.after(&format!("{answered} datagrams were answered")),
        })?;
    }
    Ok(())
}

fn sender(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let (first, second) = (UdpClient::new(&server)?, UdpClient::new(&server)?);
    let sentence = trial.sentence();
    first.exchange(sentence.as_bytes(), &upper(&sentence))?;
    let sentence = trial.sentence();
    let did = format!("sent {} from a second socket", quote(sentence.as_bytes()));
    second.send(sentence.as_bytes())?;
    match second.receive(&did, &upper(&sentence)) {
        Ok(reply) => same(Failure::new(did, ""), &upper(&sentence), &reply)?,
        Err(Stop::Failure(mut failure)) => {
            if let Some(stray) = first.pending() {
                failure.received = vec![format!("{} at the first client's socket", quote(&stray))];
            }
            return Err(Stop::Failure(failure));
        }
        Err(fault) => return Err(fault),
    }
    let sentence = trial.sentence();
    first.exchange(sentence.as_bytes(), &upper(&sentence))
}
