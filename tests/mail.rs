//! The mail client of solutions/ at the scripted mail server: every refusal at every step, every way
//! to close, every certificate. Each visit ends with a look for the password in all that was sent in
//! clear and printed.

mod common;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use common::{Ended, Running, root, skip, solution, until};
use lab::certificates::{self, Certificate};
use lab::mime::{Part, decoded};
use lab::smtp::{self, Peer, Script, Step, Trouble, Who};
use tempfile::NamedTempFile;

const USER: &str = "alice@example.com";
const PASSWORD: &str = "p\u{e4}ss w\u{f6}rd =+/\"\\";

/// What came of a run of the client.
struct Visit {
    /// None: it did not connect.
    peer: Option<Peer>,
    ended: Ended,
}

fn issuer() -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary directory");
    file.write_all(certificates::issuer().as_bytes()).expect("room in it");
    file
}

/// The client, with an account and a receiver; variables may change that.
fn mailclient(server: SocketAddr, issuer: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = solution("mailclient");
    command.args([server.ip().to_string(), server.port().to_string()]);
    command.envs([("MAIL_USER", USER), ("MAIL_PASSWORD", PASSWORD)]);
    command.env("MAIL_TO", "bob@example.com").env("MAIL_CA", issuer);
    command.envs(variables.iter().copied());
    command
}

#[track_caller]
fn visit(script: Script, variables: &[(&str, &str)]) -> Visit {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket can");
    let issuer = issuer();
    let server = listener.local_addr().expect("it is bound");
    let mut client = Running::start(&mut mailclient(server, issuer.path(), variables));
    let stream = until("a connection, or the end", || match listener.accept() {
        Ok((stream, _)) => Some(Some(stream)),
        Err(_) => client.has_ended().then_some(None),
    });
    let peer = stream.map(|stream| {
        stream.set_nonblocking(false).expect("a socket can");
        stream.set_read_timeout(Some(Duration::from_millis(20))).expect("it is not zero");
        let mut peer = Peer::new(stream, script);
        until("the end of the visit", || {
            peer.look();
            peer.end.clone()
        });
        peer
    });
    let visit = Visit { peer, ended: client.end() };
    visit.hides_the_password();
    visit
}

impl Visit {
    #[track_caller]
    fn hides_the_password(&self) {
        let forms = smtp::forms(USER, PASSWORD);
        // What is encrypted cannot show it, so every byte may be looked at.
        let wire = self.peer.as_ref().map_or(&[][..], |peer| &peer.wire);
        assert!(!smtp::shows(wire, &forms), "{}", wire.escape_ascii());
        for printed in [&self.ended.stdout, &self.ended.stderr] {
            assert!(!smtp::shows(printed.as_bytes(), &forms), "{printed}");
        }
    }

    fn peer(&self) -> &Peer {
        self.peer.as_ref().expect("it connected")
    }

    /// The client's lines.
    fn lines(&self) -> Vec<String> {
        let lines = self.peer().dialogue.iter().filter(|said| said.who == Who::Client);
        lines.map(|said| String::from_utf8_lossy(&said.text).into_owned()).collect()
    }

    #[track_caller]
    fn assert_failed(&self, words: &str) {
        let Ended { code, stderr, .. } = &self.ended;
        assert_eq!(*code, Some(1), "{stderr}");
        assert!(stderr.contains(words), "{words:?} is not in {stderr:?}");
    }
}

/// Does something for each, as many at once as there are processors and one more.
fn for_each<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(2, usize::from) + 1;
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

fn steps() -> impl Iterator<Item = Step> {
    Step::value_variants().iter().copied()
}

fn troubled(step: Step, trouble: Trouble) -> Script {
    Script { trouble: Some((step, trouble)), ..Script::default() }
}

// ---- Refusals and ends ----

#[test]
fn every_refusal_at_every_step_is_said_and_is_the_end() {
    const CODES: [u16; 8] = [421, 454, 500, 530, 535, 550, 552, 554];
    let cases: Vec<(Step, u16, bool)> = steps()
        .filter(|step| step.code().is_some())
        .flat_map(|step| CODES.map(|code| (step, code, code % 2 == 0)))
        .collect();
    for_each(&cases, |(step, code, strict)| {
        let script = Script { strict: *strict, ..troubled(*step, Trouble::Reply(*code)) };
        let visit = visit(script, &[]);
        let case = format!("{step:?} {code}");
        let expected = step.code().expect("filtered above");
        let sentence = format!("\n{expected} reply not received from server.\n");
        assert!(visit.ended.stdout.contains(&sentence), "{case}: {}", visit.ended.stdout);
        let lines = visit.lines();
        if *step == Step::Quit {
            assert_eq!(visit.ended.code, Some(0), "{case}");
            return assert!(visit.ended.stderr.contains("the mail is delivered"), "{case}");
        }
        assert_eq!(visit.ended.code, Some(1), "{case}");
        if *code != 421 {
            assert_eq!(lines.last().map(String::as_str), Some("QUIT"), "{case}");
        }
        assert_eq!(visit.peer().steps.iter().rfind(|taken| **taken != Step::Quit), Some(step));
    });
}

#[test]
fn a_server_that_closes_at_any_step_is_an_error_unless_the_mail_is_delivered() {
    let cases: Vec<(Step, Trouble)> =
        steps().flat_map(|step| [(step, Trouble::Close), (step, Trouble::Cut)]).collect();
    for_each(&cases, |(step, trouble)| {
        let visit = visit(troubled(*step, *trouble), &[]);
        if *step == Step::Quit {
            assert_eq!(visit.ended.code, Some(0), "{}", visit.ended.stderr);
            return assert!(visit.ended.stderr.contains("the mail is delivered"));
        }
        visit.assert_failed("mailclient: 127.0.0.1:");
        assert_eq!(visit.ended.stderr.lines().count(), 1, "{}", visit.ended.stderr);
    });
}

#[test]
fn a_reply_without_an_end_is_refused() {
    for_each(&[Step::Greeting, Step::Ehlo, Step::EhloAgain, Step::Message], |step| {
        visit(troubled(*step, Trouble::Endless), &[]).assert_failed("a line of over 64 KiB");
    });
    let tls = visit(troubled(Step::Tls, Trouble::Endless), &[]);
    tls.assert_failed("no TLS");
}

#[test]
fn a_server_that_falls_silent_is_given_30_s_for_a_reply() {
    let silent = [Step::Greeting, Step::Tls, Step::Password, Step::Message, Step::Quit];
    thread::scope(|scope| {
        for step in silent {
            scope.spawn(move || {
                let visit = visit(troubled(step, Trouble::Silence), &[]);
                if step == Step::Quit {
                    assert_eq!(visit.ended.code, Some(0), "the mail is delivered");
                    assert_eq!(visit.peer().mails.len(), 1);
                } else {
                    visit.assert_failed("no answer within 30 s");
                }
                assert!(visit.ended.took >= Duration::from_secs(29), "{step:?}");
            });
        }
    });
}

// ---- What is sent in clear ----

/// Certificate x STARTTLS x tier: what each server was told in clear, printed as a table.
#[test]
fn nothing_secret_is_sent_in_clear_whatever_the_server_is() {
    let mut table = "certificate  STARTTLS  tier     sent in clear\n".to_owned();
    for certificate in Certificate::value_variants() {
        for (offers_starttls, strict) in
            [(true, false), (true, true), (false, false), (false, true)]
        {
            let certificate = *certificate;
            let script = Script { certificate, offers_starttls, strict, ..Script::default() };
            let visit = visit(script, &[]);
            let secure = offers_starttls && certificate == Certificate::Fine;
            assert_eq!(visit.ended.code, Some(i32::from(!secure)), "{}", visit.ended.stderr);
            let peer = visit.peer();
            assert_eq!(peer.mails.len(), usize::from(secure));
            assert_eq!(peer.account.1.is_empty(), !secure, "the password itself, over TLS");
            let clear = peer.dialogue.iter().filter(|said| !said.encrypted);
            let clear: Vec<String> = clear
                .filter(|said| said.who == Who::Client)
                .map(|said| String::from_utf8_lossy(&said.text).into_owned())
                .collect();
            let allowed =
                |line: &String| line == "STARTTLS" || line == "QUIT" || line == "EHLO [127.0.0.1]";
            assert!(clear.iter().all(allowed), "{clear:?}");
            let starttls = if offers_starttls { "offered" } else { "no" };
            let tier = if strict { "strict" } else { "lenient" };
            let name = format!("{certificate:?}");
            let sent = clear.join(", ");
            writeln!(table, "{name:<12} {starttls:<9} {tier:<8} {sent}")
                .expect("a String takes it");
        }
    }
    let _ = write!(io::stderr(), "{table}"); // past the test runner, which keeps what is printed
}

#[test]
fn a_line_behind_the_reply_to_starttls_ends_the_visit() {
    for in_bytes in [false, true] {
        let visit = visit(Script { injected: smtp::INJECTED, in_bytes, ..Script::default() }, &[]);
        // Sent byte by byte, the line may come after the look for it: then it is no handshake.
        visit.assert_failed("nothing secret was sent");
        assert!(!visit.peer().has(Step::Auth) && !visit.peer().has(Step::EhloAgain));
    }
}

#[test]
fn a_password_that_the_server_repeats_is_masked() {
    let scripts = [
        Script { echoes: true, ..Script::default() },
        Script { echoes: true, in_bytes: true, in_lines: true, ..Script::default() },
    ];
    for script in scripts {
        let visit = visit(script, &[]); // looks for it
        assert_eq!(visit.ended.code, Some(0), "{}", visit.ended.stderr);
        assert!(visit.ended.stdout.contains("welcome, ****"), "{}", visit.ended.stdout);
    }
}

// ---- Bad input ----

#[track_caller]
fn assert_refused(variables: &[(&str, &str)], cause: &str) {
    let visit = visit(Script::default(), variables);
    assert!(visit.peer.is_none(), "{variables:?}: it connected");
    let Ended { code, stdout, stderr, .. } = &visit.ended;
    assert_eq!((*code, stdout.as_str()), (Some(2), ""), "{variables:?}: {stderr}");
    assert!(stderr.starts_with(&format!("mailclient: {cause}")), "{stderr}");
}

#[test]
fn an_address_that_is_none_is_refused_before_anything_is_sent() {
    for name in ["MAIL_TO", "MAIL_FROM"] {
        for address in [
            "bob@example.com\r\nRCPT TO:<eve@example.com>",
            "bob@example.com>\r\nRCPT TO:<eve@example.com",
            "bob@example.com\n",
            "<bob@example.com>",
            "bob@example.com> SIZE=1",
            "bob smith@example.com",
            "b\u{f8}b@example.com",
            "bob",
            "@",
            "bob@",
        ] {
            assert_refused(&[(name, address)], name);
        }
    }
}

#[test]
fn a_line_break_in_a_header_or_a_login_is_refused() {
    for name in ["MAIL_SUBJECT", "MAIL_USER", "MAIL_PASSWORD"] {
        for line_break in ["\r\n", "\n", "\r"] {
            let text = format!("hello{line_break}Bcc: eve@example.com");
            assert_refused(&[(name, &text)], name);
        }
    }
}

#[test]
fn an_empty_login_or_receiver_is_refused() {
    for name in ["MAIL_USER", "MAIL_PASSWORD", "MAIL_TO"] {
        assert_refused(&[(name, "")], &format!("{name} is empty"));
    }
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let server = "127.0.0.1:1".parse().expect("an address");
    for name in ["MAIL_USER", "MAIL_PASSWORD", "MAIL_TO"] {
        let issuer = issuer();
        let ended = Running::start(mailclient(server, issuer.path(), &[]).env_remove(name)).end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        let said = format!("mailclient: {name} is not set, and there is no terminal to ask at\n");
        assert!(ended.stderr.starts_with(&said), "{}", ended.stderr);
    }
}

#[test]
fn what_is_not_utf_8_is_refused() {
    let server = "127.0.0.1:1".parse().expect("an address");
    let issuer = issuer();
    let text = std::ffi::OsStr::from_bytes(b"caf\xe9");
    let ended =
        Running::start(mailclient(server, issuer.path(), &[]).env("MAIL_SUBJECT", text)).end();
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.starts_with("mailclient: MAIL_SUBJECT is not UTF-8\n"));
}

#[test]
fn an_issuer_that_is_none_is_refused() {
    for file in ["/nowhere/issuer.pem", "/dev/null"] {
        assert_refused(&[("MAIL_CA", file)], "MAIL_CA: ");
    }
}

// ---- What arrives ----

#[test]
fn a_strict_server_gets_what_was_to_be_sent() {
    let mut file = tempfile::Builder::new().suffix(".png").tempfile().expect("a file");
    let content: Vec<u8> =
        (0..1 << 20).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    file.write_all(&content).expect("room for 1 MiB");
    let bodies = [
        ".\n..\n...\n.hidden\n\n.".to_owned(),
        "Gr\u{fc}\u{df}e\n.\n\u{6f22}\u{5b57} \u{1f40c}".to_owned(),
        format!("{}\n.{}", "x".repeat(5000), "y".repeat(997)),
        "ends\r\nin\nall\rways\n".to_owned(),
    ];
    for body in bodies {
        let subject = "Gr\u{fc}\u{df}e an alle, \u{6f22}\u{5b57}: caf\u{e9} \u{1f40c} ".repeat(4);
        let variables = [
            ("MAIL_BODY", body.as_str()),
            ("MAIL_SUBJECT", &subject),
            ("MAIL_FROM", "carol@example.com"),
            ("MAIL_ATTACHMENT", file.path().to_str().expect("UTF-8")),
        ];
        let by_hand = Some(32 << 20); // as `lab mail`; a check reads no more than 1 MB
        let visit = visit(Script { strict: true, by_hand, ..Script::default() }, &variables);
        assert_eq!((visit.ended.code, visit.ended.stderr.as_str()), (Some(0), ""));
        let peer = visit.peer();
        assert_eq!(peer.bare, Vec::<Vec<u8>>::new());
        let mail = &peer.mails[0];
        assert_eq!(
            (mail.from.as_str(), mail.to.as_slice()),
            ("carol@example.com", &["bob@example.com".to_owned()][..])
        );
        assert!(mail.text.is_ascii());
        assert!(mail.text.split(|byte| *byte == b'\n').all(|line| line.len() <= 999));
        let part = Part::parse(&mail.text);
        assert_eq!(part.strays, Vec::<String>::new());
        assert_eq!(decoded(part.field("Subject").expect("a subject")), subject);
        let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
        let text = String::from_utf8(part.text().expect("a text").body.clone()).expect("UTF-8");
        assert_eq!(lines(&text), lines(&body));
        assert_eq!(part.attachment().expect("a file").kind(), "image/png");
        assert!(part.attachment().expect("a file").body == content, "the file has changed");
    }
}

// ---- lab mail ----

fn lab_mail(options: &str) -> (Running, SocketAddr, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(["mail", "--port", "0"]).args(options.split_whitespace());
    let server = Running::start(command.current_dir(root()).env("NO_COLOR", "1"));
    let said = until("its first words", || {
        let said = server.stdout();
        said.contains("Ctrl-C ends it").then_some(said)
    });
    let word = |before: &str| {
        let (_, rest) = said.split_once(before).expect("it is said");
        rest.split([' ', '.', '\n', '"']).next().expect("a word").to_owned()
    };
    let port: u16 = word("127.0.0.1, port ").parse().expect("a port");
    (server, ([127, 0, 0, 1], port).into(), said)
}

#[test]
fn lab_mail_shows_the_mail_and_no_password() {
    let (server, address, said) = lab_mail("");
    let (_, export) = said.split_once("export ").expect("the variables are said");
    let variables = export.lines().next().expect("a line").split(' ');
    let mut client = solution("mailclient");
    client.args([address.ip().to_string(), address.port().to_string()]).current_dir(root());
    client.envs(variables.filter_map(|variable| variable.split_once('=')));
    let ended = Running::start(client.env("MAIL_SUBJECT", "caf\u{e9}")).end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    until("the end of the visit", || {
        server.stdout().contains("visit 1: the client has closed").then_some(())
    });
    let said = server.stdout();
    assert!(said.contains("\n  Subject: caf\u{e9}\n"), "{said}");
    assert!(said.contains("\n  I love computer networks!\n"), "{said}");
    assert!(said.contains("C: ********\nS: 235 "), "{said}");
    let (_, shown) = said.split_once("Ctrl-C").expect("the first words");
    let secrets = smtp::forms("alice@example.com", "wonderland");
    assert!(!smtp::shows(shown.as_bytes(), &secrets), "{shown}");
    server.interrupt();
    assert_eq!(server.end().code, Some(130));
}

#[test]
fn lab_mail_plays_every_script_that_a_report_names() {
    let scripts = [
        Script { strict: true, in_lines: true, ..Script::default() },
        Script { echoes: true, in_bytes: true, ..Script::default() },
        Script { offers_starttls: false, ..Script::default() },
        Script { injected: smtp::INJECTED, ..Script::default() },
        Script { certificate: Certificate::SelfSigned, ..Script::default() },
        troubled(Step::StartTls, Trouble::Reply(454)),
        troubled(Step::EhloAgain, Trouble::Close),
        troubled(Step::Quit, Trouble::Cut),
        troubled(Step::Message, Trouble::Silence),
        troubled(Step::Greeting, Trouble::Endless),
    ];
    for script in scripts {
        let options = script.options();
        assert!(!options.is_empty());
        lab_mail(&options); // it starts, and is ended
    }
}

#[test]
fn lab_mail_says_what_to_do_when_its_port_is_taken() {
    let (_first, address, _) = lab_mail("");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(["mail", "--port", &address.port().to_string()]).current_dir(root());
    let ended = Running::start(&mut command).end();
    assert_eq!(ended.code, Some(1));
    let next = format!("make mail ARGS=\"--port {}\"", address.port().wrapping_add(1));
    assert!(ended.stderr.contains(&next), "{}", ended.stderr);
}

// ---- Real servers ----

/// The solution and the twin, each at a server that others have written.
fn at_a_real_server(kind: &str) {
    // .ci/run installs aiosmtpd there.
    let installed = root().join("target/mail-venv/bin/python3");
    let python = if installed.exists() { installed } else { "python3".into() };
    let twin = root().join("tests/twins/mailclient.py");
    for client in [vec![solution("mailclient").get_program().into()], vec![python.clone(), twin]] {
        let mut script = Command::new(&python);
        script.arg(root().join("tests/real_servers.py")).arg(kind).args(client);
        let ended = Running::start(&mut script).end();
        match ended.code {
            Some(0) => {}
            Some(77) => return skip(ended.stderr.trim_end()),
            _ => panic!("{kind}: {}{}", ended.stdout, ended.stderr),
        }
    }
}

#[test]
fn aiosmtpd_takes_what_was_to_be_sent() {
    at_a_real_server("aiosmtpd");
}

#[test]
fn postfix_takes_what_was_to_be_sent() {
    at_a_real_server("postfix");
}
