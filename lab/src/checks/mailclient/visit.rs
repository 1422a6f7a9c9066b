//! A letter, and a visit of the program at a mail server that follows a script.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use clap::ValueEnum;

use crate::os::program::{Event, Patience, said};
use crate::os::scratch::Scratch;
use crate::text::bytes::quote;
use crate::text::escape;
use crate::trial::{Failure, Origin, Started, Stop, Trial, Verdict};
use crate::wire::certificates;
use crate::wire::mime::Part;
use crate::wire::peers::TcpServer;
use crate::wire::smtp::{self, Peer, Said, Script, Step, Trouble, VisitEnd, Who};

/// A server that goes on wherever it can.
pub(super) fn forgiving() -> Script {
    Script { forgives: true, ..Script::default() }
}

/// The same, and holds every reply back until the client listens.
pub(super) fn holding() -> Script {
    Script { holds: true, ..forgiving() }
}

pub(super) fn troubled(step: Step, trouble: Trouble) -> Script {
    Script { trouble: Some((step, trouble)), ..forgiving() }
}

pub(super) fn steps() -> impl Iterator<Item = Step> {
    Step::value_variants().iter().copied()
}

/// The gap that a step belongs to.
pub(super) fn gap_of(step: Step) -> &'static str {
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

/// What the environment tells the program to send, and as whom.
pub(super) struct Letter {
    pub(super) user: String,
    pub(super) password: String,
    pub(super) sender: String,
    pub(super) receiver: String,
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) attachment: Option<Scratch>,
}

impl Letter {
    /// The same once more; a file is not sent twice.
    pub(super) fn again(&self) -> Letter {
        Letter {
            user: self.user.clone(),
            password: self.password.clone(),
            sender: self.sender.clone(),
            receiver: self.receiver.clone(),
            subject: self.subject.clone(),
            body: self.body.clone(),
            attachment: None,
        }
    }

    pub(super) fn new(trial: &Trial) -> Letter {
        let name = |length| String::from_utf8(trial.letters(length)).expect("small letters");
        Letter {
            user: format!("{}.B@example.com", name(6)),
            password: format!("{} =+\"{}", name(8), name(8)),
            sender: format!("{}.S@example.com", name(5)),
            receiver: format!("{}.R@example.com", name(5)),
            subject: format!("Re: {} A1", trial.sentence()),
            body: format!("Dear R, {}: 100 %!", trial.sentence()),
            attachment: None,
        }
    }
}

/// A run of the program, at a server that follows a script.
pub(super) struct Visit<'t> {
    pub(super) client: Started<'t>,
    pub(super) peer: Peer,
    pub(super) letter: Letter,
    pub(super) did: String,
    /// What the server does, as this client wants it.
    pub(super) script: Script,
    /// How a password would show.
    pub(super) forms: Vec<Vec<u8>>,
    pub(super) replay: String,
    /// The step that is looked at: what came behind it differs from run to run.
    pub(super) judged: Option<Step>,
    /// The issuer's certificate is there as long as this is.
    pub(super) _issuer: Scratch,
}

pub(super) fn temporary(content: &[u8]) -> Result<Scratch, Stop> {
    let fault = |error: std::io::Error| {
        Stop::Fault(format!("cannot write into {}: {error}", escape::path(std::env::temp_dir())))
    };
    Scratch::file(content).map_err(fault)
}

/// A program that was started to send a letter, and its server, which waits for it.
pub(super) struct Sent<'t> {
    pub(super) client: Started<'t>,
    pub(super) server: TcpServer,
    pub(super) letter: Letter,
    pub(super) did: String,
    pub(super) forms: Vec<Vec<u8>>,
    pub(super) issuer: Scratch,
}

pub(super) fn send<'t>(trial: &'t Trial, letter: Letter) -> Result<Sent<'t>, Stop> {
    send_at(trial, Ipv4Addr::LOCALHOST, letter)
}

/// The same, to a server at this address.
pub(super) fn send_at<'t>(
    trial: &'t Trial,
    host: Ipv4Addr,
    letter: Letter,
) -> Result<Sent<'t>, Stop> {
    let server = match host {
        Ipv4Addr::LOCALHOST => TcpServer::new(trial)?,
        _ => TcpServer::of(SocketAddrV4::new(host, trial.own_address().port()))?,
    };
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
    if trial.target.origin == Origin::Command {
        // One that does not know MAIL_CA takes this for the issuer that its host trusts.
        variables.retain(|(name, _)| *name != "SSL_CERT_FILE");
        let trusted = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
        variables.extend(trusted.map(|name| (name, issuer.path().as_os_str())));
    }
    let attached = letter.attachment.as_ref().map(|file| file.path().as_os_str());
    variables.extend(attached.map(|file| ("MAIL_ATTACHMENT", file)));
    let address = SocketAddrV4::new(host, server.port);
    let client = trial.client_with(address, &variables)?;
    let did = format!("ran `{}`", client.command_line);
    let forms = smtp::forms(&letter.user, &letter.password);
    Ok(Sent { client, server, letter, did, forms, issuer })
}

impl<'t> Visit<'t> {
    /// Starts the program with a letter, and greets it.
    pub(super) fn begin(trial: &'t Trial, script: Script) -> Result<Visit<'t>, Stop> {
        Visit::with(trial, Letter::new(trial), script)
    }

    /// The same, with this letter.
    pub(super) fn with(
        trial: &'t Trial,
        letter: Letter,
        script: Script,
    ) -> Result<Visit<'t>, Stop> {
        Visit::at(trial, Ipv4Addr::LOCALHOST, letter, script)
    }

    /// The same, with a server at this address.
    pub(super) fn at(
        trial: &'t Trial,
        host: Ipv4Addr,
        letter: Letter,
        script: Script,
    ) -> Result<Visit<'t>, Stop> {
        let sent = send_at(trial, host, letter)?;
        let Sent { client, server, letter, did, forms, issuer } = sent;
        let replay = replay(&script);
        let stream = server.accept(&client, &did).map_err(|stop| replayed(stop, &replay))?;
        let peer = Peer::new(stream.into_stream(), script.clone());
        let judged = None;
        Ok(Visit { client, peer, letter, did, script, forms, replay, judged, _issuer: issuer })
    }

    /// Plays on until this is so; else says why it did not come to that.
    pub(super) fn until(&mut self, there: impl Fn(&Peer) -> bool) -> Result<(), Option<Event>> {
        loop {
            if there(&self.peer) {
                return Ok(());
            }
            self.answer_who_listens();
            if let Some(end) = &self.peer.end {
                if let VisitEnd::Over(event) = end {
                    self.client.give_up(*event);
                }
                return Err(None);
            }
            let Visit { client, peer, .. } = self;
            match client.until(|| peer.look()) {
                Err(Event::Idle) if peer.take_unended() => {}
                looked => looked?,
            }
        }
    }

    /// Lets a reply go that is held back, as soon as the client waits for it or has spoken.
    fn answer_who_listens(&mut self) {
        const A_MOMENT: Patience = Patience {
            idle: Duration::from_millis(150),
            busy: Duration::from_millis(300),
            late: Duration::from_millis(600), // some never sleep for long
        };
        let Visit { client, peer, .. } = self;
        let Some(place) = peer.place().filter(|_| peer.is_holding()) else { return };
        let early = peer.early.len();
        while peer.is_holding() && peer.early.len() == early && peer.end.is_none() {
            let spoke = client.patiently(A_MOMENT, || match peer.look() {
                Some(()) => Some(true),
                None => (client.waits_for_bytes_from(place) && !client.is_sending_to(place))
                    .then_some(false),
            });
            match spoke {
                Ok(true) => {}
                // A second small write waits in its kernel until ours confirms the first, 40 ms later.
                Err(Event::Idle) if client.is_sending_to(place) => {}
                _ => break,
            }
        }
        peer.look(); // what came before it fell asleep
        peer.let_go();
    }

    /// A visit of a client that has come to this step, in the way in which this client comes there: at
    /// a fault before it the server gives in, for that is the business of another check.
    pub(super) fn to(
        trial: &'t Trial,
        letter: impl Fn() -> Letter,
        script: Script,
        step: Step,
        wanted: &str,
    ) -> Result<Visit<'t>, Stop> {
        const FAULTS: usize = 4;
        let mut script = script;
        for faults_left in (0..FAULTS).rev() {
            let mut visit = Visit::with(trial, letter(), script.clone())?;
            let stop = match visit.reach(step, wanted) {
                // Who is refused a way to log in may say QUIT, which is no step of a mail's then.
                Ok(()) if visit.wants_plain(&script) => visit.stuck(wanted, None),
                Ok(()) => return Ok(visit),
                // Whether it says QUIT is asked by one check, not by all that need a whole way.
                Err(_) if step == Step::Quit && visit.ends_without_quit() => return Ok(visit),
                Err(stop) => stop,
            };
            script = match visit.other_way(&script) {
                Some(other) if faults_left > 0 => other,
                _ if script.implicit && step == Step::StartTls => return Err(stop.or_cause(
                    "TLS began with the first byte, as it does at port 465; at port 587 the dialogue \
                     begins in clear, and goes over to TLS with STARTTLS",
                )),
                _ => return Err(stop),
            };
        }
        unreachable!("the last try returns")
    }

    /// Whether the server has taken the mail, and the client left at that.
    pub(super) fn ends_without_quit(&self) -> bool {
        let last = self.peer.dialogue.last();
        let has_taken = last.is_some_and(|said| {
            said.who == Who::Server
                && said.step == Some(Step::Message)
                && said.text.starts_with(b"250")
        });
        has_taken && !self.peer.has(Step::Quit)
    }

    fn wants_plain(&self, script: &Script) -> bool {
        self.peer.said_plain && !script.plain
    }

    /// The same script, but as this client wants it.
    fn other_way(&self, script: &Script) -> Option<Script> {
        if self.peer.begins_with_tls && !script.implicit {
            return Some(Script { implicit: true, ..script.clone() });
        }
        if self.wants_plain(script) {
            return Some(Script { plain: true, ..script.clone() });
        }
        if !script.brief && self.misread().is_some_and(|(_, gap)| gap == "last") {
            return Some(Script { brief: true, ..script.clone() });
        }
        let (step, code) = self.refused()?;
        let mut other = script.clone();
        other.codes.push((step, code));
        (!script.codes.contains(&(step, code))).then_some(other)
    }

    /// A step whose right reply the client has refused, and the code that it wanted.
    fn refused(&self) -> Option<(Step, u16)> {
        let (_, gap) = self.misread()?;
        let screen = self.client.stdout.text();
        let (before, _) = screen.split_once(" reply not received from server.")?;
        let wanted = before.lines().last()?.trim().parse().ok()?;
        let step = steps().find(|step| gap_of(*step) == gap)?;
        let was_right = step.code() != Some(wanted);
        was_right.then_some((step, wanted))
    }

    /// Plays on until the client has read the reply to this step, and says if it misread it, or did not
    /// wait for it.
    pub(super) fn reads(&mut self, step: Step) -> Verdict {
        let taken = self.peer.steps.len();
        let event = self.until(|peer| peer.steps.len() > taken).err().flatten();
        match self.misread() {
            Some((_, gap)) if gap == gap_of(step) => {
                let code = step.code().map_or(String::new(), |code| code.to_string());
                Err(self.stuck(&format!("a client that goes on at {code}"), event))
            }
            _ if self.peer.early.contains(&step) => Err(self.hurried(step)),
            _ => Ok(()),
        }
    }

    /// The reply to this step was not waited for.
    pub(super) fn hurried(&self, step: Step) -> Stop {
        let failure = self
            .failure("a client that has the whole reply before it sends its next line")
            .received(format!("the next line, before the server had replied to {}", step.said()))
            .cause(
                "a client waits for the whole reply before the next command, where a server has not \
                 offered PIPELINING: the reply may say that there is no point in going on",
            )
            .gap(gap_of(step));
        self.without_secrets(failure)
    }

    pub(super) fn reach(&mut self, step: Step, wanted: &str) -> Verdict {
        let reached = self.until(|peer| peer.has(step));
        reached.map_err(|event| self.stuck(wanted, event))?;
        self.judged = Some(step);
        Ok(())
    }

    /// What the student is shown where something else came than was wanted, or nothing.
    pub(super) fn stuck(&self, wanted: &str, event: Option<Event>) -> Stop {
        let mut failure = self.told(wanted, &self.peer.dialogue);
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
            (None, Some(VisitEnd::Over(event))) => self.client.observed(event),
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
    pub(super) fn misread(&self) -> Option<(String, &'static str)> {
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
        } else if reply.text != last.text && self.has_several_lines(step) {
            let said = step.said();
            let cause = format!("only a part of the reply to {said} was read: {line} is its end");
            Some((cause, "last"))
        } else if reply.text != last.text {
            let cause = format!("{line} was read too late: it is the reply to {}", step.said());
            Some((cause, gap_of(step)))
        } else {
            let good = step.code()?.to_string();
            let cause = format!("{good} is the right reply to {}, and was refused", step.said());
            Some((cause, gap_of(step))).filter(|_| reply.text.starts_with(good.as_bytes()))
        }
    }

    fn has_several_lines(&self, step: Step) -> bool {
        let reply = self.peer.dialogue.iter().filter(|said| said.who == Who::Server);
        reply.filter(|said| said.step == Some(step)).count() > 1
    }

    /// A failure with the dialogue up to the line that is looked at.
    pub(super) fn failure(&self, wanted: &str) -> Failure {
        let dialogue = &self.peer.dialogue;
        let is_judged = |said: &Said| {
            said.who == Who::Client && self.judged.is_some() && said.step == self.judged
        };
        let end = dialogue.iter().position(is_judged).map_or(dialogue.len(), |line| line + 1);
        self.told(wanted, dialogue.get(..end).unwrap_or(dialogue))
    }

    fn told(&self, wanted: &str, dialogue: &[Said]) -> Failure {
        const LINES: usize = 14;
        let mut lines = self.lines(dialogue);
        if lines.len() > LINES {
            let before = lines.len() + 1 - LINES;
            lines.splice(..before, [format!("   … {before} lines before")]);
        }
        Failure::new(self.did.clone(), wanted).lines(lines).replay(self.replay.clone())
    }

    /// A dialogue, a reply of several lines in one.
    fn lines(&self, dialogue: &[Said]) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut several = 0;
        for said in smtp::shown(dialogue, &self.forms) {
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
    pub(super) fn without_secrets(&self, mut failure: Failure) -> Stop {
        for line in &mut failure.received {
            *line = smtp::masked(line.as_bytes(), &self.forms);
        }
        failure.into()
    }

    /// Plays to the end of the visit and of the program. Gives back whether the exit status is 0.
    pub(super) fn finish(&mut self, wanted: &str) -> Result<bool, Stop> {
        self.judged = None; // the whole of it is
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
    pub(super) fn hides_the_password(&self) -> Verdict {
        let places = [
            (self.peer.wire.clone(), "in clear on the wire"),
            (self.client.stdout.bytes(), "on its standard output"),
            (self.client.stderr.bytes(), "on its standard error"),
        ];
        let mails = self.peer.mails.iter().map(|mail| (mail.text.clone(), "in the mail itself"));
        let places: Vec<_> = places.into_iter().chain(mails).collect();
        let Some((_, place)) = places.iter().find(|(bytes, _)| smtp::shows(bytes, &self.forms))
        else {
            return Ok(());
        };
        let failure = self.failure("no password, neither as it is nor in base64");
        Err(self.without_secrets(failure.received(format!("the password, {place}"))))
    }

    /// Whether QUIT came after a reply of this code, and what else came.
    pub(super) fn said_after_refusal(&self, code: u16) -> (bool, Option<String>) {
        let code = format!("{code} ");
        let is_refusal =
            |said: &&Said| said.who == Who::Server && said.text.starts_with(code.as_bytes());
        let mut quit = false;
        // Who is refused EHLO may say HELO, which is older (RFC 5321, 3.2), and who is refused later may
        // take the mail back before it leaves.
        let may_come = |said: &Said| {
            let text = said.text.to_ascii_uppercase();
            text == b"RSET" || (text.starts_with(b"HELO ") && !self.peer.has(Step::Auth))
        };
        for said in self.peer.dialogue.iter().skip_while(|said| !is_refusal(said)) {
            if said.who == Who::Client && said.text.eq_ignore_ascii_case(b"QUIT") {
                quit = true;
            } else if said.who == Who::Client && may_come(said) {
            } else if said.who == Who::Client {
                return (quit, Some(smtp::shown(std::slice::from_ref(said), &self.forms).concat()));
            }
        }
        (quit, None)
    }

    /// Whether an empty line came behind this step: what the next one is like is not asked.
    pub(super) fn ends_once(&mut self, step: Step, next: Step) -> Verdict {
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
    pub(super) fn mail(&self) -> Part {
        let taken = self.peer.mails.first();
        Part::parse(taken.map(|mail| mail.text.as_slice()).unwrap_or_default())
    }
}

/// How to see the same by hand: a server with the same script, and the program.
pub(super) fn replay(script: &Script) -> String {
    let options = script.options();
    let server = match options.as_str() {
        "" => "make mail".to_owned(),
        options => format!("make mail ARGS=\"{options}\""),
    };
    format!("terminal 1: {server}\nterminal 2: the commands that terminal 1 shows")
}

pub(super) fn replayed(stop: Stop, replay: &str) -> Stop {
    stop.map(|failure| failure.replay = replay.to_owned())
}
