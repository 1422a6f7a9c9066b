//! Checks of webserver. Its Python original reads a request in one go and files as text, trusts every
//! path, waits for ever and adds a CR LF to each file: what it cannot do is advice.

pub mod answer;
mod given;
mod question;
mod site;

use std::net::Ipv4Addr;

use crate::checks::check::Check;
use crate::checks::common::{ANOTHER_CLIENT, is_for_all, waits};
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};
use crate::wire::peers::{End, TcpClient};

use self::answer::Response;
use self::given::{
    bytes, garbage, half, head, kind, methods, names, outside, pieces, reset, silent, surplus,
};
use self::question::{Content, NOT_FOUND, OK, Question};
use self::site::Site;

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

pub const CHECKS: &[Check] = &[
    Check::new("listens", "a TCP socket listens at the port", "bind", LISTENS, |trial| {
        waits(trial).map(|_| ())
    })
    .door(),
    Check::new("serves", "a file is served", "header", SERVES, serves).door(),
    Check::new("header", "the header of an answer, to its last byte", "header", HEADER, header),
    Check::new("address", "it listens at the ADDRESS it is given", "bind", LISTENS, address),
    Check::new(
        "content",
        "files of any length come whole",
        "outputdata",
        "A file's content comes whole, whatever its length.",
        content,
    ),
    Check::new("not-found", "a file that is not there", "not-found", MISSING, not_found),
    Check::new(
        "browser",
        "the request of a browser, of 1000 bytes",
        "message",
        "A request ends with an empty line, and may have many lines before it.",
        browser,
    ),
    Check::new(
        "next",
        "the next client is served, and those in the queue",
        "accept",
        "Then it accepts the next client, without end.",
        next,
    ),
    Check::new(
        "closes",
        "the connection is closed after the answer",
        "close",
        "After its answer the server closes the connection, which tells the client that the \
         content has ended.",
        closes,
    )
    .after("next"),
    Check::new(
        "words",
        "the status lines and the page of the handout",
        "not-found",
        MISSING,
        words,
    )
    .after("next")
    .of_words(),
    Check::new(
        "bytes",
        "a picture comes byte for byte",
        "outputdata",
        "Files are bytes: a picture arrives as it is, with nothing behind its last byte.",
        bytes,
    )
    .after("content")
    .advice(),
    Check::new(
        "kind",
        "what a file is said to be",
        "header",
        "If a server sends Content-Type, it must be right: a browser takes no \
         style sheet that is said to be something else.",
        kind,
    )
    .after("next")
    .advice(),
    Check::new(
        "reset",
        "a client that resets does not end the server",
        "close",
        "An error with one client must not stop the server.",
        reset,
    )
    .after("next")
    .advice(),
    Check::new(
        "pieces",
        "a request that comes byte by byte",
        "message",
        "A request may come in pieces, as small as a byte.",
        pieces,
    )
    .after("next")
    .advice(),
    Check::new(
        "silent",
        "a silent client does not stop the others",
        "message",
        "A client that sends nothing is let go after 2 s, without an answer.",
        silent,
    )
    .after("closes")
    .slow()
    .advice(),
    Check::new("half", "half a request does not stop the others", "message", IMPATIENT, half)
        .after("silent")
        .slow()
        .advice(),
    Check::new(
        "garbage",
        "what is no request gets 400, and a loop that goes on",
        "",
        "What is no request, or is longer than 8 KiB, is answered with `400 Bad Request`.",
        garbage,
    )
    .after("closes")
    .advice(),
    Check::new(
        "surplus",
        "what follows a request does not spoil its answer",
        "",
        "What a client sends behind its request is read and dropped.",
        surplus,
    )
    .after("garbage")
    .advice(),
    Check::new(
        "head",
        "HEAD is answered with a header alone",
        "not-found",
        "`HEAD` is answered as `GET` is, without the content.",
        head,
    )
    .after("closes")
    .advice(),
    Check::new(
        "methods",
        "other methods are not implemented",
        "",
        "Any other method is answered with `501 Not Implemented`.",
        methods,
    )
    .after("closes")
    .advice(),
    Check::new(
        "names",
        "%20, a query, and / for index.html",
        "",
        "`%20` in a path stands for a space, what follows a `?` is no part of it, and `/` alone \
         stands for `index.html`.",
        names,
    )
    .after("closes")
    .advice(),
    Check::new("outside", "nothing outside the directory is served", "", OUTSIDE, outside)
        .after("closes")
        .advice(),
];

/// A text of one line. What becomes of the ends of lines is the business of one check.
fn text(trial: &Trial) -> Vec<u8> {
    let words: Vec<String> = (0..5).map(|_| trial.sentence() + " caf\u{e9}").collect();
    words.join(" ").into_bytes()
}

/// So many bytes, in lines.
fn lines(trial: &Trial, length: usize) -> Vec<u8> {
    const LINE: usize = 70;
    let mut lines = trial.letters(length);
    lines.iter_mut().skip(LINE).step_by(LINE).for_each(|byte| *byte = b'\n');
    lines
}

/// A file of this name. A server of another course may know web pages alone.
fn page(trial: &Trial, name: &str) -> String {
    let ending = if trial.target.words_are_free() { "html" } else { "txt" };
    format!("{name}.{ending}")
}

fn serves(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    let page = page(trial, "hello");
    site.write(&page, &text)?;
    let server = site.server(trial)?;
    let question = Question::get(&format!("/{page}"), OK, Content::Holds(&text));
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

/// What a client gets of the header of a file, of one that is not there, of a long one, and of a
/// picture, whose length as a text is another.
fn header(trial: &Trial) -> Verdict {
    let site = Site::new(trial)?;
    let text = text(trial);
    let page = page(trial, "hello");
    site.write(&page, &text)?;
    let server = site.server(trial)?;
    let found = Question::get(&format!("/{page}"), OK, Content::Holds(&text));
    found.judge_header(&server, &found.answer(&server)?.bytes)?;
    // More than a number of two bytes can count.
    let long = trial.letters(100_000);
    let long_page = self::page(trial, "long");
    site.write(&long_page, &long)?;
    let counted = Question::get(&format!("/{long_page}"), OK, Content::Text(&long));
    let picture = [b"\x89PNG\r\n\x1a\n", trial.shuffled((0..=255).collect()).as_slice()].concat();
    site.write("bytes.png", &picture)?;
    let bytes = Question::get("/bytes.png", OK, Content::Text(&picture));
    for question in [Question::missing("/nothing.html"), counted, bytes] {
        // That a second client is answered is a check of its own, and so is whether the file is whole.
        let Ok(answer) = question.answer(&server) else { return Ok(()) };
        if question.is_whole(&answer.bytes) {
            question.judge_header(&server, &answer.bytes)?;
        }
    }
    Ok(())
}

fn address(trial: &Trial) -> Verdict {
    const ONE_OF_MANY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
    let site = Site::new(trial)?;
    let text = text(trial);
    let page = page(trial, "hello");
    site.write(&page, &text)?;
    let question = Question::get(&format!("/{page}"), OK, Content::Holds(&text));
    let server = site.server(trial)?;
    if !is_for_all(&server) || server.address().is_ipv6() {
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

/// Lengths around those of a buffer and of a segment, each with a content of its own; and white space at
/// the end, which belongs to it.
fn content(trial: &Trial) -> Verdict {
    const LONG: usize = 100_000;
    let site = Site::new(trial)?;
    let long = lines(trial, LONG);
    site.write("index.html", &long)?;
    let server = site.server(trial)?;
    let first = Question::get("/index.html", OK, Content::Text(&long));
    first.ask(&server)?;
    if first.answer(&server).is_err() {
        return Ok(()); // that it answers more than one client is a check of its own
    }
    // What comes before the content, or behind it, shows with an empty file as well.
    let least = if first.is_answered_to_the_byte(&server, &long) { 0 } else { 1 };
    let lengths = [0, 1, 1023, 1024, 1025].into_iter().filter(|length| *length >= least);
    let mut files: Vec<(String, Vec<u8>)> = lengths
        .map(|length| (format!("a file of {length} bytes"), trial.letters(length)))
        .collect();
    let line = trial.sentence();
    files.push(("a file that ends in empty lines".to_owned(), format!("{line}\n\n\n").into()));
    // The programs of other courses may open a file as a text, which makes LF of it.
    if !trial.target.words_are_free() {
        let text = format!("{line}\r\n\r\n {line}");
        files.push(("a file with CR LF at the ends of its lines".to_owned(), text.into()));
    }
    for (number, (what, text)) in files.iter().enumerate() {
        let name = page(trial, &format!("sub/file-{number}"));
        site.write(&name, text)?;
        let question = Question::get(&format!("/{name}"), OK, Content::Text(text));
        let tell = |stop: Stop| stop.map(|failure| failure.did += &format!(", {what}"));
        question.ask(&server).map_err(tell)?;
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
    let page = page(trial, "hello");
    site.write(&page, &text)?;
    let server = site.server(trial)?;
    let found = Question::get(&format!("/{page}"), OK, Content::Holds(&text));
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
    let page = page(trial, "hello");
    site.write(&page, &text)?;
    let server = site.server(trial)?;
    let found = Question::get(&format!("/{page}"), OK, Content::Holds(&text));
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
    const ONE_ADDRESS: &str =
        "others are served, and this client is not: whoever connects is one, whatever its address";
    let site = Site::new(trial)?;
    let text = text(trial);
    let page = page(trial, "hello");
    site.write(&page, &text)?;
    let other = trial.letters(500);
    let other_page = self::page(trial, "other");
    site.write(&other_page, &other)?;
    let server = site.server(trial)?;
    let found = Question::get(&format!("/{page}"), OK, Content::Holds(&text));
    let other = Question::get(&format!("/{other_page}"), OK, Content::Holds(&other));
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
    rest().map_err(|stop| stop.after("a first client was served"))?;
    let mut elsewhere = TcpClient::connect_from(&server, ANOTHER_CLIENT)?;
    found.ask_as(&mut elsewhere, &server).map(|_| ()).map_err(|stop| {
        let stop = stop.after(&format!("a client at {ANOTHER_CLIENT} came"));
        stop.map(|failure| {
            (failure.gap, failure.cause) = (Some("accept"), Some(ONE_ADDRESS.to_owned()));
        })
    })
}
