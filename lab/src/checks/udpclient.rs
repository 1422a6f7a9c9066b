//! Checks of udpclient. The check is the server, and answers with words that nobody can guess
//! from the question.

use std::net::{SocketAddr, SocketAddrV4};

use crate::checks::check::Check;
use crate::checks::common::{PROMPT, asks_at_the_usual_port, must_end, must_wait, typed, typed_at};
use crate::os::sockets::{self, Transport};
use crate::text::bytes::quote;
use crate::trial::{Failure, Origin, Started, Stop, Trial, Verdict};
use crate::wire::peers::{ANOTHER, Shown, UdpServer, finds};

/// Why a client's port is the kernel's choice.
const PORT: &str = "A client does not care which port it has, so it lets the kernel choose.";

const REACHES: &str = "The UDP client sends the sentence, without the end of its line, as one \
                       datagram.";
const ADDRESS: &str = "The address and the port are arguments of every program: `udpserver \
                       ADDRESS PORT` listens there, and `udpclient ADDRESS PORT` asks there.";
const SENDS: &str = "The UDP client sends the sentence, without the end of its line, as one \
                     datagram.";
const BYTES: &str = "Datagrams and connections carry bytes, and not every run of bytes is text.";
const ONCE: &str = "The UDP client sends the sentence, without the end of its line, as one \
                    datagram.";
const UNCONNECTED: &str = "The UDP client's socket stays unconnected: question Q2 is about that.";
const PRINTS: &str = "The client prints what the server has sent, whatever it is, up to 2048 \
                      bytes over UDP and 1024 over TCP.";
const LONG: &str = "The client prints what the server has sent, whatever it is, up to 2048 bytes \
                    over UDP and 1024 over TCP.";
const ENDS: &str = "Then the client ends, with exit status 0.";
const WORDS: &str = "Both clients ask with the words `Input lowercase sentence:`.";
const STRANGER: &str = "Anybody may send to its port, so a client that wants to be sure looks at \
                        who did.";

pub const CHECKS: &[Check] = &[
    Check::new("reaches", "a datagram reaches the server", "send", REACHES, reaches).door(),
    Check::new("port", "two clients at once, each at a port of its own", "socket", PORT, port)
        .beginning(),
    Check::new("address", "a server at another address is asked", "send", ADDRESS, address)
        .beginning(),
    Check::new("sends", "the datagram is the sentence and nothing else", "send", SENDS, sends),
    Check::new("bytes", "a sentence beyond ASCII is sent as it was typed", "send", BYTES, bytes)
        .after("sends"),
    Check::new("raw", "bytes that are no text are sent as they were typed", "send", BYTES, raw)
        .after("sends")
        .after("bytes")
        .advice(),
    Check::new("once", "one question, one datagram", "send", ONCE, once).after("sends"),
    Check::new("prints", "what the server says is printed", "receive", PRINTS, prints),
    Check::new("unconnected", "the socket is not connected", "socket", UNCONNECTED, unconnected)
        .after("prints"),
    Check::new("long", "a reply of 2048 bytes is printed whole", "receive", LONG, long)
        .after("prints"),
    Check::new("ends", "it ends when it has printed the reply", "receive", ENDS, ends)
        .after("prints"),
    Check::new("words", "the prompt, and the reply alone", "receive", WORDS, words)
        .after("prints")
        .of_words(),
    Check::new(
        "stranger",
        "a reply from somebody else is not believed",
        "receive",
        STRANGER,
        stranger,
    )
    .after("prints")
    .advice(),
];

fn reaches(trial: &Trial) -> Verdict {
    let (server, sentence) = (UdpServer::new(trial)?, trial.sentence());
    let usual = UdpServer::usual(trial, &server);
    let (client, did) = typed(trial, server.port, &sentence)?;
    server.receive(&client, &did).map_err(|stop| {
        if usual.is_some_and(|usual| usual.has_come()) {
            return asks_at_the_usual_port(trial, stop, "a datagram");
        }
        if client.ended_saying("in use") {
            stop.look("socket").or_cause(PORT)
        } else if client.printed(sentence.as_bytes()) {
            stop.or_cause("the program printed the sentence on its own screen: send it")
        } else {
            stop
        }
    })?;
    Ok(())
}

/// The first client still waits for its reply while the second one asks.
fn port(trial: &Trial) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (first, did) = typed(trial, server.port, &trial.sentence())?;
    server.receive(&first, &did)?;
    let loopback = |socket: &sockets::Socket| {
        socket.transport == Transport::Udp && socket.open_to_all && socket.local.ip().is_loopback()
    };
    if let Some(socket) = sockets::of(&first.processes()).into_iter().find(loopback) {
        return Err(Failure::new(did, "a socket at 0.0.0.0, any address of this host")
            .received(format!("a socket at {} alone", socket.local))
            .cause("from there it reaches no server on another host")
            .replay(trial.replay_client())
            .into());
    }
    let (second, did) = typed(trial, server.port, &trial.sentence())?;
    server.receive(&second, &did).map_err(|stop| stop.after("one client waited for its reply"))?;
    Ok(())
}

pub(super) fn address(trial: &Trial) -> Verdict {
    let Some(servers) = UdpServer::two(trial)? else { return Ok(()) };
    let wanted = SocketAddrV4::new(ANOTHER, servers[0].port);
    let started = typed_at(trial, wanted, &trial.sentence())?;
    finds(&servers, wanted, started, "a datagram", UdpServer::has_come)
}

fn sends_exactly(trial: &Trial, sentence: &[u8]) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (client, did) = typed(trial, server.port, sentence)?;
    let (datagram, _) = server.receive(&client, &did)?;
    if datagram == sentence {
        return Ok(());
    }
    client.settle();
    let second =
        server.pending()?.map(|more| format!("and then a second datagram, {}", quote(&more)));
    let failure = Failure::new(did, "").difference(sentence, &datagram).lines(second);
    Err(cut(failure, sentence, &datagram).replay(trial.replay_client()).into())
}

/// Where no more than the beginning of a long line has come, nothing is wrong with its bytes.
pub(super) fn cut(failure: Failure, sentence: &[u8], received: &[u8]) -> Failure {
    const LONG: usize = 100;
    match received.len() > LONG && sentence.starts_with(received) {
        true => {
            failure.cause("the beginning was sent alone: all of the line goes, however long it is")
        }
        false => failure,
    }
}

pub(super) fn sends(trial: &Trial) -> Verdict {
    sends_exactly(trial, trial.sentence().as_bytes())
}

pub(super) fn bytes(trial: &Trial) -> Verdict {
    sends_exactly(trial, &odd(trial))
}

/// What a client of ours could change on its way: white space, capitals, letters beyond ASCII, and all that
/// is behind the first so many. How long a line the program of another course takes, nobody has said.
pub(super) fn odd(trial: &Trial) -> Vec<u8> {
    const LONG: usize = 1100;
    let letters = match trial.target.origin {
        Origin::Set(_) => trial.letters(LONG),
        Origin::Command => Vec::new(),
    };
    let odd = format!("  {} BIG caf\u{e9} \u{3b1}\u{3a9} 0-9 &*! ", trial.sentence());
    [b"  ", letters.as_slice(), odd.as_bytes()].concat()
}

/// Of a program in a language whose input is always text, nobody can ask this.
pub(super) fn raw(trial: &Trial) -> Verdict {
    match trial.target.origin {
        Origin::Set(_) => {
            sends_exactly(trial, &[trial.sentence().as_bytes(), b" \xff\xfe"].concat())
        }
        Origin::Command => Ok(()),
    }
}

pub(super) fn once(trial: &Trial) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (client, did) = typed(trial, server.port, &trial.sentence())?;
    let (_, from) = server.receive(&client, &did)?;
    server.send(trial.sentence().as_bytes(), from)?;
    client.settle();
    match server.pending()? {
        None => Ok(()),
        Some(second) => Err(Failure::new(did, "one datagram")
            .received(format!("a second datagram, {}", quote(&second)))
            .replay(trial.replay_client())
            .into()),
    }
}

fn unconnected(trial: &Trial) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (client, did) = typed(trial, server.port, &trial.sentence())?;
    server.receive(&client, &did)?;
    must_wait(&client, &did).map_err(|stop| stop.look("receive"))?;
    let connected = |socket: &sockets::Socket| {
        socket.transport == Transport::Udp && socket.remote.port() == server.port
    };
    if !sockets::of(&client.processes()).iter().any(connected) {
        return Ok(());
    }
    Err(Failure::new(did, "a socket that is open to everybody, used with send_to and recv_from")
        .received(format!("a socket connected to 127.0.0.1:{}", server.port))
        .cause("a connected UDP socket is told when nobody listens, an unconnected one is not")
        .replay(trial.replay_client())
        .into())
}

/// A client that has asked and waits, and its address.
fn asked<'t>(
    trial: &'t Trial,
    server: &UdpServer,
    sentence: &str,
) -> Result<(Started<'t>, SocketAddr, String), Stop> {
    let (client, did) = typed(trial, server.port, sentence)?;
    let (_, from) = server.receive(&client, &did)?;
    must_wait(&client, &did)?;
    Ok((client, from, did))
}

fn prints_reply(trial: &Trial, reply: &[u8]) -> Verdict {
    let (server, sentence) = (UdpServer::new(trial)?, trial.sentence());
    let (client, from, did) = asked(trial, &server, &sentence)?;
    server.send(reply, from)?;
    let did = format!("{did}, replied {}", quote(reply));
    client.prints(&did, &Shown { prompt: PROMPT, typed: &sentence, words: "" }, reply)
}

fn prints(trial: &Trial) -> Verdict {
    prints_reply(trial, trial.sentence().as_bytes())
}

fn words(trial: &Trial) -> Verdict {
    let (server, sentence, reply) = (UdpServer::new(trial)?, trial.sentence(), trial.sentence());
    let (client, from, did) = asked(trial, &server, &sentence)?;
    server.send(reply.as_bytes(), from)?;
    let did = format!("{did}, replied {reply:?}");
    let shown = Shown { prompt: PROMPT, typed: &sentence, words: "" };
    client.prints_exactly(&did, &shown, reply.as_bytes())
}

fn long(trial: &Trial) -> Verdict {
    prints_reply(trial, &trial.letters(2048))
}

fn ends(trial: &Trial) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (client, from, did) = asked(trial, &server, &trial.sentence())?;
    server.send(trial.sentence().as_bytes(), from)?;
    must_end(&client, &format!("{did}, and replied"))?;
    if trial.target.origin == Origin::Command {
        return Ok(());
    }
    drop(client);
    while server.pending()?.is_some() {} // what else it has sent is another check's business
    // Of an empty sentence the reply is empty. Who sends none is not asked for one.
    let Ok((client, from, did)) = asked(trial, &server, "") else { return Ok(()) };
    server.send(b"", from)?;
    must_end(&client, &format!("{did}, and replied with an empty datagram"))
}

/// Somebody else is quicker than the server, and so is somebody with its port at another host.
fn stranger(trial: &Trial) -> Verdict {
    let (server, other) = (UdpServer::new(trial)?, UdpServer::stranger()?);
    let sentence = trial.sentence();
    let (client, did) = typed(trial, server.port, &sentence)?;
    let (_, from) = server.receive(&client, &did)?;
    must_wait(&client, &did)?;
    let (stray, reply) = (trial.sentence(), trial.sentence());
    for other in UdpServer::namesake(server.port).iter().chain([&other]) {
        other.send(stray.as_bytes(), from)?;
    }
    client.settle();
    server.send(reply.as_bytes(), from)?;
    let stray = quote(stray.as_bytes());
    let did = format!(
        "{did}; two strangers sent {stray}, then the server replied {}",
        quote(reply.as_bytes())
    );
    client.prints(&did, &Shown { prompt: PROMPT, typed: &sentence, words: "" }, reply.as_bytes())
}
