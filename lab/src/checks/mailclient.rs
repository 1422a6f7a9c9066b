//! Checks of mailclient. The check is the mail server (`smtp`), and follows a script that leads up to
//! what is looked at. Every failure shows the dialogue, with the password masked.

use std::ffi::OsStr;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddrV4};

use clap::ValueEnum;
use tempfile::NamedTempFile;

use crate::checks::check::Check;
use crate::os::program::{Event, said};
use crate::text::bytes::quote;
use crate::trial::{Failure, Started, Stop, Trial, Verdict};
use crate::wire::certificates::{self, Certificate};
use crate::wire::mime::{Part, decoded};
use crate::wire::peers::TcpServer;
use crate::wire::smtp::{self, End, Peer, Said, Script, Step, Trouble, Who};

const TLS_FIRST: &str = "Then it says `STARTTLS`, and begins the TLS handshake when the server has \
                         agreed.";
const LOGIN: &str = "`AUTH LOGIN` is followed by the user and then by the password, each in base64 \
                     on a line of its own.";
const ENVELOPE: &str =
    "`MAIL FROM:<ADDRESS>` names the sender and `RCPT TO:<ADDRESS>` the receiver.";
const DATA: &str = "After `DATA` the message follows: the headers, an empty line and the body.";
const FIELDS: &str = "`From`, `To` and `Subject` hold what the environment says, and no line of it \
                      can become another header or command.";
const SEVERAL: &str = "A reply has one line or several, in as many pieces as the network likes: all \
                       its lines but the last have a `-` behind the code.";
const NO_TLS: &str = "Without TLS, or with a certificate that has expired, is for another host or \
                      comes from an unknown issuer, the server gets neither user nor password.";
const OTHER_REPLY: &str = "At any other reply than the expected one the client prints `NNN reply not \
                           received from server.` with the expected code, says `QUIT`, and ends with \
                           an exit status that is not 0.";
const DELIVERED: &str = "Once the server has taken the message, the mail is delivered: whatever \
                         happens at `QUIT`, the exit status is 0.";

pub const CHECKS: &[Check] = &[
    Check {
        name: "connects",
        title: "the client connects to the server",
        door: true,
        after: None,
        points: 1,
        gap: "connect",
        rule: "The mail client connects to the ADDRESS and PORT it was given.",
        run: connects,
    },
    Check {
        name: "greeting",
        title: "it waits until the server has greeted",
        door: true,
        after: None,
        points: 1,
        gap: "greeting",
        rule: "The server speaks first, and the client waits for its greeting.",
        run: greeting,
    },
    Check {
        name: "ehlo",
        title: "it says EHLO",
        door: false,
        after: None,
        points: 1,
        gap: "ehlo",
        rule: "The client says `EHLO` and its name.",
        run: |trial| reaches(trial, Step::Ehlo, "EHLO and a name"),
    },
    Check {
        name: "starttls",
        title: "it asks for TLS",
        door: false,
        after: Some("ehlo"),
        points: 1,
        gap: "starttls",
        rule: TLS_FIRST,
        run: |trial| reaches(trial, Step::StartTls, "STARTTLS"),
    },
    Check {
        name: "tls",
        title: "it begins TLS with a server that it can trust",
        door: false,
        after: Some("starttls"),
        points: 1,
        gap: "tls",
        rule: TLS_FIRST,
        run: |trial| reaches(trial, Step::Tls, "a TLS handshake"),
    },
    Check {
        name: "ehlo-again",
        title: "it says EHLO again inside TLS",
        door: false,
        after: Some("tls"),
        points: 1,
        gap: "ehlo-again",
        rule: "Inside TLS it says `EHLO` once more: what the server said in clear no longer counts.",
        run: |trial| reaches(trial, Step::EhloAgain, "EHLO and a name, inside TLS"),
    },
    Check {
        name: "auth",
        title: "it asks to log in",
        door: false,
        after: Some("tls"),
        points: 1,
        gap: "auth",
        rule: LOGIN,
        run: |trial| reaches(trial, Step::Auth, "AUTH LOGIN"),
    },
    Check {
        name: "user",
        title: "it says its user in base64",
        door: false,
        after: Some("auth"),
        points: 1,
        gap: "user",
        rule: LOGIN,
        run: user,
    },
    Check {
        name: "password",
        title: "it says its password in base64",
        door: false,
        after: Some("user"),
        points: 1,
        gap: "password",
        rule: LOGIN,
        run: password,
    },
    Check {
        name: "mail",
        title: "it names the sender",
        door: false,
        after: Some("password"),
        points: 1,
        gap: "mail",
        rule: ENVELOPE,
        run: sender,
    },
    Check {
        name: "rcpt",
        title: "it names the receiver",
        door: false,
        after: Some("mail"),
        points: 1,
        gap: "rcpt",
        rule: ENVELOPE,
        run: receiver,
    },
    Check {
        name: "data",
        title: "it says DATA",
        door: false,
        after: Some("rcpt"),
        points: 1,
        gap: "data",
        rule: DATA,
        run: |trial| reaches(trial, Step::Data, "DATA"),
    },
    Check {
        name: "end",
        title: "a dot ends the message",
        door: false,
        after: Some("data"),
        points: 1,
        gap: "end",
        rule: "A line with nothing but a dot ends the message.",
        run: |trial| reaches(trial, Step::Message, "a message, and a line with nothing but a dot"),
    },
    Check {
        name: "message",
        title: "the body arrives",
        door: false,
        after: Some("end"),
        points: 1,
        gap: "message",
        rule: DATA,
        run: message,
    },
    Check {
        name: "dots",
        title: "lines that begin with a dot arrive",
        door: false,
        after: Some("message"),
        points: 1,
        gap: "message",
        rule: "A line of the message that begins with a dot gets a second dot in front.",
        run: dots,
    },
    Check {
        name: "headers",
        title: "From, To and Subject are right",
        door: false,
        after: Some("end"),
        points: 2,
        gap: "headers",
        rule: FIELDS,
        run: headers,
    },
    Check {
        name: "utf8",
        title: "subject and body may be in any script",
        door: false,
        after: Some("message"),
        points: 1,
        gap: "headers",
        rule: "A subject that is not ASCII goes as encoded words, and the body as UTF-8 with \
               headers that say so.",
        run: utf8,
    },
    Check {
        name: "one-line",
        title: "a line break smuggles nothing in",
        door: false,
        after: Some("headers"),
        points: 1,
        gap: "headers",
        rule: FIELDS,
        run: one_line,
    },
    Check {
        name: "quit",
        title: "it says QUIT, and ends well",
        door: false,
        after: Some("end"),
        points: 1,
        gap: "quit",
        rule: "`QUIT` ends the dialogue, and the client ends with exit status 0.",
        run: quit,
    },
    Check {
        name: "lines",
        title: "a reply may have several lines",
        door: false,
        after: Some("quit"),
        points: 1,
        gap: "last",
        rule: SEVERAL,
        run: |trial| well(trial, Script { in_lines: true, ..Script::default() }).map(|_| ()),
    },
    Check {
        name: "pieces",
        title: "a reply may come byte by byte",
        door: false,
        after: Some("lines"),
        points: 1,
        gap: "last",
        rule: SEVERAL,
        run: pieces,
    },
    Check {
        name: "prints",
        title: "what the server says is printed",
        door: false,
        after: Some("quit"),
        points: 1,
        gap: "last",
        rule: "Every line of every reply is printed.",
        run: prints,
    },
    Check {
        name: "strict",
        title: "a strict server takes the mail as well",
        door: false,
        after: Some("quit"),
        points: 1,
        gap: "message",
        rule: "Every line on the wire ends in CR LF.",
        run: strict,
    },
    Check {
        name: "refused",
        title: "a refusal at any step is said, and is the end",
        door: false,
        after: Some("quit"),
        points: 2,
        gap: "greeting",
        rule: OTHER_REPLY,
        run: refused,
    },
    Check {
        name: "closes",
        title: "a server that closes too early is an error",
        door: false,
        after: Some("quit"),
        points: 1,
        gap: "greeting",
        rule: "A server that closes too early is an error as well: the exit status is not 0.",
        run: closes,
    },
    Check {
        name: "forwards",
        title: "251 accepts a receiver, too",
        door: false,
        after: Some("quit"),
        points: 1,
        gap: "rcpt",
        rule: "The receiver may also be accepted with 251.",
        run: |trial| well(trial, troubled(Step::Rcpt, Trouble::Reply(251))).map(|_| ()),
    },
    Check {
        name: "delivered",
        title: "trouble at QUIT does not undo a delivery",
        door: false,
        after: Some("quit"),
        points: 1,
        gap: "quit",
        rule: DELIVERED,
        run: delivered,
    },
    Check {
        name: "no-tls",
        title: "without STARTTLS it gives nothing away",
        door: false,
        after: Some("tls"),
        points: 1,
        gap: "starttls",
        rule: NO_TLS,
        run: |trial| unsafe_server(trial, Script { offers_starttls: false, ..Script::default() }),
    },
    Check {
        name: "issuer",
        title: "a certificate of an unknown issuer is not trusted",
        door: false,
        after: Some("tls"),
        points: 1,
        gap: "tls",
        rule: NO_TLS,
        run: |trial| unsafe_server(trial, certified(Certificate::SelfSigned)),
    },
    Check {
        name: "expired",
        title: "a certificate that has expired is not trusted",
        door: false,
        after: Some("issuer"),
        points: 1,
        gap: "tls",
        rule: NO_TLS,
        run: |trial| unsafe_server(trial, certified(Certificate::Expired)),
    },
    Check {
        name: "host",
        title: "a certificate for another host is not trusted",
        door: false,
        after: Some("issuer"),
        points: 1,
        gap: "tls",
        rule: NO_TLS,
        run: |trial| unsafe_server(trial, certified(Certificate::OtherHost)),
    },
    Check {
        name: "injected",
        title: "a line injected behind STARTTLS is noticed",
        door: false,
        after: Some("tls"),
        points: 1,
        gap: "starttls",
        rule: "Bytes that come in clear behind the reply to `STARTTLS` were put there by somebody \
               else: the client goes no further.",
        run: |trial| unsafe_server(trial, Script { injected: smtp::INJECTED, ..Script::default() }),
    },
    Check {
        name: "secret",
        title: "the password is never printed",
        door: false,
        after: Some("quit"),
        points: 1,
        gap: "password",
        rule: "The password is never printed and never sent in clear, also not in base64, and also \
               not when the server repeats it.",
        run: secret,
    },
    Check {
        name: "extended",
        title: "it says EHLO, not HELO",
        door: false,
        after: Some("ehlo"),
        points: 0,
        gap: "ehlo",
        rule: "`EHLO` asks the server what it can do; `HELO`, its elder sister, does not.",
        run: extended,
    },
    Check {
        name: "date",
        title: "the mail has a Date and a Message-ID",
        door: false,
        after: Some("message"),
        points: 0,
        gap: "headers",
        rule: "`Date` and `Message-ID` are not demanded by the server, but a mail without them \
               looks like spam.",
        run: date,
    },
    Check {
        name: "attachment",
        title: "a file goes along (optional)",
        door: false,
        after: Some("message"),
        points: 0,
        gap: "attachment",
        rule: "An attachment is a part of its own, in base64 with lines of 76 characters.",
        run: attachment,
    },
];

fn certified(certificate: Certificate) -> Script {
    Script { certificate, ..Script::default() }
}

fn troubled(step: Step, trouble: Trouble) -> Script {
    Script { trouble: Some((step, trouble)), ..Script::default() }
}

// ---- A letter and a visit ----

/// What the environment tells the program to send, and as whom.
struct Letter {
    user: String,
    password: String,
    sender: String,
    receiver: String,
    subject: String,
    body: String,
    attachment: Option<NamedTempFile>,
}

impl Letter {
    fn new(trial: &Trial) -> Letter {
        let name = |length| String::from_utf8(trial.letters(length)).expect("small letters");
        Letter {
            user: format!("{}@example.com", name(6)),
            password: format!("{} =+\"{}", name(8), name(8)),
            sender: format!("{}@example.com", name(5)),
            receiver: format!("{}@example.com", name(5)),
            subject: trial.sentence(),
            body: trial.sentence(),
            attachment: None,
        }
    }
}

/// A run of the program, at a server that follows a script.
struct Visit<'t> {
    client: Started<'t>,
    peer: Peer,
    letter: Letter,
    did: String,
    /// How a password would show.
    forms: Vec<Vec<u8>>,
    replay: String,
    /// The issuer's certificate is there as long as this is.
    _issuer: NamedTempFile,
}

fn temporary(content: &[u8]) -> Result<NamedTempFile, Stop> {
    let written = || {
        let mut file = tempfile::Builder::new().prefix("socket-labs-").tempfile()?;
        file.write_all(content)?;
        Ok(file)
    };
    let fault = |error: std::io::Error| {
        Stop::Fault(format!("cannot write into {}: {error}", std::env::temp_dir().display()))
    };
    written().map_err(fault)
}

/// A program that was started to send a letter, and its server, which waits for it.
struct Sent<'t> {
    client: Started<'t>,
    server: TcpServer,
    letter: Letter,
    did: String,
    forms: Vec<Vec<u8>>,
    issuer: NamedTempFile,
}

fn send<'t>(trial: &'t Trial, letter: Letter) -> Result<Sent<'t>, Stop> {
    let server = TcpServer::new(trial)?;
    let issuer = temporary(certificates::issuer().as_bytes())?;
    let text = OsStr::new;
    let mut variables = vec![
        // Of the issuers that this host trusts none is needed; to read them all takes long.
        ("SSL_CERT_FILE", text("/dev/null")),
        ("SSL_CERT_DIR", text("/dev/null")),
        ("MAIL_CA", issuer.path().as_os_str()),
        ("MAIL_USER", text(&letter.user)),
        ("MAIL_PASSWORD", text(&letter.password)),
        ("MAIL_FROM", text(&letter.sender)),
        ("MAIL_TO", text(&letter.receiver)),
        ("MAIL_SUBJECT", text(&letter.subject)),
        ("MAIL_BODY", text(&letter.body)),
    ];
    let attached = letter.attachment.as_ref().map(|file| file.path().as_os_str());
    variables.extend(attached.map(|file| ("MAIL_ATTACHMENT", file)));
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, server.port);
    let client = trial.client_with(address, &variables)?;
    let did = format!("ran `{}`", client.command_line);
    let forms = smtp::forms(&letter.user, &letter.password);
    Ok(Sent { client, server, letter, did, forms, issuer })
}

impl<'t> Visit<'t> {
    fn begin(trial: &'t Trial, script: Script) -> Result<Visit<'t>, Stop> {
        Visit::with(trial, Letter::new(trial), script)
    }

    /// Starts the program with this letter, and greets it.
    fn with(trial: &'t Trial, letter: Letter, script: Script) -> Result<Visit<'t>, Stop> {
        let Sent { client, server, letter, did, forms, issuer } = send(trial, letter)?;
        let replay = replay(&script);
        let stream = server.accept(&client, &did).map_err(|stop| replayed(stop, &replay))?;
        let peer = Peer::new(stream.into_stream(), script);
        Ok(Visit { client, peer, letter, did, forms, replay, _issuer: issuer })
    }

    /// Plays on until this is so; else says why it did not come to that.
    fn until(&mut self, there: impl Fn(&Peer) -> bool) -> Result<(), Option<Event>> {
        loop {
            if there(&self.peer) {
                return Ok(());
            }
            if let Some(end) = &self.peer.end {
                if let End::Over(event) = end {
                    self.client.give_up(*event);
                }
                return Err(None);
            }
            let Visit { client, peer, .. } = self;
            client.until(|| peer.look())?;
        }
    }

    fn reach(&mut self, step: Step, wanted: &str) -> Verdict {
        let reached = self.until(|peer| peer.has(step));
        reached.map_err(|event| self.stuck(wanted, event))
    }

    /// What the student is shown where something else came than was wanted, or nothing.
    fn stuck(&self, wanted: &str, event: Option<Event>) -> Stop {
        let mut failure = self.failure(wanted);
        let unfinished = self.peer.unfinished();
        if !unfinished.is_empty() && !self.peer.has(Step::Data) {
            let text = smtp::masked(unfinished, &self.forms);
            let text: String = text.chars().take(60).collect();
            failure = failure
                .received(format!("C: {text}"))
                .cause("the last line has no end: the server waits for its CR LF");
        }
        self.client.settle(); // what it prints last is printed then
        if let Some((cause, gap)) = self.misread() {
            failure = failure.cause(cause).gap(gap);
        }
        failure.received.extend(match (&event, &self.peer.end) {
            (Some(event), _) => self.client.observed(event),
            (None, Some(End::Over(event))) => self.client.observed(event),
            (None, _) => {
                let ended = self.client.settle().map(said);
                let closed = "the client closed the connection".to_owned();
                [vec![ended.unwrap_or(closed)], self.client.last_words()].concat()
            }
        });
        self.without_secrets(failure)
    }

    /// A client that refused a reply which was in order, or one that was not meant: why, and the
    /// gap that read it. What it printed tells which reply that was.
    fn misread(&self) -> Option<(String, &'static str)> {
        let screen = self.client.stdout.text();
        let (before, _) = screen.split_once("reply not received from server.")?;
        let judged = before.lines().rev().nth(1)?; // behind it stands the code that was expected
        let mut replies = self.peer.dialogue.iter().filter(|said| said.who == Who::Server);
        let is_judged = |said: &&Said| judged.as_bytes().ends_with(&said.text);
        let reply = replies.clone().rfind(is_judged)?;
        let step = reply.step.filter(|step| *step != Step::Quit)?;
        let line = quote(&reply.text);
        let last = replies.rfind(|said| said.step != Some(Step::Quit))?;
        if reply.text.get(3) == Some(&b'-') {
            Some((format!("{line} was taken for the end of a reply: more lines follow"), "last"))
        } else if reply.text != last.text {
            let cause = format!("{line} was read too late: it is the reply to {}", step.said());
            Some((cause, gap_of(step)))
        } else {
            let good = step.code()?.to_string();
            let cause = format!("{good} is the right reply to {}, and was refused", step.said());
            Some((cause, gap_of(step))).filter(|_| reply.text.starts_with(good.as_bytes()))
        }
    }

    /// A failure with the dialogue up to now.
    fn failure(&self, wanted: &str) -> Failure {
        const LINES: usize = 14;
        let mut lines = self.dialogue();
        if lines.len() > LINES {
            let before = lines.len() + 1 - LINES;
            lines.splice(..before, [format!("   … {before} lines before")]);
        }
        Failure::new(self.did.clone(), wanted).lines(lines).replay(self.replay.clone())
    }

    /// The dialogue, a reply of several lines in one.
    fn dialogue(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut several = 0;
        for said in smtp::shown(&self.peer.dialogue, &self.forms) {
            let more = said.starts_with("S: ") && said.as_bytes().get(6) == Some(&b'-');
            several = match more || several > 0 {
                true => several + 1,
                false => 0,
            };
            match several {
                0 | 1 => lines.push(said),
                _ if more => {}
                _ => {
                    let first = lines.last_mut().expect("its first line was pushed");
                    first.push_str(&format!(" … ({several} lines)"));
                    several = 0;
                }
            }
        }
        lines
    }

    /// The program's own words may hold what it must not print.
    fn without_secrets(&self, mut failure: Failure) -> Stop {
        for line in &mut failure.received {
            *line = smtp::masked(line.as_bytes(), &self.forms);
        }
        failure.into()
    }

    /// Plays to the end of the visit and of the program. Gives back whether the exit status is 0.
    fn finish(&mut self, wanted: &str) -> Result<bool, Stop> {
        match self.until(|peer| peer.end.is_some()) {
            Ok(()) | Err(None) | Err(Some(Event::Exited(_))) => {}
            Err(event) => return Err(self.stuck(wanted, event)),
        }
        match self.client.wait() {
            Ok(status) => Ok(status.success()),
            Err(event) => Err(self.stuck(wanted, Some(event))),
        }
    }

    /// The password must not be where somebody else can read it.
    fn hides_the_password(&self) -> Verdict {
        let places = [
            (self.peer.wire.clone(), "in clear on the wire"),
            (self.client.stdout.bytes(), "on its standard output"),
            (self.client.stderr.bytes(), "on its standard error"),
        ];
        let Some((_, place)) = places.iter().find(|(bytes, _)| smtp::shows(bytes, &self.forms))
        else {
            return Ok(());
        };
        let failure = self.failure("no password, neither as it is nor in base64");
        Err(self.without_secrets(failure.received(format!("the password, {place}"))))
    }

    /// Whether QUIT came after a reply of this code, and what else came.
    fn said_after_refusal(&self, code: u16) -> (bool, Option<String>) {
        let code = format!("{code} ");
        let is_refusal =
            |said: &&Said| said.who == Who::Server && said.text.starts_with(code.as_bytes());
        let mut quit = false;
        for said in self.peer.dialogue.iter().skip_while(|said| !is_refusal(said)) {
            if said.who == Who::Client && said.text.eq_ignore_ascii_case(b"QUIT") {
                quit = true;
            } else if said.who == Who::Client {
                return (quit, Some(smtp::shown(std::slice::from_ref(said), &self.forms).concat()));
            }
        }
        (quit, None)
    }

    /// Whether an empty line came behind this step: what the next one is like is not asked.
    fn ends_once(&mut self, step: Step, next: Step) -> Verdict {
        let _ = self.until(|peer| peer.has(next)); // see above
        if !self.peer.surplus.contains(&step) {
            return Ok(());
        }
        let failure = self.failure("one line, with one end").received("an empty line behind it");
        Err(self.without_secrets(failure.cause(
            "the line has two ends: some functions for base64 put one behind what they encode",
        )))
    }

    /// The mail that was taken, to be looked at.
    fn mail(&mut self) -> Result<Part, Stop> {
        self.reach(Step::Message, "a message, and a line with nothing but a dot")?;
        let taken = self.peer.mails.first();
        Ok(Part::parse(&taken.map(|mail| mail.text.as_slice()).unwrap_or_default()))
    }
}

/// How to see the same by hand: a server with the same script, and the program.
fn replay(script: &Script) -> String {
    let options = script.options();
    let server = match options.as_str() {
        "" => "make mail".to_owned(),
        options => format!("make mail ARGS=\"{options}\""),
    };
    format!("terminal 1: {server}\nterminal 2: the commands that terminal 1 shows")
}

fn replayed(stop: Stop, replay: &str) -> Stop {
    stop.map(|failure| failure.replay = replay.to_owned())
}

// ---- The way of a mail, step by step ----

fn connects(trial: &Trial) -> Verdict {
    let sent = send(trial, Letter::new(trial))?;
    let accepted = sent.server.accept(&sent.client, &sent.did);
    accepted.map_err(|stop| replayed(stop, &replay(&Script::default())))?;
    Ok(())
}

/// The server is silent at first, so a client that does not wait has spoken by then.
fn greeting(trial: &Trial) -> Verdict {
    let Sent { client, server, letter, did, forms, issuer } = send(trial, Letter::new(trial))?;
    let mut accepted = server.accept(&client, &did)?;
    let ended = client.settle();
    let spoke = accepted.read_now();
    let replay = replay(&Script::default());
    if ended.is_some() || !spoke.is_empty() {
        let failure = Failure::new(did, "a client that waits for the greeting").replay(replay);
        let failure = match spoke.is_empty() {
            true => failure,
            false => failure.received(format!("{}, before the greeting", quote(&spoke))),
        };
        return Err(failure.lines(ended.map(said)).lines(client.last_words()).into());
    }
    let peer = Peer::new(accepted.into_stream(), Script::default());
    let mut visit = Visit { client, peer, letter, did, forms, replay, _issuer: issuer };
    // What it says then is another check's business.
    let goes_on = visit.until(|peer| peer.dialogue.len() > 1);
    goes_on.map_err(|event| {
        let waits = matches!(event, Some(Event::Idle));
        let stop = visit.stuck("a client that goes on when it is greeted", event);
        match visit.peer.unfinished() {
            [] if waits => stop.look("last").or_cause(
                "the greeting has come whole, in one line, and the client waits for more of it",
            ),
            [] => stop,
            _ => stop.look("ehlo"),
        }
    })
}

fn reaches(trial: &Trial, step: Step, wanted: &str) -> Verdict {
    Visit::begin(trial, Script::default())?.reach(step, wanted)
}

fn user(trial: &Trial) -> Verdict {
    let mut visit = Visit::begin(trial, Script::default())?;
    visit.reach(Step::User, "MAIL_USER in base64, on a line of its own")?;
    visit.ends_once(Step::User, Step::Password)?;
    let (wanted, came) = (visit.letter.user.as_bytes(), &visit.peer.account.0);
    if came == wanted {
        return Ok(());
    }
    let failure = visit.failure("").received("in base64 that is").difference(wanted, came);
    Err(failure.or_line_end(wanted, came).into())
}

/// A wrong password is not shown either: it may be a part of the right one.
fn password(trial: &Trial) -> Verdict {
    let mut visit = Visit::begin(trial, Script::default())?;
    visit.reach(Step::Password, "MAIL_PASSWORD in base64, on a line of its own")?;
    visit.ends_once(Step::Password, Step::Mail)?;
    let (wanted, came) = (visit.letter.password.as_bytes(), &visit.peer.account.1);
    if came == wanted {
        return Ok(());
    }
    let (wanted_length, length) = (wanted.len(), came.len());
    let failure = visit
        .failure(&format!("MAIL_PASSWORD, which has {wanted_length} bytes, in base64"))
        .received(format!("something else, of {length} bytes, in base64"))
        .or_line_end(wanted, came);
    let user = visit.letter.user.as_bytes();
    let failure = if came == user { failure.cause("this is MAIL_USER once more") } else { failure };
    Err(visit.without_secrets(failure))
}

impl Failure {
    /// A line end that went into the base64 is the usual mistake.
    fn or_line_end(self, wanted: &[u8], came: &[u8]) -> Failure {
        match came.strip_prefix(wanted) {
            Some(b"\n" | b"\r\n") => self.cause("the end of the line went into the base64"),
            _ => self,
        }
    }
}

fn same_address(visit: &Visit, wanted: &str, came: &str) -> Verdict {
    if wanted == came {
        return Ok(());
    }
    let failure = visit.failure("").difference(wanted.as_bytes(), came.as_bytes());
    Err(visit.without_secrets(failure))
}

fn sender(trial: &Trial) -> Verdict {
    let mut visit = Visit::begin(trial, Script::default())?;
    visit.reach(Step::Mail, "MAIL FROM:<ADDRESS>, with MAIL_FROM's address")?;
    let came = visit.peer.address(Step::Mail).unwrap_or_default();
    same_address(&visit, &visit.letter.sender, &came)
}

fn receiver(trial: &Trial) -> Verdict {
    let mut visit = Visit::begin(trial, Script::default())?;
    visit.reach(Step::Rcpt, "RCPT TO:<ADDRESS>, with MAIL_TO's address")?;
    let came = visit.peer.address(Step::Rcpt).unwrap_or_default();
    same_address(&visit, &visit.letter.receiver, &came)
}

// ---- The message ----

/// Line ends as Python's `splitlines` sees them, and none at the end.
fn as_text(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).replace("\r\n", "\n");
    text.trim_end_matches('\n').as_bytes().to_vec()
}

/// Sends this body and demands it back.
fn body(trial: &Trial, body: &str) -> Verdict {
    let letter = Letter { body: body.to_owned(), ..Letter::new(trial) };
    let mut visit = Visit::with(trial, letter, Script::default())?;
    let mail = visit.mail()?;
    let came = mail.text().map(|part| as_text(&part.body)).unwrap_or_default();
    if came == body.as_bytes() {
        return Ok(());
    }
    let failure = visit.failure("").difference(body.as_bytes(), &came);
    let failure = match (mail.fields.is_empty(), mail.body.is_empty()) {
        (_, true) => failure.cause("no body: does an empty line stand behind the headers?"),
        (true, _) => failure.received("the message has no headers").gap("headers"),
        _ if came.starts_with(b"MIME-Version") || came.starts_with(b"Content-") => {
            failure.cause("an empty line ends the headers, and came before the last").gap("headers")
        }
        _ => failure,
    };
    Err(visit.without_secrets(failure))
}

fn message(trial: &Trial) -> Verdict {
    body(trial, &format!("{}\n\n{}", trial.sentence(), trial.sentence()))
}

fn dots(trial: &Trial) -> Verdict {
    body(trial, &format!(".first\n.\n..\n...\n\n.{}\n.", trial.sentence()))
}

fn headers(trial: &Trial) -> Verdict {
    let mut visit = Visit::begin(trial, Script::default())?;
    let mail = visit.mail()?;
    let Letter { sender, receiver, subject, .. } = &visit.letter;
    if let Some(stray) = mail.strays.first() {
        let failure =
            visit.failure("header lines, each with a name and a colon, then an empty line");
        return Err(visit.without_secrets(failure.received(quote(stray.as_bytes()))));
    }
    for (name, wanted) in [("From", sender), ("To", receiver), ("Subject", subject)] {
        let field = mail.field(name).map(decoded);
        let good = field.as_ref().is_some_and(|field| match name {
            "Subject" => field == wanted,
            _ => field == wanted || field.contains(&format!("<{wanted}>")),
        });
        if !good {
            let failure = visit.failure(&format!("{name}: {wanted}"));
            let failure = match field {
                Some(field) => failure.received(format!("{name}: {field}")),
                None => failure.received(format!("no header {name}")),
            };
            return Err(visit.without_secrets(failure));
        }
    }
    Ok(())
}

fn utf8(trial: &Trial) -> Verdict {
    let text = format!("Gr\u{fc}\u{df}e, \u{6f22}\u{5b57} caf\u{e9} {}", trial.sentence());
    let subject = format!("{text} and so on to a second word \u{1f40c}");
    let letter = Letter { body: text.clone(), subject: subject.clone(), ..Letter::new(trial) };
    let mut visit = Visit::with(trial, letter, Script::default())?;
    let mail = visit.mail()?;
    let head = visit.peer.mails.first().and_then(|sent| sent.text.strip_suffix(&mail.raw[..]));
    if !head.is_some_and(<[u8]>::is_ascii) {
        let failure = visit.failure("headers of ASCII alone, with encoded words (RFC 2047)");
        let odd = mail.fields.iter().find(|(_, value)| !value.is_ascii());
        let lines = odd.map(|(name, value)| format!("{name}: {value}"));
        return Err(visit.without_secrets(failure.lines(lines)));
    }
    let came = mail.field("Subject").map(decoded).unwrap_or_default();
    if came != subject {
        let failure = visit.failure("").difference(subject.as_bytes(), came.as_bytes());
        return Err(visit.without_secrets(failure));
    }
    let part = mail.text().map(|part| (as_text(&part.body), part.field("Content-Type")));
    let (came, kind) = part.unwrap_or_default();
    if !kind.is_some_and(|kind| kind.to_lowercase().contains("utf-8")) {
        let failure = visit.failure("Content-Type: text/plain; charset=utf-8");
        let shown =
            kind.map_or("no Content-Type".to_owned(), |kind| format!("Content-Type: {kind}"));
        return Err(visit.without_secrets(failure.received(shown)));
    }
    match came == text.as_bytes() {
        true => Ok(()),
        false => {
            let failure = visit.failure("").difference(text.as_bytes(), &came);
            Err(visit.without_secrets(failure))
        }
    }
}

/// Refused or made harmless, before a connection or inside one: nothing must come of it.
fn one_line(trial: &Trial) -> Verdict {
    const EVE: &str = "eve@example.com";
    let letters = [
        Letter { subject: format!("hello\r\nBcc: {EVE}"), ..Letter::new(trial) },
        Letter { receiver: format!("bob@example.com>\r\nRCPT TO:<{EVE}"), ..Letter::new(trial) },
    ];
    for letter in letters {
        let what = if letter.subject.contains(EVE) { "MAIL_SUBJECT" } else { "MAIL_TO" };
        let Sent { client, server, letter, did, forms, issuer } = send(trial, letter)?;
        let did = format!("{did} with CR LF and more in {what}");
        let Ok(stream) = client.until(|| server.pending()) else { continue };
        let stream = crate::wire::peers::Accepted::new(stream)?.into_stream();
        let replay = replay(&Script::default());
        let peer = Peer::new(stream, Script::default());
        let mut visit = Visit { client, peer, letter, did, forms, replay, _issuer: issuer };
        let wanted = "no line of its own for what stands behind the line break";
        visit.finish(wanted)?;
        let smuggled = visit.peer.mails.iter().any(|mail| {
            let part = Part::parse(&mail.text);
            part.field("Bcc").is_some() || mail.to.iter().any(|to| to == EVE)
        });
        if smuggled || visit.peer.mail.to.iter().any(|to| to == EVE) {
            let failure = visit.failure(wanted).received(format!("a line for {EVE}"));
            return Err(visit.without_secrets(failure));
        }
    }
    Ok(())
}

// ---- The whole way ----

/// Plays a script at whose end the mail is delivered.
fn well<'t>(trial: &'t Trial, script: Script) -> Result<Visit<'t>, Stop> {
    let mut visit = Visit::begin(trial, script)?;
    visit.reach(Step::Quit, "the mail, and QUIT")?;
    match visit.finish("the end of the program, with exit status 0")? {
        true => Ok(visit),
        false => Err(visit.stuck("exit status 0: the mail is delivered", None)),
    }
}

fn quit(trial: &Trial) -> Verdict {
    well(trial, Script::default()).map(|_| ())
}

fn secret(trial: &Trial) -> Verdict {
    well(trial, Script { echoes: true, ..Script::default() })?.hides_the_password()
}

fn pieces(trial: &Trial) -> Verdict {
    well(trial, Script { in_bytes: true, in_lines: true, ..Script::default() }).map(|_| ())
}

fn prints(trial: &Trial) -> Verdict {
    let visit = well(trial, Script { in_lines: true, ..Script::default() })?;
    let printed = visit.client.stdout.text();
    let mut lines = printed.lines();
    let replies = visit.peer.dialogue.iter().filter(|said| said.who == Who::Server);
    for reply in replies {
        let reply = String::from_utf8_lossy(&reply.text);
        if !lines.any(|line| line.contains(reply.trim_end())) {
            let failure = visit.failure(&format!("{} on its screen", quote(reply.as_bytes())));
            let shown = match printed.contains(reply.trim_end()) {
                true => "it, but not in its turn",
                false => "nothing of it",
            };
            return Err(visit.without_secrets(failure.received(shown)));
        }
    }
    Ok(())
}

fn steps() -> impl Iterator<Item = Step> {
    Step::value_variants().iter().copied()
}

/// The gap that a step belongs to.
fn gap_of(step: Step) -> &'static str {
    match step {
        Step::Greeting => "greeting",
        Step::Ehlo => "ehlo",
        Step::StartTls => "starttls",
        Step::Tls => "tls",
        Step::EhloAgain => "ehlo-again",
        Step::Auth => "auth",
        Step::User => "user",
        Step::Password => "password",
        Step::Mail => "mail",
        Step::Rcpt => "rcpt",
        Step::Data => "data",
        Step::Message => "end",
        Step::Quit => "quit",
    }
}

fn strict(trial: &Trial) -> Verdict {
    let letter = Letter { body: format!(".{}\n.", trial.sentence()), ..Letter::new(trial) };
    let mut visit = Visit::with(trial, letter, Script { strict: true, ..Script::default() })?;
    let wanted = "a mail that a strict server takes, and exit status 0";
    let ended = visit.reach(Step::Quit, wanted).and_then(|()| visit.finish(wanted));
    let stop = match ended {
        Ok(true) => return Ok(()),
        Ok(false) => visit.stuck(wanted, None),
        Err(stop) => stop,
    };
    // What the server said first against it, and against which step.
    let objects = |said: &&Said| said.who == Who::Server && said.text.first() >= Some(&b'4');
    let Some(objection) = visit.peer.dialogue.iter().find(objects) else { return Err(stop) };
    let gap = match objection.step {
        Some(Step::StartTls) if visit.peer.said_helo => "ehlo",
        Some(Step::Auth) if !visit.peer.has(Step::EhloAgain) => "ehlo-again",
        Some(Step::Message) => "message",
        step => gap_of(step.unwrap_or(Step::Ehlo)),
    };
    let cause = match visit.peer.bare.first() {
        Some(line) => {
            let line: String = smtp::masked(line, &visit.forms).chars().take(40).collect();
            format!("\"{line}\" does not end in CR LF")
        }
        None => format!("the server says why: {}", quote(&objection.text)),
    };
    Err(stop.map(|failure| (failure.cause, failure.gap) = (Some(cause), Some(gap))))
}

/// All codes of refusal, one at each step.
fn refused(trial: &Trial) -> Verdict {
    const CODES: [u16; 8] = [421, 454, 500, 530, 535, 550, 552, 554];
    for step in steps().filter(|step| *step < Step::Quit) {
        let Some(expected) = step.code() else { continue };
        let code = CODES[trial.number(0..CODES.len())];
        let mut visit = Visit::begin(trial, troubled(step, Trouble::Reply(code)))?;
        visit.did = format!("{}, and replied {code} to {}", visit.did, step.said());
        let sentence = format!("{expected} reply not received from server.");
        let wanted = format!("`{sentence}` on the screen, QUIT, an exit status that is not 0");
        let success = visit.finish(&wanted).map_err(|stop| stop.look(gap_of(step)))?;
        if !visit.peer.has(step) || visit.misread().is_some() {
            continue; // it never came there, or never read that: another check's business
        }
        let (quit, more) = visit.said_after_refusal(code);
        let observed = if let Some(line) = more {
            format!("the client went on: {line}")
        } else if !visit.client.stdout.text().contains(&sentence) {
            "another text on the screen".to_owned()
        } else if !quit && code != 421 {
            "no QUIT".to_owned()
        } else if success {
            "exit status 0".to_owned()
        } else {
            continue;
        };
        let gap = if observed == "no QUIT" { "quit" } else { gap_of(step) };
        let failure = visit.failure(&wanted).received(observed).lines(visit.client.last_words());
        return Err(visit.without_secrets(failure).look(gap));
    }
    Ok(())
}

/// At a few steps of many; the tests of the project try them all.
fn closes(trial: &Trial) -> Verdict {
    for trouble in [Trouble::Close, Trouble::Cut, Trouble::Close, Trouble::Cut] {
        let step = Step::value_variants()[trial.number(0..Step::Quit as usize)];
        let mut visit = Visit::begin(trial, troubled(step, trouble))?;
        visit.did = format!("{}, and closed at {}", visit.did, step.said());
        let wanted = "an exit status that is not 0: the mail is not delivered";
        if visit.finish(wanted).map_err(|stop| stop.look(gap_of(step)))? {
            return Err(visit.stuck(wanted, None).look(gap_of(step)));
        }
    }
    Ok(())
}

fn delivered(trial: &Trial) -> Verdict {
    for trouble in [Trouble::Reply(421), Trouble::Reply(500), Trouble::Close] {
        let mut visit = Visit::begin(trial, troubled(Step::Quit, trouble))?;
        visit.did = match trouble {
            Trouble::Reply(code) => format!("{}, and replied {code} to QUIT", visit.did),
            _ => format!("{}, and closed at QUIT", visit.did),
        };
        let wanted = "exit status 0: the mail is delivered";
        if !visit.finish(wanted)? {
            return Err(visit.stuck(wanted, None));
        }
    }
    Ok(())
}

/// A server that must hear neither user nor password.
fn unsafe_server(trial: &Trial, script: Script) -> Verdict {
    let mut visit = Visit::begin(trial, script.clone())?;
    visit.did = match &script {
        Script { offers_starttls: false, .. } => {
            format!("{}, and did not offer STARTTLS", visit.did)
        }
        Script { injected: "", certificate, .. } => {
            format!("{}, and showed a certificate that {}", visit.did, certificate.said())
        }
        _ => format!("{}, and sent a line in clear behind the reply to STARTTLS", visit.did),
    };
    let wanted = "neither user nor password, and an exit status that is not 0";
    let success = visit.finish(wanted)?;
    let observed = if visit.peer.has(Step::User) {
        "user and password came"
    } else if visit.peer.has(Step::Auth) {
        "AUTH LOGIN came: the client trusts this server"
    } else if script.offers_starttls && visit.peer.has(Step::EhloAgain) {
        "the client goes on inside TLS: it trusts this server"
    } else if success {
        "exit status 0"
    } else {
        return visit.hides_the_password();
    };
    let failure = visit.failure(wanted).received(observed);
    Err(visit.without_secrets(failure))
}

// ---- Advice ----

fn extended(trial: &Trial) -> Verdict {
    let mut visit = Visit::begin(trial, Script::default())?;
    visit.reach(Step::Ehlo, "EHLO and a name")?;
    match visit.peer.said_helo {
        false => Ok(()),
        true => Err(visit.failure("EHLO and a name").into()),
    }
}

fn date(trial: &Trial) -> Verdict {
    let mut visit = Visit::begin(trial, Script::default())?;
    let mail = visit.mail()?;
    let missing: Vec<String> = ["Date", "Message-ID"]
        .into_iter()
        .filter(|name| mail.field(name).is_none())
        .map(|name| format!("no header {name}"))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(visit.failure("headers Date and Message-ID").lines(missing).into()),
    }
}

fn attachment(trial: &Trial) -> Verdict {
    let content = trial.shuffled((0..=255).collect());
    let file = temporary(&content)?;
    let letter = Letter { attachment: Some(file), ..Letter::new(trial) };
    let mut visit = Visit::with(trial, letter, Script::default())?;
    let mail = visit.mail()?;
    let text = mail.text().map(|part| as_text(&part.body)).unwrap_or_default();
    let wanted = "a mail of two parts, the text and the file";
    let Some(part) = mail.attachment() else {
        let failure = visit.failure(wanted).received(format!("a mail that is {}", mail.kind()));
        return Err(visit.without_secrets(failure));
    };
    if text != visit.letter.body.as_bytes() {
        let failure = visit.failure("").difference(visit.letter.body.as_bytes(), &text);
        return Err(visit.without_secrets(failure));
    }
    let longest = part.raw.split(|byte| *byte == b'\n').map(|line| line.trim_ascii().len()).max();
    if longest > Some(76) {
        let failure = visit.failure("lines of base64 with 76 characters");
        let failure = failure.received(format!("one of {}", longest.unwrap_or_default()));
        return Err(visit.without_secrets(failure));
    }
    match part.body == content {
        true => Ok(()),
        false => {
            let failure = visit.failure("").difference(&content, &part.body);
            Err(visit.without_secrets(failure))
        }
    }
}
