//! Checks of webserver. Its Python original reads a request in one go and files as text, trusts every
//! path, waits for ever and adds a CR LF to each file: what it cannot do is advice.

mod answer;
mod question;
mod site;

use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use crate::checks::check::Check;
use crate::os::program::{Event, Patience};
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};
use crate::wire::peers::{End, TcpClient};

use self::answer::Response;
use self::question::{BAD_REQUEST, Content, NOT_FOUND, NOT_IMPLEMENTED, OK, Question, did};
use self::site::{Site, encoded, fault};

const SERVES: &str = "A request for a file is answered with the status line `HTTP/1.1 200 OK`, as many \
                      header lines as the server likes, an empty line, and the content of the file.";
const LISTENS: &str = "The web server listens at the ADDRESS and PORT it was given.";
const HEADER: &str =
    "A header line is a name, a colon and a value, and what it says of the content is so.";
const MISSING: &str = "A file that is not there is answered with the status line `HTTP/1.1 404 Not \
                       Found`, an empty line, and a page that says `404 Not Found`.";
const OUTSIDE: &str = "Nothing outside the working directory is served, and nothing that is not a \
                       plain file: the answer is 404.";
const IMPATIENT: &str = "A client that sends no whole request within 2 s gets `400 Bad Request` if it \
                         has sent anything, and is let go.";
/// Longer than the 2 s that the program may wait for a client.
const TOO_LATE: Patience =
    Patience { idle: Duration::from_millis(3_500), busy: Patience::SHORT.busy };

pub const CHECKS: &[Check] = &[
    Check {
        name: "listens",
        title: "a TCP socket listens at the port",
        door: true,
        after: None,
        points: 1,
        gap: "bind",
        rule: LISTENS,
        run: |trial| trial.server().map(|_| ()),
    },
    Check {
        name: "serves",
        title: "a file is served",
        door: true,
        after: None,
        points: 1,
        gap: "header",
        rule: SERVES,
        run: serves,
    },
    Check {
        name: "header",
        title: "the header of an answer, to its last byte",
        door: false,
        after: None,
        points: 1,
        gap: "header",
        rule: HEADER,
        run: header,
    },
    Check {
        name: "address",
        title: "it listens at the ADDRESS it is given",
        door: false,
        after: None,
        points: 1,
        gap: "bind",
        rule: LISTENS,
        run: address,
    },
    Check {
        name: "content",
        title: "files of any length come whole",
        door: false,
        after: None,
        points: 1,
        gap: "outputdata",
        rule: "A file's content comes whole, whatever its length.",
        run: content,
    },
    Check {
        name: "not-found",
        title: "a file that is not there",
        door: false,
        after: None,
        points: 1,
        gap: "not-found",
        rule: MISSING,
        run: not_found,
    },
    Check {
        name: "browser",
        title: "the request of a browser, of 1000 bytes",
        door: false,
        after: None,
        points: 1,
        gap: "message",
        rule: "A request ends with an empty line, and may have many lines before it.",
        run: browser,
    },
    Check {
        name: "next",
        title: "the next client is served, and those in the queue",
        door: false,
        after: None,
        points: 1,
        gap: "accept",
        rule: "Then it accepts the next client, without end.",
        run: next,
    },
    Check {
        name: "closes",
        title: "the connection is closed after the answer",
        door: false,
        after: Some("next"),
        points: 1,
        gap: "close",
        rule: "After its answer the server closes the connection, which tells the client that the \
               content has ended.",
        run: closes,
    },
    Check {
        name: "words",
        title: "the status lines and the page of the handout",
        door: false,
        after: Some("next"),
        points: 1,
        gap: "not-found",
        rule: MISSING,
        run: words,
    },
    Check {
        name: "bytes",
        title: "a picture comes byte for byte",
        door: false,
        after: Some("content"),
        points: 0,
        gap: "outputdata",
        rule: "Files are bytes: a picture arrives as it is, with nothing behind its last byte.",
        run: bytes,
    },
    Check {
        name: "kind",
        title: "what a file is said to be",
        door: false,
        after: Some("next"),
        points: 0,
        gap: "header",
        rule: "A server that says with Content-Type what a file is says it rightly: a browser takes no \
               style sheet that is said to be something else.",
        run: kind,
    },
    Check {
        name: "reset",
        title: "a client that resets does not end the server",
        door: false,
        after: Some("next"),
        points: 0,
        gap: "close",
        rule: "A server for others outlives the errors of one client.",
        run: reset,
    },
    Check {
        name: "pieces",
        title: "a request that comes byte by byte",
        door: false,
        after: Some("next"),
        points: 0,
        gap: "message",
        rule: "A request may come in pieces, as small as a byte.",
        run: pieces,
    },
    Check {
        name: "silent",
        title: "a silent client does not stop the others",
        door: false,
        after: Some("closes"),
        points: 0,
        gap: "message",
        rule: "A client that sends nothing is let go after 2 s, without an answer.",
        run: silent,
    },
    Check {
        name: "half",
        title: "half a request does not stop the others",
        door: false,
        after: Some("silent"),
        points: 0,
        gap: "message",
        rule: IMPATIENT,
        run: half,
    },
    Check {
        name: "garbage",
        title: "what is no request gets 400, and a loop that goes on",
        door: false,
        after: Some("closes"),
        points: 0,
        gap: "",
        rule: "What is no request, or is longer than 8 KiB, is answered with `400 Bad Request`.",
        run: garbage,
    },
    Check {
        name: "surplus",
        title: "what follows a request does not spoil its answer",
        door: false,
        after: Some("garbage"),
        points: 0,
        gap: "",
        rule: "What a client sends behind its request is read and dropped.",
        run: surplus,
    },
    Check {
        name: "head",
        title: "HEAD is answered with a header alone",
        door: false,
        after: Some("closes"),
        points: 0,
        gap: "not-found",
        rule: "`HEAD` is answered as `GET` is, without the content.",
        run: head,
    },
    Check {
        name: "methods",
        title: "other methods are not implemented",
        door: false,
        after: Some("closes"),
        points: 0,
        gap: "",
        rule: "Any other method is answered with `501 Not Implemented`.",
        run: methods,
    },
    Check {
        name: "names",
        title: "%20, a query, and / for index.html",
        door: false,
        after: Some("closes"),
        points: 0,
        gap: "",
        rule: "`%20` in a path stands for a space, what follows a `?` is no part of it, and `/` alone \
               stands for `index.html`.",
        run: names,
    },
    Check {
        name: "outside",
        title: "nothing outside the directory is served",
        door: false,
        after: Some("closes"),
        points: 0,
        gap: "",
        rule: OUTSIDE,
        run: outside,
    },
];

/// A text of several lines.
fn text(trial: &Trial) -> Vec<u8> {
    let lines: Vec<String> = (0..5).map(|_| trial.sentence() + " caf\u{e9}\n").collect();
    lines.concat().into_bytes()
}

fn serves(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    let question = Question::get("/hello.txt", OK, Content::Holds(&text));
    let mut client = TcpClient::connect(&server)?;
    client.send(&question.request);
    let answer = question::read_answer(&mut client)
        .map_err(|question::WaitsForMore| question.waited_for(&server))?;
    // Is it just the first who gets nothing? To be asked before anybody else connects.
    let nothing = answer.bytes.is_empty() && !client.open && server.settle().is_none();
    if nothing && question.ask(&server).is_ok() {
        return Err(Failure::new(question.did(), format!("the answer \"{OK}\\r\\n…\""))
            .received("the connection closed, without an answer")
            .cause("a second client was answered: the program accepts two and drops the first")
            .gap("accept")
            .replay(trial.replay_send(&question.request))
            .into());
    }
    question.judge(&client, &server, &answer.bytes, &answer.end)
}

/// What a client gets of the header of a file and of one that is not there.
fn header(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    let found = Question::get("/hello.txt", OK, Content::Holds(&text));
    found.judge_header(&server, &found.answer(&server)?.bytes)?;
    let missing = Question::missing("/nothing.html");
    // That a second client is answered is a check of its own.
    let Ok(answer) = missing.answer(&server) else { return Ok(()) };
    match Response::parse(&answer.bytes) {
        Some(_) => missing.judge_header(&server, &answer.bytes),
        None => Ok(()), // nor that this one has a header
    }
}

fn address(trial: &Trial) -> Verdict {
    const ONE_OF_MANY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let question = Question::get("/hello.txt", OK, Content::Holds(&text));
    let server = site.server(trial)?;
    if !server.socket.everywhere() || server.address().is_ipv6() {
        return Err(not_everywhere(&server));
    }
    if trial.target.address_is_fixed() {
        return question.ask(&server).map(|_| ());
    }
    drop(server);
    let server = site.server_at(trial, ONE_OF_MANY)?;
    if server.socket.local.ip() == ONE_OF_MANY {
        return question.ask(&server).map(|_| ());
    }
    Err(Failure::new(
        format!("started `{}`", server.command_line),
        format!("a socket at {ONE_OF_MANY}:{}", server.port),
    )
    .received(format!("a socket at {}", server.socket.local))
    .into())
}

fn not_everywhere(server: &Server) -> Stop {
    let remedy = match server.trial().target.address_is_fixed() {
        true => "bind to 0.0.0.0",
        false => "bind to the address the program was given",
    };
    let failure = Failure::new(
        format!("started `{}`", server.command_line),
        format!("a socket at 0.0.0.0:{}, every address of this host", server.port),
    )
    .replay(server.trial().replay_run(server.port));
    match server.socket.everywhere() {
        true => failure
            .received(format!("a socket at {} that refuses 127.0.0.1", server.socket.local))
            .cause(format!("it listens for IPv6 alone: {remedy}")),
        false => failure
            .received(format!("a socket at {} alone", server.socket.local))
            .cause(format!("clients at other addresses cannot reach it: {remedy}")),
    }
    .into()
}

/// Lengths around those of a buffer and of a segment, each with a content of its own.
fn content(trial: &Trial) -> Verdict {
    const LONG: usize = 100_000;
    let site = Site::new(trial)?;
    let long = trial.letters(LONG);
    site.write("index.html", &long)?;
    let server = site.server(trial)?;
    let first = Question::get("/index.html", OK, Content::Text(&long));
    first.ask(&server)?;
    if first.answer(&server).is_err() {
        return Ok(()); // that it answers more than one client is a check of its own
    }
    // What comes before the content, or behind it, shows with an empty file as well.
    let least = if first.is_answered_to_the_byte(&server, &long) { 0 } else { 1 };
    for length in [0, 1, 1023, 1024, 1025].into_iter().filter(|length| *length >= least) {
        let text = trial.letters(length);
        let name = format!("sub/of-{length}.txt");
        site.write(&name, &text)?;
        let question = Question::get(&format!("/{name}"), OK, Content::Text(&text));
        let length = format!(", a file of {length} bytes");
        question.ask(&server).map_err(|stop| stop.map(|failure| failure.did += &length))?;
    }
    Ok(())
}

fn not_found(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let server = site.server(trial)?;
    Question::missing("/nothing.html").ask(&server)?;
    Ok(())
}

/// What the handout prescribes to the letter, though a client goes by the code alone.
fn words(trial: &Trial) -> Verdict {
    const PAGE: &str = "404 Not Found";
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    let found = Question::get("/hello.txt", OK, Content::Holds(&text));
    let missing = Question::missing("/nothing.html");
    for question in [&found, &missing] {
        let answer = match question.answer(&server) {
            Err(_) if question.status == NOT_FOUND => continue, // a check of its own
            answer => answer?,
        };
        let Some(response) = Response::parse(&answer.bytes) else { continue };
        if response.code() != question.code() {
            continue; // it, too
        }
        let failure = question.failure(&server).gap(question.gap());
        if response.status != question.status.as_bytes() {
            let failure = failure.difference(question.status.as_bytes(), response.status);
            return Err(failure.into());
        }
        let page = response.content().unwrap_or_default();
        if question.status == NOT_FOUND && !String::from_utf8_lossy(&page).contains(PAGE) {
            let expected = format!("the header, and a page with the words {PAGE}");
            let received = match &page[..] {
                [] => "the header, and no page behind it".to_owned(),
                page => format!("the page {}", quote(page)),
            };
            return Err(Failure { expected, ..failure }.received(received).into());
        }
    }
    Ok(())
}

fn browser(trial: &Trial) -> Verdict {
    const SIZE: usize = 1000;
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("page.html", &text)?;
    let server = site.server(trial)?;
    let mut question = Question::get("/page.html", OK, Content::Holds(&text));
    question.request.truncate(question.request.len() - 2);
    question.request.extend_from_slice(b"Accept: text/html,*/*;q=0.8\r\nCookie: ");
    let rest = SIZE - question.request.len() - 4;
    question.request.extend(trial.letters(rest));
    question.request.extend_from_slice(b"\r\n\r\n");
    question.ask(&server)?;
    Ok(())
}

fn closes(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    let found = Question::get("/hello.txt", OK, Content::Holds(&text));
    let missing = Question::missing("/nothing.txt");
    for question in [&found, &found, &missing] {
        let answer = match question.answer(&server) {
            Err(_) if question.status == NOT_FOUND => return Ok(()), // a check of its own
            answer => answer?,
        };
        match answer.end {
            End::Closed => {}
            End::Open(event) => return Err(question.left_open(&server, &event)),
            End::Reset => {
                let expected = "the answer and then the end of the connection";
                return Err(Failure::new(question.did(), expected)
                    .received("the answer, then a reset: the program closed with bytes unread")
                    .replay(trial.replay_send(&question.request))
                    .into());
            }
        }
    }
    Ok(())
}

/// Three clients are connected at once, and are to be answered in turn, two with another file.
fn next(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let other = trial.letters(500);
    site.write("other.txt", &other)?;
    let server = site.server(trial)?;
    let found = Question::get("/hello.txt", OK, Content::Holds(&text));
    let other = Question::get("/other.txt", OK, Content::Holds(&other));
    found.ask(&server)?;
    let rest = || -> Verdict {
        let questions = [&other, &found, &other];
        let mut queue = Vec::new();
        for question in questions {
            let mut client = TcpClient::connect(&server)?;
            client.send(&question.request); // who waits in silence is let go after 2 s
            queue.push(client);
        }
        for (mut client, question) in queue.into_iter().zip(questions) {
            question.hear(&mut client, &server)?;
        }
        Ok(())
    };
    rest().map_err(|stop| stop.after("a first client was served"))
}

fn bytes(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let every: Vec<u8> = trial.shuffled((0..=255).collect());
    let picture = [b"\x89PNG\r\n\x1a\n", every.as_slice(), b"\r\n\0"].concat();
    site.write("handshake.png", &picture)?;
    let server = site.server(trial)?;
    Question::get("/handshake.png", OK, Content::Exactly(&picture)).ask(&server)?;
    Ok(())
}

fn kind(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let kinds = [("index.html", "text/html"), ("style.css", "text/css")];
    for (name, _) in kinds {
        site.write(name, b"socket-labs\n")?;
    }
    let server = site.server(trial)?;
    for (name, kind) in kinds {
        let question = Question::get(&format!("/{name}"), OK, Content::Text(b"socket-labs\n"));
        let answer = question.answer(&server)?;
        let said = Response::parse(&answer.bytes).and_then(|answer| answer.field("content-type"));
        if let Some(said) = said.filter(|said| !said.starts_with(kind)) {
            return Err(Failure::new(question.did(), format!("Content-Type: {kind}, or none"))
                .received(format!("Content-Type: {said}"))
                .replay(trial.replay_send(&question.request))
                .into());
        }
    }
    Ok(())
}

/// The client goes in the middle of a file that no buffer holds, so that a write must fail.
fn reset(trial: &Trial) -> Verdict {
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
    client.reset()?;
    Question::get("/hello.txt", OK, Content::Holds(&text)).ask(&server).map_err(|stop| {
        stop.after("a first client reset its connection in the middle of a file")
    })?;
    Ok(())
}

fn pieces(trial: &Trial) -> Verdict {
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

fn silent(trial: &Trial) -> Verdict {
    kept_waiting(trial, b"", "connected and sent nothing")
}

fn half(trial: &Trial) -> Verdict {
    kept_waiting(trial, b"GET /hel", "connected and sent \"GET /hel\"")
}

/// A first client does not send its request, a second one does.
fn kept_waiting(trial: &Trial, sent: &[u8], did: &str) -> Verdict {
    trial.takes_long();
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
    for (client, bytes) in [&mut first, &mut second].into_iter().zip(&mut answers) {
        let end = loop {
            match client.read_patiently(TOO_LATE, bytes) {
                None => return Err(Stop::GivenUp),
                Some(Ok(())) => {}
                Some(Err(end)) => break end,
            }
        };
        if let End::Open(event) = end {
            let failure = Failure::new(did, "to be let go after 2 s, and the next client served");
            return Err(match event {
                Event::Exited(_) => failure.lines(server.observed(&event)),
                _ => failure
                    .received("nothing for 3 s, and a second client waits for its file")
                    .lines(server.observed(&event)),
            }
            .into());
        }
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

fn garbage(trial: &Trial) -> Verdict {
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

fn surplus(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    let mut question = Question::get("/hello.txt", OK, Content::Exactly(&text));
    question.request.extend(trial.letters(3000));
    let end = question.ask(&server);
    let end =
        end.map_err(|stop| stop.map(|failure| failure.did += " and 3000 letters behind it"))?;
    if matches!(end, End::Closed) {
        return Ok(());
    }
    let did = format!("{} and 3000 letters behind it", question.did());
    let failure = Failure::new(did, "the answer and then the end of the connection");
    let failure = match end {
        End::Open(event) => failure.received("an open connection").lines(server.observed(&event)),
        _ => failure.received("the answer, then a reset: the program closed with bytes unread"),
    };
    Err(failure.into())
}

fn head(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    site.write("hello.txt", &text)?;
    let server = site.server(trial)?;
    for (path, status) in [("/hello.txt", OK), ("/nothing.txt", NOT_FOUND)] {
        let mut question = Question::get(path, status, Content::Nothing);
        let answer = question.answer(&server).ok();
        let code = answer.and_then(|answer| Response::parse(&answer.bytes)?.code());
        if code != question.code() {
            continue; // that GET is answered so is a check of its own
        }
        question.request.splice(..3, *b"HEAD");
        question.ask_in_turn(&server)?;
    }
    Ok(())
}

fn methods(trial: &Trial) -> Verdict {
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

fn names(trial: &Trial) -> Verdict {
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
        Question::get(path, OK, Content::Holds(&text)).ask_in_turn(&server)?;
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

fn outside(trial: &Trial) -> Verdict {
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
