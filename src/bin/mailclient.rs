//! mailclient -- send one mail through a mail server: SMTP, TLS and a password, step by step.
//!
//! usage:    mailclient [ADDRESS [PORT]]     default: mail.ttm4200.com 587
//! try:      mailclient -h                   the variables that say what to send, and as whom
//! mirrors:  mailclient.py, step by step
//! departs:  stops at an unexpected reply; verifies the certificate; waits 30 s at most for a reply

use std::error::Error;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::process::{self, Command};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{env, fs};

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::Local;
use native_tls::{
    Certificate, HandshakeError, Protocol, TlsConnector, TlsConnectorBuilder, TlsStream,
};

const USAGE: &str = "usage: mailclient [ADDRESS [PORT]]";
const VARIABLES: &str = "\
MAIL_USER        your name at the mail server; asked for where it is missing
MAIL_PASSWORD    your password there; asked for where it is missing
MAIL_TO          the receiver's address; asked for where it is missing
MAIL_FROM        the sender's address; by default MAIL_USER
MAIL_SUBJECT     by default: Mail Client Testing with using SMTP protocol
MAIL_BODY        by default: I love computer networks!
MAIL_ATTACHMENT  a file to send along
MAIL_CA          a PEM file with one more issuer of certificates to trust";
const SERVER_PORT: u16 = 587;
const PATIENCE: Duration = Duration::from_secs(30);
const LONGEST_LINE: usize = 64 * 1024;
const MOST_LINES: usize = 1000;
const END_OF_MESSAGE: &str = "\r\n.\r\n";

/// What is to be sent, and as whom.
struct Mail {
    user: String,
    password: String,
    sender: String,
    receiver: String,
    subject: String,
    body: String,
    /// A file's name and what is in it.
    attachment: Option<(String, Vec<u8>)>,
}

fn main() {
    let (server_name, server_port) = arguments("mail.ttm4200.com", SERVER_PORT);
    let (mail, context) = (mail(), context());
    let delivered = start_tls(&server_name, server_port, &context)
        .and_then(|mut wrap_socket| deliver(&mut wrap_socket, &mail));
    if let Err(error) = delivered {
        eprintln!("mailclient: {server_name}:{server_port}: {}", explain(&error));
        process::exit(1);
    }
}

/// Connects, and goes over to TLS. Whoever listens in hears all of this, so nothing here knows the
/// mail or the password.
fn start_tls(
    server_name: &str,
    server_port: u16,
    context: &TlsConnectorBuilder,
) -> io::Result<TlsStream<Patient>> {
    let server_address = resolve(server_name, server_port)?;
    // clientSocket = socket(AF_INET, SOCK_STREAM)
    // clientSocket.connect((serverName, serverPort))
    // Create a TCP socket and connect it to the server. `PATIENCE` is how long to wait at most.
    // ==== fill in here: connect ====
    //| let client_socket: TcpStream = todo!("connect");
    let client_socket = TcpStream::connect_timeout(&server_address, PATIENCE)?;
    // ==== end: connect ====
    let host = client_socket.local_addr()?.ip();
    let mut client_socket = Patient { socket: client_socket, until: Instant::now() };

    // receive(clientSocket, "220")
    // The server speaks first.
    // ==== fill in here: greeting ====
    //| todo!("greeting");
    receive(&mut client_socket, &["220"])?;
    // ==== end: greeting ====

    // clientSocket.send(f"EHLO [{host}]\r\n".encode())
    // receive(clientSocket, "250")
    // Say who is there: `host` is this host's address. The reply lists what the server can do.
    // ==== fill in here: ehlo ====
    //| todo!("ehlo");
    send(&mut client_socket, &format!("EHLO [{host}]\r\n"))?;
    receive(&mut client_socket, &["250"])?;
    // ==== end: ehlo ====

    // clientSocket.send(b"STARTTLS\r\n")
    // receive(clientSocket, "220")
    // ==== fill in here: starttls ====
    //| todo!("starttls");
    send(&mut client_socket, "STARTTLS\r\n")?;
    receive(&mut client_socket, &["220"])?;
    // ==== end: starttls ====
    client_socket.must_be_silent()?;

    // wrapSocket = context.wrap_socket(clientSocket, server_hostname=serverName)
    // Shake hands: the server proves with a certificate that it is `server_name`.
    // ==== fill in here: tls ====
    //| let wrap_socket: TlsStream<Patient> = todo!("tls");
    let connector = context.build().map_err(io::Error::other)?;
    let wrap_socket = connector.connect(server_name, client_socket).map_err(no_tls)?;
    // ==== end: tls ====
    Ok(wrap_socket)
}

/// Proves who sends, and sends the mail: all of it inside TLS.
fn deliver(wrap_socket: &mut TlsStream<Patient>, mail: &Mail) -> io::Result<()> {
    let host = wrap_socket.patient().socket.local_addr()?.ip();
    // wrapSocket.send(f"EHLO [{host}]\r\n".encode())
    // receive(wrapSocket, "250")
    // Once more: what was said in clear may have been changed on its way, and no longer counts.
    // ==== fill in here: ehlo-again ====
    //| todo!("ehlo-again");
    send(wrap_socket, &format!("EHLO [{host}]\r\n"))?;
    receive(wrap_socket, &["250"])?;
    // ==== end: ehlo-again ====

    // wrapSocket.send(b"AUTH LOGIN\r\n")
    // receive(wrapSocket, "334")
    // ==== fill in here: auth ====
    //| todo!("auth");
    send(wrap_socket, "AUTH LOGIN\r\n")?;
    receive(wrap_socket, &["334"])?;
    // ==== end: auth ====

    // wrapSocket.send(base64.b64encode(user.encode()) + b"\r\n")
    // receive(wrapSocket, "334")
    // ==== fill in here: user ====
    //| todo!("user");
    send(wrap_socket, &format!("{}\r\n", BASE64_STANDARD.encode(&mail.user)))?;
    receive(wrap_socket, &["334"])?;
    // ==== end: user ====

    // wrapSocket.send(base64.b64encode(password.encode()) + b"\r\n")
    // receive(wrapSocket, "235")
    // ==== fill in here: password ====
    //| todo!("password");
    send(wrap_socket, &format!("{}\r\n", BASE64_STANDARD.encode(&mail.password)))?;
    receive(wrap_socket, &["235"])?;
    // ==== end: password ====

    // wrapSocket.send(f"MAIL FROM:<{sender}>\r\n".encode())
    // receive(wrapSocket, "250")
    // ==== fill in here: mail ====
    //| todo!("mail");
    send(wrap_socket, &format!("MAIL FROM:<{}>\r\n", mail.sender))?;
    receive(wrap_socket, &["250"])?;
    // ==== end: mail ====

    // wrapSocket.send(f"RCPT TO:<{receiver}>\r\n".encode())
    // receive(wrapSocket, "250", "251")
    // 251 says that the server knows where else to find the receiver, and takes the mail.
    // ==== fill in here: rcpt ====
    //| todo!("rcpt");
    send(wrap_socket, &format!("RCPT TO:<{}>\r\n", mail.receiver))?;
    receive(wrap_socket, &["250", "251"])?;
    // ==== end: rcpt ====

    // wrapSocket.send(b"DATA\r\n")
    // receive(wrapSocket, "354")
    // ==== fill in here: data ====
    //| todo!("data");
    send(wrap_socket, "DATA\r\n")?;
    receive(wrap_socket, &["354"])?;
    // ==== end: data ====

    // wrapSocket.send(message().replace("\r\n.", "\r\n..").encode())
    // A line that begins with a dot gets a second one, or the server would take it for the end.
    let message = message(mail);
    // ==== fill in here: message ====
    //| todo!("message");
    send(wrap_socket, &message.replace("\r\n.", "\r\n.."))?;
    // ==== end: message ====

    // wrapSocket.send(endMessage.encode())
    // receive(wrapSocket, "250")
    // The message ends with a line that holds a dot and nothing else: `END_OF_MESSAGE`.
    // ==== fill in here: end ====
    //| todo!("end");
    send(wrap_socket, END_OF_MESSAGE)?;
    receive(wrap_socket, &["250"])?;
    // ==== end: end ====

    // The server has the mail. Whatever happens now, nobody is to think that it must be sent again.
    if let Err(error) = quit(wrap_socket) {
        eprintln!("mailclient: the mail is delivered, only QUIT failed: {}", explain(&error));
    }
    Ok(())
}

/// Takes leave; the socket is closed when the variable that owns it ends.
fn quit(socket: &mut impl Talk) -> io::Result<()> {
    // wrapSocket.send(b"QUIT\r\n")
    // receive(wrapSocket, "221")
    // ==== fill in here: quit ====
    //| todo!("quit");
    send(socket, "QUIT\r\n")?;
    receive(socket, &["221"])
    // ==== end: quit ====
}

/// Sends a text as it stands.
fn send(socket: &mut impl Talk, text: &str) -> io::Result<()> {
    for piece in text.as_bytes().chunks(16 * 1024) {
        socket.patient().begin(); // a long mail may take its time, if only it goes on
        socket.write_all(piece)?;
    }
    socket.flush()
}

/// Reads a reply, however many lines it has and pieces it comes in, and prints it. Its code must be
/// one of the expected ones; if not, takes leave of the server, and stops.
fn receive(socket: &mut impl Talk, expected: &[&str]) -> io::Result<()> {
    socket.patient().begin();
    for _ in 0..MOST_LINES {
        let line = read_line(socket)?;
        let _ = writeln!(io::stdout(), "{}", masked(&line)); // nobody may be reading
        // last = line[3:4] != b"-"
        // `250-SIZE 1000` is followed by another line, `250 SIZE 1000` is not. Is this the last?
        // ==== fill in here: last ====
        //| let last: bool = todo!("last");
        let last = line.as_bytes().get(3) != Some(&b'-');
        // ==== end: last ====
        if !last {
            continue;
        }
        let code = line.get(..3).unwrap_or(&line);
        if expected.contains(&code) {
            return Ok(());
        }
        // Departs from the report, whose program says this, too, but goes on.
        let expected = expected[0];
        let _ = writeln!(io::stdout(), "{expected} reply not received from server.");
        if expected != "221" {
            // Takes leave; the server may be gone already.
            let _ = send(socket, "QUIT\r\n").and_then(|()| receive(socket, &["221"]));
        }
        return Err(io::Error::other(format!(
            "{expected} was expected, not {:?}: docs/06-mail.md says what the codes mean",
            masked(code)
        )));
    }
    Err(io::Error::other(format!("the server sent a reply of more than {MOST_LINES} lines")))
}

/// The mail as it travels: headers, an empty line, and what there is to read.
fn message(mail: &Mail) -> String {
    let subject = encoded_words(&mail.subject);
    let date = Local::now().to_rfc2822();
    let domain = mail.sender.rsplit('@').next().unwrap_or_default();
    let message_id = format!("{}@{domain}", unique());
    // headers = f"From: <{sender}>\r\n"
    // headers += f"To: <{receiver}>\r\n"
    // headers += f"Date: {date}\r\n"
    // headers += f"Subject: {subject}\r\n"
    // headers += f"Message-ID: {messageID}\r\n"
    // A line for each; the variables are above, sender and receiver are in `mail`.
    // ==== fill in here: headers ====
    //| let headers: String = todo!("headers");
    let headers = format!(
        "From: <{}>\r\nTo: <{}>\r\nDate: {date}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n",
        mail.sender, mail.receiver
    );
    // ==== end: headers ====
    let text = text_part(&mail.body);
    let content = match &mail.attachment {
        None => text,
        Some((name, bytes)) => with_attachment(&text, name, bytes),
    };
    format!("{headers}MIME-Version: 1.0\r\n{content}")
}

/// Two parts in one mail, the text and a file. Optional exercise.
fn with_attachment(text: &str, name: &str, bytes: &[u8]) -> String {
    let boundary = format!("=_{}", unique()); // made now, so it cannot be in the text
    let kind = match name.rsplit('.').next() {
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        _ => "application/octet-stream",
    };
    let base64 = base64_lines(bytes);
    // content = f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
    // content += f"--{boundary}\r\n{text}\r\n"
    // content += f"--{boundary}\r\nContent-Type: {kind}\r\n"
    // content += f'Content-Disposition: attachment; filename="{name}"\r\n'
    // content += f"Content-Transfer-Encoding: base64\r\n\r\n{lines}\r\n"
    // content += f"--{boundary}--"
    // ==== fill in here: attachment ====
    //| let content: String = todo!("attachment");
    let content = [
        &format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n"),
        &format!("--{boundary}"),
        text,
        &format!("--{boundary}\r\nContent-Type: {kind}"),
        &format!("Content-Disposition: attachment; filename=\"{name}\""),
        &format!("Content-Transfer-Encoding: base64\r\n\r\n{base64}"),
        &format!("--{boundary}--"),
    ]
    .join("\r\n");
    // ==== end: attachment ====
    content
}

/// What to read, with the headers that say how. Mail carries lines of up to 998 ASCII characters;
/// any other text travels as base64.
fn text_part(body: &str) -> String {
    let body = body.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
    let as_it_is = body.is_ascii() && body.lines().all(|line| line.len() <= 998);
    let (encoding, body) =
        if as_it_is { ("7bit", body) } else { ("base64", base64_lines(body.as_bytes())) };
    format!(
        "Content-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: {encoding}\r\n\r\n{body}"
    )
}

// ---- What to send, as whom, and whom to trust ----

/// Reads from the environment, and from whoever sits at the terminal, what to send.
fn mail() -> Mail {
    let user = one_line("MAIL_USER", needed("MAIL_USER", input));
    let sender = variable("MAIL_FROM").unwrap_or(user.clone());
    let sender = address("MAIL_FROM, by default MAIL_USER", sender);
    let password = one_line("MAIL_PASSWORD", needed("MAIL_PASSWORD", getpass));
    let receiver = address("MAIL_TO", needed("MAIL_TO", input));
    let subject = variable("MAIL_SUBJECT");
    let subject = subject.unwrap_or("Mail Client Testing with using SMTP protocol".to_owned());
    let subject = one_line("MAIL_SUBJECT", subject);
    let body = variable("MAIL_BODY").unwrap_or("I love computer networks!".to_owned());
    let attachment = variable("MAIL_ATTACHMENT").map(|file| {
        let name = Path::new(&file).file_name().unwrap_or_default().to_string_lossy();
        let odd = |c: char| !c.is_ascii_graphic() || c == '"' || c == '\\';
        (name.replace(odd, "_"), contents("MAIL_ATTACHMENT", &file))
    });
    let base64 = BASE64_STANDARD.encode(&password);
    SECRETS.get_or_init(|| [base64.trim_end_matches('=').to_owned(), password.clone()]);
    Mail { user, password, sender, receiver, subject, body, attachment }
}

/// The password, in the two ways in which it might be printed.
static SECRETS: OnceLock<[String; 2]> = OnceLock::new();

/// What a server says, without the password: it may echo what it was sent.
fn masked(text: &str) -> String {
    let secrets = SECRETS.get().into_iter().flatten();
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "****"))
}

/// A variable of the environment, if it is there.
fn variable(name: &str) -> Option<String> {
    match env::var(name) {
        Ok(value) => Some(value),
        Err(env::VarError::NotPresent) => None,
        Err(env::VarError::NotUnicode(_)) => refuse(format!("{name} is not UTF-8")),
    }
}

/// A variable that must not be empty; where it is missing, whoever sits at the terminal is asked.
fn needed(name: &str, input: fn(&str) -> io::Result<Option<Vec<u8>>>) -> String {
    let text = variable(name).unwrap_or_else(|| {
        if !io::stdin().is_terminal() {
            refuse(format!("{name} is not set, and there is no terminal to ask at"));
        }
        match input(&format!("{name}: ")) {
            Ok(Some(line)) => {
                String::from_utf8(line).unwrap_or_else(|_| refuse(format!("{name} is not UTF-8")))
            }
            Ok(None) => process::exit(0),
            Err(error) => refuse(format!("{name}: {error}")),
        }
    });
    if text.is_empty() { refuse(format!("{name} is empty")) } else { text }
}

/// A line break in a text would smuggle in a command or a header.
fn one_line(name: &str, text: String) -> String {
    if text.contains(char::is_control) {
        refuse(format!("{name} holds a line break or another control character"));
    }
    text
}

/// An address as it may stand between `<` and `>`.
fn address(name: &str, text: String) -> String {
    let text = one_line(name, text);
    let cause = match text.split_once('@') {
        _ if text.contains(['<', '>', ' ']) => "without space, < and >",
        _ if !text.is_ascii() => "in ASCII: other letters need a server that offers SMTPUTF8",
        _ if text.len() > 254 => "of at most 254 characters",
        Some((user, host)) if !user.is_empty() && !host.is_empty() => return text,
        _ => "with an @ inside",
    };
    refuse(format!("{name}: {text:?} is no address: NAME@HOST is expected, {cause}"))
}

/// What is in a file that a variable names.
fn contents(name: &str, file: &str) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| refuse(format!("{name}: {file}: {error}")))
}

/// How to verify certificates: with the issuers this host trusts, and that of MAIL_CA.
fn context() -> TlsConnectorBuilder {
    let mut context = TlsConnector::builder();
    context.min_protocol_version(Some(Protocol::Tlsv12));
    if let Some(file) = variable("MAIL_CA") {
        match Certificate::from_pem(&contents("MAIL_CA", &file)) {
            Ok(issuer) => context.add_root_certificate(issuer),
            Err(_) => refuse(format!("MAIL_CA: there is no certificate in {file:?}")),
        };
    }
    context
}

// ---- What Python has built in ----

/// A socket that waits until a moment and no longer. The timeouts of std begin anew with each piece
/// that comes, so a server that sends a byte now and then could keep us for ever.
struct Patient {
    socket: TcpStream,
    until: Instant,
}

impl Patient {
    /// From now on there are 30 s.
    fn begin(&mut self) {
        self.until = Instant::now() + PATIENCE;
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        match self.until.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(Some(left)),
        }
    }

    /// Before the handshake the client speaks first. What is here already came in clear: somebody
    /// on the way wants it to pass for what the server says inside TLS.
    fn must_be_silent(&mut self) -> io::Result<()> {
        self.socket.set_nonblocking(true)?;
        let waiting = self.socket.peek(&mut [0]);
        self.socket.set_nonblocking(false)?;
        self.begin();
        match waiting {
            Ok(1..) => Err(io::Error::other(
                "more bytes came in clear behind the reply to STARTTLS: somebody may have put \
                 them there; nothing secret was sent",
            )),
            _ => Ok(()),
        }
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(self.left()?)?;
        self.socket.read(buffer).map_err(timed_out)
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(self.left()?)?;
        self.socket.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// TLS would take WouldBlock for a pause, not for the end of all patience.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}

/// Both ways to talk: in clear, and inside TLS.
trait Talk: Read + Write {
    fn patient(&mut self) -> &mut Patient;
}

impl Talk for Patient {
    fn patient(&mut self) -> &mut Patient {
        self
    }
}

impl Talk for TlsStream<Patient> {
    fn patient(&mut self) -> &mut Patient {
        self.get_mut()
    }
}

/// Reads a line byte by byte: what comes behind it is left for whoever reads next.
fn read_line(socket: &mut impl Talk) -> io::Result<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        if socket.read(&mut byte)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.extend(byte);
        if line.len() > LONGEST_LINE {
            let most = LONGEST_LINE / 1024;
            return Err(io::Error::other(format!("the server sent a line of over {most} KiB")));
        }
    }
    Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
}

/// Why the handshake failed: of what OpenSSL says, the words that matter.
fn no_tls(error: HandshakeError<Patient>) -> io::Error {
    let HandshakeError::Failure(error) = error else { return io::ErrorKind::TimedOut.into() };
    let text = error.to_string();
    let below = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    let kind = below.map_or(io::ErrorKind::Other, io::Error::kind);
    let cause = match (below, text.split_once(" (")) {
        (Some(below), _) => below.to_string(),
        (None, Some((_, cause))) => {
            let cause = cause.trim_end_matches(')');
            format!("certificate: {cause}; docs/06-mail.md says what must be right")
        }
        (None, None) => text.split(':').nth(4).unwrap_or(&text).to_owned(),
    };
    io::Error::new(kind, format!("no TLS, so nothing secret was sent: {cause}"))
}

/// Base64 in lines of 76 characters, which stand for 57 bytes each.
fn base64_lines(bytes: &[u8]) -> String {
    let lines = bytes.chunks(57).map(|bytes| BASE64_STANDARD.encode(bytes));
    lines.collect::<Vec<_>>().join("\r\n")
}

/// A header's text in ASCII (RFC 2047): as it is where it can be, else in encoded words, which are
/// 64 characters long and hold whole characters of up to 39 bytes.
fn encoded_words(text: &str) -> String {
    if text.is_ascii() && text.len() < 900 && !text.contains("=?") {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for character in text.chars() {
        if words[words.len() - 1].len() + character.len_utf8() > 39 {
            words.push(String::new());
        }
        words.last_mut().expect("there is always one").push(character);
    }
    let words = words.iter().map(|word| format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(word)));
    words.collect::<Vec<_>>().join("\r\n ")
}

/// A text that no other mail has.
fn unique() -> String {
    format!("{}.{}", Local::now().timestamp_micros(), process::id())
}

/// Prints the prompt and reads a line without its end; `None` at the end of input.
fn input(prompt: &str) -> io::Result<Option<Vec<u8>>> {
    print!("{prompt}");
    io::stdout().flush()?;
    let mut line = Vec::new();
    if io::stdin().lock().read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Ok(Some(line.to_vec()))
}

/// The same, while the terminal does not show what is typed.
fn getpass(prompt: &str) -> io::Result<Option<Vec<u8>>> {
    let echo = |setting| Command::new("stty").arg(setting).status();
    ctrlc::set_handler(move || {
        let _ = echo("echo"); // there is nothing else to try
        let _ = writeln!(io::stdout()); // nobody may be reading
        process::exit(130)
    })
    .expect("the first handler of this process is always accepted");
    if !echo("-echo").is_ok_and(|status| status.success()) {
        return Err(io::Error::other("stty cannot hide what is typed here: set the variable"));
    }
    let line = input(prompt);
    let _ = echo("echo"); // there is nothing else to try
    println!();
    line
}

/// Finds the IPv4 address (AF_INET) that a host name and a port stand for.
fn resolve(name: &str, port: u16) -> io::Result<SocketAddr> {
    let mut addresses = (name, port).to_socket_addrs()?;
    addresses.find(SocketAddr::is_ipv4).ok_or_else(|| io::Error::other("it has no IPv4 address"))
}

/// Reads `[ADDRESS [PORT]]` from the command line; says what is wrong with anything else.
fn arguments(default_address: &str, default_port: u16) -> (String, u16) {
    let words: Vec<String> =
        env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if words.iter().any(|word| word == "-h" || word == "--help") {
        println!("{USAGE}\ndefault: {default_address} {default_port}\n{VARIABLES}");
        process::exit(0);
    }
    if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
        refuse(format!("there is no option {option:?}"));
    }
    let (address, port) = match words.as_slice() {
        [] => (default_address, Ok(default_port)),
        [address] => (address.as_str(), Ok(default_port)),
        [address, port] => (address.as_str(), port.parse()),
        [_, _, surplus, ..] => {
            refuse(format!("only ADDRESS and PORT are expected, not {surplus:?}"))
        }
    };
    match port {
        Ok(port) => (address.to_owned(), port),
        Err(_) => {
            refuse(format!("{:?} is not a port: a number from 0 to 65535 is expected", words[1]))
        }
    }
}

/// Ends the program because of its command line or its environment.
fn refuse(cause: String) -> ! {
    eprintln!("mailclient: {cause}\n{USAGE}");
    process::exit(2)
}

/// Says an error as people read it, with the remedy for the usual ones.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "connection refused: the host answers, but no program there listens at this port; \
             start the server first, or give its ADDRESS and PORT"
                .to_owned()
        }
        io::ErrorKind::TimedOut => format!(
            "no answer within {} s: the host is off or busy, or it waits for TLS from the first byte \
             on (port 465 does, port 587 begins in clear)",
            PATIENCE.as_secs()
        ),
        io::ErrorKind::UnexpectedEof => {
            "the server closed the connection in the middle of the dialogue".to_owned()
        }
        _ => error.to_string(),
    }
}
