//! `lab mail`: the scripted mail server for students without an account. It shows the dialogue while
//! it goes on, and every mail it is given; it delivers nothing.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::text::say::say;
use crate::text::style::{FAINT, STRONG};
use crate::tree::Tree;
use crate::wire::certificates;
use crate::wire::mime::{Part, decoded};
use crate::wire::smtp::{self, Mail, Peer, Script, VisitEnd};

const USER: &str = "alice@example.com";
const PASSWORD: &str = "wonderland";
const ISSUER: &str = "target/lab/mail-ca.pem";
/// A client that says nothing for so long is let go.
const PATIENCE: Duration = Duration::from_secs(300);

/// Serves until it is interrupted.
pub fn serve(tree: &Tree, port: u16, mut script: Script) -> Result<(), Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        Error::Failed(format!(
            "port {port} cannot be had: {error}. Another one: make mail ARGS=\"--port {}\"",
            port.wrapping_add(1)
        ))
    })?;
    let port = listener.local_addr().map_or(port, |address| address.port());
    script.account = Some((USER.to_owned(), PASSWORD.to_owned()));
    tree.write(ISSUER, certificates::issuer())?;
    say(&format!(
        "A mail server is ready at 127.0.0.1, port {port}. It keeps no mail and sends none on; it \
         shows what it is told.\nIn another terminal:\n\n  \
         export MAIL_CA={ISSUER} MAIL_USER={USER} MAIL_PASSWORD={PASSWORD} MAIL_TO=bob@example.com\n  \
         make run LAB=mailclient ARGS=\"127.0.0.1 {port}\"\n\nCtrl-C ends it.\n"
    ));
    for (number, stream) in (1..).zip(listener.incoming()) {
        let Ok(stream) = stream else { continue }; // it has gone before it was let in
        let script = script.clone();
        thread::spawn(move || visit(number, stream, script));
    }
    Ok(())
}

/// Visits may overlap; what is shown of one look belongs together.
static SCREEN: Mutex<()> = Mutex::new(());

fn visit(number: u32, stream: TcpStream, script: Script) {
    if stream.set_read_timeout(Some(Duration::from_millis(100))).is_err() {
        return; // it has gone already
    }
    let forms = smtp::forms(USER, PASSWORD);
    let mut peer = Peer::new(stream, script);
    show(&format!("\n{STRONG}visit {number}{STRONG:#}\n"));
    let (mut told, mut mails, mut heard) = (0, 0, Instant::now());
    loop {
        let lines = smtp::shown(&peer.dialogue[told..], &forms).join("\n");
        told = peer.dialogue.len();
        let letters: String = peer.mails[mails..].iter().map(letter).collect();
        mails = peer.mails.len();
        show(&format!("{lines}{}{letters}", if lines.is_empty() { "" } else { "\n" }));
        if let Some(end) = &peer.end {
            return show(&format!("{FAINT}visit {number}: {}{FAINT:#}\n", how(end)));
        }
        if peer.look().is_some() {
            heard = Instant::now();
        } else if heard.elapsed() > PATIENCE {
            return show(&format!("{FAINT}visit {number}: silent for too long{FAINT:#}\n"));
        }
    }
}

fn how(end: &VisitEnd) -> String {
    match end {
        // Which of the two depends on whether it had read the last byte.
        VisitEnd::Closed | VisitEnd::Reset => "the client has closed the connection".to_owned(),
        VisitEnd::Over(_) => "more came than a mail can hold".to_owned(),
    }
}

/// A mail as a mail program shows it.
fn letter(mail: &Mail) -> String {
    let part = Part::parse(&mail.text);
    let mut text =
        format!("\n  {STRONG}a mail from {} to {}{STRONG:#}\n", mail.from, mail.to.join(", "));
    for (name, value) in &part.fields {
        text += &format!("  {name}: {}\n", decoded(value));
    }
    text += "\n";
    if let Some(body) = part.text() {
        let body = String::from_utf8_lossy(&body.body).into_owned();
        body.lines().for_each(|line| text += &format!("  {line}\n"));
    }
    if let Some(file) = part.attachment() {
        text += &format!("\n  a file: {}, {} bytes\n", file.kind(), file.body.len());
    }
    text + "\n"
}

fn show(text: &str) {
    let _turn = SCREEN.lock().unwrap_or_else(PoisonError::into_inner); // it guards nothing else
    say(text);
}
