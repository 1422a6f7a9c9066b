//! Checks of chatclient. The check is the chat server, and the other users. What the Python original
//! cannot do, as a read may bring it more or less than one message, is advice.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use crate::checks::chat::client::*;
use crate::checks::check::Check;
use crate::checks::common::asks_at_the_usual_port;
use crate::checks::common::must_end;
use crate::os::program::said;
use crate::os::sockets::Socket;
use crate::text::bytes::quote;
use crate::trial::{CLIENT, Failure, Origin, Started, Stop, Trial, Verdict};
use crate::wire::peers::{ANOTHER, ClosedPort, End, TcpServer, finds, same};

const CONNECTS: &str = "The chat client connects to the SERVER and PORT it was given, asks for a name \
                        and sends it.";
const COMMANDS: &str = "`#ls` prints the roster, `@name: msg` goes by UDP to that user, and any other \
                        line goes to the server.";
const MESSAGE: &str = "What the server sends is a roster, or a message, which the client prints as \
                       `incoming msg from chatserver (MSG)`.";
const REFUSED: &str = "Without a server it prints `could not connect to chat server...` and ends.";
const ONE_SOCKET: &str = "On one host each client needs a CLIENT_IP of its own, such as 127.0.0.11 and \
                          127.0.0.12, since there can be only one UDP socket at an address and port.";
const PIECES: &str = "TCP does not keep messages apart: they may come glued together, or in pieces, \
                      and the client finds them all the same.";

const ONE_SENDER: &str = "its UDP socket is connected to one sender, and hears nobody else";

pub const CHECKS: &[Check] = &[
    Check::new("connects", "the client connects to the server", "connect", CONNECTS, connects).door(),
    Check::new("name", "the name is sent to the server, first and alone", "send-name", "The name goes first and alone, without the end of its line.", name),
    Check::new("roster", "the roster is received, and #ls prints it", "receive-tcp", COMMANDS, roster),
    Check::new("words", "what it says has the words of the handout", "send-name", "It asks with the words `First enter your name to register it in the server: `; then \
               it says `Connection Established!` and what can be typed, and asks for each line with \
               `>`.", said_in_words).after("roster").of_words(),
    Check::new("server", "a server at another address is found", "server-ip", CONNECTS, server).after("name"),
    Check::new("port", "its UDP socket is at the PORT", "udp-socket", "PORT is the server's TCP port and every client's UDP port.", port),
    Check::new("address", "its UDP socket is at the CLIENT_IP", "client-ip", "Its UDP socket is at the CLIENT_IP it was given; without one, at this host's own \
               address.", address).after("port"),
    Check::new("prints", "what the others say is printed", "receive-tcp", MESSAGE, prints).after("roster"),
    Check::new("python", "a server in Python, which sends no newline", "receive-tcp", "A server in Python marks no end of a message: there, what one read brings, up to 1024 bytes, is one message.", python).after("prints"),
    Check::new("rosters", "a later roster takes the place of the first", "receive-tcp", "The last roster counts.", rosters).after("prints"),
    Check::new("received", "what a user sends directly is printed, with the name", "receive-udp", "A datagram is printed as `Incoming msg (P2P) from NAME:MSG`, where NAME has the \
               sender's address in the roster.", received).after("roster"),
    Check::new("stranger", "a sender that is not in the roster has no name", "receive-udp", "A sender whose address is not there is called `Non-registered`.", stranger).after("received"),
    Check::new("sent", "@name: msg goes straight to that user", "send-udp", "Of a direct message, what stands behind the colon is sent as it is, in one datagram, straight to the user's \
               address and PORT.", sent).after("roster").points(2),
    Check::new("sender", "the datagram comes from the client's own address", "send-udp", "It leaves from CLIENT_IP: the receiver knows the sender by that address.", sender).after("address").after("sent"),
    Check::new("unknown", "who is not in the roster is sent nothing", "send-udp", "If the roster does not have that user, the client prints `NAME is not registered` and sends \
               nothing.", unknown).after("sent"),
    Check::new("message", "any other line goes to the server", "send-tcp", "A line goes to the server as it was typed, without its end, and an empty one not at \
               all.", message).after("roster").points(2),
    Check::new("refused", "without a server it says so and ends", "connect", REFUSED, refused).after("name"),
    Check::new("status", "without a server its exit status is 1", "connect", "Where there is no server, the exit status is 1.", status).after("refused").advice(),
    Check::new("taken", "an address that somebody has is an error", "udp-socket", ONE_SOCKET, taken).after("address").advice(),
    Check::new("waits", "nothing is sent behind the name until the roster has come", "send-name", "Until the first roster has come nothing else is sent, so that the name and a message \
               cannot arrive as one.", waits).after("message").advice(),
    Check::new("glued", "messages and rosters that arrive as one are told apart", "receive-tcp", PIECES, glued).after("python").advice(),
    Check::new("pieces", "messages and rosters that arrive in pieces are put together", "receive-tcp", PIECES, pieces).after("python").advice(),
    Check::new("crowd", "a roster of 500 users", "receive-tcp", "A roster may be longer than what one read brings.", crowd).after("python").advice(),
    Check::new("gone", "the end of the server is said, and is the client's end", "receive-tcp", "When the server has closed the connection, the client says so and ends, with exit \
               status 0.", gone).after("prints").advice(),
    Check::new("quiet", "in a quiet chat it stays, and goes on listening", "receive-tcp", "However long nothing comes, the client stays, and goes on listening.", quiet).after("received").slow().advice(),
    Check::new("leaves", "at the end of its input it leaves the chat", "send-tcp", "The end of the input (Ctrl-D) leaves the chat.", leaves).after("message").advice(),
];

fn connects(trial: &Trial) -> Verdict {
    let (listener, _) = TcpServer::beside(trial, &[])?;
    let usual = TcpServer::usual(trial, &listener);
    let (client, did) = typed_here(trial, listener.port, &names(trial)[0])?;
    let accepted = accept(&listener, &client, &did);
    accepted.map(drop).map_err(|stop| match usual.is_some_and(|it| it.pending().is_some()) {
        true => asks_at_the_usual_port(trial, stop, "a connection"),
        false => stop,
    })
}

/// Beyond the letters of ASCII, too.
fn name(trial: &Trial) -> Verdict {
    let (listener, _) = TcpServer::beside(trial, &[])?;
    let name = format!("\u{d8}{}Xy", names(trial)[0]);
    let (client, did) = typed_here(trial, listener.port, &name)?;
    let mut server = accept(&listener, &client, &did)?;
    let end = server.read(name.len(), &client);
    client.settle();
    server.catch_up();
    let failure = Failure::new(did, format!("the bytes {}", quote(name.as_bytes())));
    let failure = failure.replay(trial.replay_client());
    match end {
        Some(end) if server.bytes.is_empty() => {
            let failure = match end {
                End::Open(event) => failure
                    .received("no byte; the connection is open")
                    .lines(client.observed(&event)),
                End::Closed | End::Reset => failure
                    .received("the connection closed, without a byte")
                    .lines(client.settle().map(said))
                    .lines(client.last_words()),
            };
            Err(match listener.pending() {
                None => failure,
                Some(_) => failure
                    .received("a second connection, beside the first")
                    .cause("one connection is enough: what was sent came over another")
                    .gap("connect"),
            }
            .into())
        }
        _ => same(failure, name.as_bytes(), &server.bytes),
    }
}

fn roster(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    let listed = chat.lists(None);
    let taken = chat.server.is_taken(&chat.client);
    match listed {
        Err(stop) if chat.client.exited().is_some() => Err(stop),
        Err(stop) if !taken => Err(stop.or_cause("the roster has arrived, and was not read")),
        Err(stop) if trial.target.origin == Origin::Command => Err(stop),
        Err(stop) => Err(stop.or_cause(
            "the roster was read, and not made use of: one read takes what is there, and does not \
             wait for more; nor is ACTIVE_USERS locked meanwhile",
        )),
        Ok(()) if !taken => not_taken(&chat),
        Ok(()) => Ok(()),
    }
}

fn not_taken(chat: &Chat) -> Verdict {
    let failure = chat.failure("a client that has taken the roster from its socket");
    let failure = failure.received("the roster, which it has used, and not taken");
    Err(failure.cause(ONLY_LOOKED_AT).into())
}

/// What the handout prescribes to the letter, though any words would tell a person as much. Where
/// nothing is told, that is the business of other checks.
fn said_in_words(trial: &Trial) -> Verdict {
    // In this order, with other words between them.
    const WORDS: [&str; 6] =
        [PROMPT, "Connection Established!", "#ls", "@<user1>: msg", "write your msg", ">"];
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    let missing = || {
        let shown = chat.client.stdout.text();
        let mut rest = shown.as_str();
        WORDS.into_iter().find(|words| match rest.split_once(words) {
            Some((_, behind)) => {
                rest = behind;
                false
            }
            None => true,
        })
    };
    let all = || missing().is_none().then_some(());
    if let Err(event) = chat.client.until(all) {
        let expected = format!("on the screen {:?}", missing().unwrap_or_default());
        return Err(chat.instead(chat.failure(expected), &event).into());
    }
    let [_, second, third] = chat.names.clone();
    let msg = format!("{second}: {}", trial.sentence());
    chat.sends(format!("{msg} \n").as_bytes());
    chat.says_as_well(&msg, &format!("incoming msg from chatserver ({msg}"))
        .map_err(|stop| stop.look("receive-tcp"))?;
    let nobody = format!("dee{third}");
    chat.types(&format!("@{nobody}: {}", trial.sentence()));
    chat.says_as_well(&nobody, &format!("{nobody} is not registered"))?;
    datagrams_in_words(trial)?;
    match alone(trial) {
        Ok((client, failure)) if !client.stdout.text().contains(ALONE) => {
            Err(said_instead(&client, failure, ALONE).into())
        }
        _ => Ok(()),
    }
}

fn datagrams_in_words(trial: &Trial) -> Verdict {
    let Ok(mut chat) = Chat::join(trial, Ends::Newline, 2) else { return Ok(()) };
    let second = chat.names[1].clone();
    let msg = trial.sentence();
    chat.is_sent(0, &format!(" {msg}"))?;
    chat.says_as_well(&msg, "Incoming msg (P2P) from ")?;
    chat.users.remove(&second);
    chat.send_roster();
    chat.is_sent(0, &format!(" {msg}"))?;
    match chat.shows_datagram(&msg, None) {
        Ok(()) => chat.says_as_well(&msg, "Incoming msg (P2P) from Non-registered:"),
        Err(_) => Ok(()),
    }
}

/// Who comes to no server has not found a wrong one, nor found none. Gives back what a client says
/// whose name has come.
fn takes_part(trial: &Trial) -> Result<String, Stop> {
    let (listener, _) = TcpServer::beside(trial, &[])?;
    let (client, did) = typed_here(trial, listener.port, &names(trial)[0])?;
    let mut server = accept(&listener, &client, &did)?;
    server.read(1, &client);
    if server.bytes.is_empty() {
        let failure = Failure::new(did, "a name at the server").received("no byte");
        return Err(failure.gap("send-name").into());
    }
    client.settle();
    Ok(client.stdout.text())
}

fn server(trial: &Trial) -> Verdict {
    takes_part(trial)?;
    let Some(servers) = TcpServer::two(trial)? else { return Ok(()) };
    let wanted = SocketAddrV4::new(ANOTHER, servers[0].port);
    let started = typed(trial, wanted, &names(trial)[0])?;
    finds(&servers, wanted, started, "a connection", |server| server.pending().is_some())
}

/// The program's UDP socket is as it should be.
fn socket_is(
    trial: &Trial,
    expected: impl Fn(u16) -> String,
    right: impl Fn(&Socket, u16) -> bool,
) -> Verdict {
    let chat = Chat::begin(trial, Ends::Newline, 0)?;
    let port = chat.listener.port;
    let failure = Failure::new(chat.did.clone(), expected(port)).replay(trial.replay_client());
    let socket = match udp_socket(&chat.client) {
        Ok(socket) if right(&socket, port) => return Ok(()),
        Ok(socket) => socket,
        Err(event) => {
            let failure = failure.received("no UDP socket");
            return Err(failure.lines(chat.client.observed(&event)).gap("udp-socket").into());
        }
    };
    let failure = failure.received(format!("a UDP socket at {}", socket.local));
    Err(match socket.everywhere() && socket.local.port() == port {
        true => failure.cause(ONE_SOCKET).gap("udp-socket"),
        false => failure,
    }
    .into())
}

fn port(trial: &Trial) -> Verdict {
    let expected = |port| format!("a UDP socket at port {port}");
    socket_is(trial, expected, |socket, port| socket.local.port() == port)
}

/// One that cannot be told its address has another, of which nothing is known here.
fn address(trial: &Trial) -> Verdict {
    let fixed = trial.target.client_is_fixed();
    let expected = |port| format!("a UDP socket at {CLIENT}:{port}");
    socket_is(trial, expected, |socket, port| {
        socket.local.port() == port && (fixed || socket.local.ip() == CLIENT)
    })
}

fn prints(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    for _ in 0..2 {
        let msg = format!("{}: {} caf\u{e9} A1 ", chat.names[1], trial.sentence());
        chat.hears(&msg)?;
    }
    Ok(())
}

fn python(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Nothing, 0)?;
    let name = chat.names[1].clone();
    chat.hears(&format!("{name}: {} ", trial.sentence()))?;
    chat.users.remove(&name);
    chat.send_roster();
    let long = String::from_utf8_lossy(&trial.letters(1000)).into_owned();
    chat.hears(&format!("{}: {long} ", chat.names[2]))
}

fn rosters(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    let [_, leaves, comes] = chat.names.clone();
    chat.users.remove(&leaves);
    chat.users.insert(format!("dee{comes}"), HOSTS[0]);
    chat.send_roster();
    chat.lists(Some(&leaves))?;
    // Who only looks has both rosters in turn, again and again: what is listed then is luck.
    if chat.server.is_taken(&chat.client) { Ok(()) } else { not_taken(&chat) }
}

fn received(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 2)?;
    let long = String::from_utf8_lossy(&trial.letters(900)).into_owned();
    let msgs = [
        (0, format!(" {} caf\u{e9}", trial.sentence())),
        (1, format!(" {} A1  @b: #c", trial.sentence())),
        (0, long),
        (1, format!(" {}", trial.sentence())),
    ];
    for (number, (user, msg)) in msgs.into_iter().enumerate() {
        if number == 3 {
            chat.is_sent(user, "")?; // no end of anything
        }
        chat.is_sent(user, &msg)?;
        let sender = chat.names.get(user + 1).cloned().unwrap_or_default();
        let shown = chat.shows_datagram(&msg, Some(&sender));
        shown.map_err(|stop| match udp_socket(&chat.client) {
            Ok(socket) if socket.open_to_all => stop,
            Ok(socket) if HOSTS[..2].iter().any(|host| socket.remote.ip() == *host) => {
                stop.or_cause(ONE_SENDER)
            }
            Ok(_) => stop.or_cause(ONE_SENDER).look("udp-socket"),
            Err(_) => stop,
        })?;
    }
    Ok(())
}

fn stranger(trial: &Trial) -> Verdict {
    let mut chat = Chat::begin(trial, Ends::Newline, 2)?;
    chat.users = [(chat.names[0].clone(), chat.own_address())].into();
    chat.send_roster();
    let msg = format!(" {}", trial.sentence());
    chat.is_sent(0, &msg)?;
    chat.shows_datagram(&msg, None)
}

fn sent(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 3)?;
    let long = String::from_utf8_lossy(&trial.letters(600)).into_owned();
    for msg in [
        format!(" {}", trial.sentence()),
        format!("{}: caf\u{e9} ", trial.sentence()),
        format!(" {} A1  b@c: d:e #f !g", trial.sentence()),
        long,
    ] {
        let (datagram, _) = chat.says_directly(&msg)?;
        let failure = chat.failure(format!("the datagram {}", quote(msg.as_bytes())));
        same(failure, msg.as_bytes(), &datagram)?;
        chat.sends_nothing(&format!("one datagram to {}, and nothing else", HOSTS[0]))?;
    }
    match udp_socket(&chat.client) {
        Ok(socket) if !socket.open_to_all => {
            let failure = chat.failure("a UDP socket that goes on hearing everybody");
            let failure = failure.received(format!("one that is connected to {}", socket.remote));
            Err(failure.cause(ONE_SENDER).into())
        }
        _ => Ok(()),
    }
}

fn sender(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 3)?;
    let (_, from) = chat.says_directly(&format!(" {}", trial.sentence()))?;
    let own = chat.own_address();
    if from.ip() == own {
        return Ok(());
    }
    let failure = chat.failure(format!("a datagram from {own}"));
    Err(failure.received(format!("a datagram from {}", from.ip())).into())
}

fn unknown(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 3)?;
    let nobody = format!("dee{}", &chat.names[2]);
    let prompt = chat.prompt();
    chat.types(&format!("@{nobody}: {}", trial.sentence()));
    // Whatever it says, it is more than to ask for the next line.
    let says = || {
        let shown = chat.shown();
        (!shown.replace(prompt.trim(), "").trim().is_empty()).then_some(())
    };
    if let Err(event) = chat.client.until(says) {
        let failure = chat.failure(format!("a word on the screen that {nobody} is not there"));
        return Err(chat.instead(failure, &event).into());
    }
    chat.sends_nothing("nothing to anybody")?;
    // Who sends to nobody at all has done nothing right: for one that is there something goes out.
    match chat.says_directly(&format!(" {}", trial.sentence())) {
        Err(Stop::Failure(failure)) if failure.silence => Err(Stop::Failure(failure)),
        _ => Ok(()),
    }
}

fn message(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    chat.says(&trial.sentence())?;
    chat.types("");
    chat.says(&format!("  {} caf\u{e9} \u{3b1}: @{} ", trial.sentence(), chat.names[1]))?;
    chat.says("#lsx")?;
    chat.says(&format!("!{} A1  b2: #ls \"q\" 'r' %d \\n", trial.sentence()))?;
    chat.says(&String::from_utf8_lossy(&trial.letters(1500)))
}

/// A client that finds no server.
fn alone<'t>(trial: &'t Trial) -> Result<(Started<'t>, Failure), Stop> {
    let closed = ClosedPort::beside(trial)?;
    let (client, did) = typed_here(trial, closed.port, &names(trial)[0])?;
    let did = format!("{did}, with no server at that port");
    let failure = Failure::new(did, "").replay(trial.replay_alone());
    client.wait().map_err(|event| {
        let mut failure = failure.clone().lines(client.observed(&event));
        failure.expected = "the end of the program".to_owned();
        failure
    })?;
    Ok((client, failure))
}

const ALONE: &str = "could not connect to chat server...";

/// What it said in the place of this sentence.
fn said_instead(client: &Started, failure: Failure, sentence: &str) -> Failure {
    let failure = Failure { expected: format!("on the screen {sentence:?}"), ..failure };
    let shown = client.stdout.text();
    let failure = failure.received(match shown.as_str() {
        "" => "nothing".to_owned(),
        shown => quote(shown.as_bytes()),
    });
    failure.lines(client.last_words())
}

/// In whatever words: but an error that ended the program is not a word for people.
fn refused(trial: &Trial) -> Verdict {
    const UNCAUGHT: [&str; 4] =
        ["Traceback (most", "panicked at", "Exception in thread", "    at "];
    let usual = takes_part(trial)?;
    let (client, failure) = alone(trial)?;
    let stderr = client.stderr.text();
    let said = client.stdout.text() + &stderr;
    let is_caught = !UNCAUGHT.iter().any(|words| stderr.contains(words));
    let is_said = said.lines().any(|line| !line.trim().is_empty() && !usual.contains(line.trim()));
    match is_caught && is_said {
        true => Ok(()),
        false => Err(said_instead(&client, failure, ALONE).into()),
    }
}

fn status(trial: &Trial) -> Verdict {
    let (client, mut failure) = alone(trial)?;
    match client.exited() {
        Some(status) if !status.success() => Ok(()),
        status => {
            failure.expected = "an exit status that is not 0".to_owned();
            Err(failure.lines(status.map(said)).into())
        }
    }
}

fn taken(trial: &Trial) -> Verdict {
    if trial.target.client_is_fixed() {
        return Ok(());
    }
    let (listener, _taken) = TcpServer::beside(trial, &[CLIENT])?;
    let (client, did) = typed_here(trial, listener.port, &names(trial)[0])?;
    let failure = Failure::new(
        format!("{did}, with a UDP socket of somebody else at {CLIENT}:{}", listener.port),
        "an error on stderr and an exit status that is not 0",
    )
    .replay(trial.replay_alone());
    Err(match client.wait() {
        Ok(status) if !status.success() && !client.stderr.bytes().is_empty() => return Ok(()),
        Ok(status) => failure.received(said(status)).lines(client.last_words()),
        Err(event) => failure.lines(client.observed(&event)),
    }
    .into())
}

fn waits(trial: &Trial) -> Verdict {
    let mut chat = Chat::begin(trial, Ends::Newline, 0)?;
    let msg = trial.sentence();
    chat.types(&msg);
    chat.sends_nothing("the name, and nothing else before the roster")?;
    chat.users.insert(chat.names[0].clone(), chat.own_address());
    chat.send_roster();
    chat.server.read(msg.len(), &chat.client);
    let failure = chat.failure(format!("then {} at the server", quote(msg.as_bytes())));
    same(failure, msg.as_bytes(), &chat.server.bytes)
}

fn glued(trial: &Trial) -> Verdict {
    for ends in [Ends::Newline, Ends::Nothing] {
        let mut chat = Chat::join(trial, ends, 0)?;
        let [_, second, third] = chat.names.clone();
        let [first, then] = [&second, &third].map(|name| format!("{name}: {} ", trial.sentence()));
        chat.users.remove(&second);
        let (roster, end) = (chat.roster(), chat.end());
        // Two texts without newlines between them nobody can tell apart.
        let (all, texts) = match ends {
            // Nor is a text a roster because one stands in it.
            Ends::Newline => {
                let forged = format!("{third}: !{{\"{third}\": \"0.0.0.0\"}} ");
                let all = format!("{first}{end}{forged}{end}{roster}{roster}{then}{end}");
                (all, vec![first, forged, then])
            }
            Ends::Nothing => (format!("{first}{roster}{roster}{then}"), vec![first, then]),
        };
        chat.sends(all.as_bytes());
        for text in texts {
            chat.prints_message(&text)?;
        }
        chat.lists(Some(&second))?;
    }
    Ok(())
}

fn pieces(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    let [_, second, third] = chat.names.clone();
    let text = format!("{third}: caf\u{e9} ");
    chat.users.remove(&second);
    let all = format!("{text}\n{}", chat.roster());
    chat.act(format!("the server sent {} byte by byte", quote(all.as_bytes())));
    for byte in all.bytes() {
        chat.server.send(&[byte]);
        if !chat.server.is_read(&chat.client) {
            break; // what is printed shows it
        }
    }
    chat.prints_message(&text)?;
    chat.lists(Some(&second))?;
    // Without newlines a text may become two. A character may not.
    let mut chat = Chat::join(trial, Ends::Nothing, 0)?;
    let text = format!("{third}: caf\u{e9} \u{e9} ");
    let (begin, rest) = text.as_bytes().split_at(third.len() + 6);
    chat.sends(begin);
    let printed = chat.printed;
    chat.sends(rest);
    chat.printed = printed;
    let both = || (chat.shown().matches('\u{e9}').count() == 2).then_some(());
    let Err(event) = chat.client.until(both) else { return Ok(()) };
    Err(chat.instead(chat.failure("on the screen both letters \u{e9}"), &event).into())
}

fn crowd(trial: &Trial) -> Verdict {
    for ends in [Ends::Newline, Ends::Nothing] {
        let mut chat = Chat::join(trial, ends, 0)?;
        let user = |number: u8, block: u8| {
            (format!("user{block}x{number}"), Ipv4Addr::new(127, 0, block, number))
        };
        chat.users = (1..=250).flat_map(|number| [user(number, 1), user(number, 2)]).collect();
        chat.send_roster();
        chat.lists(None)?;
        chat.hears(&format!("user1x1: {} ", trial.sentence()))?;
    }
    Ok(())
}

fn gone(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    chat.act("the server closed the connection".to_owned());
    chat.server.answer(b"");
    must_end(&chat.client, &chat.did)?;
    let said = chat.shown() + &chat.client.stderr.text();
    if said.contains("server") {
        return Ok(());
    }
    let failure = chat.failure("a word that the server has closed the connection");
    Err(failure.received(quote(said.as_bytes())).into())
}

/// Longer than anybody would give a socket time by mistake.
fn quiet(trial: &Trial) -> Verdict {
    const QUIET: Duration = Duration::from_secs(6);
    let mut chat = Chat::join(trial, Ends::Newline, 2)?;
    chat.act(format!("nobody said a word for {} s", QUIET.as_secs()));
    chat.client.is_left_alone_until(Instant::now() + QUIET)?;
    let msg = format!("{}: {}", chat.names[1], trial.sentence());
    chat.sends(format!("{msg} \n").as_bytes());
    chat.shows(&[&msg])?;
    let msg = trial.sentence();
    chat.is_sent(0, &format!(" {msg}"))?;
    chat.shows(&[&msg]).map_err(|stop| stop.look("receive-udp"))
}

fn leaves(trial: &Trial) -> Verdict {
    let mut chat = Chat::join(trial, Ends::Newline, 0)?;
    chat.act("its input ended".to_owned());
    chat.client.end_input();
    if let Some(End::Open(event)) = chat.server.read(usize::MAX, &chat.client) {
        let failure = chat.failure("the end of the connection");
        return Err(chat.instead(failure, &event).into());
    }
    must_end(&chat.client, &chat.did)
}
