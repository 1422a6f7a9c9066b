//! Checks of udpclient. The check is the server, and answers with words that nobody can guess
//! from the question.

use super::{PROMPT, must_end, typed};
use crate::bytes::quote;
use crate::check::{Check, Failure, Verdict};
use crate::peers::{UdpServer, same};
use crate::sockets::{self, Transport};
use crate::trial::Trial;

pub const CHECKS: &[Check] = &[
    Check {
        name: "reaches",
        title: "a datagram reaches the server",
        door: true,
        points: 2,
        gap: "send",
        rule: "The UDP client sends the sentence, without the end of its line, as one datagram.",
        run: reaches,
    },
    Check {
        name: "sends",
        title: "the datagram is the sentence and nothing else",
        door: false,
        points: 1,
        gap: "send",
        rule: "The UDP client sends the sentence, without the end of its line, as one datagram.",
        run: sends,
    },
    Check {
        name: "bytes",
        title: "a sentence beyond ASCII is sent as it was typed",
        door: false,
        points: 1,
        gap: "send",
        rule: "A datagram holds bytes, and not every run of bytes is text.",
        run: bytes,
    },
    Check {
        name: "once",
        title: "one question, one datagram",
        door: false,
        points: 1,
        gap: "send",
        rule: "The UDP client sends the sentence, without the end of its line, as one datagram.",
        run: once,
    },
    Check {
        name: "unconnected",
        title: "the socket is not connected",
        door: false,
        points: 1,
        gap: "socket",
        rule: "The UDP client's socket stays unconnected: question Q2 is about that.",
        run: unconnected,
    },
    Check {
        name: "prints",
        title: "what the server says is printed",
        door: false,
        points: 2,
        gap: "receive",
        rule: "The client prints what the server has sent, whatever it is.",
        run: prints,
    },
    Check {
        name: "long",
        title: "a reply of 2048 bytes is printed whole",
        door: false,
        points: 1,
        gap: "receive",
        rule: "A datagram of up to 2048 bytes is answered whole, and an empty one with an empty \
               one.",
        run: long,
    },
    Check {
        name: "ends",
        title: "it ends when it has printed the reply",
        door: false,
        points: 1,
        gap: "receive",
        rule: "Then the client ends, with exit status 0.",
        run: ends,
    },
];

fn reaches(trial: &Trial) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (client, did) = typed(trial, server.port, &trial.sentence())?;
    server.receive(&client, &did)?;
    Ok(())
}

fn sends_exactly(trial: &Trial, sentence: &str) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (client, did) = typed(trial, server.port, sentence)?;
    let (datagram, _) = server.receive(&client, &did)?;
    let failure = Failure::new(did, "").replay(trial.replay_client());
    same(failure, sentence.as_bytes(), &datagram)
}

fn sends(trial: &Trial) -> Verdict {
    sends_exactly(trial, &trial.sentence())
}

fn bytes(trial: &Trial) -> Verdict {
    sends_exactly(trial, &format!("{} caf\u{e9} \u{3b1}\u{3b2} 0-9 &*!", trial.sentence()))
}

fn once(trial: &Trial) -> Verdict {
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

fn prints_exactly(trial: &Trial, reply: &[u8]) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (client, did) = typed(trial, server.port, &trial.sentence())?;
    let (_, from) = server.receive(&client, &did)?;
    server.send(reply, from)?;
    let did = format!("{did}, replied {}", quote(reply));
    client.ends_with(&did, PROMPT, &[reply, b"\n"].concat())
}

fn prints(trial: &Trial) -> Verdict {
    prints_exactly(trial, trial.sentence().as_bytes())
}

fn long(trial: &Trial) -> Verdict {
    prints_exactly(trial, &trial.letters(2048))
}

fn ends(trial: &Trial) -> Verdict {
    let server = UdpServer::new(trial)?;
    let (client, did) = typed(trial, server.port, &trial.sentence())?;
    let (_, from) = server.receive(&client, &did)?;
    server.send(trial.sentence().as_bytes(), from)?;
    must_end(&client, &format!("{did}, and replied"))
}
