//! The dialogue: what the server makes of a line, and what it answers.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConnection;

use crate::wire::certificates;
use crate::wire::smtp::{ENDLESS, LINES, Mail, Mode, NAME, Peer, Step, Trouble, Who};

impl Peer {
    pub(super) fn take_line(&mut self, line: &[u8]) {
        let text = line.strip_suffix(b"\r\n").or(line.strip_suffix(b"\n")).unwrap_or(line);
        let bare = !line.ends_with(b"\r\n") || text.contains(&b'\r');
        if bare && self.bare.len() < LINES {
            self.bare.push(line.to_vec());
        }
        if !self.held.is_empty() && self.wanted != Some(Step::Greeting) {
            self.early.extend(self.wanted);
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
            Mode::Both => self.both(text),
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
            "STARTTLS" if self.must_say_ehlo() => {
                self.reply(503, "say EHLO first");
            }
            "STARTTLS" => self.starttls(),
            "AUTH" => self.auth(rest),
            "MAIL" if self.must_log_in() => self.reply(530, "authentication is required"),
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

    /// Whether nobody may send a mail without a login.
    fn must_log_in(&self) -> bool {
        !self.authenticated && !self.script.forgives
    }

    /// Only EHLO asks for the extensions that a strict server then lets a client use.
    fn must_say_ehlo(&self) -> bool {
        self.script.strict && self.hello != Some(true) && !self.script.takes_helo
    }

    pub(super) fn begin_tls(&mut self) {
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
            let methods = if self.script.plain { "AUTH LOGIN PLAIN" } else { "AUTH LOGIN" };
            offers.push(methods.to_owned());
        }
        offers.push("SIZE 35882577".to_owned());
        self.steps.push(step);
        match self.trouble_at(step) {
            None if self.script.brief => self.reply(250, NAME),
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
        if method.eq_ignore_ascii_case("PLAIN") {
            return self.plain(initial);
        }
        if !method.eq_ignore_ascii_case("LOGIN") {
            return self.reply(504, "AUTH LOGIN is offered");
        }
        if initial.is_empty() {
            if self.answer(Step::Auth, &STANDARD.encode("Username:")) {
                self.mode = Mode::User;
            }
        } else if let Some(trouble) = self.trouble_at(Step::Auth) {
            self.steps.push(Step::Auth);
            self.cause(trouble);
        } else {
            self.steps.push(Step::Auth);
            self.user(initial.as_bytes());
        }
    }

    /// RFC 4616: user and password in one line, behind the command or on the next one.
    fn plain(&mut self, initial: &str) {
        self.said_plain = true;
        if !self.script.plain {
            return self.reply(504, "AUTH LOGIN is offered");
        }
        self.steps.push(Step::Auth);
        match self.trouble_at(Step::Auth) {
            Some(trouble) => {
                self.cause(trouble);
            }
            None if initial.is_empty() => {
                self.reply(334, "");
                self.mode = Mode::Both;
            }
            None => self.both(initial.as_bytes()),
        }
    }

    fn both(&mut self, line: &[u8]) {
        self.mode = Mode::Commands;
        let decoded = STANDARD.decode(line).unwrap_or_default();
        let mut parts = decoded.splitn(3, |byte| *byte == 0).skip(1);
        let (Some(user), Some(password)) = (parts.next(), parts.next()) else {
            return self
                .reply(501, "this is not base64 of a NUL, the user, a NUL and the password");
        };
        self.user = String::from_utf8_lossy(user).into_owned();
        self.account.0 = user.to_vec();
        self.steps.push(Step::User);
        match self.trouble_at(Step::User) {
            Some(trouble) => {
                self.cause(trouble);
            }
            None => self.knows(password.to_vec()),
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
        match self.meant(line) {
            None => self.reply(501, "this is not base64"),
            Some(password) => self.knows(password),
        }
    }

    /// Whether the password is the user's.
    fn knows(&mut self, password: Vec<u8>) {
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

    pub(super) fn message_ends(&mut self) {
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

    pub(super) fn trouble_at(&self, step: Step) -> Option<Trouble> {
        self.script.trouble.filter(|(at, _)| *at == step).map(|(_, trouble)| trouble)
    }

    /// The client has done its part: answers as it should be, or makes trouble. Says whether the
    /// dialogue goes on.
    pub(super) fn answer(&mut self, step: Step, text: &str) -> bool {
        self.steps.push(step);
        if let Some(trouble) = self.trouble_at(step) {
            return self.cause(trouble);
        }
        self.reply(self.code(step), text);
        true
    }

    pub(super) fn cause(&mut self, trouble: Trouble) -> bool {
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
pub(super) fn address(text: &str, word: &str) -> Option<String> {
    let (begin, rest) = text.split_at_checked(word.len())?;
    let rest = Some(rest.trim_start()).filter(|_| begin.eq_ignore_ascii_case(word))?;
    let (address, _) = rest.strip_prefix('<')?.split_once('>')?;
    Some(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_between_brackets() {
        assert_eq!(address("from: <a@b> SIZE=3", "FROM:").as_deref(), Some("a@b"));
        assert_eq!(address("FROM:<>", "FROM:").as_deref(), Some(""));
        for other in ["FROM:a@b", "TO:<a@b>", "FROM:<a@b", ""] {
            assert_eq!(address(other, "FROM:"), None, "{other}");
        }
    }
}
