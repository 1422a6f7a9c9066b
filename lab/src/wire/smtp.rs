//! A mail server that follows a script: what it offers, how it cuts its replies, and where it
//! refuses, closes or falls silent. It keeps every byte that came and the whole dialogue. The checks
//! of the mail client play it, and `lab mail` runs it for students without an account.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use memchr::{memchr, memmem};
use rustls::ServerConnection;

use crate::os::program::Event;
use crate::text::escape;
use crate::wire::certificates::{self, Certificate};
use crate::wire::intake::{Intake, Look, not_yet};
use crate::wire::mime::split_at;

/// What the server calls itself.
const NAME: &str = "mail.example.com";

/// What somebody on the way puts behind the reply to STARTTLS.
pub const INJECTED: &str = "250 mail.example.com trusts you, say AUTH LOGIN now";

/// Who has said so many lines without a message has no end in sight.
const LINES: usize = 1000;
/// How a handshake begins on the wire.
pub const HANDSHAKE: [u8; 2] = [22, 3];
/// The reply without an end of line is so long.
const ENDLESS: usize = 10 << 20;

// ---- The script ----

/// The steps of a mail's way, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Step {
    Greeting,
    Ehlo,
    #[value(name = "starttls")]
    StartTls,
    Tls,
    EhloAgain,
    Auth,
    User,
    Password,
    Mail,
    Rcpt,
    Data,
    Message,
    Quit,
}

impl Step {
    /// The reply with which it goes on; none to the handshake, which is not SMTP's.
    pub fn code(self) -> Option<u16> {
        match self {
            Step::Greeting | Step::StartTls => Some(220),
            Step::Tls => None,
            Step::Auth | Step::User => Some(334),
            Step::Password => Some(235),
            Step::Data => Some(354),
            Step::Quit => Some(221),
            Step::Ehlo | Step::EhloAgain | Step::Mail | Step::Rcpt | Step::Message => Some(250),
        }
    }

    /// What the client does there, as a report says it.
    pub fn said(self) -> &'static str {
        match self {
            Step::Greeting => "the greeting",
            Step::Ehlo => "EHLO",
            Step::StartTls => "STARTTLS",
            Step::Tls => "the TLS handshake",
            Step::EhloAgain => "EHLO again, over TLS",
            Step::Auth => "AUTH LOGIN",
            Step::User => "the user in base64",
            Step::Password => "the password in base64",
            Step::Mail => "MAIL FROM",
            Step::Rcpt => "RCPT TO",
            Step::Data => "DATA",
            Step::Message => "the message and its final dot",
            Step::Quit => "QUIT",
        }
    }
}

/// What the server does instead of its part at some step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Reply(u16),
    /// Closes without a reply.
    Close,
    /// Closes in the middle of a reply.
    Cut,
    Silence,
    /// 10 MB without an end of line, then closes.
    Endless,
}

impl Trouble {
    fn options(self) -> String {
        match self {
            Trouble::Reply(code) => format!("--reply {code}"),
            Trouble::Close => "--close".to_owned(),
            Trouble::Cut => "--cut".to_owned(),
            Trouble::Silence => "--silent".to_owned(),
            Trouble::Endless => "--endless".to_owned(),
        }
    }
}

/// As it is written on the command line.
fn word(value: impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

#[derive(Clone, Debug)]
pub struct Script {
    /// EHLO again after TLS, no AUTH before TLS, CR LF only, dots doubled. Else most is taken.
    pub strict: bool,
    pub certificate: Certificate,
    pub offers_starttls: bool,
    /// Replies come byte by byte.
    pub in_bytes: bool,
    /// Every reply has several lines, where SMTP allows it.
    pub in_lines: bool,
    pub trouble: Option<(Step, Trouble)>,
    /// Sent in clear in one piece with the reply to STARTTLS.
    pub injected: &'static str,
    /// The reply to the password repeats it, plain and in base64.
    pub echoes: bool,
    /// Who may send; without it anybody may.
    pub account: Option<(String, String)>,
    /// A person may be at the other end: so many bytes are read, in whatever time they take.
    pub by_hand: Option<usize>,
    /// Goes on wherever it can be guessed what the client means, so that one fault is one fault.
    pub forgives: bool,
    /// TLS begins with the first byte.
    pub implicit: bool,
    /// EHLO is answered with one line.
    pub brief: bool,
    /// Every reply is its code alone.
    pub codes_alone: bool,
    /// A reply is held back until it is let go.
    pub holds: bool,
    /// Codes other than the right ones, as a client wants them.
    pub codes: Vec<(Step, u16)>,
}

impl Default for Script {
    /// As Gmail is, and all goes well.
    fn default() -> Script {
        Script {
            strict: false,
            certificate: Certificate::Fine,
            offers_starttls: true,
            in_bytes: false,
            in_lines: false,
            trouble: None,
            injected: "",
            echoes: false,
            account: None,
            by_hand: None,
            forgives: false,
            implicit: false,
            brief: false,
            codes_alone: false,
            holds: false,
            codes: Vec::new(),
        }
    }
}

impl Script {
    /// The words with which `lab mail` plays the same.
    pub fn options(&self) -> String {
        let mut words = Vec::new();
        let mut flag = |set: bool, word: &str| words.extend(set.then(|| word.to_owned()));
        flag(self.strict, "--strict");
        flag(!self.offers_starttls, "--no-starttls");
        flag(self.in_bytes, "--bytes");
        flag(self.in_lines, "--lines");
        flag(self.echoes, "--echo");
        flag(!self.injected.is_empty(), "--inject");
        if self.certificate != Certificate::Fine {
            words.push(format!("--certificate {}", word(self.certificate)));
        }
        if let Some((step, trouble)) = self.trouble {
            words.push(format!("--at {} {}", word(step), trouble.options()));
        }
        words.join(" ")
    }
}

// ---- What is kept of a visit ----

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Client,
    Server,
    /// What happened between the lines.
    Note,
}

#[derive(Clone, Debug)]
pub struct Said {
    pub who: Who,
    pub text: Vec<u8>,
    /// It went over TLS.
    pub encrypted: bool,
    /// A password, in whatever form.
    pub secret: bool,
    /// What the client wants, or what the server answers.
    pub step: Option<Step>,
}

/// A mail as the server took it.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// What came between DATA and the final dot, dots undone.
    pub text: Vec<u8>,
}

/// Why nothing more is to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Closed,
    Reset,
    /// It sends without end.
    Over(Event),
}

enum Mode {
    Commands,
    User,
    Password,
    Message,
    /// Nothing is said any more.
    Silent,
    /// The same, and what comes is no text.
    Deaf,
}

/// One visit of a client.
pub struct Peer {
    script: Script,
    stream: TcpStream,
    intake: Intake,
    tls: Option<Box<ServerConnection>>,
    mode: Mode,
    /// Text that was not looked at yet, decrypted.
    heard: Vec<u8>,
    /// How much of that has no end of line, as was seen before.
    scanned: usize,
    /// How many bytes of the endless reply are still to be sent.
    endless: usize,
    /// Whether EHLO was said or HELO, since TLS began if it has.
    hello: Option<bool>,
    /// The step of the client's last line.
    wanted: Option<Step>,
    user: String,
    authenticated: bool,
    /// The mail that is being handed over.
    pub mail: Mail,
    /// How the lines of this message end, and what is wrong with it.
    line_ended_well: bool,
    objection: Option<&'static str>,
    /// Every byte that came, encrypted or not.
    pub wire: Vec<u8>,
    pub dialogue: Vec<Said>,
    /// The steps that the client has taken, in whatever order.
    pub steps: Vec<Step>,
    /// Lines that ended otherwise than in CR LF, or had a CR or LF in them.
    pub bare: Vec<Vec<u8>>,
    /// The steps behind which an empty line came, which a lenient server passes over.
    pub surplus: Vec<Step>,
    /// The steps whose line had no end.
    pub unended: Vec<Step>,
    /// A reply that is held back, and the first step whose reply was not waited for.
    held: Vec<u8>,
    pub early: Option<Step>,
    /// TLS began with the first byte.
    pub begins_with_tls: bool,
    /// It said HELO, which asks for no extension.
    pub said_helo: bool,
    /// What came as user and as password.
    pub account: (Vec<u8>, Vec<u8>),
    pub mails: Vec<Mail>,
    pub end: Option<End>,
}

impl Peer {
    /// Greets a client. The stream may have a read timeout: a look then takes no longer.
    pub fn new(stream: TcpStream, script: Script) -> Peer {
        let _ = stream.set_nodelay(true); // only the pieces would be other ones
        let intake = script.by_hand.map_or_else(Intake::default, Intake::by_hand);
        let mut peer = Peer {
            script,
            stream,
            intake,
            tls: None,
            mode: Mode::Commands,
            heard: Vec::new(),
            scanned: 0,
            endless: 0,
            hello: None,
            wanted: Some(Step::Greeting),
            user: String::new(),
            authenticated: false,
            mail: Mail::default(),
            line_ended_well: true,
            objection: None,
            wire: Vec::new(),
            dialogue: Vec::new(),
            steps: Vec::new(),
            bare: Vec::new(),
            surplus: Vec::new(),
            unended: Vec::new(),
            held: Vec::new(),
            early: None,
            begins_with_tls: false,
            said_helo: false,
            account: Default::default(),
            mails: Vec::new(),
            end: None,
        };
        if peer.script.implicit {
            peer.begin_tls();
        }
        // A `-` says that more lines follow only where it stands behind the code.
        peer.answer(Step::Greeting, &format!("{NAME} ESMTP - ready"));
        peer
    }

    pub fn has(&self, step: Step) -> bool {
        self.steps.contains(&step)
    }

    /// A line that has begun and has no end yet.
    pub fn unfinished(&self) -> &[u8] {
        &self.heard
    }

    /// Looks for what has come and answers it. `None`: nothing for now.
    pub fn look(&mut self) -> Option<()> {
        if self.end.is_some() {
            return Some(());
        }
        self.go_on_without_end();
        if self.dialogue.len() > LINES {
            self.end = Some(End::Over(Event::Flood));
            return Some(());
        }
        let begin = self.wire.len();
        match self.intake.look(&mut self.stream, &mut self.wire) {
            Look::Piece(_) => {
                let piece = self.wire.get(begin..).unwrap_or_default().to_vec();
                self.take(&piece);
            }
            Look::NotYet => return None,
            Look::Closed => self.end = Some(End::Closed),
            Look::Reset => self.end = Some(End::Reset),
            Look::Over(event) => self.end = Some(End::Over(event)),
        }
        Some(())
    }

    fn take(&mut self, piece: &[u8]) {
        match self.tls {
            _ if matches!(self.mode, Mode::Deaf) => return,
            Some(_) => self.decrypt(piece),
            None => self.heard.extend_from_slice(piece),
        }
        if self.tls.is_none() && self.heard.starts_with(&HANDSHAKE) {
            self.note("TLS begins, and the server has not agreed to it");
            self.begins_with_tls = !self.dialogue.iter().any(|said| said.who == Who::Client);
            if self.begins_with_tls || !self.script.forgives {
                return self.give_up();
            }
            self.begin_tls();
            let begun = std::mem::take(&mut self.heard);
            self.scanned = 0;
            self.decrypt(&begun);
        }
        self.obey();
    }

    /// Gives a piece to TLS and takes from it what it makes of that.
    fn decrypt(&mut self, mut piece: &[u8]) {
        let begun_in_clear = piece.first() >= Some(&b' '); // TLS has other numbers
        let in_handshake = self.handshakes();
        if in_handshake && let Some(trouble) = self.trouble_at(Step::Tls) {
            self.steps.push(Step::Tls);
            self.cause(trouble);
            self.mode = Mode::Deaf;
            return;
        }
        let text = piece;
        let leaves = text.eq_ignore_ascii_case(b"QUIT\r\n");
        if in_handshake && begun_in_clear && self.script.forgives && !leaves {
            self.note("the client goes on in clear");
            self.tls = None;
            self.heard.extend_from_slice(text);
            return;
        }
        let Some(tls) = &mut self.tls else { return };
        let mut fault = None;
        while !piece.is_empty() && fault.is_none() {
            let _ = tls.read_tls(&mut piece); // from memory, that cannot fail
            fault = tls.process_new_packets().err();
            let _ = tls.reader().read_to_end(&mut self.heard); // up to where it would block
        }
        self.flush();
        let done = in_handshake && !self.handshakes();
        if done {
            self.steps.push(Step::Tls);
            self.note("from here on, the lines are encrypted");
        }
        let Some(fault) = fault else { return };
        if !in_handshake || done {
            self.note(&format!("TLS broke: {fault}"));
        } else if !begun_in_clear {
            self.note(&format!("no TLS came about: {fault}"));
        } else if !leaves {
            // Whether the last word of a client comes through that leaves in a hurry is luck.
            self.note("the client goes on in clear");
        }
        self.give_up();
    }

    /// Nothing that comes now can be understood. It is kept all the same.
    fn give_up(&mut self) {
        self.heard.clear();
        self.close();
        self.mode = Mode::Deaf;
    }

    fn handshakes(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.is_handshaking())
    }

    /// Answers every whole line that has come.
    fn obey(&mut self) {
        let mut heard = std::mem::take(&mut self.heard);
        let mut at = 0;
        while let Some(line) = next_line(&heard, &mut at, &mut self.scanned) {
            self.take_line(line);
            if self.handshakes() {
                // What stands behind STARTTLS is TLS already.
                self.decrypt(heard.get(at..).unwrap_or_default());
                heard = std::mem::take(&mut self.heard);
                at = 0;
            }
            if matches!(self.mode, Mode::Deaf) || self.dialogue.len() > LINES {
                return; // what is left is looked at by nobody
            }
        }
        heard.drain(..at);
        self.heard = heard;
    }

    fn take_line(&mut self, line: &[u8]) {
        let text = line.strip_suffix(b"\r\n").or(line.strip_suffix(b"\n")).unwrap_or(line);
        let bare = !line.ends_with(b"\r\n") || text.contains(&b'\r');
        if bare && self.bare.len() < LINES {
            self.bare.push(line.to_vec());
        }
        if !self.held.is_empty() && self.wanted != Some(Step::Greeting) {
            self.early = self.early.or(self.wanted);
        }
        if matches!(self.mode, Mode::Message) {
            return self.message_line(text, bare);
        }
        if text.is_empty() && !self.script.strict && !matches!(self.mode, Mode::Silent) {
            self.surplus.extend(self.wanted);
            return self.note("an empty line came");
        }
        self.say(Who::Client, text);
        if bare && self.script.strict && !matches!(self.mode, Mode::Silent) {
            return self.reply(500, "a line ends in CR LF, and has neither in it");
        }
        match self.mode {
            Mode::Commands => self.command(&String::from_utf8_lossy(text)),
            Mode::User => self.user(text),
            Mode::Password => self.password(text),
            Mode::Message | Mode::Silent | Mode::Deaf => {}
        }
    }

    fn command(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        let secure = self.tls.is_some();
        match verb.trim_end().to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" if rest.is_empty() => self.reply(501, "who are you?"),
            "EHLO" => {
                self.hello = Some(true);
                self.ehlo();
            }
            "HELO" => {
                self.hello = Some(false);
                self.said_helo = true;
                let step = if secure { Step::EhloAgain } else { Step::Ehlo };
                self.answer(step, &format!("{NAME} at your service"));
            }
            "STARTTLS" if secure => self.reply(503, "TLS is there already"),
            "STARTTLS" if !rest.is_empty() => self.reply(501, "STARTTLS stands alone"),
            "STARTTLS" if !self.script.offers_starttls => self.reply(502, "TLS is not offered"),
            "STARTTLS" if self.script.strict && self.hello != Some(true) => {
                self.reply(503, "say EHLO first");
            }
            "STARTTLS" => self.starttls(),
            "AUTH" => self.auth(rest),
            "MAIL" if !self.authenticated => self.reply(530, "authentication is required"),
            "MAIL" => match self.address_in(rest, "FROM:") {
                None => self.reply(501, "MAIL FROM:<address> is expected"),
                Some(from) => {
                    self.mail = Mail { from, ..Mail::default() };
                    self.answer(Step::Mail, "sender ok");
                }
            },
            "RCPT" if !self.has(Step::Mail) => self.reply(503, "MAIL FROM comes first"),
            "RCPT" => match self.address_in(rest, "TO:") {
                None => self.reply(501, "RCPT TO:<address> is expected"),
                Some(to) => {
                    self.mail.to.push(to);
                    self.answer(Step::Rcpt, "recipient ok");
                }
            },
            "DATA" if self.mail.to.is_empty() => self.reply(503, "RCPT TO comes first"),
            "DATA" => {
                (self.line_ended_well, self.objection) = (true, None);
                if self.answer(Step::Data, "go ahead, and end with a dot alone on its line") {
                    self.mode = Mode::Message;
                }
            }
            "RSET" => {
                self.mail = Mail::default();
                self.reply(250, "forgotten");
            }
            "NOOP" => self.reply(250, "nothing done"),
            "QUIT" => {
                if self.answer(Step::Quit, "goodbye") {
                    self.close();
                }
            }
            _ => self.reply(500, "this is no command"),
        }
    }

    /// The address of MAIL FROM or RCPT TO, however it is written where that is forgiven.
    fn address_in(&self, text: &str, word: &str) -> Option<String> {
        let guess = || text.rsplit(':').next().unwrap_or_default().trim_matches(['<', '>', ' ']);
        address(text, word).or_else(|| self.script.forgives.then(|| guess().to_owned()))
    }

    /// What base64 stands for; itself, where it is none and that is forgiven.
    fn meant(&self, line: &[u8]) -> Option<Vec<u8>> {
        STANDARD.decode(line).ok().or_else(|| self.script.forgives.then(|| line.to_vec()))
    }

    fn begin_tls(&mut self) {
        let connection = ServerConnection::new(certificates::server(self.script.certificate));
        self.tls = Some(Box::new(connection.expect("a plain configuration")));
    }

    fn ehlo(&mut self) {
        let secure = self.tls.is_some();
        let step = if secure { Step::EhloAgain } else { Step::Ehlo };
        let mut offers = vec![format!("{NAME} at your service"), "8BITMIME".to_owned()];
        if self.script.offers_starttls && !secure {
            offers.push("STARTTLS".to_owned());
        }
        // A lenient server takes a password in clear as well: a client that gives it one shows.
        if secure || !self.script.strict {
            offers.push("AUTH LOGIN".to_owned());
        }
        offers.push("SIZE 35882577".to_owned());
        self.steps.push(step);
        match self.trouble_at(step) {
            None if self.script.brief || self.script.codes_alone => self.reply(250, NAME),
            None => self.reply_lines(self.code(step), &offers),
            Some(trouble) => {
                self.cause(trouble);
            }
        }
    }

    fn starttls(&mut self) {
        self.steps.push(Step::StartTls);
        match self.trouble_at(Step::StartTls) {
            Some(trouble) if !self.cause(trouble) => return,
            Some(_) => {}
            None => {
                let said = "220 ready for TLS";
                self.say(Who::Server, said.as_bytes());
                if !self.script.injected.is_empty() {
                    self.say(Who::Server, self.script.injected.as_bytes());
                    self.note("this was sent in clear, behind the reply to STARTTLS");
                }
                let injected = match self.script.injected {
                    "" => String::new(),
                    line => format!("{line}\r\n"),
                };
                self.send_now(format!("{said}\r\n{injected}").as_bytes()); // TLS follows at once
            }
        }
        self.begin_tls();
        self.hello = None; // RFC 3207: what was said in clear is forgotten
    }

    fn auth(&mut self, method: &str) {
        let secure = self.tls.is_some();
        let (method, initial) = method.split_once(' ').unwrap_or((method, ""));
        if !secure && self.script.strict {
            return self.reply(530, "STARTTLS comes first");
        }
        if self.script.strict && self.hello.is_none() {
            return self.reply(503, "say EHLO first, again after STARTTLS");
        }
        if self.authenticated {
            return self.reply(503, "you have said who you are");
        }
        if !method.eq_ignore_ascii_case("LOGIN") {
            return self.reply(504, "AUTH LOGIN is offered");
        }
        if initial.is_empty() {
            if self.answer(Step::Auth, &STANDARD.encode("Username:")) {
                self.mode = Mode::User;
            }
        } else {
            self.steps.push(Step::Auth);
            self.user(initial.as_bytes());
        }
    }

    fn user(&mut self, line: &[u8]) {
        self.mode = Mode::Commands;
        match self.meant(line) {
            None => self.reply(501, "this is not base64"),
            Some(user) => {
                self.user = String::from_utf8_lossy(&user).into_owned();
                self.account.0 = user;
                if self.answer(Step::User, &STANDARD.encode("Password:")) {
                    self.mode = Mode::Password;
                }
            }
        }
    }

    fn password(&mut self, line: &[u8]) {
        self.mode = Mode::Commands;
        let Some(password) = self.meant(line) else {
            return self.reply(501, "this is not base64");
        };
        let given = String::from_utf8_lossy(&password).into_owned();
        self.account.1 = password;
        let known = self.script.account.as_ref();
        if known.is_some_and(|(user, password)| (user, password) != (&self.user, &given)) {
            return self.reply(535, "user and password do not fit");
        }
        let text = match self.script.echoes {
            true => format!("welcome, {} ({})", given.trim(), STANDARD.encode(given.trim())),
            false => "welcome".to_owned(),
        };
        self.authenticated = self.answer(Step::Password, &text);
    }

    fn message_line(&mut self, text: &[u8], bare: bool) {
        let last_ended_well = std::mem::replace(&mut self.line_ended_well, !bare);
        if bare {
            self.objection = Some("a line of a message ends in CR LF");
        }
        if text == b"." {
            if !last_ended_well {
                self.objection = Some("a line of a message ends in CR LF");
            }
            return self.message_ends();
        }
        let text = match text.strip_prefix(b".") {
            None => text,
            Some(rest) if rest.starts_with(b".") => rest,
            Some(rest) => {
                self.objection.get_or_insert("a dot that begins a line is doubled");
                rest
            }
        };
        self.mail.text.extend_from_slice(text);
        self.mail.text.extend_from_slice(b"\r\n");
    }

    fn message_ends(&mut self) {
        let mail = std::mem::take(&mut self.mail);
        let lines = mail.text.iter().filter(|byte| **byte == b'\n').count();
        self.say(Who::Client, format!("… {lines} lines, and a dot").as_bytes());
        self.mode = Mode::Commands;
        self.mails.push(mail);
        match self.objection.take().filter(|_| self.script.strict) {
            Some(objection) => self.reply(550, objection),
            None => {
                self.answer(Step::Message, "queued");
            }
        }
    }

    // ---- What it says ----

    fn code(&self, step: Step) -> u16 {
        let other = self.script.codes.iter().rfind(|(at, _)| *at == step);
        other.map_or(step.code().unwrap_or(250), |(_, code)| *code)
    }

    fn trouble_at(&self, step: Step) -> Option<Trouble> {
        self.script.trouble.filter(|(at, _)| *at == step).map(|(_, trouble)| trouble)
    }

    /// The client has done its part: answers as it should be, or makes trouble. Says whether the
    /// dialogue goes on.
    fn answer(&mut self, step: Step, text: &str) -> bool {
        self.steps.push(step);
        if let Some(trouble) = self.trouble_at(step) {
            return self.cause(trouble);
        }
        self.reply(self.code(step), text);
        true
    }

    fn cause(&mut self, trouble: Trouble) -> bool {
        match trouble {
            Trouble::Reply(code) => {
                self.reply(code, meaning(code));
                if code == 421 {
                    self.close();
                }
                return code < 400;
            }
            Trouble::Close => {
                self.note("the server closes");
                self.close();
            }
            Trouble::Cut => {
                self.say(Who::Server, b"25");
                self.note("the server closes in the middle of its reply");
                self.send(b"25");
                self.close();
            }
            Trouble::Silence => {
                self.note("the server says nothing more");
                self.mode = Mode::Silent;
            }
            Trouble::Endless => {
                self.note("the server sends 10 MB without an end of line");
                self.mode = Mode::Silent;
                self.endless = ENDLESS;
                let turn = Some(Duration::from_millis(10)); // what the client does is looked at, too
                let _ = self.stream.set_write_timeout(turn); // it is not zero
            }
        }
        false
    }

    fn reply(&mut self, code: u16, text: &str) {
        // A challenge is one line; the bare line in the middle is allowed, and rare.
        let lines: &[&str] = match self.script.in_lines && code != 334 {
            true => &["535 things are said here", "", text],
            false => &[text],
        };
        self.reply_lines(code, lines);
    }

    fn reply_lines(&mut self, code: u16, lines: &[impl AsRef<str>]) {
        let last = lines.len() - 1;
        let mut reply = String::new();
        for (index, text) in lines.iter().enumerate() {
            let mark = if index == last { ' ' } else { '-' };
            let line = match self.script.codes_alone && code < 300 {
                true => code.to_string(),
                false => format!("{code}{mark}{}", text.as_ref()),
            };
            self.say(Who::Server, line.as_bytes());
            reply += &format!("{line}\r\n");
        }
        self.send(reply.as_bytes());
    }

    /// A client that has gone shows when it is listened to.
    fn send(&mut self, bytes: &[u8]) {
        match self.script.holds {
            true => self.held.extend_from_slice(bytes),
            false => self.send_now(bytes),
        }
    }

    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Lets a reply go that was held back.
    pub fn let_go(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.send_now(&held);
    }

    /// Where the client listens to.
    pub fn place(&self) -> Option<SocketAddr> {
        self.stream.local_addr().ok()
    }

    /// Takes a line without its end for a whole one, or a message without its dot: the client waits
    /// for the reply. Says whether there was any to take.
    pub fn take_unended(&mut self) -> bool {
        let in_message = matches!(self.mode, Mode::Message);
        let any = !self.heard.is_empty() || in_message && !self.mail.text.is_empty();
        if !self.script.forgives || !any || matches!(self.mode, Mode::Silent | Mode::Deaf) {
            return false;
        }
        if in_message {
            self.mail.text.append(&mut self.heard);
            self.scanned = 0;
            let text = &self.mail.text;
            let text = text.strip_suffix(b"\r\n").unwrap_or(text);
            self.mail.text = text.strip_suffix(b".").unwrap_or(text).to_vec();
            self.unended.push(Step::Message);
            self.message_ends();
        } else {
            self.heard.extend_from_slice(b"\r\n");
            self.note("the line below has no end");
            self.obey();
            self.unended.extend(self.wanted);
        }
        true
    }

    fn send_now(&mut self, bytes: &[u8]) {
        let size = if self.script.in_bytes { 1 } else { bytes.len().max(1) };
        for piece in bytes.chunks(size) {
            match &mut self.tls {
                None => {
                    let _ = self.stream.write_all(piece); // see above
                }
                Some(tls) => {
                    let _ = tls.writer().write_all(piece); // into memory
                    self.flush();
                }
            }
        }
    }

    /// Sends what TLS has to send.
    fn flush(&mut self) {
        if let Some(tls) = &mut self.tls {
            while tls.wants_write() && tls.write_tls(&mut self.stream).is_ok() {}
        }
    }

    /// Sends as much of the endless reply as the client takes now.
    fn go_on_without_end(&mut self) {
        let chunk = [b'2'; 16 * 1024];
        while self.endless > 0 {
            let tls = self.tls.as_mut().filter(|tls| !tls.is_handshaking());
            let sent = match tls {
                None => self.stream.write(&chunk),
                Some(tls) if tls.wants_write() => tls.write_tls(&mut self.stream).map(|_| 0),
                Some(tls) => tls.writer().write(&chunk),
            };
            match sent {
                Ok(sent) => self.endless = self.endless.saturating_sub(sent),
                Err(error) if not_yet(&error) => return,
                Err(_) => self.endless = 0,
            }
            if self.endless == 0 {
                self.close();
            }
        }
    }

    /// Says that no more comes from here; what the client still sends is listened to.
    fn close(&mut self) {
        self.let_go();
        if let Some(tls) = &mut self.tls
            && !tls.is_handshaking()
        {
            tls.send_close_notify();
        }
        self.flush();
        let _ = self.stream.shutdown(Shutdown::Write); // the client may have gone already
        if !matches!(self.mode, Mode::Deaf) {
            self.mode = Mode::Silent;
        }
    }

    fn say(&mut self, who: Who, text: &[u8]) {
        let encrypted = self.tls.is_some() && !self.handshakes();
        let secret = who == Who::Client && matches!(self.mode, Mode::Password);
        if who == Who::Client {
            self.wanted = self.wanted_by(text);
        }
        self.dialogue.push(Said { who, text: text.to_vec(), encrypted, secret, step: self.wanted });
    }

    /// The step that a line of the client's is meant to be.
    fn wanted_by(&self, line: &[u8]) -> Option<Step> {
        match self.mode {
            Mode::User => return Some(Step::User),
            Mode::Password => return Some(Step::Password),
            Mode::Message => return Some(Step::Message),
            Mode::Commands | Mode::Silent | Mode::Deaf => {}
        }
        let verb = line.get(..4)?.to_ascii_uppercase();
        Some(match verb.as_slice() {
            b"EHLO" | b"HELO" if self.tls.is_some() => Step::EhloAgain,
            b"EHLO" | b"HELO" => Step::Ehlo,
            b"STAR" => Step::StartTls,
            b"AUTH" => Step::Auth,
            b"MAIL" => Step::Mail,
            b"RCPT" => Step::Rcpt,
            b"DATA" => Step::Data,
            b"QUIT" => Step::Quit,
            _ => return None,
        })
    }

    fn note(&mut self, text: &str) {
        self.say(Who::Note, text.as_bytes());
    }

    /// The line with which the client took a step, as it came.
    pub fn line(&self, step: Step) -> Option<&[u8]> {
        let said = self.dialogue.iter();
        let mut lines = said.filter(|said| said.who == Who::Client && said.step == Some(step));
        lines.next().map(|said| said.text.as_slice())
    }

    /// The address that MAIL FROM or RCPT TO named first.
    pub fn address(&self, step: Step) -> Option<String> {
        let word = if step == Step::Mail { "MAIL FROM:" } else { "RCPT TO:" };
        address(&String::from_utf8_lossy(self.line(step)?), word)
    }
}

/// The line that begins there, with its end; `at` moves behind it. What was `scanned` has no end.
fn next_line<'h>(heard: &'h [u8], at: &mut usize, scanned: &mut usize) -> Option<&'h [u8]> {
    let rest = heard.get(*at..)?;
    match rest.get(*scanned..).and_then(|new| memchr(b'\n', new)) {
        None => {
            *scanned = rest.len();
            None
        }
        Some(end) => {
            let (line, _) = rest.split_at_checked(*scanned + end + 1)?;
            *at += line.len();
            *scanned = 0;
            Some(line)
        }
    }
}

/// What a reply of trouble is usually given for.
fn meaning(code: u16) -> &'static str {
    match code {
        251 => "not here, but it will be forwarded",
        421 => "too busy, and closing",
        454 => "not available for the moment",
        500 => "not understood",
        530 => "log in first",
        535 => "login refused",
        550 => "not allowed",
        552 => "mailbox full",
        554 => "no mail is taken here",
        _ => "as you wish",
    }
}

/// `FROM:<alice@example.com> SIZE=3` → `alice@example.com`.
fn address(text: &str, word: &str) -> Option<String> {
    let (begin, rest) = text.split_at_checked(word.len())?;
    let rest = Some(rest.trim_start()).filter(|_| begin.eq_ignore_ascii_case(word))?;
    let (address, _) = rest.strip_prefix('<')?.split_once('>')?;
    Some(address.to_owned())
}

// ---- Secrets ----

const MASK: &str = "********";

/// Every form in which a password can be read off the wire or a screen: as it is, and in base64 by
/// itself, with a user before it as AUTH PLAIN has it, or anywhere in something longer.
pub fn forms(user: &str, password: &str) -> Vec<Vec<u8>> {
    let plain = |identity: &str| STANDARD.encode(format!("{identity}\0{user}\0{password}"));
    let mut forms = vec![
        password.as_bytes().to_vec(),
        STANDARD.encode(password).into_bytes(),
        plain("").into_bytes(),
        plain(user).into_bytes(),
    ];
    // Three bytes are four letters: where a password begins in a longer text decides its letters.
    // Those that also hold a neighbour's bits are left out.
    for shift in 1..3 {
        let shifted = STANDARD.encode([&vec![0; shift], password.as_bytes()].concat());
        let begin = (8 * shift).div_ceil(6);
        let end = (8 * (shift + password.len())) / 6;
        forms.push(shifted.as_bytes()[begin..end].to_vec());
    }
    let whole = 8 * password.len() / 6;
    forms.push(STANDARD.encode(password).as_bytes()[..whole].to_vec());
    forms.retain(|form| form.len() > 2);
    forms.sort_by_key(|form| std::cmp::Reverse(form.len())); // the longest is masked first
    forms
}

/// Whether any form of a password is among these bytes.
pub fn shows(bytes: &[u8], forms: &[Vec<u8>]) -> bool {
    forms.iter().any(|form| memmem::find(bytes, form).is_some())
}

/// A text with every form of a password made unreadable.
pub fn masked(text: &[u8], forms: &[Vec<u8>]) -> String {
    let mut text = text.to_vec();
    for form in forms {
        let mut masked = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        while let Some((before, behind)) = split_at(rest, form) {
            masked.extend_from_slice(before);
            masked.extend_from_slice(MASK.as_bytes());
            rest = behind;
        }
        masked.extend_from_slice(rest);
        text = masked;
    }
    escape::bytes(&text)
}

/// The dialogue as a person reads it, `C:` the client's lines and `S:` the server's.
pub fn shown(dialogue: &[Said], forms: &[Vec<u8>]) -> Vec<String> {
    let line = |said: &Said| {
        let text = match said.secret {
            true => MASK.to_owned(),
            false => masked(&said.text, forms),
        };
        match said.who {
            Who::Client => format!("C: {text}"),
            Who::Server => format!("S: {text}"),
            Who::Note => format!("   ({text})"),
        }
    };
    dialogue.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_in_every_form_and_masked() {
        let (user, password) = ("alice@example.com", "wonder land");
        let forms = forms(user, password);
        let base64 = |text: &str| STANDARD.encode(text);
        let sent = [
            password.to_owned(),
            base64(password),
            base64(&format!("\0{user}\0{password}")),
            base64(&format!("{user}\0{user}\0{password}")),
            base64(&format!("{password}\r\n")),
            base64(&format!("x{password}")),
            base64(&format!("xy{password}z")),
        ];
        for text in sent {
            let line = format!("AUTH PLAIN {text}");
            assert!(shows(line.as_bytes(), &forms), "{line}");
            assert!(!shows(masked(line.as_bytes(), &forms).as_bytes(), &forms), "{line}");
        }
        assert!(!shows(base64(user).as_bytes(), &forms));
    }

    #[test]
    fn an_address_stands_between_brackets() {
        assert_eq!(address("from: <a@b> SIZE=3", "FROM:").as_deref(), Some("a@b"));
        assert_eq!(address("FROM:<>", "FROM:").as_deref(), Some(""));
        for other in ["FROM:a@b", "TO:<a@b>", "FROM:<a@b", ""] {
            assert_eq!(address(other, "FROM:"), None, "{other}");
        }
    }
}
