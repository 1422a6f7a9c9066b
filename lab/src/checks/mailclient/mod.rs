//! Checks of mailclient. The check is the mail server (`smtp`), and follows a script that leads up to
//! what is looked at; where it can be guessed what a client means it goes on, so that one fault costs
//! one check. Every failure shows the dialogue, with the password masked.

mod message;
mod refusals;
mod steps;
mod visit;

use crate::checks::check::Check;
use crate::wire::certificates::Certificate;
use crate::wire::smtp::{self, Script, Step, Trouble};

use self::message::{attachment, body_arrives, date, dots, headers, one_line, utf8};
use self::refusals::{closes, delivered, refused, strict, unsafe_server, words};
use self::steps::{
    connects, data, ehlo, ehlo_again, end, extended, greeting, lines, password, pieces, prints,
    quit, receiver, secret, sender, starttls, tls, user, waits, well,
};
use self::visit::{forgiving, troubled};

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
const WAITS: &str = "The client waits for the whole reply before it sends the next command.";

pub const CHECKS: &[Check] = &[
    Check::new("connects", "the client connects to the server", "connect",
        "The mail client connects to the ADDRESS and PORT it was given.", connects).door(),
    Check::new("greeting", "it waits until the server has greeted", "greeting",
        "The server speaks first, and the client waits for its greeting.", greeting),
    Check::new("ehlo", "it says EHLO and who it is", "ehlo",
        "The client says `EHLO` and its name.", ehlo),
    Check::new("starttls", "it asks for TLS", "starttls", TLS_FIRST, starttls).after("ehlo"),
    Check::new("tls", "it begins TLS with a server that it can trust", "tls", TLS_FIRST, tls)
        .after("starttls"),
    Check::new("ehlo-again", "it says EHLO again inside TLS", "ehlo-again",
        "Inside TLS it says `EHLO` once more: what the server said in clear no longer counts.",
        ehlo_again).after("tls"),
    Check::new("auth", "it asks to log in", "auth", LOGIN, steps::auth).after("tls"),
    Check::new("user", "it says its user in base64", "user", LOGIN, user).after("auth"),
    Check::new("password", "it says its password in base64", "password", LOGIN, password)
        .after("user"),
    Check::new("mail", "it names the sender", "mail", ENVELOPE, sender).after("password"),
    Check::new("rcpt", "it names the receiver", "rcpt", ENVELOPE, receiver).after("mail"),
    Check::new("data", "it says DATA", "data", DATA, data).after("rcpt"),
    Check::new("end", "a dot ends the message", "end",
        "A line with nothing but a dot ends the message.", end).after("data"),
    Check::new("message", "the body arrives", "message", DATA, body_arrives).after("end"),
    Check::new("dots", "lines that begin with a dot arrive", "message",
        "A line of the message that begins with a dot gets a second dot in front.", dots)
        .after("message"),
    Check::new("headers", "From, To and Subject are right", "headers", FIELDS, headers).after("end"),
    Check::new("utf8", "subject and body may be in any script", "headers",
        "A subject that is not ASCII goes as encoded words, and the body as UTF-8 with headers that \
         say so.", utf8).after("message"),
    Check::new("one-line", "a line break smuggles nothing in", "headers", FIELDS, one_line)
        .after("headers"),
    Check::new("quit", "it says QUIT, and ends well", "quit",
        "`QUIT` ends the dialogue, and the client ends with exit status 0.", quit).after("end"),
    Check::new("waits", "it waits for each reply", "greeting", WAITS, waits).after("end"),
    Check::new("lines", "a reply may have several lines, and no words", "last", SEVERAL, lines)
        .after("quit"),
    Check::new("pieces", "a reply may come byte by byte", "last", SEVERAL, pieces).after("lines"),
    Check::new("prints", "what the server says is printed", "last",
        "Every line of every reply is printed.", prints).after("quit").of_words(),
    Check::new("strict", "a strict server takes the mail as well", "message",
        "Every line on the wire ends in CR LF.", strict).after("quit"),
    Check::new("refused", "a refusal at any step is the end", "greeting", OTHER_REPLY, refused)
        .after("waits").after("quit"),
    Check::new("words", "a refusal is said in the handout's words", "greeting", OTHER_REPLY, words)
        .after("refused").of_words(),
    Check::new("closes", "a server that closes too early is an error", "greeting",
        "A server that closes too early is an error as well: the exit status is not 0.", closes)
        .after("waits").after("quit"),
    Check::new("forwards", "251 accepts a receiver, too", "rcpt",
        "The receiver may also be accepted with 251.",
        |trial| well(trial, troubled(Step::Rcpt, Trouble::Reply(251))).map(|_| ())).after("quit"),
    Check::new("delivered", "trouble at QUIT does not undo a delivery", "quit", DELIVERED, delivered)
        .after("quit"),
    Check::new("no-tls", "without STARTTLS it gives nothing away", "starttls", NO_TLS,
        |trial| unsafe_server(trial, Script { offers_starttls: false, ..forgiving() }))
        .after("starttls"),
    Check::new("issuer", "a certificate of an unknown issuer is not trusted", "tls", NO_TLS,
        |trial| unsafe_server(trial, certified(Certificate::SelfSigned))).after("tls"),
    Check::new("expired", "a certificate that has expired is not trusted", "tls", NO_TLS,
        |trial| unsafe_server(trial, certified(Certificate::Expired))).after("issuer"),
    Check::new("host", "a certificate for another host is not trusted", "tls", NO_TLS,
        |trial| {
            unsafe_server(trial, certified(Certificate::OtherHost))?;
            unsafe_server(trial, certified(Certificate::Localhost))
        }).after("issuer"),
    Check::new("injected", "a line injected behind STARTTLS is noticed", "starttls",
        "Bytes that come in clear behind the reply to `STARTTLS` were put there by somebody else: the \
         client goes no further.",
        |trial| unsafe_server(trial, Script { injected: smtp::INJECTED, ..forgiving() }))
        .after("starttls"),
    Check::new("secret", "the password is never printed", "password",
        "The password is never printed and never sent in clear, also not in base64, and also not when \
         the server repeats it.", secret).after("quit"),
    Check::new("extended", "it says EHLO, not HELO", "ehlo",
        "`EHLO` asks the server what it can do; `HELO`, its elder sister, does not.", extended)
        .after("ehlo").advice(),
    Check::new("date", "the mail has a Date and a Message-ID", "headers",
        "`Date` and `Message-ID` are not demanded by the server, but a mail without them looks like \
         spam.", date).after("message").advice(),
    Check::new("attachment", "a file goes along (optional)", "attachment",
        "An attachment is a part of its own, in base64 with lines of 76 characters.", attachment)
        .after("message").advice(),
];

fn certified(certificate: Certificate) -> Script {
    Script { certificate, ..forgiving() }
}
