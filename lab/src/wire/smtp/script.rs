//! What the server does: the steps of a mail, the trouble it makes at one, and the script of a visit.

use clap::ValueEnum;

use crate::wire::certificates::Certificate;

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
    /// AUTH PLAIN is offered, too.
    pub plain: bool,
    /// HELO is as good as EHLO, also before STARTTLS.
    pub takes_helo: bool,
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
            plain: false,
            takes_helo: false,
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
