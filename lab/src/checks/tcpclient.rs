//! Checks of tcpclient. The check is the server, and answers with words that nobody can guess
//! from the question.

use std::net::SocketAddrV4;

use crate::checks::check::Check;
use crate::checks::common::{
    ELSEWHERE, PROMPT, asks_at_the_usual_port, must_end, must_wait, typed, typed_at,
};
use crate::checks::udpclient::{cut, odd};
use crate::os::program::said;
use crate::os::sockets::Transport;
use crate::text::bytes::quote;
use crate::trial::{Failure, Origin, Started, Stop, Trial, Verdict};
use crate::wire::peers::{ANOTHER, Accepted, ClosedPort, End, Shown, TcpServer, finds, same};

const CONNECTS: &str = "The TCP client connects to the ADDRESS and PORT it was given.";
const ADDRESS: &str = "The TCP client connects to the ADDRESS and PORT it was given.";
const SENDS: &str = "The TCP client sends the sentence, without the end of its line.";
const BYTES: &str = "Datagrams and connections carry bytes, and not every run of bytes is text.";
const PRINTS: &str = "The client prints what the server has sent, whatever it is, up to 2048 \
                      bytes over UDP and 1024 over TCP.";
const LONG: &str = "The client prints what the server has sent, whatever it is, up to 2048 bytes \
                    over UDP and 1024 over TCP.";
const ENDS: &str = "Then the client ends, with exit status 0.";
const REFUSED: &str = "Without a server the TCP client is refused at once, and ends with an exit \
                       status that is not 0.";

const WORDS: &str =
    "The TCP client writes `From Server: ` before the reply, the UDP client nothing.";

/// What the screen shows besides the reply, and behind what was typed.
const SCREEN: Shown = Shown { prompt: PROMPT, typed: "", words: "From Server: " };

pub const CHECKS: &[Check] = &[
    Check::new("connects", "the client connects to the server", "connect", CONNECTS, connects)
        .door(),
    Check::new("address", "a server at another address is found", "connect", ADDRESS, address)
        .beginning(),
    Check::new("sends", "the sentence is sent and nothing else", "send", SENDS, sends).points(2),
    Check::new("bytes", "a sentence beyond ASCII is sent as it was typed", "send", BYTES, bytes)
        .after("sends"),
    Check::new("raw", "bytes that are no text are sent as they were typed", "send", BYTES, raw)
        .after("sends")
        .after("bytes")
        .advice(),
    Check::new("prints", "what the server says is printed", "receive", PRINTS, prints),
    Check::new("long", "a reply of 1024 bytes is printed whole", "receive", LONG, long)
        .after("prints"),
    Check::new("ends", "it ends when it has printed the reply", "receive", ENDS, ends)
        .after("prints"),
    Check::new("words", "the prompt, and the words before the reply", "receive", WORDS, words)
        .after("prints")
        .of_words(),
    Check::new("refused", "without a server it says so and fails", "connect", REFUSED, refused)
        .beginning(),
];

pub(super) fn connects(trial: &Trial) -> Verdict {
    let server = TcpServer::new(trial)?;
    let usual = TcpServer::usual(trial, &server);
    let (client, did) = typed(trial, server.port, &trial.sentence())?;
    server.accept(&client, &did).map_err(|stop| {
        if usual.is_some_and(|usual| usual.pending().is_some()) {
            asks_at_the_usual_port(trial, stop, "a connection")
        } else if client.ended_saying("refused") {
            stop.or_cause(ELSEWHERE)
        } else {
            stop
        }
    })?;
    Ok(())
}

pub(super) fn address(trial: &Trial) -> Verdict {
    let Some(servers) = TcpServer::two(trial)? else { return Ok(()) };
    let wanted = SocketAddrV4::new(ANOTHER, servers[0].port);
    let started = typed_at(trial, wanted, &trial.sentence())?;
    finds(&servers, wanted, started, "a connection", |server| server.pending().is_some())
}

/// Reads the sentence, answers it, and reads on to the end: what comes late counts as well.
fn sends_exactly(trial: &Trial, sentence: &[u8]) -> Verdict {
    let server = TcpServer::new(trial)?;
    let (client, did) = typed(trial, server.port, sentence)?;
    let mut connection = server.accept(&client, &did)?;
    let failure =
        Failure::new(did, format!("the bytes {}", quote(sentence))).replay(trial.replay_client());
    let end = connection.read(sentence.len(), &client);
    if let Some(end) = end
        && connection.bytes.is_empty()
    {
        let failure = match end {
            End::Closed => failure.received("the connection closed, without a byte"),
            End::Reset => failure.received("the connection reset, without a byte"),
            End::Open(_) => failure.received("no byte; the connection is open"),
        };
        let failure = match end {
            End::Open(event) => failure.lines(client.observed(&event)),
            _ => failure.lines(client.settle().map(said)).lines(client.last_words()),
        };
        let failure = failure.lines(client.elsewhere(Transport::Tcp, server.port));
        return Err(match server.pending() {
            None => failure,
            Some(_) => failure
                .received("a second connection, beside the first")
                .cause("one connection is enough: what was sent came over another")
                .gap("connect"),
        }
        .into());
    }
    connection.answer(trial.sentence().as_bytes());
    connection.read(usize::MAX, &client);
    same(cut(failure, sentence, &connection.bytes), sentence, &connection.bytes)
}

pub(super) fn sends(trial: &Trial) -> Verdict {
    sends_exactly(trial, trial.sentence().as_bytes())
}

fn bytes(trial: &Trial) -> Verdict {
    sends_exactly(trial, &odd(trial))
}

/// Of a program in a language whose input is always text, nobody can ask this.
fn raw(trial: &Trial) -> Verdict {
    match trial.target.origin {
        Origin::Set(_) => {
            sends_exactly(trial, &[trial.sentence().as_bytes(), b" \xff\xfe"].concat())
        }
        Origin::Command => Ok(()),
    }
}

/// A client that has connected, has sent something and waits: what exactly is another check's
/// business.
fn asked<'t>(
    trial: &'t Trial,
    server: &TcpServer,
    sentence: &str,
) -> Result<(Started<'t>, Accepted, String), Stop> {
    let (client, did) = typed(trial, server.port, sentence)?;
    let mut connection = server.accept(&client, &did)?;
    // What was sent may come over a second connection: that it is one too many is told elsewhere.
    while connection.read(1, &client).is_some()
        && let Some(stream) = server.pending()
    {
        connection = Accepted::new(stream)?;
    }
    must_wait(&client, &did)?;
    Ok((client, connection, did))
}

fn prints_reply(trial: &Trial, reply: &[u8]) -> Verdict {
    let (server, sentence) = (TcpServer::new(trial)?, trial.sentence());
    let (client, mut connection, did) = asked(trial, &server, &sentence)?;
    connection.answer(reply);
    let did = format!("{did}, replied {}", quote(reply));
    client.prints(&did, &Shown { typed: &sentence, ..SCREEN }, reply)
}

fn prints(trial: &Trial) -> Verdict {
    prints_reply(trial, trial.sentence().as_bytes())
}

fn words(trial: &Trial) -> Verdict {
    let (server, sentence, reply) = (TcpServer::new(trial)?, trial.sentence(), trial.sentence());
    let (client, mut connection, did) = asked(trial, &server, &sentence)?;
    connection.answer(reply.as_bytes());
    let did = format!("{did}, replied {reply:?}");
    client.prints_exactly(&did, &Shown { typed: &sentence, ..SCREEN }, reply.as_bytes())
}

fn long(trial: &Trial) -> Verdict {
    prints_reply(trial, &trial.letters(1024))
}

fn ends(trial: &Trial) -> Verdict {
    let server = TcpServer::new(trial)?;
    let (client, mut connection, did) = asked(trial, &server, &trial.sentence())?;
    connection.answer(trial.sentence().as_bytes());
    must_end(&client, &format!("{did}, and replied"))
}

fn refused(trial: &Trial) -> Verdict {
    let closed = ClosedPort::new(trial)?;
    let (client, did) = typed(trial, closed.port, &trial.sentence())?;
    let failure = Failure::new(
        format!("{did}, with no server at that port"),
        "an error on stderr and an exit status that is not 0",
    )
    .replay(trial.replay_alone());
    let failure = match client.wait() {
        Ok(status) if status.success() => failure
            .received(said(status))
            .lines(client.last_words())
            .cause("the refused connection was not passed on as an error"),
        Ok(status) if client.stderr.bytes().is_empty() => {
            failure.received(said(status)).received("nothing on stderr")
        }
        Ok(_) => return Ok(()),
        Err(event) => failure.lines(client.observed(&event)),
    };
    Err(failure.into())
}
