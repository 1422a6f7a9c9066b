//! What a mail says: its header fields, encoded words, transfer encodings and parts. Only as much of
//! it as a simple client writes, and forgiving: what is not understood stays as it is.
//!
//! By hand, since the checks need what a parser of mails throws away: lines that are no field, a
//! part's bytes before its charset was undone. (mail-parser 0.11 also takes a stack frame for each
//! message inside another, and its successor a newer compiler than ours.)

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

/// Parts within parts are taken apart up to this depth, and so many of them in all. No client of
/// the lab has more than two.
const DEPTH: usize = 8;
const MOST: usize = 100;

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
        Part::within(text, DEPTH)
    }

    /// Reads a part that may have so many levels of others in it.
    fn within(text: &[u8], depth: usize) -> Part {
        let (head, raw): (&[u8], &[u8]) = match text.strip_prefix(b"\r\n") {
            Some(raw) => (b"", raw),
            None => split_at(text, b"\r\n\r\n").unwrap_or((text, b"")),
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
        if let (Some(boundary), Some(depth)) = (part.boundary(), depth.checked_sub(1)) {
            let pieces = pieces(raw, &boundary).into_iter().take(MOST);
            part.parts = pieces.map(|piece| Part::within(piece, depth)).collect();
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
        // In ASCII alone: other small letters may be longer than their capitals.
        let at = value.to_ascii_lowercase().find("boundary=")?;
        let rest = value.get(at..)?.get("boundary=".len()..)?;
        let boundary = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => rest.split(';').next(),
        };
        boundary.map(|boundary| boundary.trim().to_owned())
    }

    /// Whether the last of its parts, if it is made of parts, has the end that RFC 2046, 5.1.1 demands.
    pub fn is_closed(&self) -> bool {
        let end = |boundary: String| memmem::find(&self.raw, format!("--{boundary}--").as_bytes());
        self.boundary().is_none_or(|boundary| end(boundary).is_some())
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

/// What stands before the first of these bytes, and behind them.
pub(super) fn split_at<'t>(text: &'t [u8], what: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let (before, rest) = text.split_at_checked(memmem::find(text, what)?)?;
    Some((before, rest.get(what.len()..)?))
}

/// What stands between the boundary's lines.
fn pieces<'t>(text: &'t [u8], boundary: &str) -> Vec<&'t [u8]> {
    let line = format!("--{boundary}");
    let mut found = Vec::new();
    let (mut rest, mut begin) = (text, None::<&[u8]>);
    while !rest.is_empty() {
        let (found_line, behind) = split_at(rest, b"\r\n").unwrap_or((rest, b""));
        let more = found_line.strip_prefix(line.as_bytes()).map(<[u8]>::trim_ascii_end);
        if let Some(more @ (b"" | b"--")) = more {
            if let Some(begin) = begin {
                let length = begin.len().saturating_sub(rest.len());
                let piece = begin.get(..length).unwrap_or(begin);
                // The line end before a boundary is the boundary's.
                found.push(piece.strip_suffix(b"\r\n").unwrap_or(piece));
            }
            begin = Some(behind).filter(|_| more.is_empty());
        }
        rest = behind;
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
        let (two, behind) = after.split_at_checked(2).unwrap_or_default();
        match (first, hex(two)) {
            (b'=', _) if two == b"\r\n" => rest = behind, // a soft line end
            (b'=', Some(byte)) => {
                out.push(byte);
                rest = behind;
            }
            (b'_', _) if in_word => out.push(b' '),
            _ => out.push(*first),
        }
    }
    out
}

fn hex(digits: &[u8]) -> Option<u8> {
    let are_digits = digits.iter().all(u8::is_ascii_hexdigit); // a sign is none
    let digits = std::str::from_utf8(digits).ok().filter(|_| are_digits)?;
    u8::from_str_radix(digits, 16).ok()
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
    out.push_str(&String::from_utf8_lossy(&bytes));
    out.push_str(rest);
    out
}

/// What stands before an encoded word, the word's bytes, and what stands behind it.
fn next_word(text: &str) -> Option<(&str, Vec<u8>, &str)> {
    for (at, _) in text.match_indices("=?") {
        let (before, word) = text.split_at_checked(at)?;
        let mut fields = word.strip_prefix("=?")?.splitn(4, '?');
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
            return Some((before, bytes, after));
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

    #[test]
    fn parts_are_taken_apart_up_to_a_depth() {
        let begins = |number| {
            format!("Content-Type: multipart/mixed; boundary={number}\r\n\r\n--{number}\r\n")
        };
        let mail: String = (0..4000).map(begins).collect();
        let mut part = &Part::parse(mail.as_bytes());
        let mut depth = 0;
        while let [inner] = part.parts.as_slice() {
            (part, depth) = (inner, depth + 1);
        }
        assert_eq!(depth, 0, "no boundary has a second line");
        let mail: String =
            mail + &(0..4000).rev().map(|n| format!("\r\n--{n}--")).collect::<String>();
        let mut part = &Part::parse(mail.as_bytes());
        while let [inner] = part.parts.as_slice() {
            (part, depth) = (inner, depth + 1);
        }
        assert_eq!(depth, DEPTH);
    }

    #[test]
    fn letters_that_grow_when_made_small_move_nothing() {
        let mail = "Content-Type: multipart/mixed; x=\u{130}\u{130}; BOUNDARY=\u{212a}\r\n\r\n\
                    --\u{212a}\r\n\r\nhello\r\n--\u{212a}--\r\n";
        assert_eq!(Part::parse(mail.as_bytes()).text().unwrap().body, b"hello");
    }

    #[test]
    fn a_sign_is_no_digit() {
        assert_eq!(from_quoted(b"=+1=-1=1=", false), b"=+1=-1=1=");
    }
}
