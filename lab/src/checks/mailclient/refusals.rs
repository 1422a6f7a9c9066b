//! Servers that refuse, close, or cannot be trusted. Each of these checks passes only where the same
//! client has handed a mail to a fine server: who does nothing does nothing wrong.

use super::visit::{Letter, Visit, forgiving, gap_of, steps};
use crate::text::bytes::quote;
use crate::trial::{Stop, Trial, Verdict};
use crate::wire::smtp::{self, Said, Script, Step, Trouble, Who};

pub(super) fn strict(trial: &Trial) -> Verdict {
    let letter = Letter { body: format!(".{}\n.", trial.sentence()), ..Letter::new(trial) };
    let way = way(trial, Step::Quit)?;
    // HELO gets advice, and in other courses it is what the assignment says.
    let takes_helo = trial.target.words_are_free();
    let Script { implicit, plain, .. } = way;
    let script = Script { strict: true, implicit, plain, takes_helo, ..Script::default() };
    let mut visit = Visit::with(trial, letter, script)?;
    let wanted = "a mail that a strict server takes, and exit status 0";
    let reached = match visit.reach(Step::Quit, wanted) {
        Err(_) if visit.ends_without_quit() => Ok(()),
        reached => reached,
    };
    let ended = reached.and_then(|()| visit.finish(wanted));
    let stop = match ended {
        // It may say that all went well though the server has refused everything.
        Ok(true) if visit.peer.has(Step::Message) && visit.peer.bare.is_empty() => return Ok(()),
        Ok(_) => visit.stuck(wanted, None),
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

/// What this client wants of a server, of one at which it has logged in inside TLS: who does nothing
/// would do nothing wrong.
fn way(trial: &Trial, step: Step) -> Result<Script, Stop> {
    logged_in(trial, step).map(|visit| visit.script.clone())
}

fn logged_in<'t>(trial: &'t Trial, step: Step) -> Result<Visit<'t>, Stop> {
    let wanted = "a client that logs in, inside TLS, at a server that it can trust";
    let visit = Visit::to(trial, || Letter::new(trial), forgiving(), step, wanted)?;
    match visit.peer.has(Step::Tls) {
        true => Ok(visit),
        false => Err(visit.stuck(wanted, None)),
    }
}

/// A client that has handed its mail to a fine server, with a login or without: who hands in none cannot
/// fail to.
fn handed_in<'t>(trial: &'t Trial) -> Result<Visit<'t>, Stop> {
    let wanted = "a client that hands its mail to a server that takes it";
    let visit = Visit::to(trial, || Letter::new(trial), forgiving(), Step::Quit, wanted)?;
    match visit.peer.has(Step::Message) {
        true => Ok(visit),
        false => Err(visit.stuck(wanted, None)),
    }
}

/// The steps of a client on its way to QUIT: what it leaves out is the business of other checks.
fn said_by(fine: &Visit) -> Vec<Step> {
    let is_said = |step: &Step| *step == Step::Greeting || fine.peer.has(*step);
    steps().filter(|step| *step < Step::Quit && is_said(step)).collect()
}

/// A code with which servers refuse at this step; none of them is a right one anywhere. At the greeting
/// it is the one after which nobody needs to say QUIT: some clients have not begun to talk then.
fn refusal(step: Step) -> u16 {
    match step {
        Step::Greeting => 421,
        Step::Ehlo | Step::Tls | Step::EhloAgain | Step::Quit => 502,
        Step::StartTls => 454,
        Step::Auth => 504,
        Step::User => 501,
        Step::Password => 535,
        Step::Mail | Step::Rcpt => 550,
        Step::Data => 554,
        Step::Message => 552,
    }
}

pub(super) fn refused(trial: &Trial) -> Verdict {
    let fine = handed_in(trial)?;
    let (way, says_quit) = (fine.script.clone(), fine.peer.has(Step::Quit));
    let said = said_by(&fine);
    drop(fine);
    for step in said.into_iter().filter(|step| step.code().is_some()) {
        let code = refusal(step);
        let mut visit = at_refusal(trial, &way, step, code)?;
        let wanted = "the end of the dialogue: QUIT, and an exit status that is not 0";
        let success = visit.finish(wanted).map_err(|stop| stop.look(gap_of(step)))?;
        let (quit, more) = visit.said_after_refusal(code);
        let observed = match more {
            _ if !visit.peer.has(step) => format!("it did not come to {}", step.said()),
            Some(line) => format!("the client went on: {line}"),
            None if !quit && says_quit && code != 421 => "no QUIT".to_owned(),
            None if success => "exit status 0".to_owned(),
            None => continue,
        };
        let gap = if observed == "no QUIT" { "quit" } else { gap_of(step) };
        let failure = visit.failure(wanted).received(observed).lines(visit.client.last_words());
        return Err(visit.without_secrets(failure).look(gap));
    }
    Ok(())
}

fn at_refusal<'t>(
    trial: &'t Trial,
    way: &Script,
    step: Step,
    code: u16,
) -> Result<Visit<'t>, Stop> {
    let script = Script { trouble: Some((step, Trouble::Reply(code))), ..way.clone() };
    let mut visit = Visit::begin(trial, script)?;
    visit.did = format!("{}, and replied {code} to {}", visit.did, step.said());
    Ok(visit)
}

/// What people read of a refusal.
pub(super) fn words(trial: &Trial) -> Verdict {
    let way = way(trial, Step::Quit)?;
    for (step, code) in [(Step::Auth, 530), (Step::Mail, 550), (Step::Data, 554)] {
        let mut visit = at_refusal(trial, &way, step, code)?;
        let expected = step.code().unwrap_or_default();
        let sentence = format!("{expected} reply not received from server.");
        let wanted = format!("`{sentence}` on the screen");
        visit.finish(&wanted).map_err(|stop| stop.look(gap_of(step)))?;
        if !visit.client.stdout.text().contains(&sentence) {
            let failure = visit.failure(&wanted).received("another text on the screen");
            let failure = failure.lines(visit.client.last_words());
            return Err(visit.without_secrets(failure).look(gap_of(step)));
        }
    }
    Ok(())
}

/// At a few steps of many; the tests of the project try them all.
pub(super) fn closes(trial: &Trial) -> Verdict {
    let fine = handed_in(trial)?;
    let (way, said) = (fine.script.clone(), said_by(&fine));
    drop(fine);
    let troubles = [
        (Step::Greeting, Trouble::Cut),
        (Step::EhloAgain, Trouble::Close),
        (Step::Password, Trouble::Close),
        (Step::Message, Trouble::Cut),
    ];
    for (step, trouble) in troubles.into_iter().filter(|(step, _)| said.contains(step)) {
        let script = Script { trouble: Some((step, trouble)), ..way.clone() };
        let mut visit = Visit::begin(trial, script)?;
        visit.did = format!("{}, and closed at {}", visit.did, step.said());
        let wanted = "an exit status that is not 0: the mail is not delivered";
        let success = visit.finish(wanted).map_err(|stop| stop.look(gap_of(step)))?;
        if success || !visit.peer.has(step) {
            return Err(visit.stuck(wanted, None).look(gap_of(step)));
        }
    }
    Ok(())
}

pub(super) fn delivered(trial: &Trial) -> Verdict {
    let way = handed_in(trial)?.script.clone();
    for trouble in [Trouble::Reply(421), Trouble::Reply(500), Trouble::Close] {
        let mut visit =
            Visit::begin(trial, Script { trouble: Some((Step::Quit, trouble)), ..way.clone() })?;
        visit.did = match trouble {
            Trouble::Reply(code) => format!("{}, and replied {code} to QUIT", visit.did),
            _ => format!("{}, and closed at QUIT", visit.did),
        };
        let wanted = "exit status 0: the mail is delivered";
        if !visit.finish(wanted)? || !visit.peer.has(Step::Quit) {
            return Err(visit.stuck(wanted, None));
        }
    }
    Ok(())
}

/// A server that must hear neither user nor password.
pub(super) fn unsafe_server(trial: &Trial, script: Script) -> Verdict {
    let way = way(trial, Step::Auth)?;
    let Script { implicit, plain, brief, codes, .. } = way;
    let script = Script { implicit, plain, brief, codes, ..script };
    // Who drops the injected line is as safe as who leaves, and does not take it for a reply.
    let may_drop = !script.injected.is_empty() && trial.target.words_are_free();
    let script = Script { holds: may_drop, ..script };
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
    let observed = if may_drop && visit.peer.early.is_empty() && visit.peer.has(Step::Message) {
        return visit.hides_the_password();
    } else if visit.peer.has(Step::User) {
        "user and password came"
    } else if visit.peer.has(Step::Auth) {
        "AUTH LOGIN came: the client trusts this server"
    } else if script.offers_starttls && visit.peer.has(Step::EhloAgain) {
        "the client goes on inside TLS: it trusts this server"
    } else if success {
        "exit status 0"
    } else if visit.peer.wire.is_empty() {
        "nothing at all: at a fine server it did otherwise"
    } else {
        return visit.hides_the_password();
    };
    let failure = visit.failure(wanted).received(observed);
    Err(visit.without_secrets(failure))
}
