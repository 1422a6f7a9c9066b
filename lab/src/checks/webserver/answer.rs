//! An answer of HTTP, taken apart as a forgiving client does it: bytes throughout, for a header may
//! hold any (RFC 9110, 5.5), and lines may end in LF alone. What a strict client minds is named.

use std::borrow::Cow;

/// What came before the content, and the content.
pub struct Response<'a> {
    /// The first line, without its end.
    pub status: &'a [u8],
    /// The lines of the header, without their ends.
    pub fields: Vec<&'a [u8]>,
    /// The first line that ends in LF alone.
    pub bare: Option<&'a [u8]>,
    /// What stands behind the empty line; `None` where there is no such line.
    pub content: Option<&'a [u8]>,
}

impl<'a> Response<'a> {
    /// `None` for what does not begin as an answer of HTTP.
    pub fn parse(bytes: &'a [u8]) -> Option<Response<'a>> {
        if !bytes.starts_with(b"HTTP/") {
            return None;
        }
        let mut response = Response { status: bytes, fields: vec![], bare: None, content: None };
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let mut rest = bytes;
        let first = lines.next()?;
        response.status = response.line(first);
        rest = rest.get(first.len()..)?;
        for whole in lines {
            rest = rest.get(whole.len()..)?;
            match response.line(whole) {
                b"" => {
                    response.content = Some(rest);
                    break;
                }
                line => response.fields.push(line),
            }
        }
        Some(response)
    }

    /// A line without its end, which is looked at.
    fn line(&mut self, whole: &'a [u8]) -> &'a [u8] {
        if let Some(line) = whole.strip_suffix(b"\r\n") {
            return line;
        }
        let Some(line) = whole.strip_suffix(b"\n") else { return whole };
        self.bare.get_or_insert(line);
        line
    }

    /// The three digits behind the version.
    pub fn code(&self) -> Option<u16> {
        let code = self.status.split(|byte| *byte == b' ').nth(1)?;
        std::str::from_utf8(code).ok()?.parse().ok()
    }

    /// The value of the first field of this name.
    pub fn field(&self, wanted: &str) -> Option<Cow<'a, str>> {
        self.values(wanted).next()
    }

    /// The values of all fields of this name.
    fn values(&self, wanted: &str) -> impl Iterator<Item = Cow<'a, str>> {
        self.fields.iter().filter_map(move |line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            let found = name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes());
            found.then(|| String::from_utf8_lossy(value.get(1..).unwrap_or_default().trim_ascii()))
        })
    }

    pub fn is_chunked(&self) -> bool {
        let coding = self.field("transfer-encoding");
        coding.is_some_and(|coding| coding.to_ascii_lowercase().ends_with("chunked"))
    }

    /// The content as a client gets it: out of its chunks where it is in any.
    pub fn content(&self) -> Option<Cow<'a, [u8]>> {
        let content = self.content?;
        match self.is_chunked().then(|| unchunked(content)).flatten() {
            Some(content) => Some(content.into()),
            None => Some(content.into()),
        }
    }

    /// What a strict client minds in it, and why, if anything. Of an answer to HEAD, the content is
    /// not there.
    pub fn objection(&self, head: bool) -> Option<Objection<'a>> {
        if let Some(line) = self.bare {
            return Some(Objection::Bare(line));
        }
        if !is_status_line(self.status) {
            return Some(Objection::Status(self.status));
        }
        if let Some(line) = self.fields.iter().find(|line| !is_field(line)) {
            return Some(Objection::Line(line));
        }
        let Some(content) = self.content else { return Some(Objection::NoEnd) };
        let types: Vec<Cow<str>> = self.values("content-type").collect();
        if let [first, .., last] = types.as_slice()
            && first != last
        {
            return Some(Objection::Types(first.to_string(), last.to_string()));
        }
        if head {
            return None;
        }
        if let Some(coding) = self.field("transfer-encoding")
            && (!self.is_chunked() || unchunked(content).is_none())
        {
            return Some(Objection::Coding("Transfer-Encoding", coding.into_owned()));
        }
        if let Some(coding) = self.field("content-encoding")
            && !coding.eq_ignore_ascii_case("identity")
        {
            return Some(Objection::Coding("Content-Encoding", coding.into_owned()));
        }
        if self.is_chunked() {
            return None;
        }
        let wrong = |length: &Cow<str>| length.parse() != Ok(content.len());
        let length = self.values("content-length").find(wrong)?;
        Some(Objection::Length(length.into_owned(), content.len()))
    }
}

/// What is wrong with a header.
#[derive(Debug, PartialEq, Eq)]
pub enum Objection<'a> {
    /// A line that ends in LF alone.
    Bare(&'a [u8]),
    /// A first line that is no status line.
    Status(&'a [u8]),
    /// A line that is no field.
    Line(&'a [u8]),
    /// There is no empty line.
    NoEnd,
    /// Two different values of Content-Type.
    Types(String, String),
    /// The field and the coding that the content is said to have, and has not.
    Coding(&'static str, String),
    /// What Content-Length says, and how many bytes came.
    Length(String, usize),
}

/// RFC 9112, 4: the version, a code of three digits, a space and a reason, which may be empty.
fn is_status_line(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"HTTP/1.1 ").or(line.strip_prefix(b"HTTP/1.0 ")) else {
        return false;
    };
    let (code, rest) = rest.split_at(rest.len().min(3));
    code.len() == 3
        && code.iter().all(u8::is_ascii_digit)
        && rest.first().is_none_or(|byte| *byte == b' ')
}

/// RFC 9112, 5: a name without any white space, and a colon straight behind it.
fn is_field(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    name.len() < line.len() && !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
}

/// Puts chunks together (RFC 9112, 7.1); `None` where these are none.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        rest = rest.get(end + 2..)?;
        if size == 0 {
            return rest.ends_with(b"\r\n").then_some(content);
        }
        content.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objection(answer: &str) -> Option<Objection<'_>> {
        Response::parse(answer.as_bytes()).unwrap().objection(false)
    }

    #[test]
    fn an_answer_is_taken_apart_byte_by_byte() {
        let answer = b"HTTP/1.1 200 OK\r\nX-Author: Bj\xf8rn\r\nContent-Length: 5\r\n\r\nhello";
        let response = Response::parse(answer).unwrap();
        assert_eq!(response.code(), Some(200));
        assert_eq!(response.field("CONTENT-length").as_deref(), Some("5"));
        assert_eq!(response.content().as_deref(), Some(&b"hello"[..]));
        assert_eq!(response.objection(false), None);
        assert!(Response::parse(b"hello").is_none());
        let cut = Response::parse(b"HTTP/1.1 200 OK\r\nX: y").unwrap();
        assert_eq!((cut.content, cut.fields.len()), (None, 1));
    }

    #[test]
    fn lines_may_end_in_lf_alone_which_is_seen() {
        let answer = "HTTP/1.0 200 OK\nA: b\n\nhello\n";
        let response = Response::parse(answer.as_bytes()).unwrap();
        assert_eq!(response.content, Some(&b"hello\n"[..]));
        assert_eq!(objection(answer), Some(Objection::Bare(b"HTTP/1.0 200 OK")));
    }

    #[test]
    fn what_is_said_must_be_what_is_sent() {
        let with =
            |field: &str, content: &str| format!("HTTP/1.1 200 OK\r\n{field}\r\n\r\n{content}");
        assert_eq!(objection(&with("Content-Length: 5", "hello")), None);
        let length = Objection::Length("6".to_owned(), 5);
        assert_eq!(objection(&with("Content-Length: 6", "hello")), Some(length));
        let twice = "Content-Length: 5\r\nContent-Length: 0";
        let length = Objection::Length("0".to_owned(), 5);
        assert_eq!(objection(&with(twice, "hello")), Some(length));
        assert_eq!(objection(&with("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")), None);
        for (name, coding) in [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")] {
            let answer = with(&format!("{name}: {coding}"), "hello");
            let wrong = Objection::Coding(name, coding.to_owned());
            assert_eq!(objection(&answer), Some(wrong), "{name}");
        }
        let two = "Content-Type: text/html\r\nContent-Type: text/plain";
        let types = Objection::Types("text/html".to_owned(), "text/plain".to_owned());
        assert_eq!(objection(&with(two, "hello")), Some(types));
        assert_eq!(objection(&with("no field", "")), Some(Objection::Line(b"no field")));
        assert_eq!(objection(&with("Name : x", "")), Some(Objection::Line(b"Name : x")));
        assert_eq!(objection("HTTP/1.1 200 OK\r\n"), Some(Objection::NoEnd));
        assert_eq!(objection("HTTP/1.1 OK\r\n\r\n"), Some(Objection::Status(b"HTTP/1.1 OK")));
    }

    #[test]
    fn chunks_are_put_together_or_are_none() {
        assert_eq!(
            unchunked(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").as_deref(),
            Some(&b"abcde"[..])
        );
        for other in ["", "hello", "5\r\nhe", "ffffffffffffffff\r\nx", "3\r\nabc0\r\n\r\n"] {
            assert_eq!(unchunked(other.as_bytes()), None, "{other}");
        }
    }
}
