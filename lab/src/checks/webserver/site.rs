//! A directory to serve, and the questions that are asked about it.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tempfile::TempDir;

use crate::os::program::{Event, Patience};
use crate::text::bytes::quote;
use crate::trial::{Failure, Server, Stop, Trial, Verdict};
use crate::wire::peers::{Answer, End, TcpClient};

pub(super) const OK: &str = "HTTP/1.1 200 OK";
pub(super) const NOT_FOUND: &str = "HTTP/1.1 404 Not Found";
pub(super) const BAD_REQUEST: &str = "HTTP/1.1 400 Bad Request";
pub(super) const NOT_IMPLEMENTED: &str = "HTTP/1.1 501 Not Implemented";
pub(super) const LINES: &str = "Each of these lines ends in CR LF.";
/// What is asleep for so long waits for something.
pub(super) const SOON: Patience =
    Patience { idle: Duration::from_millis(100), busy: Patience::SHORT.busy };

/// A directory to serve, with something beside it that nobody may see.
pub(super) struct Site {
    pub(super) directory: TempDir,
    /// A word that stands in every file outside the root.
    pub(super) secret: String,
}

impl Site {
    pub(super) fn new(trial: &Trial) -> Result<Site, Stop> {
        let secret = String::from_utf8_lossy(&trial.letters(24)).into_owned();
        let made = TempDir::with_prefix("socket-labs-").and_then(|directory| {
            let site = Site { directory, secret };
            fs::create_dir_all(site.root().join("sub"))?;
            site.furnish()?;
            Ok(site)
        });
        made.map_err(fault)
    }

    pub(super) fn root(&self) -> PathBuf {
        self.directory.path().join("www")
    }

    fn furnish(&self) -> io::Result<()> {
        let (root, outside) = (self.root(), self.directory.path());
        fs::write(outside.join("secret.txt"), &self.secret)?;
        fs::create_dir(outside.join("www-else"))?; // its name begins as the root's does
        fs::write(outside.join("www-else/secret.txt"), &self.secret)?;
        symlink("../secret.txt", root.join("link.txt"))?;
        symlink(outside.join("secret.txt"), root.join("absolute-link.txt"))?;
        symlink("..", root.join("up"))?;
        symlink("/dev/zero", root.join("zero"))?;
        symlink("loop", root.join("loop"))?;
        mkfifo(&root.join("fifo"), Mode::S_IRWXU)?;
        Ok(())
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) -> Verdict {
        fs::write(self.root().join(name), content).map_err(fault)
    }

    /// Starts the program in the root.
    pub(super) fn server<'t>(&self, trial: &'t Trial) -> Result<Server<'t>, Stop> {
        trial.work_in(&self.root());
        trial.server()
    }
}

pub(super) fn fault(error: io::Error) -> Stop {
    Stop::Fault(format!("the check cannot make the files that are to be served: {error}"))
}

/// What is to stand behind the empty line.
pub(super) enum Content<'c> {
    /// This, and perhaps the CR LF that the Python sends behind each file.
    Text(&'c [u8]),
    Exactly(&'c [u8]),
    /// A page with these words.
    Page(&'c str),
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
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes();
        Question { request, status, content }
    }

    pub(super) fn missing(path: &str) -> Question<'q> {
        Question::get(path, NOT_FOUND, Content::Page("404 Not Found"))
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

    pub(super) fn did(&self) -> String {
        did(&self.request)
    }

    pub(super) fn judge(
        &self,
        client: &TcpClient,
        server: &Server,
        bytes: &[u8],
        end: &End,
    ) -> Verdict {
        let status = self.status;
        let replay = server.trial().replay_send(&self.request);
        let failure = Failure::new(self.did(), format!("the answer \"{status}\\r\\n…\""));
        let failure = failure.replay(replay);
        if bytes.is_empty() {
            return Err(self.unanswered(client, server, failure, end));
        }
        let line = [status.as_bytes(), b"\r\n"].concat();
        let Some(rest) = bytes.strip_prefix(line.as_slice()) else {
            return Err(self.wrong_status(failure, &line, bytes));
        };
        let Some(header) = header(rest) else {
            let shown = quote(&bytes[..bytes.len().min(60)]);
            return Err(failure
                .received(format!("no empty line behind the header: {shown}"))
                .cause("the empty line ends the header: \"\\r\\n\" once more; without it a browser takes the content for header lines")
                .into());
        };
        for name_and_value in header.lines() {
            if !name_and_value.contains(':') {
                return Err(failure
                    .received(format!("the header line {}", quote(name_and_value.as_bytes())))
                    .cause("a header line is a name, a colon and a value; the empty line comes before the content")
                    .into());
            }
        }
        let content = &rest[header.len() + if header.is_empty() { 2 } else { 4 }..];
        self.judge_content(failure, &header, content)
    }

    fn judge_content(&self, failure: Failure, header: &str, content: &[u8]) -> Verdict {
        let length = value_of(header, "content-length");
        let head = self.request.starts_with(b"HEAD ");
        if let Some(length) = length.filter(|_| !head)
            && length.parse() != Ok(content.len())
        {
            return Err(failure
                .received(format!("Content-Length: {length}, and {} bytes", content.len()))
                .cause("Content-Length is the number of bytes behind the empty line")
                .into());
        }
        let gap = match self.status {
            OK => "outputdata",
            _ => "not-found",
        };
        let (expected, received) = match self.content {
            Content::Text(text) if text == content => return Ok(()),
            Content::Text(text) => (text, content.strip_suffix(b"\r\n").unwrap_or(content)),
            Content::Exactly(bytes) => (bytes, content),
            Content::Nothing if content.is_empty() => return Ok(()),
            Content::Nothing => {
                let expected = "the header alone".to_owned();
                let failure = Failure { expected, ..failure };
                return Err(failure
                    .received(format!("the header, and behind it {}", quote(content)))
                    .gap(if self.status == OK { "header" } else { gap })
                    .into());
            }
            Content::Page(words) => {
                let text = String::from_utf8_lossy(content);
                if text.contains(words) {
                    return Ok(());
                }
                let expected = format!("the header, and a page with the words {words}");
                return Err(Failure { expected, ..failure }
                    .received(match content {
                        [] => "the header, and no page behind it".to_owned(),
                        _ => format!("the page {}", quote(content)),
                    })
                    .gap(gap)
                    .into());
            }
        };
        if expected == received {
            return Ok(());
        }
        let failure = failure.difference(expected, received).gap(gap);
        Err(match received {
            _ if received == [expected, b"\r\n"].concat() => {
                failure.cause("the content has ended before: a CR LF more spoils a picture")
            }
            [] => failure.cause("the header came, and no content behind it"),
            _ if !expected.is_empty() && received == [expected, expected].concat() => {
                let sent = "the given line behind the gap sends the content: this is it twice";
                failure.cause(sent).gap("header")
            }
            _ if !expected.is_empty() && received.ends_with(expected) => failure
                .cause("the header had ended before this: the empty line is its last line")
                .gap("header"),
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

    /// Nothing came at all.
    fn unanswered(&self, client: &TcpClient, server: &Server, failure: Failure, end: &End) -> Stop {
        let stop = Stop::from(client.silence(failure.silence(), end));
        if server.exited().is_some() {
            return stop.map(|failure| failure.did = self.did());
        }
        let closed = matches!(end, End::Closed | End::Reset);
        if server.printed(format!("{}\r\n", self.status).as_bytes()) {
            return stop.or_cause("the program printed the answer on its own screen: send it");
        }
        match self.status {
            _ if !closed && !client.is_accepted() => stop.look("accept"),
            NOT_FOUND if closed => stop.look("not-found"),
            // An error before the header.
            OK if closed && server.stderr.text().contains("webserver: ") => stop.look("outputdata"),
            // To close with bytes unread resets the connection.
            OK if closed && (matches!(end, End::Reset) || self.reads_nothing(server)) => {
                stop.look("message").or_cause(
                    "the connection was closed without reading the request. Do the bytes go into \
                     `buffer`?",
                )
            }
            OK if closed => stop
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
        Failure::new(self.did(), format!("the answer \"{}\\r\\n…\"", self.status))
            .received("no answer: the program has read the request, and waits for more bytes")
            .cause(
                "a client waits for its answer and sends no more: a read takes what is there, and \
                 the loop around it looks for the end of the request",
            )
            .gap("message")
            .replay(server.trial().replay_send(&self.request))
            .into()
    }

    fn wrong_status(&self, failure: Failure, line: &[u8], bytes: &[u8]) -> Stop {
        let end = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        let mut first = &bytes[..end.min(line.len() + 40)];
        let bare = line.strip_suffix(b"\r\n").unwrap_or(line);
        if first.strip_suffix(b"\n") == Some(bare) && bytes.get(end) == Some(&b'\n') {
            first = &bytes[..=end];
        }
        let failure = failure.difference(line, first);
        let missing = self.status == NOT_FOUND;
        let gap = if missing { "not-found" } else { "header" };
        let content: &[u8] = match self.content {
            Content::Text(content) | Content::Exactly(content) => content,
            Content::Page(_) | Content::Nothing => b"<html>",
        };
        let refused = |status: &str| status != self.status && first.starts_with(status.as_bytes());
        if refused(BAD_REQUEST) || refused(NOT_IMPLEMENTED) {
            let cause = "the server found no request in what it had read";
            failure.cause(cause).gap("message").into()
        } else if refused(NOT_FOUND) {
            failure.cause("the file is there").gap("outputdata").into()
        } else if !content.is_empty() && bytes.starts_with(&content[..content.len().min(6)]) {
            failure.cause("the content came without a header before it").gap(gap).into()
        } else if first.trim_ascii_end() == bare {
            failure.cause(LINES).gap(gap).into()
        } else {
            failure.gap(gap).into()
        }
    }
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

/// The header lines behind a status line, without the empty line that ends them.
pub(super) fn header(rest: &[u8]) -> Option<String> {
    if rest.starts_with(b"\r\n") {
        return Some(String::new());
    }
    let end = rest.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some(String::from_utf8_lossy(&rest[..end]).into_owned())
}

/// The value of a header line, if it is there.
pub(super) fn value_of<'h>(header: &'h str, wanted: &str) -> Option<&'h str> {
    header.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(wanted).then(|| value.trim())
    })
}
