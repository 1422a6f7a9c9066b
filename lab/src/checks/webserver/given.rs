//! What the Python original cannot do, and the program does: advice.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use super::answer::Response;
use super::question::{self, BAD_REQUEST, Content, NOT_FOUND, NOT_IMPLEMENTED, OK, Question, did};
use super::site::{Site, encoded, fault};
use super::text;
use crate::os::program::{Event, Patience};
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};
use crate::wire::peers::{End, TcpClient};

/// Longer than the 2 s that the program may wait for a client.
const TOO_LATE: Patience = Patience { idle: Duration::from_millis(3_500), ..Patience::SHORT };

pub(super) fn bytes(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let every: Vec<u8> = trial.shuffled((0..=255).collect());
    let picture = [b"\x89PNG\r\n\x1a\n", every.as_slice(), b"\r\n\0"].concat();
    site.write("handshake.png", &picture)?;
    let server = site.server(trial)?;
    Question::get("/handshake.png", OK, Content::Exactly(&picture)).ask(&server)?;
    Ok(())
}

/// What says of anything no more than that it is bytes.
const BYTES: &str = "application/octet-stream";

pub(super) fn kind(trial: &Trial) -> Verdict {
    const TEXT: &[u8] = b"socket-labs\n";
    let site = Site::new(trial)?;
    let kinds = [
        ("index.html", TEXT, ["text/html"].as_slice()),
        ("style.css", TEXT, &["text/css"]),
        ("picture.png", b"\x89PNG\r\n\x1a\n", &["image/png", BYTES]),
        ("hello.txt", TEXT, &["text/plain", BYTES]),
    ];
    for (name, content, _) in kinds {
        site.write(name, content)?;
    }
    let server = site.server(trial)?;
    for (name, content, right) in kinds {
        let question = Question::get(&format!("/{name}"), OK, Content::Exactly(content));
        let answer = match question.answer(&server) {
            Ok(answer) => answer,
            Err(_) if right.contains(&BYTES) => continue, // that these come are checks of their own
            Err(stop) => return Err(stop),
        };
        must_be(&question, &server, &answer.bytes, right)?;
    }
    // The page behind a 404 has a kind of its own, whatever was asked for.
    let missing = Question::missing("/nothing.css");
    let Ok(answer) = missing.answer(&server) else { return Ok(()) }; // a check of its own
    let page = Response::parse(&answer.bytes).and_then(|answer| answer.content());
    match page.is_some_and(|page| page.trim_ascii_start().starts_with(b"<")) {
        true => must_be(&missing, &server, &answer.bytes, &["text/html"]),
        false => Ok(()),
    }
}

/// Demands that an answer says one of these kinds of its content, or none.
fn must_be(question: &Question, server: &Server, answer: &[u8], right: &[&str]) -> Verdict {
    let said = Response::parse(answer).and_then(|answer| answer.field("content-type"));
    let wrong = |said: &str| {
        let said = said.to_ascii_lowercase();
        !right.iter().any(|kind| said.starts_with(kind))
    };
    let Some(said) = said.filter(|said| wrong(said)) else { return Ok(()) };
    let expected = format!("Content-Type: {}, or no such line", right.first().unwrap_or(&""));
    let failure = Failure { expected, ..question.failure(server) }
        .received(format!("Content-Type: {said}"))
        .gap(question.gap());
    Err(match question.status {
        NOT_FOUND => failure.cause(
            "the page behind a 404 is HTML, whatever the name of the file that was asked for",
        ),
        _ => failure,
    }
    .into())
}

/// The client goes in the middle of a file that no buffer holds, so that a write must fail.
pub(super) fn reset(trial: &Trial) -> Verdict {
    const LONG: u64 = 16 << 20;
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let long = fs::File::create(site.root().join("long.txt"));
    long.and_then(|file| file.set_len(LONG)).map_err(fault)?; // a hole, which takes no room
    let server = site.server(trial)?;
    let mut client = TcpClient::connect(&server)?;
    client.send(&Question::get("/long.txt", OK, Content::Nothing).request);
    let _ = client.read(Patience::SHORT, &mut Vec::new()); // no answer is a check of its own
    // Some come meanwhile, and do not wait: they are in the queue when they go.
    let question = Question::get("/hello.txt", OK, Content::Holds(&text));
    for request in [b"".as_slice(), &question.request] {
        let mut queued = TcpClient::connect(&server)?;
        queued.send(request);
        queued.reset()?;
    }
    client.reset()?;
    question.ask(&server).map_err(|stop| {
        stop.after(
            "a first client reset its connection in the middle of a file, and two in the queue",
        )
    })?;
    Ok(())
}

pub(super) fn pieces(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    let question = Question::get("/hello.txt", OK, Content::Holds(&text));
    let (last, before) = question.request.split_last().expect("it is not empty");
    let mut client = in_time(&server, before)?;
    let last = Question { request: vec![*last], ..question };
    last.ask_as(&mut client, &server).map_err(|stop| {
        stop.map(|failure| {
            failure.did = format!("{}, byte by byte", did(before));
            failure.replay = String::new();
            // What was found instead depends on which bytes came together.
            if failure.gap == Some("message") {
                failure.received = vec!["a refusal, 400 or 501".into()];
                failure.cause = Some(
                    "the server found no request in what it had read: were more bytes counted than \
                     had come?"
                        .into(),
                );
            } else if !failure.silence {
                failure.received = vec!["an answer to less than the whole request".into()];
                (failure.cause, failure.gap) = (None, Some("message"));
            }
        })
    })?;
    Ok(())
}

/// A client that has sent these bytes one by one. The program may give up after 2 s: where the check
/// itself took that long, it begins anew.
fn in_time<'s>(server: &'s Server, bytes: &[u8]) -> Result<TcpClient<'s>, Stop> {
    const SOON: Duration = Duration::from_secs(1);
    const TRIES: usize = 20;
    for tries_left in (0..TRIES).rev() {
        let start = Instant::now();
        let mut client = TcpClient::connect(server)?;
        let (first, rest) = bytes.split_at(1);
        client.send(first);
        let reads_on = client.until_it_is_read();
        rest.iter().for_each(|byte| client.send(&[*byte]));
        if start.elapsed() < SOON || !reads_on || tries_left == 0 {
            return Ok(client);
        }
    }
    unreachable!("the last try returns")
}

pub(super) fn silent(trial: &Trial) -> Verdict {
    kept_waiting(trial, b"", "connected and sent nothing")
}

pub(super) fn half(trial: &Trial) -> Verdict {
    kept_waiting(trial, b"GET /hel", "connected and sent \"GET /hel\"")
}

/// A first client does not send its request, a second one does.
fn kept_waiting(trial: &Trial, sent: &[u8], did: &str) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    let mut first = TcpClient::connect(&server)?;
    first.send(sent);
    let mut second = TcpClient::connect(&server)?;
    let question = Question::get("/hello.txt", OK, Content::Holds(&text));
    second.send(&question.request);
    let mut answers = [Vec::new(), Vec::new()];
    let mut stuck = None;
    for (client, bytes) in [&mut first, &mut second].into_iter().zip(&mut answers) {
        let end = loop {
            match client.read_patiently(TOO_LATE, bytes) {
                None => return Err(Stop::GivenUp),
                Some(Ok(())) => {}
                Some(Err(end)) => break end,
            }
        };
        if let End::Open(event) = end {
            stuck = Some(event);
            break;
        }
    }
    if let Some(event) = stuck {
        let failure = Failure::new(did, "to be let go after 2 s, and the next client served");
        let mut is_served = || !second.read_to_end().bytes.is_empty();
        return Err(match event {
            Event::Exited(_) => failure.lines(server.observed(&event)),
            _ if is_served() => failure.received("nothing for 3 s; a second client is served"),
            _ => failure
                .received("nothing for 3 s, and a second client waits for its file")
                .lines(server.observed(&event)),
        }
        .into());
    }
    let [first, answer] = answers;
    let right = match sent {
        b"" => first.is_empty(),
        _ => first.starts_with(BAD_REQUEST.as_bytes()),
    };
    if !right {
        let expected = match sent {
            b"" => "the end of the connection, without an answer".to_owned(),
            _ => format!("the answer \"{BAD_REQUEST}\\r\\n…\""),
        };
        let received = match first.as_slice() {
            b"" => "the end of the connection, without an answer".to_owned(),
            _ => quote(&first),
        };
        return Err(Failure::new(did, expected).received(received).into());
    }
    let judged = question.judge(&second, &server, &answer, &End::Closed);
    judged.map_err(|stop| stop.after(&format!("a first client {did}")))
}

pub(super) fn garbage(trial: &Trial) -> Verdict {
    const TOO_LONG: usize = 8 * 1024;
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    let long =
        [b"GET /hello.txt HTTP/1.1\r\nCookie: ", trial.letters(TOO_LONG).as_slice()].concat();
    let noise = [trial.shuffled((0..=255).collect()), b"\r\n\r\n".to_vec()].concat();
    let requests: [&[u8]; 6] = [
        b"\r\n\r\n",
        b"HELLO\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /hello.txt and more of it HTTP/1.1\r\n\r\n",
        &noise,
        &[&long[..], b"\r\n\r\n"].concat(),
    ];
    for request in requests {
        let content = Content::Any;
        let question = Question { request: request.to_vec(), status: BAD_REQUEST, content };
        let asked = question.ask_in_turn(&server);
        asked
            .map_err(|stop| stop.map(|failure| failure.did = format!("sent {}", quote(request))))?;
    }
    Question::get("/hello.txt", OK, Content::Holds(&text))
        .ask(&server)
        .map_err(|stop| stop.after("clients sent what was no request"))?;
    Ok(())
}

pub(super) fn surplus(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    let found = Question::get("/hello.txt", OK, Content::Exactly(&text));
    let missing = Question::missing("/nothing.html");
    // That what is not there gets 404, and that the server goes on behind it, are checks of their own.
    let goes_on = || missing.ask(&server).is_ok() && missing.ask(&server).is_ok();
    let requests = [found.request.clone(), missing.request.clone()];
    for (question, request) in [&found, &missing].into_iter().zip(requests) {
        if question.status == NOT_FOUND && !goes_on() {
            continue;
        }
        let mut question = Question { request, ..*question };
        let did = format!("{} and 3000 letters behind it", question.did());
        question.request.extend(trial.letters(3000));
        let end = question.ask(&server);
        let end = end.map_err(|stop| stop.map(|failure| failure.did.clone_from(&did)))?;
        let failure = Failure::new(did, "the answer and then the end of the connection");
        let failure = match end {
            End::Closed => continue,
            End::Open(event) => {
                failure.received("an open connection").lines(server.observed(&event))
            }
            End::Reset => {
                failure.received("the answer, then a reset: the program closed with bytes unread")
            }
        };
        let gap = if question.status == OK { "close" } else { question.gap() };
        return Err(failure.gap(gap).into());
    }
    Ok(())
}

pub(super) fn head(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    for (path, status) in [("/hello.txt", OK), ("/nothing.txt", NOT_FOUND)] {
        let mut question = Question::get(path, status, Content::Nothing);
        let Ok(answer) = question.answer(&server) else { continue };
        let Some(whole) = Response::parse(&answer.bytes) else { continue };
        if whole.code() != question.code() {
            continue; // that GET is answered so is a check of its own
        }
        question.request.splice(..3, *b"HEAD");
        question.ask_in_turn(&server)?;
        must_say_the_length(&question, &server, &whole)?;
    }
    Ok(())
}

/// What HEAD is told of the content is what GET is told. `whole` is the answer to GET.
fn must_say_the_length(question: &Question, server: &Server, whole: &Response) -> Verdict {
    let answer = question.answer(server)?;
    let said = Response::parse(&answer.bytes).and_then(|alone| alone.field("content-length"));
    let Some(said) = said else { return Ok(()) };
    // Whoever does not say it to GET may say it to HEAD, if it is so.
    let is = whole.content().unwrap_or_default().len();
    if Some(&said) == whole.field("content-length").as_ref() || said.parse() == Ok(is) {
        return Ok(());
    }
    let expected = format!("Content-Length: {is}, as for GET, or no such line");
    let failure = Failure { expected, ..question.failure(server) };
    Err(failure
        .received(format!("Content-Length: {said}"))
        .cause("HEAD asks for what GET would say of the content, though none is sent")
        .gap(question.gap())
        .into())
}

pub(super) fn methods(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    site.write("hello.txt", b"hello\n")?;
    let server = site.server(trial)?;
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let content = Content::Any;
        let mut question = Question::get("/hello.txt", NOT_IMPLEMENTED, content);
        question.request.splice(..3, method.bytes());
        question.ask_in_turn(&server)?;
    }
    Ok(())
}

pub(super) fn names(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    for name in ["index.html", "two words.txt", "caf\u{e9}.txt", "100%.txt", "sub/page.html"] {
        site.write(name, &text)?;
    }
    symlink("sub/page.html", site.root().join("inside.html")).map_err(fault)?;
    let server = site.server(trial)?;
    for path in [
        "/",
        "/?page=2",
        "/two%20words.txt",
        "/caf%c3%A9.txt",
        "/100%25.txt",
        "/sub/page.html?from=/../secret.txt",
        "/sub%2Fpage.html",
        "/inside.html",
    ] {
        let asked = Question::get(path, OK, Content::Holds(&text)).ask_in_turn(&server);
        asked.map_err(|stop| {
            stop.map(|failure| failure.cause = None) // which rule it is stands beside it
        })?;
    }
    Ok(())
}

/// Paths that have led out of some server's root, or to what is no file. `ROOT` and `OUTSIDE` stand
/// for the directories, without the slash in front.
#[rustfmt::skip]
const TRICKS: &[&str] = &[
    "/../secret.txt", "/../../../../../../../../../../etc/passwd", "/./../secret.txt", "/sub/../../secret.txt",
    "/sub/./../../secret.txt", "/../www-else/secret.txt", "/..", "/../", "/.", "/...", "/..;/secret.txt",
    "/%2e%2e/secret.txt", "/%2E%2E/secret.txt", "/.%2e/secret.txt", "/%2e./secret.txt", "/..%2fsecret.txt",
    "/..%2Fsecret.txt", "/%2e%2e%2fsecret.txt", "/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/sub%2f..%2f..%2fsecret.txt", "/%252e%252e/secret.txt", "/%252e%252e%252fsecret.txt", "/..%252fsecret.txt",
    "/%c0%ae%c0%ae/secret.txt", "/..%c0%afsecret.txt", "/%uff0e%uff0e/secret.txt", "/..%5csecret.txt", "/..\\secret.txt",
    "//etc/passwd", "///etc/passwd", "/%2fetc/passwd", "/%2Fetc%2Fpasswd", "/OUTSIDE/secret.txt", "//OUTSIDE/secret.txt",
    "/%2fOUTSIDE/secret.txt", "//ROOT/../secret.txt", "/ROOT/../secret.txt", "/./OUTSIDE/secret.txt",
    "../secret.txt", "etc/passwd", "OUTSIDE/secret.txt", "secret.txt", "file:///etc/passwd",
    "http://127.0.0.1/../secret.txt", "~/secret.txt", "/~root/.profile", "*",
    "/link.txt", "/absolute-link.txt", "/up/secret.txt", "/up/www-else/secret.txt", "/loop", "/zero", "/fifo",
    "/sub", "/sub/", "/sub/..", "/up", "/up/", "/hello.txt/", "/hello.txt/../../secret.txt", "/hello.txt%00.html",
    "/%00", "/..%00/secret.txt", "/../secret.txt%00hello.txt", "/%", "/%2", "/%zz", "/hello.txt%", "/%ff%fe",
    "/../secret.txt?x=/hello.txt", "/hello.txt/../secret.txt#", "/?/../secret.txt/..", "/nothing/../../secret.txt",
];

pub(super) fn outside(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    site.write("hello.txt", b"hello\n")?;
    let server = site.server(trial)?;
    if Question::missing("/nothing.html").ask(&server).is_err() {
        return Ok(()); // that what is not there gets 404 is a check of its own
    }
    let (root, beside) = (encoded(&site.root()), encoded(site.directory.path()));
    for trick in TRICKS {
        let path = trick.replace("ROOT", &root).replace("OUTSIDE", &beside);
        let question = Question::missing(&path);
        let mut client = TcpClient::connect(&server)?;
        client.send(&question.request);
        let answer = question::read_answer(&mut client)
            .map_err(|question::WaitsForMore| question.waited_for(&server))?;
        let text = String::from_utf8_lossy(&answer.bytes);
        if text.contains(&site.secret) || text.contains("root:") {
            let expected = format!("the answer \"{NOT_FOUND}\\r\\n…\"");
            return Err(Failure::new(format!("asked for {trick}"), expected)
                .received("a file from outside the directory")
                .replay(trial.replay_send(&question.request))
                .into());
        }
        let judged = question.judge(&client, &server, &answer.bytes, &answer.end);
        judged.map_err(|stop| stop.map(|failure| failure.did = format!("asked for {trick}")))?;
        if let End::Open(event) = answer.end {
            return Err(question.left_open(&server, &event));
        }
    }
    Ok(())
}
