//! Checks of tcpserver.

use crate::checks::check::Check;
use crate::checks::common::{ANOTHER_CLIENT, address, listens};
use crate::text::bytes::quote;
use crate::trial::{Failure, SentenceEnd, Server, Stop, Trial, Verdict, is_inside};
use crate::wire::peers::{End, TcpClient};

const LETTERS: &str = "The letters a to z become A to Z; every other byte stays as it was.";
const ANSWERS: &str = "The TCP server reads once, answers, and closes the connection.";

const LISTENS: &str = "A server binds its socket to the ADDRESS and PORT it was given.";
const ADDRESS: &str = "The address and the port are arguments of every program: `udpserver \
                       ADDRESS PORT` listens there, and `udpclient ADDRESS PORT` asks there.";
const BYTES: &str = "Datagrams and connections carry bytes, and not every run of bytes is text.";
const SIZE: &str = "A sentence of up to 1024 bytes is answered whole.";
const NEXT: &str = "Then it accepts the next client, without end.";
const NOTHING: &str = "A client that closes without sending anything gets nothing, and the next \
                       one is served.";
const RESET: &str = "An error with one client must not stop the server.";

const MORE: &str = "the program waits for more bytes, and the client waits for the answer: TCP has no end of \
                    a message, read once";

pub const CHECKS: &[Check] = &[
    Check::new("listens", "a TCP socket listens at the port", "bind", LISTENS, listens).door(),
    Check::new("answers", "a sentence comes back in capitals", "reply", LETTERS, answers)
        .door()
        .points(2),
    Check::new("address", "it listens at the ADDRESS it is given", "bind", ADDRESS, address),
    Check::new("letters", "only a-z change", "reply", LETTERS, letters),
    Check::new("bytes", "bytes that are no text come back too", "reply", BYTES, bytes),
    Check::new("size", "a sentence of 1024 bytes", "receive", SIZE, size),
    Check::new("closes", "the connection is closed after the answer", "reply", ANSWERS, closes),
    Check::new("next", "the next client is served, and those in the queue", "accept", NEXT, next),
    Check::new(
        "nothing",
        "a client that leaves without a word does no harm",
        "receive",
        NOTHING,
        nothing,
    )
    .after("next"),
    Check::new("reset", "a client that resets does not end the server", "receive", RESET, reset)
        .after("next")
        .advice(),
];

/// So many clients are without end.
const MANY: usize = 24;

/// A client's whole visit.
fn exchange(server: &Server, sentence: &[u8]) -> Result<End, Stop> {
    let visited = TcpClient::connect(server).and_then(|mut client| visit(&mut client, sentence));
    visited.map_err(|stop| sent(stop, sentence))
}

/// A server that has ended may show already when a client connects: all the same to a student.
fn sent(stop: Stop, sentence: &[u8]) -> Stop {
    stop.map(|failure| failure.did = format!("connected and sent {}", quote(sentence)))
}

/// What a connected client does; says how the connection ended.
fn visit(client: &mut TcpClient, sentence: &[u8]) -> Result<End, Stop> {
    let question = match client.trial().manner().ending {
        SentenceEnd::Nothing => sentence.to_vec(),
        SentenceEnd::Newline => [sentence, b"\n"].concat(),
        SentenceEnd::Close => {
            client.send(sentence);
            client.finish()?;
            Vec::new()
        }
    };
    client.send(&question);
    let answer = client.read_to_end();
    let answer = client.judge(sentence, &sentence.to_ascii_uppercase(), answer);
    answer.map(|answer| answer.end).map_err(|stop| {
        if client.open && client.is_waited_for() {
            stop.look("receive").or_cause(MORE)
        } else if client.open && !client.is_accepted() {
            stop.look("accept")
        } else {
            stop
        }
    })
}

/// A word fits any buffer: how long a sentence may be, is another check's business.
fn word(trial: &Trial) -> Vec<u8> {
    trial.letters(6)
}

fn answers(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let word = word(trial);
    let mut client = TcpClient::connect(&server)?;
    let Err(stop) = visit(&mut client, &word) else { return Ok(()) };
    if client.open && client.is_waited_for() {
        let ending = what_it_waits_for(&mut client, &word.to_ascii_uppercase())?;
        let stop = stop.map(|failure| match ending {
            Some(SentenceEnd::Newline) => {
                failure.received.push("an answer when a newline was sent".to_owned())
            }
            Some(_) => {
                failure.received.push("an answer when the client had closed its side".to_owned())
            }
            None => {}
        });
        if let Some(ending) = ending {
            trial.others_go_on(|manner| (manner.ending, manner.says_more) = (ending, true));
        }
        return Err(sent(stop, &word).if_silent("reply", ANSWERS));
    }
    if client.heard_more_than(&word.to_ascii_uppercase()) {
        trial.others_go_on(|manner| manner.says_more = true);
        return Err(sent(stop, &word));
    }
    // Is it just the first who gets nothing?
    let second = || exchange(&server, &self::word(trial));
    let stop = match !client.open && server.exited().is_none() && second().is_ok() {
        true => stop
            .look("accept")
            .or_cause("a second client was answered: the program accepts two and drops the first"),
        false => stop,
    };
    Err(sent(stop, &word).if_silent("reply", ANSWERS))
}

/// What the program waits for before it answers, if that is the end of a line or of all.
fn what_it_waits_for(client: &mut TcpClient, expected: &[u8]) -> Result<Option<SentenceEnd>, Stop> {
    client.send(b"\n");
    if is_inside(expected, &client.read_to_end().bytes) {
        return Ok(Some(SentenceEnd::Newline));
    }
    client.finish()?;
    let answer = client.read_to_end();
    Ok(is_inside(expected, &answer.bytes).then_some(SentenceEnd::Close))
}

/// White space is as good as any other byte, also at an end.
const ODD: [&str; 6] =
    ["BIG aZ 09", "&*!@[`{~", "caf\u{e9} \u{3b1}\u{3b2}", " a b \t ", "line\r\n", "\0nul\0"];

fn letters(trial: &Trial) -> Verdict {
    // Where a line end ends the sentence, it is none of its bytes.
    let fits =
        |word: &&&str| trial.manner().ending != SentenceEnd::Newline || !word.ends_with('\n');
    let words: Vec<&str> = ODD.iter().filter(fits).copied().collect();
    if trial.target.port_is_fixed() {
        // It has closed first, so its port is taken for a while: one server, and one sentence.
        let sentence = format!(" {}\t ", words.concat());
        return exchange(&trial.server()?, sentence.as_bytes()).map(drop);
    }
    for word in words {
        exchange(&trial.server()?, word.as_bytes())?;
    }
    Ok(())
}

fn bytes(trial: &Trial) -> Verdict {
    let ends_a_line =
        |byte: &u8| trial.manner().ending == SentenceEnd::Newline && b"\r\n".contains(byte);
    let every = (0..=255).filter(|byte| !ends_a_line(byte)).collect();
    exchange(&trial.server()?, &[trial.shuffled(every), vec![0]].concat())?;
    Ok(())
}

fn size(trial: &Trial) -> Verdict {
    exchange(&trial.server()?, &trial.letters(1024))?;
    Ok(())
}

fn closes(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let sentence = word(trial);
    let mut client = TcpClient::connect(&server)?;
    let observed = match visit(&mut client, &sentence)? {
        End::Closed => return Ok(()),
        End::Reset => vec!["the answer, then a reset".to_owned()],
        End::Open(event) => {
            let mut lines = vec!["the answer, but the connection stays open".to_owned()];
            lines.extend(server.observed(&event));
            lines
        }
    };
    Err(Failure::new(
        format!("connected and sent {}", quote(&sentence)),
        "the answer and then the end of the connection",
    )
    .lines(observed)
    .replay(trial.replay_send(&sentence))
    .into())
}

/// Three clients are connected at once; each speaks when the one before it has its answer.
fn next(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let rest = || -> Verdict {
        let mut queue = Vec::new();
        for _ in 0..3 {
            queue.push(TcpClient::connect(&server)?);
        }
        for client in &mut queue {
            visit(client, &word(trial))?;
        }
        Ok(())
    };
    // What is left of it in the buffer is no part of the next one.
    exchange(&server, &trial.letters(9))?;
    rest().map_err(|stop| stop.after("a first client was served"))?;
    let mut other = TcpClient::connect_from(&server, ANOTHER_CLIENT)?;
    let served = visit(&mut other, &word(trial)).map(|_| ());
    served.map_err(|stop| stop.after(&format!("a client at {ANOTHER_CLIENT} came")))?;
    // Some count their clients, and end after the fifth or the tenth.
    for number in 6..=MANY {
        let served = exchange(&server, &word(trial)).map(|_| ());
        served.map_err(|stop| stop.after(&format!("{} clients were served", number - 1)))?;
    }
    Ok(())
}

fn nothing(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut silent = TcpClient::connect(&server)?;
    silent.finish()?;
    let answer = silent.read_to_end();
    if !answer.bytes.is_empty() && !trial.manner().says_more {
        return Err(Failure::new("connected and closed without sending", "not a byte")
            .received(quote(&answer.bytes))
            .into());
    }
    drop(silent);
    exchange(&server, &word(trial))
        .map_err(|stop| stop.after("a first client connected and closed without sending"))?;
    Ok(())
}

/// One resets as soon as it is connected; another has waited in the queue and sent something.
fn reset(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    TcpClient::connect(&server)?.reset()?;
    exchange(&server, &word(trial))
        .map_err(|stop| stop.after("a first client reset its connection"))?;
    let mut first = TcpClient::connect(&server)?;
    let mut queued = TcpClient::connect(&server)?;
    queued.send(&word(trial));
    queued.reset()?;
    visit(&mut first, &word(trial))?;
    exchange(&server, &word(trial))
        .map_err(|stop| stop.after("a client in the queue sent a word and reset its connection"))?;
    Ok(())
}
