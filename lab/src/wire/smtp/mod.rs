//! A mail server that follows a script: what it offers, how it cuts its replies, and where it
//! refuses, closes or falls silent. It keeps every byte that came and the whole dialogue. The checks
//! of the mail client play it, and `lab mail` runs it for students without an account.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use memchr::memchr;
use rustls::ServerConnection;

use crate::os::program::Event;
use crate::wire::intake::{Intake, Look, not_yet};

mod dialogue;
mod script;
mod secrets;

use self::dialogue::address;
pub use self::script::{Script, Step, Trouble};
pub use self::secrets::{forms, masked, shown, shows};

/// What the server calls itself.
const NAME: &str = "mail.example.com";

/// What somebody on the way puts behind the reply to STARTTLS.
pub const INJECTED: &str = "250 mail.example.com trusts you, say AUTH LOGIN now";

/// Who has said so many lines without a message has no end in sight.
const LINES: usize = 300;
/// How a handshake begins on the wire.
pub const HANDSHAKE: [u8; 2] = [22, 3];
/// The reply without an end of line is so long.
const ENDLESS: usize = 10 << 20;

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
pub enum VisitEnd {
    Closed,
    Reset,
    /// It sends without end.
    Over(Event),
}

enum Mode {
    Commands,
    User,
    Password,
    /// User and password in one line.
    Both,
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
    /// A reply that is held back, and the steps whose replies were not waited for.
    held: Vec<u8>,
    pub early: Vec<Step>,
    /// TLS began with the first byte.
    pub begins_with_tls: bool,
    /// It said HELO, which asks for no extension.
    pub said_helo: bool,
    /// It said AUTH PLAIN.
    pub said_plain: bool,
    /// What came as user and as password.
    pub account: (Vec<u8>, Vec<u8>),
    pub mails: Vec<Mail>,
    pub end: Option<VisitEnd>,
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
            early: Vec::new(),
            begins_with_tls: false,
            said_helo: false,
            said_plain: false,
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
            self.end = Some(VisitEnd::Over(Event::Lines(LINES)));
            return Some(());
        }
        let begin = self.wire.len();
        match self.intake.look(&mut self.stream, &mut self.wire) {
            Look::Piece(_) => {
                let piece = self.wire.get(begin..).unwrap_or_default().to_vec();
                self.take(&piece);
            }
            Look::NotYet => return None,
            Look::Closed => self.end = Some(VisitEnd::Closed),
            Look::Reset => self.end = Some(VisitEnd::Reset),
            Look::Over(event) => self.end = Some(VisitEnd::Over(event)),
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

    fn reply(&mut self, code: u16, text: &str) {
        // A challenge is one line; the bare line in the middle is allowed, and rare.
        let lines: &[&str] = match self.script.in_lines && code != 334 {
            true => &["535 things are said here", "", text],
            false => &[text],
        };
        self.reply_lines(code, lines);
    }

    fn reply_lines(&mut self, code: u16, lines: &[impl AsRef<str>]) {
        let last = lines.len().saturating_sub(1);
        let mut reply = String::new();
        for (index, text) in lines.iter().enumerate() {
            let mark = if index == last { ' ' } else { '-' };
            let line = match self.script.codes_alone && code < 300 {
                true if index == last => code.to_string(),
                _ => format!("{code}{mark}{}", text.as_ref()),
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
        let secret = who == Who::Client && matches!(self.mode, Mode::Password | Mode::Both);
        if who == Who::Client {
            self.wanted = self.wanted_by(text);
        }
        self.dialogue.push(Said { who, text: text.to_vec(), encrypted, secret, step: self.wanted });
    }

    /// The step that a line of the client's is meant to be.
    fn wanted_by(&self, line: &[u8]) -> Option<Step> {
        match self.mode {
            Mode::User => return Some(Step::User),
            Mode::Password | Mode::Both => return Some(Step::Password),
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
            let (line, _) = rest.split_at_checked(scanned.saturating_add(end).saturating_add(1))?;
            *at = at.saturating_add(line.len());
            *scanned = 0;
            Some(line)
        }
    }
}
