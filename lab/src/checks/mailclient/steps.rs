//! The way of a mail, step by step: what is said at each step to its last byte, and that its reply is
//! read. And the whole way, with replies of other shapes.

use std::net::Ipv4Addr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::visit::{
    Letter, Sent, Visit, forgiving, gap_of, holding, replay, replayed, send, send_at,
};
use crate::checks::common::{asks_at_the_usual_port, usual_server};
use crate::os::program::{Event, said};
use crate::text::bytes::quote;
use crate::trial::{Failure, Stop, Trial, Verdict};
use crate::wire::smtp::{self, Peer, Said, Script, Step, Who};

/// Where a server stands now and then: at an address that is not the client's.
const ANOTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

pub(super) fn connects(trial: &Trial) -> Verdict {
    let usual = usual_server(trial, 0);
    let sent = send(trial, Letter::new(trial))?;
    let accepted = sent.server.accept(&sent.client, &sent.did);
    accepted.map_err(|stop| {
        let stop = replayed(stop, &replay(&forgiving()));
        match usual.as_ref().is_some_and(|it| it.pending().is_some()) {
            true => asks_at_the_usual_port(trial, stop, "a connection"),
            false => stop,
        }
    })?;
    drop((sent, usual));
    if trial.target.address_is_fixed() {
        return Ok(());
    }
    let sent = send_at(trial, ANOTHER, Letter::new(trial))?;
    let accepted = sent.server.accept(&sent.client, &sent.did);
    accepted.map_err(|stop| replayed(stop, &replay(&forgiving())))?;
    Ok(())
}

/// The server is silent at first, so a client that does not wait has spoken by then.
pub(super) fn greeting(trial: &Trial) -> Verdict {
    let Sent { client, server, letter, did, forms, issuer } = send(trial, Letter::new(trial))?;
    let mut accepted = server.accept(&client, &did)?;
    let ended = client.settle();
    let spoke = accepted.read_now();
    let replay = replay(&forgiving());
    if spoke.starts_with(&smtp::HANDSHAKE) {
        drop((client, server, accepted)); // the port may have to be the same
        let script = Script { implicit: true, ..forgiving() };
        let wanted = "a client that goes on when it is greeted";
        return Visit::begin(trial, script)?.reach(Step::EhloAgain, wanted); // see `ehlo`
    }
    if ended.is_some() || !spoke.is_empty() {
        let failure = Failure::new(did, "a client that waits for the greeting").replay(replay);
        let failure = match spoke.is_empty() {
            true => failure,
            false => failure.received(format!("{}, before the greeting", quote(&spoke))),
        };
        return Err(failure.lines(ended.map(said)).lines(client.last_words()).into());
    }
    let peer = Peer::new(accepted.into_stream(), forgiving());
    let script = forgiving();
    let judged = None;
    let mut visit =
        Visit { client, peer, letter, did, script, forms, replay, judged, _issuer: issuer };
    // What it says then is another check's business, if only it does not send back what it hears.
    let is_reply = |said: &Said| said.text.first().is_some_and(u8::is_ascii_digit);
    let speaks = |said: &Said| said.who == Who::Client && !is_reply(said);
    let goes_on = visit.until(|peer| peer.dialogue.iter().any(speaks));
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

/// Comes to a step, and looks at its line and at how its reply is read.
fn step<'t>(
    trial: &'t Trial,
    step: Step,
    wanted: &str,
    is_right: impl Fn(&str) -> bool,
) -> Result<Visit<'t>, Stop> {
    let mut visit = Visit::to(trial, || Letter::new(trial), holding(), step, wanted)?;
    let line = visit.peer.line(step).unwrap_or_default().to_vec();
    if visit.peer.unended.contains(&step) {
        let failure = visit.failure(wanted).received("a line without an end");
        let cause = "the line has no end: a server waits for its CR LF";
        return Err(visit.without_secrets(failure.cause(cause)));
    }
    if !is_right(&String::from_utf8_lossy(&line)) {
        let mut failure = visit.failure(wanted);
        if line.contains(&b'{') {
            failure = failure.cause(
                "the braces are sent as they stand: `format!` is what puts a value in their place",
            );
        }
        return Err(visit.without_secrets(failure.received(format!("the line {}", quote(&line)))));
    }
    visit.reads(step)?;
    Ok(visit)
}

/// EHLO and a host's name, or its address in brackets (RFC 5321, 4.1.1.1). A library may take this host's
/// name for one, though it is an address.
fn is_hello(line: &str, may_be_an_address: bool) -> bool {
    let Some((verb, who)) = line.split_once(' ') else { return false };
    let literal = who.strip_prefix('[').and_then(|who| who.strip_suffix(']'));
    let is_literal = literal.is_some_and(|text| {
        let six = text.strip_prefix("IPv6:").map(|text| text.parse::<std::net::Ipv6Addr>().is_ok());
        six.unwrap_or_else(|| text.parse::<Ipv4Addr>().is_ok())
    });
    let is_name = (may_be_an_address || who.parse::<Ipv4Addr>().is_err())
        && who.starts_with(|c: char| c.is_ascii_alphanumeric())
        && who.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    matches!(verb.to_ascii_uppercase().as_str(), "EHLO" | "HELO") && (is_literal || is_name)
}

pub(super) fn ehlo(trial: &Trial) -> Verdict {
    let wanted = "EHLO and a name, or an address in brackets";
    let is_hello = |line: &str| is_hello(line, trial.target.words_are_free());
    match step(trial, Step::Ehlo, wanted, is_hello) {
        Ok(_) => says_its_own_address(trial),
        // Where TLS begins with the first byte, that is a fault of its own.
        Err(stop) => match step(trial, Step::EhloAgain, wanted, is_hello) {
            Ok(visit) if visit.script.implicit => Ok(()),
            _ => Err(stop),
        },
    }
}

/// A client that says the server's address says who it talks to. Who comes no further has been judged.
fn says_its_own_address(trial: &Trial) -> Verdict {
    let wanted = "EHLO and the client's own address, or a name";
    if trial.target.address_is_fixed() {
        return Ok(());
    }
    let mut visit = Visit::at(trial, ANOTHER, Letter::new(trial), forgiving())?;
    if visit.reach(Step::Ehlo, wanted).is_err() {
        return Ok(());
    }
    let line = visit.peer.line(Step::Ehlo).unwrap_or_default().to_vec();
    if !String::from_utf8_lossy(&line).ends_with(&format!("[{ANOTHER}]")) {
        return Ok(());
    }
    let failure = visit.failure(wanted).received(format!("the line {}", quote(&line)));
    Err(visit.without_secrets(failure.cause(format!("{ANOTHER} is the server's address"))))
}

pub(super) fn ehlo_again(trial: &Trial) -> Verdict {
    let wanted = "EHLO and a name or an address in brackets, inside TLS";
    let is_hello = |line: &str| is_hello(line, trial.target.words_are_free());
    step(trial, Step::EhloAgain, wanted, is_hello).map(|_| ())
}

pub(super) fn starttls(trial: &Trial) -> Verdict {
    let is_right = |line: &str| line.eq_ignore_ascii_case("STARTTLS");
    step(trial, Step::StartTls, "STARTTLS", is_right).map(|_| ())
}

pub(super) fn tls(trial: &Trial) -> Verdict {
    step(trial, Step::Tls, "a TLS handshake", |_| true).map(|_| ())
}

pub(super) fn auth(trial: &Trial) -> Verdict {
    // A client of another course may use the other way that servers offer.
    let is_free = trial.target.words_are_free();
    let is_right = |line: &str| {
        let line = line.to_ascii_uppercase();
        line.starts_with("AUTH LOGIN") || (is_free && line.starts_with("AUTH PLAIN"))
    };
    step(trial, Step::Auth, "AUTH LOGIN", is_right).map(|_| ())
}

pub(super) fn data(trial: &Trial) -> Verdict {
    step(trial, Step::Data, "DATA", |line| line.eq_ignore_ascii_case("DATA")).map(|_| ())
}

pub(super) fn end(trial: &Trial) -> Verdict {
    let wanted = "a message, and a line with nothing but a dot";
    step(trial, Step::Message, wanted, |_| true).map(|_| ())
}

/// Base64 has another end for every third length; and some functions for it break long lines, or have
/// other letters for the last two of its alphabet.
fn of_each_length(trial: &Trial) -> impl Iterator<Item = Letter> {
    const LONG: &str = "???>>>";
    let surplus = ["", "x", "xx"].map(str::to_owned).into_iter().chain([LONG.repeat(15)]);
    surplus.map(|surplus| {
        let letter = Letter::new(trial);
        Letter {
            user: format!("{surplus}{}", letter.user),
            password: format!("{}{surplus}", letter.password),
            ..letter
        }
    })
}

pub(super) fn user(trial: &Trial) -> Verdict {
    let wanted = "MAIL_USER in base64, on a line of its own";
    for letter in of_each_length(trial) {
        let mut visit = Visit::to(trial, || letter.again(), holding(), Step::User, wanted)?;
        visit.ends_once(Step::User, Step::Password)?;
        let (right, came) = (visit.letter.user.as_bytes(), &visit.peer.account.0);
        if came != right {
            let failure = visit.failure("").received("in base64 that is").difference(right, came);
            return Err(visit.without_secrets(failure.or_line_end(right, came)));
        }
        is_base64(&visit, Step::User, wanted)?;
        visit.reads(Step::User)?;
    }
    Ok(())
}

/// What a forgiving server has taken though it was none.
fn is_base64(visit: &Visit, step: Step, wanted: &str) -> Verdict {
    let line = visit.peer.line(step).unwrap_or_default();
    let given = [b"AUTH".as_slice(), b"auth"].iter().any(|verb| line.starts_with(verb));
    if given || STANDARD.decode(line).is_ok() {
        return Ok(());
    }
    let failure = visit.failure(wanted).received("a line that is not base64");
    Err(visit.without_secrets(failure))
}

/// A wrong password is not shown either: it may be a part of the right one.
pub(super) fn password(trial: &Trial) -> Verdict {
    let wanted = "MAIL_PASSWORD in base64, on a line of its own";
    for letter in of_each_length(trial) {
        let mut visit = Visit::to(trial, || letter.again(), holding(), Step::Password, wanted)?;
        visit.ends_once(Step::Password, Step::Mail)?;
        is_base64(&visit, Step::Password, wanted)?;
        let (right, came) = (visit.letter.password.as_bytes(), &visit.peer.account.1);
        if came != right {
            let failure = visit
                .failure(&format!("MAIL_PASSWORD, which has {} bytes, in base64", right.len()))
                .received(format!("something else, of {} bytes, in base64", came.len()))
                .or_line_end(right, came);
            let is_user = came == visit.letter.user.as_bytes();
            let failure = match is_user {
                true => failure.cause("this is MAIL_USER once more"),
                false => failure,
            };
            return Err(visit.without_secrets(failure));
        }
        visit.reads(Step::Password)?;
    }
    Ok(())
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

/// The line that names an address, with what may stand behind it.
fn names(trial: &Trial, at: Step, verb: &str, address: impl Fn(&Letter) -> String) -> Verdict {
    let wanted = format!("{verb}<ADDRESS>, with the address of the environment");
    let mut visit = Visit::to(trial, || Letter::new(trial), holding(), at, &wanted)?;
    let address = format!("<{}>", address(&visit.letter));
    let right = format!("{verb}{address}");
    let line = visit.peer.line(at).unwrap_or_default();
    let (begin, rest) = line.split_at(line.len().min(verb.len()));
    // Servers take a space before the address, as the original writes it.
    let behind = rest.trim_ascii_start().strip_prefix(address.as_bytes());
    let is_right = begin.eq_ignore_ascii_case(verb.as_bytes())
        && behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(b" "));
    if !is_right || visit.peer.unended.contains(&at) {
        let failure = visit.failure("").difference(right.as_bytes(), line);
        return Err(visit.without_secrets(failure));
    }
    visit.reads(at)
}

pub(super) fn sender(trial: &Trial) -> Verdict {
    names(trial, Step::Mail, "MAIL FROM:", |letter| letter.sender.clone())
}

pub(super) fn receiver(trial: &Trial) -> Verdict {
    names(trial, Step::Rcpt, "RCPT TO:", |letter| letter.receiver.clone())?;
    let whole = "a mail to one receiver";
    let visit = Visit::to(trial, || Letter::new(trial), forgiving(), Step::Data, whole)?;
    let commands = visit.peer.dialogue.iter().filter(|said| said.who == Who::Client);
    let named = commands.filter(|said| said.text.to_ascii_uppercase().starts_with(b"RCPT")).count();
    match named {
        ..=1 => Ok(()),
        _ => {
            let failure = visit.failure(whole).received(format!("{named} times RCPT TO"));
            Err(visit.without_secrets(failure))
        }
    }
}

/// Every reply is held back until the client listens.
pub(super) fn waits(trial: &Trial) -> Verdict {
    let wanted = "a client that has the whole reply before it sends its next command";
    let visit = Visit::to(trial, || Letter::new(trial), holding(), Step::Message, wanted)?;
    visit.peer.early.first().map_or(Ok(()), |early| Err(visit.hurried(*early)))
}

// ---- The whole way ----

/// Plays a script at whose end the mail is delivered.
pub(super) fn well<'t>(trial: &'t Trial, script: Script) -> Result<Visit<'t>, Stop> {
    let wanted = "the mail, and QUIT";
    let mut visit = Visit::to(trial, || Letter::new(trial), script, Step::Quit, wanted)?;
    if !visit.peer.has(Step::Message) {
        return Err(visit.stuck(wanted, None)); // QUIT alone delivers nothing
    }
    match visit.finish("the end of the program, with exit status 0")? {
        true => Ok(visit),
        false => Err(visit.stuck("exit status 0: the mail is delivered", None)),
    }
}

pub(super) fn quit(trial: &Trial) -> Verdict {
    let visit = well(trial, forgiving())?;
    match visit.peer.has(Step::Quit) {
        true => Ok(()),
        false => Err(visit.stuck("the mail, and QUIT", None)),
    }
}

pub(super) fn secret(trial: &Trial) -> Verdict {
    well(trial, Script { echoes: true, ..forgiving() })?.hides_the_password()
}

pub(super) fn lines(trial: &Trial) -> Verdict {
    well(trial, Script { in_lines: true, ..forgiving() })?;
    let alone = well(trial, Script { codes_alone: true, ..forgiving() });
    alone.map(|_| ()).map_err(|stop| {
        stop.look("last").map(|failure| failure.did += ", and replied with codes alone")
    })
}

pub(super) fn pieces(trial: &Trial) -> Verdict {
    well(trial, Script { in_bytes: true, in_lines: true, ..forgiving() }).map(|_| ())
}

pub(super) fn prints(trial: &Trial) -> Verdict {
    let visit = well(trial, Script { in_lines: true, ..forgiving() })?;
    let printed = visit.client.stdout.text();
    let mut lines = printed.lines();
    let replies = visit.peer.dialogue.iter().filter(|said| said.who == Who::Server);
    for said in replies {
        let reply = String::from_utf8_lossy(&said.text);
        if !lines.any(|line| line.contains(reply.trim_end())) {
            let failure = visit.failure(&format!("{} on its screen", quote(reply.as_bytes())));
            let shown = match printed.contains(reply.trim_end()) {
                true => "it, but not in its turn",
                false => "nothing of it",
            };
            let gap = said.step.map_or("last", gap_of);
            return Err(visit.without_secrets(failure.received(shown).gap(gap)));
        }
    }
    Ok(())
}

pub(super) fn extended(trial: &Trial) -> Verdict {
    let visit =
        Visit::to(trial, || Letter::new(trial), forgiving(), Step::Ehlo, "EHLO and a name")?;
    match visit.peer.said_helo {
        false => Ok(()),
        true => Err(visit.failure("EHLO and a name").into()),
    }
}
