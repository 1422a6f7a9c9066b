//! What is handed over: the message, its headers and its parts.

use chrono::{DateTime, TimeDelta};

use super::visit::{Letter, Sent, Visit, forgiving, replay, send, temporary};
use crate::os::zone;
use crate::text::bytes::quote;
use crate::trial::{Stop, Trial, Verdict};
use crate::wire::mime::{Part, decoded};
use crate::wire::peers::Accepted;
use crate::wire::smtp::{Peer, Step};

const WHOLE: &str = "a message, and a line with nothing but a dot";

/// A visit of a client that has handed this letter over.
fn delivered<'t>(trial: &'t Trial, letter: impl Fn() -> Letter) -> Result<Visit<'t>, Stop> {
    Visit::to(trial, letter, forgiving(), Step::Message, WHOLE)
}

/// Line ends as Python's `splitlines` sees them, and none at the end.
fn as_text(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).replace("\r\n", "\n");
    text.trim_end_matches('\n').as_bytes().to_vec()
}

/// Sends this body and demands it back.
fn body(trial: &Trial, body: &str) -> Verdict {
    let letter = || Letter { body: body.to_owned(), ..Letter::new(trial) };
    let visit = delivered(trial, letter)?;
    let mail = visit.mail();
    let came = mail.text().map(|part| as_text(&part.body)).unwrap_or_default();
    // In the skeleton of another course the text begins with a space.
    let is_free = trial.target.words_are_free();
    if came == body.as_bytes() || (is_free && came.strip_prefix(b" ") == Some(body.as_bytes())) {
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

/// A short one, with white space at both ends, and one that is more than TLS takes at once. The programs of
/// other courses may take white space off what they ask for.
pub(super) fn body_arrives(trial: &Trial) -> Verdict {
    const LINES: usize = 600;
    let ends = if trial.target.words_are_free() { "" } else { " " };
    let short = format!("{}\n\nDear R, {}: 100 %!", trial.sentence(), trial.sentence());
    body(trial, &format!("{ends}{short}{ends}"))?;
    let line = |number| format!("{number}: {}", String::from_utf8_lossy(&trial.letters(60)));
    body(trial, &(0..LINES).map(line).collect::<Vec<_>>().join("\n"))
}

pub(super) fn dots(trial: &Trial) -> Verdict {
    body(trial, &format!(".first\n.\n..\n...\n\n.{}\n.", trial.sentence()))
}

pub(super) fn headers(trial: &Trial) -> Verdict {
    let visit = delivered(trial, || Letter::new(trial))?;
    let mail = visit.mail();
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
            _ => field == wanted || is_mailbox(field, wanted),
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
    for name in ["From", "To", "Subject", "Date", "Message-ID"] {
        let is_it = |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        let count = mail.fields.iter().filter(is_it).count();
        if count > 1 {
            let failure = visit.failure(&format!("one header {name}"));
            return Err(visit.without_secrets(failure.received(format!("{count} of them"))));
        }
    }
    let Some(id) = mail.field("Message-ID").filter(|id| !is_message_id(id)) else { return Ok(()) };
    let failure = visit.failure("Message-ID: <SOMETHING@HOST>, and no more on this line");
    let failure = failure.received(format!("Message-ID: {id}"));
    let glued = id.contains(": ");
    let cause = "the line has no end of its own: the next header has become a part of it";
    Err(visit.without_secrets(if glued { failure.cause(cause) } else { failure }))
}

/// An address in brackets, perhaps behind a name, and nothing more.
fn is_mailbox(field: &str, address: &str) -> bool {
    let end = format!("<{address}>");
    field.strip_suffix(&end).is_some_and(|name| !name.contains(['<', '>', '@']))
}

fn is_message_id(field: &str) -> bool {
    let inside = field.strip_prefix('<').and_then(|field| field.strip_suffix('>'));
    inside.is_some_and(|id| id.contains('@') && !id.contains(['<', '>', ' ']))
}

pub(super) fn utf8(trial: &Trial) -> Verdict {
    let text = format!("Gr\u{fc}\u{df}e, \u{6f22}\u{5b57} caf\u{e9} {}", trial.sentence());
    let subject = format!("{text} and so on to a second word \u{1f40c}");
    let letter = || Letter { body: text.clone(), subject: subject.clone(), ..Letter::new(trial) };
    let visit = delivered(trial, letter)?;
    let mail = visit.mail();
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
pub(super) fn one_line(trial: &Trial) -> Verdict {
    const EVE: &str = "eve@example.com";
    let letters = [
        Letter { subject: format!("hello\r\nBcc: {EVE}"), ..Letter::new(trial) },
        Letter { receiver: format!("bob@example.com>\r\nRCPT TO:<{EVE}"), ..Letter::new(trial) },
    ];
    delivered(trial, || Letter::new(trial))?; // who sends nothing at all smuggles nothing in
    for letter in letters {
        let what = if letter.subject.contains(EVE) { "MAIL_SUBJECT" } else { "MAIL_TO" };
        let Sent { client, server, letter, did, forms, issuer } = send(trial, letter)?;
        let did = format!("{did} with CR LF and more in {what}");
        let Ok(stream) = client.until(|| server.pending()) else { continue };
        let stream = Accepted::new(stream)?.into_stream();
        let replay = replay(&forgiving());
        let peer = Peer::new(stream, forgiving());
        let script = forgiving();
        let judged = None;
        let mut visit =
            Visit { client, peer, letter, did, script, forms, replay, judged, _issuer: issuer };
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

pub(super) fn date(trial: &Trial) -> Verdict {
    let visit = delivered(trial, || Letter::new(trial))?;
    let mail = visit.mail();
    let missing: Vec<String> = ["Date", "Message-ID"]
        .into_iter()
        .filter(|name| mail.field(name).is_none())
        .map(|name| format!("no header {name}"))
        .collect();
    let (Some(date), Some(id)) = (mail.field("Date"), mail.field("Message-ID")) else {
        return Err(visit.failure("headers Date and Message-ID").lines(missing).into());
    };
    let Ok(when) = DateTime::parse_from_rfc2822(date) else {
        let failure = visit.failure("a Date such as Fri, 20 Nov 2026 08:25:33 +0000");
        return Err(visit.without_secrets(failure.received(format!("Date: {date}"))));
    };
    let now = zone::of_checks().now();
    if (now - when.with_timezone(now.offset())).abs() > TimeDelta::hours(1) {
        let failure = visit.failure(&format!("a Date of now: {}", now.to_rfc2822()));
        let failure = failure.received(format!("Date: {date}"));
        let cause = "that is another moment: are time and offset of the same place?";
        return Err(visit.without_secrets(failure.cause(cause)));
    }
    let second = delivered(trial, || Letter::new(trial))?;
    if second.mail().field("Message-ID") != Some(id) {
        return Ok(());
    }
    let failure = second.failure("a Message-ID that no other mail has");
    Err(second.without_secrets(failure.received(format!("that of the mail before: {id}"))))
}

pub(super) fn attachment(trial: &Trial) -> Verdict {
    let content = trial.shuffled((0..=255).collect());
    let file = temporary(&content)?;
    let plain = delivered(trial, || Letter::new(trial))?;
    let (way, ends_its_lines) = (plain.script.clone(), plain.peer.bare.is_empty());
    drop(plain);
    let name = file.path().file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let letter = Letter { attachment: Some(file), ..Letter::new(trial) };
    let mut visit = Visit::with(trial, letter, way)?;
    visit.reach(Step::Message, WHOLE)?;
    let mail = visit.mail();
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
    if mail.kind() == "multipart/alternative" {
        let failure = visit.failure(wanted).received("two parts of a multipart/alternative");
        let cause = "these are one text in two forms, of which a mail program shows one only";
        return Err(visit.without_secrets(failure.cause(cause)));
    }
    if !mail.is_closed() {
        let failure = visit.failure("the boundary with -- on both sides, behind the last part");
        let failure = failure.received("no such line: the mail does not say that it has ended");
        return Err(visit.without_secrets(failure));
    }
    let place = part.field("Content-Disposition").unwrap_or_default();
    let is_named = place.to_lowercase().contains("filename") && place.contains(&name);
    if !place.to_lowercase().starts_with("attachment") || !is_named {
        let failure =
            visit.failure(&format!("Content-Disposition: attachment; filename=\"{name}\""));
        let failure = failure.received(format!("Content-Disposition: {place}"));
        return Err(visit.without_secrets(failure));
    }
    let longest = part.raw.split(|byte| *byte == b'\n').map(|line| line.trim_ascii().len()).max();
    if longest > Some(76) {
        let failure = visit.failure("lines of base64 with 76 characters");
        let failure = failure.received(format!("one of {}", longest.unwrap_or_default()));
        return Err(visit.without_secrets(failure));
    }
    if part.body != content {
        let failure = visit.failure("").difference(&content, &part.body);
        return Err(visit.without_secrets(failure));
    }
    // Who never ends a line in CR LF has lost another check for that.
    match visit.peer.bare.first().filter(|_| ends_its_lines) {
        None => Ok(()),
        Some(line) => {
            let failure = visit.failure("lines that end in CR LF").received(quote(line));
            Err(visit.without_secrets(failure.cause("a server may refuse a bare LF")))
        }
    }
}
