//! mailclient -- send one mail through a mail server: SMTP, TLS and a password, step by step.
//!
//! usage:    mailclient [ADDRESS [PORT]]     default: mail.ttm4200.com 587
//! try:      mailclient -h                   the variables that say what to send, and as whom
//! mirrors:  mailclient.py, step by step
//! departs:  stops at an unexpected reply; verifies the certificate; waits 30 s at most for a reply

use std::error::Error;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use std::{env, ffi::OsStr, fs, path::Path, process, sync::OnceLock};

use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::Local;
use native_tls::{
    Certificate, HandshakeError, Protocol, TlsConnector, TlsConnectorBuilder, TlsStream,
};
use socket_labs::{Patient, Program, getpass, input, receive_line, resolve, say};

const LATE: &str = "no answer within 30 s: the host is off or busy, or it waits for TLS from the first byte on (port \
                    465 does, port 587 begins in clear)";
const PROGRAM: Program = Program {
    notes: "
MAIL_USER        your name at the mail server; asked for where it is missing
MAIL_PASSWORD    your password there; asked for where it is missing
MAIL_TO          the receiver's address; asked for where it is missing
MAIL_FROM        the sender's address; by default MAIL_USER
MAIL_SUBJECT     by default: Mail Client Testing with using SMTP protocol
MAIL_BODY        by default: I love computer networks!
MAIL_ATTACHMENT  a file to send along
MAIL_CA          a PEM file with one more issuer of certificates to trust",
    late: LATE,
    far: LATE,
    ..Program::new("mailclient", "usage: mailclient [ADDRESS [PORT]]")
};
const PATIENCE: Duration = Duration::from_secs(30);
// endmsg = "\r\n.\r\n"
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
    // serverName = sys.argv[1] if len(sys.argv) > 1 else "mail.ttm4200.com"
    // serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 587
    let (server_name, server_port) = PROGRAM.arguments("mail.ttm4200.com", 587);
    let (mail, context) = (mail(), context());
    let delivered = start_tls(&server_name, server_port, &context)
        .and_then(|mut wrap_socket| deliver(&mut wrap_socket, &mail));
    if let Err(error) = delivered {
        PROGRAM.fail(format!("{server_name}:{server_port}"), &error);
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
    // clientSocket.settimeout(patience)
    // clientSocket.connect((serverName, serverPort))
    // Create a TCP socket and connect it to the server. `PATIENCE` is how long to wait at most.
    // ==== fill in here: connect ====
    //| let client_socket: TcpStream = todo!("connect");
    let client_socket = TcpStream::connect_timeout(&server_address, PATIENCE)?;
    // ==== end: connect ====
    // host = clientSocket.getsockname()[0]
    let host = client_socket.local_addr()?.ip();
    let mut client_socket = Patient::within(PATIENCE, client_socket);

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
    // mustBeSilent(clientSocket)
    must_be_silent(&mut client_socket)?;

    // wrap_socket = context.wrap_socket(clientSocket, server_hostname=serverName)
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
    // host = wrap_socket.getsockname()[0]
    let host = wrap_socket.get_ref().socket.local_addr()?.ip();
    // wrap_socket.send(f"EHLO [{host}]\r\n".encode())
    // receive(wrap_socket, "250")
    // Once more: what was said in clear may have been changed on its way, and no longer counts.
    // ==== fill in here: ehlo-again ====
    //| todo!("ehlo-again");
    send(wrap_socket, &format!("EHLO [{host}]\r\n"))?;
    receive(wrap_socket, &["250"])?;
    // ==== end: ehlo-again ====
    // wrap_socket.send(b"AUTH LOGIN\r\n")
    // receive(wrap_socket, "334")
    // ==== fill in here: auth ====
    //| todo!("auth");
    send(wrap_socket, "AUTH LOGIN\r\n")?;
    receive(wrap_socket, &["334"])?;
    // ==== end: auth ====
    // wrap_socket.send(base64.b64encode(mail.user.encode()) + b"\r\n")
    // receive(wrap_socket, "334")
    // ==== fill in here: user ====
    //| todo!("user");
    send(wrap_socket, &format!("{}\r\n", BASE64_STANDARD.encode(&mail.user)))?;
    receive(wrap_socket, &["334"])?;
    // ==== end: user ====
    // wrap_socket.send(base64.b64encode(mail.password.encode()) + b"\r\n")
    // receive(wrap_socket, "235")
    // ==== fill in here: password ====
    //| todo!("password");
    send(wrap_socket, &format!("{}\r\n", BASE64_STANDARD.encode(&mail.password)))?;
    receive(wrap_socket, &["235"])?;
    // ==== end: password ====
    // mailFrom = f"MAIL FROM:<{mail.sender}>\r\n"
    // wrap_socket.send(mailFrom.encode())
    // receive(wrap_socket, "250")
    // ==== fill in here: mail ====
    //| todo!("mail");
    send(wrap_socket, &format!("MAIL FROM:<{}>\r\n", mail.sender))?;
    receive(wrap_socket, &["250"])?;
    // ==== end: mail ====
    // rcptTo = f"RCPT TO:<{mail.receiver}>\r\n"
    // wrap_socket.send(rcptTo.encode())
    // receive(wrap_socket, "250", "251")
    // 251 says that the server knows where else to find the receiver, and takes the mail.
    // ==== fill in here: rcpt ====
    //| todo!("rcpt");
    send(wrap_socket, &format!("RCPT TO:<{}>\r\n", mail.receiver))?;
    receive(wrap_socket, &["250", "251"])?;
    // ==== end: rcpt ====
    // data = "DATA\r\n"
    // wrap_socket.send(data.encode())
    // receive(wrap_socket, "354")
    // ==== fill in here: data ====
    //| todo!("data");
    send(wrap_socket, "DATA\r\n")?;
    receive(wrap_socket, &["354"])?;
    // ==== end: data ====
    // wrap_socket.settimeout(patience)
    // wrap_socket.sendall(message().replace("\r\n.", "\r\n..").encode())
    // A line that begins with a dot gets a second one, or the server would take it for the end.
    let message = message(mail);
    // ==== fill in here: message ====
    //| todo!("message");
    send(wrap_socket, &message.replace("\r\n.", "\r\n.."))?;
    // ==== end: message ====
    // wrap_socket.send(endmsg.encode())
    // receive(wrap_socket, "250")
    // The message ends with a line that holds a dot and nothing else: `END_OF_MESSAGE`.
    // ==== fill in here: end ====
    //| todo!("end");
    send(wrap_socket, END_OF_MESSAGE)?;
    receive(wrap_socket, &["250"])?;
    // ==== end: end ====
    // quit(wrap_socket)
    // The server has the mail. Whatever happens now, nobody is to think that it must be sent again.
    if let Err(error) = quit(wrap_socket) {
        PROGRAM.complain("the mail is delivered, only QUIT failed", &error);
    }
    Ok(())
}

/// Takes leave; the socket is closed when the variable that owns it ends.
fn quit(socket: &mut impl Talk) -> io::Result<()> {
    // sock.sendall(b"QUIT\r\n")
    // receive(sock, "221")
    // ==== fill in here: quit ====
    //| todo!("quit");
    send(socket, "QUIT\r\n")?;
    receive(socket, &["221"])
    // ==== end: quit ====
}

/// Reads a reply, however many lines it has and pieces it comes in, and prints it. Its code must be
/// one of the expected ones; if not, takes leave of the server, and stops.
fn receive(socket: &mut impl Talk, expected: &[&str]) -> io::Result<()> {
    // until = time.monotonic() + patience
    socket.begin();
    for _ in 0..1000 {
        // line = readLine(sock, until)
        let line = read_line(socket)?;
        // print(masked(line.decode(errors="replace")), flush=True)
        say(masked(&line));
        // last = line[3:4] != b"-"
        // `250-SIZE 1000` is followed by another line, `250 SIZE 1000` is not. Is this the last?
        // ==== fill in here: last ====
        //| let last: bool = todo!("last");
        let last = line.as_bytes().get(3) != Some(&b'-');
        // ==== end: last ====
        if !last {
            continue;
        }
        // code = line[:3].decode(errors="replace")
        let code = line.get(..3).unwrap_or(&line);
        // if code in expected:
        if expected.contains(&code) {
            return Ok(());
        }
        // print(f"{expected[0]} reply not received from server.", flush=True)
        // Departs from the report, whose program says this, too, but goes on.
        let expected = expected[0];
        say(format!("{expected} reply not received from server."));
        // if expected[0] != "221":
        //     quit(sock)
        if expected != "221" {
            let _ = quit(socket); // the server may be gone already
        }
        // fail(f"{expected[0]} was expected, not {masked(code)!r}")
        let what = format!("{expected} was expected, not {:?}", masked(code));
        return Err(io::Error::other(what + ": docs/06-mail.md says what the codes mean"));
    }
    // fail("the server sent a reply of more than 1000 lines")
    Err(io::Error::other("the server sent a reply of more than 1000 lines"))
}

/// The mail as it travels: headers, an empty line, and what there is to read.
fn message(mail: &Mail) -> String {
    // subject = encodedWords(mail.subject)
    // date = formatdate(localtime=True)
    // messageID = make_msgid(domain=mail.sender.rpartition("@")[2])
    let subject = encoded_words(&mail.subject);
    let date = Local::now().to_rfc2822();
    let domain = mail.sender.rsplit('@').next().unwrap_or_default();
    let message_id = format!("{}@{domain}", unique());
    // headers = f"From: <{mail.sender}>\r\n"
    // headers += f"To: <{mail.receiver}>\r\n"
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
    // content = text if mail.attachment is None else withAttachment(text, *mail.attachment)
    let text = text_part(&mail.body);
    let content = match &mail.attachment {
        None => text,
        Some((name, bytes)) => with_attachment(&text, name, bytes),
    };
    // return headers + "MIME-Version: 1.0\r\n" + content
    format!("{headers}MIME-Version: 1.0\r\n{content}")
}

/// Two parts in one mail, the text and a file. Optional exercise.
fn with_attachment(text: &str, name: &str, bytes: &[u8]) -> String {
    // boundary = "=_" + make_msgid(domain="boundary")[1:-1]
    // kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    // lines = base64Lines(data)
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
    let content = format!(
        "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n\
         --{boundary}\r\n{text}\r\n\
         --{boundary}\r\nContent-Type: {kind}\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{base64}\r\n\
         --{boundary}--"
    );
    // ==== end: attachment ====
    content
}

// ---- What the Python has in mailclient_given.py ----

/// What to read, with the headers that say how. Mail carries lines of up to 998 ASCII characters;
/// any other text travels as base64.
fn text_part(body: &str) -> String {
    let body = body.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
    let as_it_is = body.is_ascii() && body.lines().all(|line| line.len() <= 998);
    let (encoding, body) =
        if as_it_is { ("7bit", body) } else { ("base64", base64_lines(body.as_bytes())) };
    let kind = "Content-Type: text/plain; charset=utf-8\r\n";
    format!("{kind}Content-Transfer-Encoding: {encoding}\r\n\r\n{body}")
}

/// Reads from the environment, and from whoever sits at the terminal, what to send.
fn mail() -> Mail {
    let user = one_line("MAIL_USER", needed("MAIL_USER", input));
    let sender = variable("MAIL_FROM").unwrap_or(user.clone());
    let sender = address("MAIL_FROM, by default MAIL_USER", sender);
    let password = one_line("MAIL_PASSWORD", needed("MAIL_PASSWORD", getpass));
    let receiver = address("MAIL_TO", needed("MAIL_TO", input));
    let either = |name, or: &str| variable(name).unwrap_or(or.to_owned());
    let subject = either("MAIL_SUBJECT", "Mail Client Testing with using SMTP protocol");
    let subject = one_line("MAIL_SUBJECT", subject);
    let body = either("MAIL_BODY", "I love computer networks!");
    let attachment = env::var_os("MAIL_ATTACHMENT").map(|file| {
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
    let odd = |_| PROGRAM.refuse(format!("{name} is not UTF-8"));
    env::var_os(name).map(|value| value.into_string().unwrap_or_else(odd))
}

/// A variable that must not be empty; where it is missing, whoever sits at the terminal is asked.
fn needed(name: &str, input: fn(&str) -> io::Result<Option<Vec<u8>>>) -> String {
    let text = variable(name).unwrap_or_else(|| {
        if !io::stdin().is_terminal() {
            PROGRAM.refuse(format!("{name} is not set, and there is no terminal to ask at"));
        }
        match input(&format!("{name}: ")) {
            Ok(Some(line)) => String::from_utf8(line)
                .unwrap_or_else(|_| PROGRAM.refuse(format!("{name} is not UTF-8"))),
            Ok(None) => process::exit(0),
            Err(error) => PROGRAM.refuse(format!("{name}: {error}")),
        }
    });
    if text.is_empty() { PROGRAM.refuse(format!("{name} is empty")) } else { text }
}

/// A line break in a text would smuggle in a command or a header.
fn one_line(name: &str, text: String) -> String {
    if text.contains(char::is_control) {
        PROGRAM.refuse(format!("{name} holds a line break or another control character"));
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
    PROGRAM.refuse(format!("{name}: {text:?} is no address: NAME@HOST is expected, {cause}"))
}

/// What is in a file that a variable names.
fn contents(name: &str, file: &OsStr) -> Vec<u8> {
    let odd = |error| PROGRAM.refuse(format!("{name}: {}: {error}", file.display()));
    fs::read(file).unwrap_or_else(odd)
}

/// How to verify certificates: with the issuers this host trusts, and that of MAIL_CA.
fn context() -> TlsConnectorBuilder {
    let mut context = TlsConnector::builder();
    context.min_protocol_version(Some(Protocol::Tlsv12));
    if let Some(file) = env::var_os("MAIL_CA") {
        match Certificate::from_pem(&contents("MAIL_CA", &file)) {
            Ok(issuer) => context.add_root_certificate(issuer),
            Err(_) => PROGRAM.refuse(format!("MAIL_CA: there is no certificate in {file:?}")),
        };
    }
    context
}

/// Both ways to talk: in clear, and inside TLS.
trait Talk: Read + Write {
    /// From now on there are 30 s.
    fn begin(&mut self);
}

impl Talk for Patient {
    fn begin(&mut self) {
        self.until = Some(Instant::now() + PATIENCE);
    }
}

impl Talk for TlsStream<Patient> {
    fn begin(&mut self) {
        self.get_mut().begin();
    }
}

/// Sends a text as it stands.
fn send(socket: &mut impl Talk, text: &str) -> io::Result<()> {
    for piece in text.as_bytes().chunks(16 * 1024) {
        socket.begin(); // a long mail may take its time, if only it goes on
        socket.write_all(piece)?;
    }
    socket.flush()
}

/// Reads a line of a reply.
fn read_line(socket: &mut impl Talk) -> io::Result<String> {
    receive_line(socket, 64 * 1024).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => {
            io::Error::other("the server closed the connection in the middle of the dialogue")
        }
        ErrorKind::Other => io::Error::other("the server sent a line of over 64 KiB"),
        _ => error,
    })
}

/// Before the handshake the client speaks first. What is here already came in clear: somebody on the
/// way wants it to pass for what the server says inside TLS.
fn must_be_silent(socket: &mut Patient) -> io::Result<()> {
    socket.socket.set_nonblocking(true)?;
    let waiting = socket.socket.peek(&mut [0]);
    socket.socket.set_nonblocking(false)?;
    socket.begin();
    if waiting.is_ok_and(|length| length > 0) {
        return Err(io::Error::other(
            "more bytes came in clear behind the reply to STARTTLS: somebody may have put them \
             there; nothing secret was sent",
        ));
    }
    Ok(())
}

/// Why the handshake failed: of what OpenSSL says, the words that matter.
fn no_tls(error: HandshakeError<Patient>) -> io::Error {
    let HandshakeError::Failure(error) = error else { return ErrorKind::TimedOut.into() };
    let text = error.to_string();
    let below = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    let kind = below.map_or(ErrorKind::Other, io::Error::kind);
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
