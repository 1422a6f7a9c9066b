//! What a mail says: its header fields, encoded words, transfer encodings and parts. Only as much of
//! it as a simple client writes, and forgiving: what is not understood stays as it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A mail, or a part of one.
#[derive(Debug)]
pub struct Part {
    /// Names and values, folded lines joined, in their order.
    pub fields: Vec<(String, String)>,
    /// Lines before the blank one that are no field.
    pub strays: Vec<String>,
    /// As it was sent.
    pub raw: Vec<u8>,
    /// With its transfer encoding undone.
    pub body: Vec<u8>,
    pub parts: Vec<Part>,
}

impl Part {
    /// Reads a text whose lines end in CR LF.
    pub fn parse(text: &[u8]) -> Part {
        let (head, raw) = match find(text, b"\r\n\r\n") {
            _ if text.starts_with(b"\r\n") => (&text[..0], &text[2..]),
            Some(at) => (&text[..at], &text[at + 4..]),
            None => (text, &text[text.len()..]),
        };
        let (mut fields, mut strays) = (Vec::<(String, String)>::new(), Vec::new());
        for line in String::from_utf8_lossy(head).split("\r\n").filter(|line| !line.is_empty()) {
            match (line.starts_with([' ', '\t']), fields.last_mut(), line.split_once(':')) {
                (true, Some((_, value)), _) => value.push_str(line),
                (false, _, Some((name, value))) if is_name(name) => {
                    fields.push((name.to_owned(), value.trim().to_owned()));
                }
                _ => strays.push(line.to_owned()),
            }
        }
        let mut part = Part { fields, strays, raw: raw.to_vec(), body: Vec::new(), parts: vec![] };
        let encoding = part.field("Content-Transfer-Encoding").unwrap_or("8bit").to_lowercase();
        part.body = match encoding.as_str() {
            "base64" => from_base64(raw).unwrap_or_else(|| raw.to_vec()),
            "quoted-printable" => from_quoted(raw, false),
            _ => raw.to_vec(),
        };
        if let Some(boundary) = part.boundary() {
            part.parts = pieces(raw, &boundary).into_iter().map(Part::parse).collect();
        }
        part
    }

    /// The first field of this name, in whatever letters.
    pub fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }

    /// `text/plain`, in small letters and without what follows.
    pub fn kind(&self) -> String {
        let kind = self.field("Content-Type").unwrap_or("text/plain");
        kind.split(';').next().unwrap_or_default().trim().to_lowercase()
    }

    fn boundary(&self) -> Option<String> {
        let value = self.field("Content-Type").filter(|_| self.kind().starts_with("multipart/"))?;
        let at = value.to_lowercase().find("boundary=")?;
        let rest = &value[at + "boundary=".len()..];
        let boundary = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => rest.split(';').next(),
        };
        boundary.map(|boundary| boundary.trim().to_owned())
    }

    /// The first part that is plain text, which may be all of it.
    pub fn text(&self) -> Option<&Part> {
        match self.parts.as_slice() {
            [] => Some(self).filter(|part| part.kind() == "text/plain"),
            parts => parts.iter().find_map(Part::text),
        }
    }

    /// The first part that is something else.
    pub fn attachment(&self) -> Option<&Part> {
        match self.parts.as_slice() {
            [] => Some(self).filter(|part| part.kind() != "text/plain"),
            parts => parts.iter().find_map(Part::attachment),
        }
    }
}

/// RFC 5322: printable, without a space or a colon.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// What stands between the boundary's lines.
fn pieces<'t>(text: &'t [u8], boundary: &str) -> Vec<&'t [u8]> {
    let line = format!("--{boundary}");
    let mut found = Vec::new();
    let (mut at, mut begin) = (0, None);
    while at < text.len() {
        let end = find(&text[at..], b"\r\n").map_or(text.len(), |length| at + length + 2);
        if let Some(rest) = text[at..end].strip_prefix(line.as_bytes()) {
            // The line end before a boundary is the boundary's.
            found.extend(begin.map(|begin| &text[begin..at.saturating_sub(2).max(begin)]));
            begin = Some(end).filter(|_| !rest.starts_with(b"--"));
        }
        at = end;
    }
    found
}

/// Base64, whatever its lines are.
pub fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(letters).ok()
}

/// Quoted-printable, and its kin in encoded words, where `_` is a space.
fn from_quoted(text: &[u8], in_word: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, hex) {
            (b'=', Some("\r\n")) => rest = &after[2..], // a soft line end
            (b'=', Some(two)) if u8::from_str_radix(two, 16).is_ok() => {
                out.push(u8::from_str_radix(two, 16).expect("just seen"));
                rest = &after[2..];
            }
            (b'_', _) if in_word => out.push(b' '),
            _ => out.push(*first),
        }
    }
    out
}

/// RFC 2047: `=?utf-8?B?Y2Fmw6k=?=` → `café`. White space between two such words does not count.
pub fn decoded(value: &str) -> String {
    let mut out = String::new();
    let mut bytes = Vec::new(); // of neighbouring words: a character may be cut between them
    let mut rest = value;
    while let Some((before, word, after)) = next_word(rest) {
        if !before.trim().is_empty() || bytes.is_empty() {
            out.push_str(&String::from_utf8_lossy(&std::mem::take(&mut bytes)));
            out.push_str(before);
        }
        bytes.extend(word);
        rest = after;
    }
    out + &String::from_utf8_lossy(&bytes) + rest
}

/// What stands before an encoded word, the word's bytes, and what stands behind it.
fn next_word(text: &str) -> Option<(&str, Vec<u8>, &str)> {
    for (at, _) in text.match_indices("=?") {
        let mut fields = text[at + 2..].splitn(4, '?');
        let (Some(charset), Some(how), Some(word), Some(after)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return None;
        };
        let Some(after) = after.strip_prefix('=') else { continue };
        if !["utf-8", "us-ascii"].contains(&charset.to_lowercase().as_str()) {
            continue;
        }
        let bytes = match how {
            "B" | "b" => from_base64(word.as_bytes()),
            "Q" | "q" => Some(from_quoted(word.as_bytes(), true)),
            _ => None,
        };
        if let Some(bytes) = bytes {
            return Some((&text[..at], bytes, after));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_read_and_joined() {
        assert_eq!(decoded("plain =?x?= text"), "plain =?x?= text");
        assert_eq!(decoded("a =?utf-8?B?Y2Fmw6k=?= b"), "a caf\u{e9} b");
        assert_eq!(decoded("=?UTF-8?q?caf=C3?=\t=?utf-8?Q?=A9_ol=C3=A9?="), "caf\u{e9} ol\u{e9}");
    }

    #[test]
    fn fields_may_be_folded_and_strays_are_seen() {
        let part = Part::parse(b"Subject: a\r\n b\r\nno field\r\nTo: x\r\n\r\nbody\r\n");
        assert_eq!(part.field("SUBJECT"), Some("a b"));
        assert_eq!(part.strays, ["no field"]);
        assert_eq!(part.body, b"body\r\n");
        assert_eq!(Part::parse(b"\r\nbody\r\n").raw, b"body\r\n");
    }

    #[test]
    fn transfer_encodings_are_undone() {
        let mail = |how: &str, body: &str| {
            Part::parse(format!("Content-Transfer-Encoding: {how}\r\n\r\n{body}").as_bytes()).body
        };
        assert_eq!(mail("base64", "aGVs\r\nbG8=\r\n"), b"hello");
        assert_eq!(mail("Quoted-Printable", "a=3Db=\r\nc\r\n"), b"a=bc\r\n");
        assert_eq!(mail("8bit", "caf\u{e9}\r\n"), "caf\u{e9}\r\n".as_bytes());
    }

    #[test]
    fn a_mail_of_parts_is_taken_apart() {
        let mail = "Content-Type: multipart/mixed; boundary=\"xx\"\r\n\r\n--xx\r\n\
                    Content-Type: text/plain; charset=utf-8\r\n\r\nhello\r\n--xx\r\n\
                    Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n\
                    AAEC\r\n--xx--\r\n";
        let mail = Part::parse(mail.as_bytes());
        assert_eq!(mail.text().unwrap().body, b"hello");
        assert_eq!(mail.attachment().unwrap().body, [0, 1, 2]);
        assert_eq!(mail.parts.len(), 2);
    }
}
