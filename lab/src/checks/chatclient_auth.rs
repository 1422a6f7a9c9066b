//! Checks of chatclient_auth. The check is the login, with certificates of every kind, and the
//! chat.

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::checks::check::Check;
use crate::checks::common::{asks_at_the_usual_port, usual_server};
use crate::os::program::{Event, said};
use crate::os::scratch::Scratch;
use crate::text::bytes::quote;
use crate::trial::{Failure, Started, Stop, Trial, Verdict};
use crate::wire::certificates::{self, Certificate};
use crate::wire::peers::{Accepted, ClosedPort, End, TcpServer, same};
use crate::wire::smtp;
use crate::wire::tls::Tls;

const LINES: &str = "Inside TLS the client sends two lines, its name and its password.";
const SHOWS: &str =
    "At the chat's port the first line of a client is its name, a space and its ticket.";
const TRUST: &str = "A server whose certificate has expired, is for another host or comes from an \
                     unknown issuer is told neither name nor password.";
const REFUSED: &str = "At any other answer, and where there is none, the client says why, does not \
                       go to the chat, and ends with an exit status that is not 0.";

pub const CHECKS: &[Check] = &[
    Check::new(
        "knocks",
        "the client connects to the login",
        "login-socket",
        "The chat client asks for a name and a password, and logs in at the port behind \
               PORT.",
        connects,
    )
    .door(),
    Check::new(
        "tls",
        "it begins TLS with a server that it can trust",
        "tls",
        "Before anything else it shakes hands: TLS.",
        |trial| Login::begin(trial, Certificate::Fine)?.shakes_hands(),
    )
    .door()
    .points(2),
    Check::new("login", "it says its name and its password", "password", LINES, |trial| {
        Login::begin(trial, Certificate::Fine)?.must_say_who_it_is()
    })
    .door()
    .points(2),
    Check::new("ticket", "it shows its ticket to the chat", "send-ticket", SHOWS, |trial| {
        Login::begin(trial, Certificate::Fine)?.must_show_its_ticket()
    })
    .door()
    .points(2),
    Check::new(
        "chat",
        "then it chats",
        "send-ticket",
        "What follows is the chat of lab 7, to the byte.",
        chat,
    ),
    Check::new(
        "issuer",
        "a certificate of an unknown issuer is not trusted",
        "tls",
        TRUST,
        |trial| distrusts(trial, Certificate::SelfSigned),
    )
    .points(2),
    Check::new("date", "a certificate that has expired is not trusted", "tls", TRUST, |trial| {
        distrusts(trial, Certificate::Expired)
    })
    .after("issuer"),
    Check::new("host", "a certificate for another host is not trusted", "tls", TRUST, |trial| {
        distrusts(trial, Certificate::OtherHost)?;
        distrusts(trial, Certificate::Localhost)
    })
    .after("issuer"),
    Check::new(
        "pieces",
        "the answer may come in pieces",
        "ticket",
        "The answer is a line, in as many pieces as the network likes.",
        pieces,
    )
    .after("ticket"),
    Check::new("denied", "a refusal is said, and is the end", "ticket", REFUSED, refused).points(2),
    Check::new("other", "what is no ticket is none", "ticket", REFUSED, other).after("denied"),
    Check::new(
        "closes",
        "a login that closes without an answer is an error",
        "ticket",
        REFUSED,
        closes,
    )
    .after("denied"),
    Check::new(
        "secret",
        "the password is sent over TLS only, and never printed",
        "password",
        "The password is in nothing that the client prints or sends in clear; nor is the \
               ticket in what it prints.",
        secret,
    )
    .points(2),
    Check::new(
        "nobody",
        "without a login it says so and ends",
        "login-socket",
        "Without a server it prints `could not connect to chat server...` and ends with exit \
               status 1.",
        nobody,
    ),
];

/// A client that is to log in at the check.
struct Login<'t> {
    client: Started<'t>,
    /// Where the chat is.
    chat: TcpServer,
    tls: Tls,
    name: String,
    password: String,
    ticket: String,
    did: String,
    /// Who came to the chat with something else than its ticket.
    with_another: Option<Accepted>,
    _issuer: Scratch,
}

/// What the user types, and what the server gives: nobody can guess any of it.
fn words(trial: &Trial) -> [String; 3] {
    let letters = |count| String::from_utf8_lossy(&trial.letters(count)).into_owned();
    let name = format!("\u{d8}{}Xy", letters(5));
    // White space around it belongs to it.
    let password = format!(" {} p\u{e4}ss:{} Z9 ", letters(6), letters(70));
    [name, password, format!("{}A+/=", letters(40))]
}

/// The file that CHAT_CA names.
fn issuer() -> Result<Scratch, Stop> {
    let made = Scratch::file(certificates::issuer().as_bytes());
    made.map_err(|error| Stop::Fault(format!("the check needs a file: {error}")))
}

/// Starts a client, and types name and password.
fn typed<'t>(
    trial: &'t Trial,
    port: u16,
    [name, password]: [&str; 2],
    issuer: &Scratch,
) -> Result<(Started<'t>, String), Stop> {
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let file = issuer.path().as_os_str();
    let client = trial.client_on_a_terminal(address, &[("CHAT_CA", file)])?;
    client.type_line(name.as_bytes());
    client.type_line(password.as_bytes());
    let did = format!("typed {name} and a password into `{}`", client.command_line);
    Ok((client, did))
}

impl<'t> Login<'t> {
    /// A client that has connected to the login.
    fn begin(trial: &'t Trial, kind: Certificate) -> Result<Login<'t>, Stop> {
        let [chat, logins] = TcpServer::pair(trial)?;
        let [name, password, ticket] = words(trial);
        let issuer = issuer()?;
        let (client, did) = typed(trial, chat.port, [&name, &password], &issuer)?;
        let stream = logins.accept(&client, &did).map_err(|stop| {
            stop.map(|failure| {
                failure.replay = trial.replay_alone();
                if let (true, Some(first)) =
                    (chat.pending().is_some(), failure.received.first_mut())
                {
                    *first = format!("a connection to port {}, the chat's", chat.port);
                }
            })
        })?;
        let tls = Tls::server(stream.into_stream(), kind);
        Ok(Login {
            client,
            chat,
            tls,
            name,
            password,
            ticket,
            did,
            with_another: None,
            _issuer: issuer,
        })
    }

    fn failure(&self, expected: impl Into<String>) -> Failure {
        let replay = self.client.trial().replay_alone();
        Failure::new(self.did.clone(), expected).replay(replay)
    }

    /// Waits until there is something, or TLS has come to its end.
    fn until(&mut self, mut ready: impl FnMut(&Tls) -> bool) -> Result<(), Option<Event>> {
        let tls = &mut self.tls;
        let waited = self.client.until(|| {
            while !ready(tls) {
                if tls.end.is_some() {
                    return Some(false);
                }
                tls.look()?;
            }
            Some(true)
        });
        match waited {
            Ok(true) => Ok(()),
            Ok(false) => Err(None),
            Err(event) => Err(Some(event)),
        }
    }

    /// With or without the white space around it: it is a secret either way.
    fn forms_of_the_password(&self) -> Vec<Vec<u8>> {
        [&self.password, self.password.trim()].map(|it| smtp::forms(&self.name, it)).concat()
    }

    /// Every form of the password and of the ticket.
    fn secrets(&self) -> Vec<Vec<u8>> {
        let ticket = smtp::forms(&self.name, &self.ticket);
        [self.forms_of_the_password(), ticket].concat()
    }

    /// How the program stands, which has not done what was waited for.
    fn instead(&self, failure: Failure, event: Option<Event>) -> Failure {
        let lines = match event {
            Some(event) => self.client.observed(&event),
            None => {
                let ended = self.client.settle().map(said);
                ended.into_iter().chain(self.client.last_words()).collect()
            }
        };
        let secrets = self.secrets();
        failure.lines(lines.iter().map(|line| smtp::masked(line.as_bytes(), &secrets)))
    }

    fn shakes_hands(&mut self) -> Verdict {
        let Err(event) = self.until(Tls::is_begun) else { return Ok(()) };
        let failure = self.failure("a TLS handshake");
        let failure = match (self.tls.wire.as_slice(), self.tls.end) {
            ([], Some(_)) => failure.received("the end of the connection, without a byte"),
            ([], None) => failure.received("no byte; the connection is open"),
            ([22, 3, ..], _) => failure.received("a handshake that came to no end"),
            (wire, _) => {
                // A handshake may follow; it is no text.
                let clear = wire.split(|byte| *byte == 22).next().unwrap_or_default();
                let cause = match smtp::shows(clear, &self.forms_of_the_password()) {
                    true => "the password went over the wire in clear: everybody on the way has it",
                    false => "this is no TLS: everybody on the way can read it",
                };
                let clear = smtp::masked(clear, &self.secrets());
                return Err(failure.received(format!("\"{clear}\", in clear")).cause(cause).into());
            }
        };
        Err(self.instead(failure, event).into())
    }

    /// One that says it in another way is let in all the same: if it comes to the chat then, the others
    /// go on.
    fn must_say_who_it_is(&mut self) -> Verdict {
        let said = self.says_who_it_is();
        if said.is_err() && !self.tls.heard.is_empty() && self.tls.end.is_none() {
            self.answers(&format!("TICKET {}\n", self.ticket));
            if self.chat.accept(&self.client, &self.did).is_ok() {
                self.client.trial().others_go_on(|manner| manner.own_login = true);
            }
        }
        said
    }

    fn says_who_it_is(&mut self) -> Verdict {
        self.shakes_hands()?;
        if self.client.trial().manner().own_login && self.until(|tls| !tls.heard.is_empty()).is_ok()
        {
            self.client.settle();
            self.tls.look();
            return Ok(());
        }
        let expected = format!("{}\n{}\n", self.name, self.password);
        let length = expected.len();
        let waited = self.until(|tls| tls.heard.len() >= length);
        self.client.settle();
        self.tls.look();
        if self.tls.heard == expected.as_bytes() {
            return Ok(());
        }
        let secrets = self.secrets();
        let shown = |text: &[u8]| format!("\"{}\"", smtp::masked(text, &secrets));
        let failure = self.failure(format!("inside TLS {}", shown(expected.as_bytes())));
        let failure = match self.tls.heard.as_slice() {
            [] => failure.received("nothing inside TLS"),
            heard => failure.received(shown(heard)),
        };
        let trimmed = format!("{}\n{}\n", self.name, self.password.trim());
        let failure = match self.tls.heard == trimmed.as_bytes() {
            true => failure.cause("the spaces around the password belong to it, and did not come"),
            false => failure,
        };
        Err(match waited {
            Ok(()) => failure,
            Err(event) => self.instead(failure, event),
        }
        .into())
    }

    fn answers(&mut self, line: &str) {
        let shown = smtp::masked(line.as_bytes(), &self.secrets());
        self.did += &format!("; the login answered \"{shown}\"");
        self.tls.say(line.as_bytes());
        self.tls.close();
    }

    /// Gives the client its ticket, and waits until it shows that to the chat.
    fn comes_to_the_chat(&mut self) -> Result<Accepted, Stop> {
        self.says_who_it_is()?;
        self.answers(&format!("TICKET {}\n", self.ticket));
        let own = self.client.trial().manner().own_ticket;
        match self.shows_the_ticket() {
            Err(stop) if own => self.with_another.take().ok_or(stop),
            shown => shown,
        }
    }

    /// One that shows something else behind its name is taken in all the same: the others go on.
    fn must_show_its_ticket(&mut self) -> Verdict {
        let comes = self.comes_to_the_chat().map(drop);
        if comes.is_err() && self.with_another.is_some() {
            self.client.trial().others_go_on(|manner| manner.own_ticket = true);
        }
        comes
    }

    fn shows_the_ticket(&mut self) -> Result<Accepted, Stop> {
        let mut chat = self.chat.accept(&self.client, &self.did).map_err(|stop| {
            let secrets = self.secrets();
            stop.look("ticket").map(|failure| {
                for line in &mut failure.received {
                    *line = smtp::masked(line.as_bytes(), &secrets);
                }
            })
        })?;
        let expected = format!("{} {}\n", self.name, self.ticket);
        let end = chat.read(expected.len(), &self.client);
        self.client.settle();
        chat.catch_up();
        if chat.bytes == expected.as_bytes() {
            chat.bytes.clear();
            return Ok(chat);
        }
        let bytes = std::mem::take(&mut chat.bytes);
        if bytes.len() > self.name.len() && bytes.starts_with(self.name.as_bytes()) {
            self.with_another = Some(chat);
        }
        let failure = self.failure(format!(
            "at the chat's port \"{} …\\n\", the ticket in place of the dots",
            self.name
        ));
        let failure = match (bytes.as_slice(), end) {
            ([], Some(End::Open(event))) => {
                self.instead(failure.received("no byte; the connection is open"), Some(event))
            }
            ([], _) => self.instead(failure.received("the end of the connection"), None),
            (bytes, _) => {
                let text = String::from_utf8_lossy(bytes).replace(&self.ticket, "…");
                let shown = smtp::masked(text.as_bytes(), &self.secrets());
                let failure = failure.received(format!("\"{shown}\""));
                match text.contains("TICKET …") {
                    true => failure
                        .cause(
                            "the word TICKET belongs to the answer, and is no part of the ticket",
                        )
                        .gap("ticket"),
                    false => failure,
                }
            }
        };
        Err(failure.into())
    }

    /// Demands that the client has not gone to the chat, and has ended with an error.
    fn gives_up(&mut self) -> Verdict {
        let expected = "the end of the program, with an exit status that is not 0";
        let ended = self.client.wait();
        if self.chat.pending().is_some() {
            // How it goes on there is not what matters.
            return Err(self.failure("no connection to the chat").received("one").into());
        }
        match ended {
            Ok(status) if !status.success() => Ok(()),
            Ok(_) => Err(self.instead(self.failure(expected), None).into()),
            Err(event) => Err(self.instead(self.failure(expected), Some(event)).into()),
        }
    }

    /// All that the client has printed.
    fn printed(&self) -> String {
        self.client.stdout.text() + &self.client.stderr.text()
    }
}

fn connects(trial: &Trial) -> Verdict {
    let usual = usual_server(trial, 1);
    let begun = Login::begin(trial, Certificate::Fine);
    begun.map(drop).map_err(|stop| match usual.is_some_and(|it| it.pending().is_some()) {
        true => {
            let stop = asks_at_the_usual_port(trial, stop, "a connection");
            stop.map(|failure| {
                failure.received = vec!["a connection to port 5001".to_owned()];
                failure.cause = Some(
                    "5001 is behind the port when none is given; here one was given".to_owned(),
                );
            })
        }
        false => stop,
    })
}

fn chat(trial: &Trial) -> Verdict {
    let mut login = Login::begin(trial, Certificate::Fine)?;
    let mut chat = login.comes_to_the_chat()?;
    // As the server in Python says it, without a newline.
    let roster = format!("!{{\"{}\": \"127.0.0.1\"}}", login.name);
    login.did += "; the chat sent the roster and a message";
    let message = trial.sentence();
    chat.send(roster.as_bytes());
    // A client that takes what one read brings for one message must not get two at once. Whether it
    // has read the first shows in what comes of the second.
    let _ = login.client.until(|| chat.is_read_by(&login.client).then_some(()));
    chat.send(format!("bob: {message} ").as_bytes());
    let text = format!("bob: {message}"); // in whatever words around it
    let there = || login.client.printed(text.as_bytes()).then_some(());
    if let Err(event) = login.client.until(there) {
        let failure = login.failure(format!("on the screen \"{text}\""));
        return Err(login.instead(failure.received("not that"), Some(event)).into());
    }
    let line = trial.sentence();
    login.did += &format!("; typed \"{line}\"");
    login.client.type_line(line.as_bytes());
    chat.read(line.len(), &login.client);
    same(login.failure(""), line.as_bytes(), &chat.bytes)
}

fn distrusts(trial: &Trial, kind: Certificate) -> Verdict {
    let mut login = Login::begin(trial, kind)?;
    login.did += &format!("; the login showed a certificate that {}", kind.said());
    let _ = login.until(|tls| !tls.heard.is_empty()); // either it speaks, or it is the end
    if !login.tls.heard.is_empty() {
        let failure = login.failure("the end of the connection, and no word inside TLS");
        let heard = smtp::masked(&login.tls.heard, &login.secrets());
        return Err(failure
            .received(format!("\"{heard}\""))
            .cause("whoever made that certificate has the password now")
            .into());
    }
    login.gives_up()
}

fn pieces(trial: &Trial) -> Verdict {
    let mut login = Login::begin(trial, Certificate::Fine)?;
    login.says_who_it_is()?;
    login.did += "; the login answered byte by byte";
    for byte in format!("TICKET {}\n", login.ticket).bytes() {
        login.tls.say(&[byte]);
    }
    login.shows_the_ticket()?;
    Ok(())
}

fn refused(trial: &Trial) -> Verdict {
    let mut login = Login::begin(trial, Certificate::Fine)?;
    login.says_who_it_is()?;
    let why = trial.sentence();
    login.answers(&format!("REFUSED {why}\n"));
    login.gives_up()?;
    if login.printed().contains(&why) {
        return Ok(());
    }
    let failure = login.failure(format!("on the screen \"{why}\""));
    Err(login.instead(failure.received("not that"), None).into())
}

fn other(trial: &Trial) -> Verdict {
    for answer in [
        "HELLO",
        "HELLO there",
        "TICKETS are sold out",
        "TICKET",
        "ticket small",
        "no TICKET for you",
        "",
    ] {
        let mut login = Login::begin(trial, Certificate::Fine)?;
        login.says_who_it_is()?;
        login.answers(&format!("{answer}\n"));
        login.gives_up()?;
    }
    Ok(())
}

fn closes(trial: &Trial) -> Verdict {
    for answer in ["", "TICK"] {
        let mut login = Login::begin(trial, Certificate::Fine)?;
        login.says_who_it_is()?;
        login.did += &format!("; the login sent {} and closed", quote(answer.as_bytes()));
        login.tls.say(answer.as_bytes());
        login.tls.close();
        login.gives_up()?;
    }
    Ok(())
}

/// The client's whole visit, to its end.
fn secret(trial: &Trial) -> Verdict {
    let mut login = Login::begin(trial, Certificate::Fine)?;
    let mut chat = login.comes_to_the_chat()?;
    chat.send(format!("!{{\"{}\": \"127.0.0.1\"}}\n", login.name).as_bytes());
    login.client.type_line(b"#ls");
    login.client.settle();
    chat.catch_up();
    chat.answer(b"");
    let _ = login.client.wait(); // another check says that it goes on
    let _ = login.until(|_| false); // all that was sent to the login
    let password = login.forms_of_the_password();
    let printed = login.printed();
    let (place, gap) = match () {
        () if smtp::shows(&login.tls.wire, &password) => {
            ("the password, to the login in clear", "password")
        }
        () if smtp::shows(&chat.bytes, &password) => ("the password, to the chat", "send-ticket"),
        () if smtp::shows(printed.as_bytes(), &password) => {
            ("the password, on the screen", "password")
        }
        () if printed.contains(&login.ticket) => {
            let gap = if tells_before_it_goes(trial)? { "ticket" } else { "send-ticket" };
            ("the ticket, on the screen", gap)
        }
        () => return Ok(()),
    };
    let failure = login.failure("no secret on the screen or in clear");
    Err(failure.received(place).gap(gap).into())
}

/// Whether the ticket is on the screen of a client that finds no chat.
fn tells_before_it_goes(trial: &Trial) -> Result<bool, Stop> {
    let mut login = Login::begin(trial, Certificate::Fine)?;
    login.says_who_it_is()?;
    login.chat.stops_listening();
    login.answers(&format!("TICKET {}\n", login.ticket));
    let _ = login.client.wait(); // how it ends there is another matter
    Ok(login.printed().contains(&login.ticket))
}

fn nobody(trial: &Trial) -> Verdict {
    const SENTENCE: &str = "could not connect to chat server...";
    let closed = ClosedPort::pair(trial)?;
    let port = closed[0].port;
    let [name, password, _] = words(trial);
    let issuer = issuer()?;
    let (client, did) = typed(trial, port, [&name, &password], &issuer)?;
    let did = format!("{did}, with no server at that port and the one behind it");
    let failure = Failure::new(did, format!("on the screen {SENTENCE:?}, and exit status 1"));
    let failure = failure.replay(trial.replay_alone());
    let status = match client.wait() {
        Ok(status) => status,
        Err(event) => return Err(failure.lines(client.observed(&event)).into()),
    };
    let shown = match trial.target.words_are_free() {
        true => !client.last_words().is_empty() || !client.stdout.text().is_empty(),
        false => client.stdout.text().contains(SENTENCE),
    };
    if shown && status.code() == Some(1) {
        return Ok(());
    }
    let failure = if shown { failure } else { failure.received("not that sentence") };
    Err(failure.received(said(status)).lines(client.last_words()).into())
}
