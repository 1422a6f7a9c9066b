//! A request, what it is to be answered with, and what came instead. Whether an answer is right is
//! asked as a forgiving client asks; how its header is written is the business of one check.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use memchr::memmem;

use super::answer::{Objection, Response};
use super::site::encoded;
use crate::os::program::{Event, Patience};
use crate::text::bytes::quote;
use crate::text::escape;
use crate::trial::{Failure, Origin, Server, Stop, Verdict};
use crate::wire::peers::{Answer, End, TcpClient};

pub(super) const OK: &str = "HTTP/1.1 200 OK";
pub(super) const NOT_FOUND: &str = "HTTP/1.1 404 Not Found";
pub(super) const BAD_REQUEST: &str = "HTTP/1.1 400 Bad Request";
pub(super) const NOT_IMPLEMENTED: &str = "HTTP/1.1 501 Not Implemented";
const LINES: &str = "Each of these lines ends in CR LF.";
/// What is asleep for so long waits for something.
const SOON: Patience = Patience { idle: Duration::from_millis(100), ..Patience::SHORT };

const ON_THE_SCREEN: &str = "the program printed the answer on its own screen: send it";
/// How a server that speaks TLS refuses what is none.
const TLS_ALERT: [u8; 2] = [0x15, 3];

/// What is to stand behind the empty line.
#[derive(Clone, Copy)]
pub(super) enum Content<'c> {
    /// This somewhere in it: whether there is more is the business of other checks.
    Holds(&'c [u8]),
    /// This, and perhaps the CR LF that the Python sends behind each file.
    Text(&'c [u8]),
    Exactly(&'c [u8]),
    /// Whatever there is to read, or nothing.
    Any,
    Nothing,
}

/// A request, and what it is to be answered with.
pub(super) struct Question<'q> {
    pub(super) request: Vec<u8>,
    pub(super) status: &'q str,
    pub(super) content: Content<'q>,
}

impl<'q> Question<'q> {
    pub(super) fn get(path: &str, status: &'q str, content: Content<'q>) -> Question<'q> {
        // As a browser has it: with a port, the lab's own, so that the request is the same every time.
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:6789\r\n\r\n").into_bytes();
        Question { request, status, content }
    }

    pub(super) fn missing(path: &str) -> Question<'q> {
        Question::get(path, NOT_FOUND, Content::Any)
    }

    pub(super) fn ask(&self, server: &Server) -> Result<End, Stop> {
        self.ask_as(&mut TcpClient::connect(server)?, server)
    }

    /// The same of one of many: that it closes is a check of its own, but is not waited for each time.
    pub(super) fn ask_in_turn(&self, server: &Server) -> Verdict {
        match self.ask(server)? {
            End::Closed | End::Reset => Ok(()),
            End::Open(event) => Err(self.left_open(server, &event)),
        }
    }

    pub(super) fn left_open(&self, server: &Server, event: &Event) -> Stop {
        Failure::new(self.did(), "the answer and then the end of the connection")
            .received("the answer, but the connection stays open")
            .lines(server.observed(event))
            .replay(server.trial().replay_send(&self.request))
            .into()
    }

    /// The same over a connection that is there.
    pub(super) fn ask_as(&self, client: &mut TcpClient, server: &Server) -> Result<End, Stop> {
        client.send(&self.request);
        self.hear(client, server)
    }

    /// Judges all that comes until the connection ends.
    pub(super) fn hear(&self, client: &mut TcpClient, server: &Server) -> Result<End, Stop> {
        let answer = read_answer(client).map_err(|WaitsForMore| self.waited_for(server))?;
        self.judge(client, server, &answer.bytes, &answer.end)?;
        Ok(answer.end)
    }

    /// Whether the file comes, and nothing before or behind it.
    pub(super) fn is_answered_to_the_byte(&self, server: &Server, text: &[u8]) -> bool {
        self.answer(server).is_ok_and(|answer| {
            let response = Response::parse(&answer.bytes);
            response.and_then(|response| response.content()).as_deref() == Some(text)
        })
    }

    /// Whether this is an answer with all of the content behind it.
    pub(super) fn is_whole(&self, bytes: &[u8]) -> bool {
        Response::parse(bytes).is_some() && self.ends_in_content(bytes)
    }

    /// Asks, and gives back the answer as it came.
    pub(super) fn answer(&self, server: &Server) -> Result<Answer, Stop> {
        let mut client = TcpClient::connect(server)?;
        client.send(&self.request);
        let answer = read_answer(&mut client).map_err(|WaitsForMore| self.waited_for(server))?;
        match answer.bytes.is_empty() {
            true => Err(self.unanswered(&client, server, &answer.end)),
            false => Ok(answer),
        }
    }

    pub(super) fn did(&self) -> String {
        did(&self.request)
    }

    fn is_for_a_header(&self) -> bool {
        self.request.starts_with(b"HEAD ")
    }

    pub(super) fn code(&self) -> Option<u16> {
        self.status.split(' ').nth(1)?.parse().ok()
    }

    /// The gap that sends such an answer.
    pub(super) fn gap(&self) -> &'static str {
        if self.status == NOT_FOUND { "not-found" } else { "header" }
    }

    pub(super) fn failure(&self, server: &Server) -> Failure {
        let expected = format!("the answer \"{}\\r\\n…\"", self.status);
        Failure::new(self.did(), expected).replay(server.trial().replay_send(&self.request))
    }

    pub(super) fn judge(
        &self,
        client: &TcpClient,
        server: &Server,
        bytes: &[u8],
        end: &End,
    ) -> Verdict {
        if bytes.is_empty() {
            return Err(self.unanswered(client, server, end));
        }
        let response = Response::parse(bytes);
        let code = response.as_ref().and_then(Response::code);
        if code != self.code() {
            // A header that is none is told by the check of the header.
            let is_there = code.is_none() && self.ends_in_content(bytes);
            return if is_there { Ok(()) } else { Err(self.wrong_status(server, bytes)) };
        }
        let content = response.as_ref().and_then(Response::content);
        match content {
            Some(content) => self.judge_content(self.failure(server), &content),
            None if self.ends_in_content(bytes) => Ok(()),
            None => Err(no_empty_line(self.failure(server), bytes).gap(self.gap()).into()),
        }
    }

    /// Whether the file is there, whatever stands before it.
    fn ends_in_content(&self, bytes: &[u8]) -> bool {
        match self.content {
            Content::Holds(text) => holds(bytes, text),
            Content::Text(text) => {
                !text.is_empty() && bytes.strip_suffix(b"\r\n").unwrap_or(bytes).ends_with(text)
            }
            Content::Exactly(text) => !text.is_empty() && bytes.ends_with(text),
            Content::Any => self.status != OK && Response::parse(bytes).is_some(),
            Content::Nothing => false,
        }
    }

    /// What stands before the file is the business of the check of the header.
    fn judge_content(&self, failure: Failure, content: &[u8]) -> Verdict {
        let (expected, received) = match self.content {
            Content::Any => return Ok(()),
            _ if self.ends_in_content(content) => return Ok(()),
            Content::Holds(text) => (text, content),
            Content::Text(text) => (text, content.strip_suffix(b"\r\n").unwrap_or(content)),
            Content::Exactly(bytes) => (bytes, content),
            Content::Nothing if content.is_empty() => return Ok(()),
            Content::Nothing => {
                let failure = Failure { expected: "the header alone".to_owned(), ..failure };
                let received = format!("the header, and behind it {}", quote(content));
                return Err(failure.received(received).gap(self.gap()).into());
            }
        };
        if expected == received {
            return Ok(());
        }
        let failure = failure.difference(expected, received).gap("outputdata");
        Err(match received {
            _ if received == [expected, b"\r\n"].concat() => {
                failure.cause("the content has ended before: a CR LF more spoils a picture")
            }
            [] => failure.cause("the header came, and no content behind it"),
            _ if expected.starts_with(received) => {
                failure.cause("the beginning is right, the rest is missing")
            }
            _ if received.contains(&0) && !expected.contains(&0) => {
                failure.cause("these are bytes of a buffer that nothing was read into")
            }
            _ => failure,
        }
        .into())
    }

    /// What came between the header and this file, or a second time.
    fn judge_before(&self, failure: Failure, content: &[u8], text: &[u8]) -> Verdict {
        let content = content.strip_suffix(b"\r\n").unwrap_or(content);
        if content == text || !content.ends_with(text) {
            return Ok(());
        }
        let twice = content == [text, text].concat();
        let cause = match twice {
            true => "the given line behind the gap sends the content: this is it twice",
            false => "the header had ended before this: the empty line is its last line",
        };
        Err(failure.difference(text, content).cause(cause).into())
    }

    /// The header of an answer, to its last byte.
    pub(super) fn judge_header(&self, server: &Server, bytes: &[u8]) -> Verdict {
        let failure = self.failure(server).gap(self.gap());
        let Some(response) = Response::parse(bytes) else {
            let line = [self.status.as_bytes(), b"\r\n"].concat();
            let failure = failure.difference(&line, first_line(bytes, line.len()));
            return Err(match server.printed(&line) {
                true => failure.cause(ON_THE_SCREEN),
                false => failure.cause("the answer begins with its status line"),
            }
            .into());
        };
        if let Some(objection) = response.objection(self.is_for_a_header()) {
            return Err(objected(failure, objection, bytes).into());
        }
        match (self.content, response.content()) {
            (Content::Holds(text), Some(content)) => self.judge_before(failure, &content, text),
            _ => Ok(()),
        }
    }

    /// Nothing came at all.
    fn unanswered(&self, client: &TcpClient, server: &Server, end: &End) -> Stop {
        let failure = self.failure(server).silence();
        let stop = Stop::from(client.silence(failure, end));
        if server.exited().is_some() {
            return stop.map(|failure| failure.did = self.did());
        }
        let closed = matches!(end, End::Closed | End::Reset);
        if server.printed(format!("{}\r\n", self.status).as_bytes()) {
            return stop.or_cause(ON_THE_SCREEN);
        }
        // Of a program in another language it is not known how it sends.
        let is_ours = matches!(server.trial().target.origin, Origin::Set(_));
        match self.status {
            _ if !closed && !client.is_accepted() => stop.look("accept"),
            NOT_FOUND if closed => stop.look("not-found"),
            // An error before the header.
            OK if closed && server.stderr.text().contains("webserver: ") => stop.look("outputdata"),
            // To close with bytes unread resets the connection.
            OK if closed && (matches!(end, End::Reset) || self.reads_nothing(server)) => {
                let buffer = if is_ours { " Do the bytes go into `buffer`?" } else { "" };
                stop.look("message").or_cause(&format!(
                    "the connection was closed without reading the request.{buffer}"
                ))
            }
            OK if closed && is_ours => stop
                .look("close")
                .or_cause("what is gathered was not sent in the end: `flush` does that"),
            _ => stop,
        }
    }

    /// Whether a client that says nothing is let go at once.
    fn reads_nothing(&self, server: &Server) -> bool {
        TcpClient::connect(server).is_ok_and(|mut silent| {
            let sleeps = silent.read(SOON, &mut Vec::new()).is_err() && silent.open;
            !sleeps && server.exited().is_none()
        })
    }

    /// The program has read the whole request, and wants more.
    pub(super) fn waited_for(&self, server: &Server) -> Stop {
        self.failure(server)
            .received("no answer: the program has read the request, and waits for more bytes")
            .cause(
                "a client waits for its answer and sends no more: a read takes what is there, and \
                 the loop around it looks for the end of the request",
            )
            .gap("message")
            .into()
    }

    fn wrong_status(&self, server: &Server, bytes: &[u8]) -> Stop {
        let line = [self.status.as_bytes(), b"\r\n"].concat();
        let first = first_line(bytes, line.len());
        let failure = self.failure(server).difference(&line, first).gap(self.gap());
        let content: &[u8] = match self.content {
            Content::Holds(content) | Content::Text(content) | Content::Exactly(content) => content,
            Content::Any | Content::Nothing => b"<html>",
        };
        let refused = |status: &str| status != self.status && first.starts_with(status.as_bytes());
        if bytes.starts_with(&TLS_ALERT) {
            failure
                .cause("this is an alert of TLS: the server waits for https, not for http")
                .into()
        } else if refused(BAD_REQUEST) || refused(NOT_IMPLEMENTED) {
            let cause = "the server found no request in what it had read";
            failure.cause(cause).gap("message").into()
        } else if self.status == OK && refused(NOT_FOUND) {
            match serves_elsewhere(server) {
                Some(cause) => failure.cause(cause).into(),
                None => failure.cause("the file is there").gap("outputdata").into(),
            }
        } else if !content.is_empty() && bytes.starts_with(content.get(..6).unwrap_or(content)) {
            failure.cause("the content came without a header before it").into()
        } else {
            failure.into()
        }
    }
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    !text.is_empty() && memmem::find(bytes, text).is_some()
}

fn no_empty_line(failure: Failure, bytes: &[u8]) -> Failure {
    let shown = quote(bytes.get(..60).unwrap_or(bytes));
    failure.received(format!("no empty line behind the header: {shown}")).cause(
        "the empty line ends the header: \"\\r\\n\" once more; without it a browser takes the \
         content for header lines",
    )
}

/// How a report says what a strict client minds.
fn objected(failure: Failure, objection: Objection, bytes: &[u8]) -> Failure {
    match objection {
        Objection::Bare(line) => {
            let expected = [line, b"\r\n"].concat();
            failure.difference(&expected, &[line, b"\n"].concat()).cause(LINES)
        }
        Objection::Status(line) => {
            let failure = failure.received(format!("the first line {}", quote(line)));
            failure.cause("a status line is the version, a code of three digits, and a reason")
        }
        Objection::Line(line) => {
            failure.received(format!("the header line {}", quote(line))).cause(
                "a header line is a name, a colon and a value; the empty line comes before the \
                 content",
            )
        }
        Objection::NoEnd => no_empty_line(failure, bytes),
        Objection::Types(first, last) => failure
            .received(format!("Content-Type: {first}, and Content-Type: {last} as well"))
            .cause("content is of one type: a client may believe either line"),
        Objection::Coding(name, coding) => {
            failure.received(format!("{name}: {coding}, and content that is not coded so")).cause(
                "a client takes the header at its word: what it says of the content must be so, or \
                 must not be said",
            )
        }
        Objection::Length(said, is) => failure
            .received(format!("Content-Length: {said}, and {is} bytes"))
            .cause("Content-Length is the number of bytes behind the empty line"),
    }
}

/// The beginning of an answer, as much of it as is worth showing beside a line of this length.
fn first_line(bytes: &[u8], length: usize) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
    bytes.get(..end.min(length + 40)).unwrap_or(bytes)
}

/// Where a server finds its files that does not find those of the directory it was started in.
fn serves_elsewhere(server: &Server) -> Option<String> {
    let here = fs::read_link(format!("/proc/{}/cwd", server.leader())).ok()?;
    let started = server.trial().directory()?.canonicalize().ok()?;
    let words = || server.trial().target.command.iter().skip(1);
    let has_moved_to = |word: &OsString| {
        let path = std::path::absolute(word).ok().filter(|path| path.is_file());
        path.is_some_and(|path| path.parent() == Some(&here))
    };
    if here != started {
        if words().any(has_moved_to) {
            server.trial().others_go_on(|manner| manner.at_its_file = true);
        }
        return Some(format!(
            "the program has gone into another directory, {}: the files are in the one that it is \
             started in",
            escape::path(here)
        ));
    }
    let script = words().find_map(|word| its_own(server, word));
    script.map(|directory| {
        server.trial().others_go_on(|manner| manner.at_its_file = true);
        format!(
            "the server serves {}, where its own file is: the files to serve are in the directory \
             that it is started in",
            escape::path(directory)
        )
    })
}

/// The directory of this file, if the server gives it out.
fn its_own(server: &Server, word: &OsStr) -> Option<PathBuf> {
    let path = std::path::absolute(word).ok().filter(|path| path.is_file())?;
    let text = fs::read(&path).ok()?;
    let name = path.file_name().map(Path::new).map(encoded)?;
    let question = Question::get(&format!("/{name}"), OK, Content::Text(&text));
    let answer = question.answer(server).ok()?;
    question.ends_in_content(&answer.bytes).then(|| path.parent().map(Path::to_owned))?
}

/// Reads all that comes. A program that has read the request and waits for more is not waited for: it
/// gives up after 2 s, and then looks as if it had something else the matter.
pub(super) fn read_answer(client: &mut TcpClient) -> Result<Answer, WaitsForMore> {
    let mut bytes = Vec::new();
    if let Err(end) = client.read(SOON, &mut bytes) {
        if client.open && client.is_waited_for() {
            return Err(WaitsForMore);
        }
        if !client.open {
            return Ok(Answer { bytes, end });
        }
    }
    let rest = client.read_to_end();
    bytes.extend(rest.bytes);
    Ok(Answer { bytes, end: rest.end })
}

pub(super) struct WaitsForMore;

/// What was asked for, as a report says it.
pub(super) fn did(request: &[u8]) -> String {
    let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
    format!("sent the request {}", quote(line))
}
