//! What others have written, made harmless: the bytes of a program under check, file names, what
//! the compiler quotes, captures. A terminal obeys control characters, and letters that turn the
//! direction of writing change what a line seems to say; all of these are written out as Rust writes
//! them in a string. `\n` in a report is then two characters that a program sent as one.

use std::fmt::Write;
use std::path::Path;

/// A text on one line.
pub fn line(text: &str) -> String {
    escaped(text, |_| false)
}

/// The same, of bytes that may be no text.
pub fn bytes(bytes: &[u8]) -> String {
    line(&String::from_utf8_lossy(bytes))
}

/// A file's name, which may have any bytes in it.
pub fn path(path: impl AsRef<Path>) -> String {
    line(&path.as_ref().display().to_string())
}

/// A document of JSON: its strings stay what they are, and are written so that no terminal obeys them.
pub fn json(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        if c == '\n' || is_plain(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}"); // a String takes everything
        }
    }
    out
}

/// Whether a terminal shows this letter and does nothing else. An accent of its own, which many scripts
/// and some file systems have, is shown with the letter before it.
fn is_plain(c: char) -> bool {
    let is_accent = || format!("a{c}").escape_debug().count() == 2;
    matches!(c, ' '..='~') || c.escape_debug().len() == 1 || is_accent()
}

/// A text of several lines, with tabs.
pub fn lines(text: &str) -> String {
    escaped(text, |c| matches!(c, '\n' | '\t'))
}

/// What goes to a terminal, ours and others', with the colours that we and the compiler give it.
pub fn page(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\u{1b}') {
        out.push_str(&lines(before));
        rest = behind;
        match colour(behind) {
            Some((codes, behind)) => {
                let _ = write!(out, "\u{1b}[{codes}m"); // a String takes everything
                rest = behind;
            }
            None => out.push_str("\\u{1b}"),
        }
    }
    out + &lines(rest)
}

fn escaped(text: &str, keeps: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Quotes of a report stay, and what is escaped already.
        match is_plain(c) || keeps(c) {
            true => out.push(c),
            false => out.extend(c.escape_debug()),
        }
    }
    out
}

/// The codes of a sequence that sets colour or weight, and what stands behind it. Not the one that
/// hides what follows.
fn colour(sequence: &str) -> Option<(&str, &str)> {
    // No further than its codes: of many sequences without an end each would be read to the end of the text.
    let sequence = sequence.strip_prefix('[')?;
    let end = sequence.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    let (codes, behind) = sequence.split_at(end);
    let behind = behind.strip_prefix('m')?;
    let mut codes_left = codes.split(';');
    while let Some(code) = codes_left.next() {
        let is_set = match code {
            "38" => codes_left.next() == Some("5") && codes_left.next()?.parse::<u8>().is_ok(),
            "" | "0" | "1" | "2" | "3" | "4" | "22" | "39" => true,
            code => matches!(code.parse::<u8>(), Ok(30..=37 | 90..=97)),
        };
        if !is_set {
            return None;
        }
    }
    Some((codes, behind))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Everything that a terminal may obey, and a letter at each end.
    pub const NASTY: &str = "a\u{1b}[8A\u{1b}[J\u{1b}]0;x\u{7}\u{8}\r\n\0\u{7f}\u{80}\u{9b}2J\u{9d}\
                             \u{202e}\u{2066}\u{200f}\u{61c}\u{2028}\u{feff}\u{e0041}z";

    /// Whether nothing in a text steers a terminal, but the ends of lines.
    pub fn is_harmless(text: &str) -> bool {
        text.chars().all(|c| c == '\n' || c.escape_debug().len() == 1 || "\"'\\\t".contains(c))
    }

    #[test]
    fn nothing_is_left_that_a_terminal_obeys() {
        assert!(!is_harmless(NASTY));
        for text in [line(NASTY), bytes(NASTY.as_bytes()), lines(NASTY), page(NASTY)] {
            assert!(is_harmless(&text), "{text:?}");
            assert!(text.starts_with('a') && text.ends_with('z'), "{text:?}");
        }
        assert!(!line(NASTY).contains('\n'));
        assert_eq!(bytes(b"\x9b\xff\x1b"), "\u{fffd}\u{fffd}\\u{1b}");
    }

    #[test]
    fn a_document_says_the_same_and_nothing_in_it_steers() {
        let document = serde_json::to_string_pretty(&[NASTY, "\u{1f980} \\u \"é\""]).unwrap();
        let escaped = json(&document);
        assert!(!is_harmless(&document) && is_harmless(&escaped), "{escaped}");
        let again: [String; 2] = serde_json::from_str(&escaped).unwrap();
        assert_eq!(again, [NASTY, "\u{1f980} \\u \"é\""]);
        assert_eq!(json(&escaped), escaped);
    }

    #[test]
    fn what_is_harmless_stays_as_it_is() {
        let text = "café \"π\" ✓ 'x' \\x1b … cafe\u{301} \u{e19}\u{e37}\u{e48}";
        assert_eq!(line(text), text);
        assert_eq!(page("a\tb\nc"), "a\tb\nc");
    }

    #[test]
    fn colours_stay_on_a_page_and_nothing_else_does() {
        let coloured = "\u{1b}[0m\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m\u{1b}[32m!\u{1b}[m";
        assert_eq!(page(coloured), coloured);
        for sequence in
            ["[8m", "[2J", "[38;5m", "[38;2;1;1;1m", "[1;8m", "[", "", "[1", "]0;m", "[+31m"]
        {
            assert_eq!(page(&format!("\u{1b}{sequence}")), format!("\\u{{1b}}{sequence}"));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_steers_a_terminal(text in "[\\x00-\\x1f\\x7f-\\u{9f}\\u{200b}-\\u{206f}m\\[;0-9a]{0,40}") {
            assert!(is_harmless(&line(&text)) && is_harmless(&lines(&text)));
            // What is left of a page without its colours.
            let page = page(&text);
            let mut rest = page.as_str();
            while let Some((before, behind)) = rest.split_once('\u{1b}') {
                assert!(is_harmless(before), "{page:?}");
                let (codes, behind) = behind.split_once('m').expect("the end of a colour");
                assert!(codes.bytes().all(|byte| b"[;0123456789".contains(&byte)), "{page:?}");
                rest = behind;
            }
            assert!(is_harmless(rest), "{page:?}");
        }
    }
}
