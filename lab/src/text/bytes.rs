//! Bytes as people read them, and where two runs of bytes part.
#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here

/// How many columns of bytes a report shows: with its label, a line fits 60 columns.
const WINDOW: usize = 40;
/// How much of that stands before the first difference.
const BEFORE: usize = 14;

/// One byte as Rust writes it in a byte string.
fn escape(byte: u8) -> String {
    byte.escape_ascii().to_string()
}

/// Bytes between quotes, as Rust writes a byte string; a long run is cut and says its length.
pub fn quote(bytes: &[u8]) -> String {
    let (shown, rest) = bytes.split_at(fitting(bytes));
    match rest {
        [] => format!("\"{}\"", shown.escape_ascii()),
        _ => format!("\"{}…\" ({} bytes)", shown.escape_ascii(), bytes.len()),
    }
}

/// A printed line between quotes, with both its ends; only a very long one is cut.
pub fn quote_line(line: &str) -> String {
    const LONG: usize = 100;
    match line.chars().count() {
        length if length > LONG => quote(line.as_bytes()),
        _ => format!("{line:?}"),
    }
}

/// How many of the first bytes fit the window.
fn fitting(bytes: &[u8]) -> usize {
    let mut columns = 0;
    let fits = |byte: &&u8| {
        columns = usize::saturating_add(columns, escape(**byte).len());
        columns <= WINDOW
    };
    bytes.iter().take_while(fits).count()
}

/// Where two runs of bytes part, drawn for a report.
pub struct Difference {
    pub expected: String,
    /// The bytes received, and below them a caret at the first one that differs.
    pub received: [String; 2],
}

/// Draws the first difference; `None` where there is none. Offsets count from 0.
pub fn difference(expected: &[u8], received: &[u8]) -> Option<Difference> {
    if expected == received {
        return None;
    }
    let same = expected.iter().zip(received).take_while(|(a, b)| a == b).count();
    // Begin early enough to see what came before, late enough to see the difference.
    let mut start = same;
    let mut columns = 0;
    for byte in expected.iter().take(same).rev() {
        let wide = escape(*byte).len().saturating_add(columns);
        if wide > BEFORE {
            break;
        }
        start = start.saturating_sub(1);
        columns = wide;
    }
    let cut = if start > 0 { "…" } else { "" };
    let window = |bytes: &[u8]| {
        let (_, bytes) = bytes.split_at(start);
        let (shown, rest) = bytes.split_at(fitting(bytes));
        let more = if rest.is_empty() { "" } else { "…" };
        format!("\"{cut}{}{more}\"", shown.escape_ascii())
    };
    let name = |byte: Option<&u8>| match byte {
        None => "the end".to_owned(),
        Some(b'\n') => "LF".to_owned(),
        Some(b'\r') => "CR".to_owned(),
        Some(0) => "NUL".to_owned(),
        Some(b' ') => "a space".to_owned(),
        Some(byte) => escape(*byte),
    };
    let caret = format!(
        "{}^ byte {same}: {}, not {}",
        " ".repeat(cut.chars().count().saturating_add(columns).saturating_add(1)),
        name(received.get(same)),
        name(expected.get(same)),
    );
    Some(Difference { expected: window(expected), received: [window(received), caret] })
}

/// A shell command that prints exactly these bytes, where that is short enough to paste.
pub fn printf(bytes: &[u8]) -> Option<String> {
    let quoted: String = bytes
        .iter()
        .map(|byte| match byte {
            b'%' => "%%".to_owned(),
            b'\n' => "\\n".to_owned(),
            b'\r' => "\\r".to_owned(),
            b'\'' | b'\\' => format!("\\{byte:03o}"),
            b' '..=b'~' => char::from(*byte).to_string(),
            _ => format!("\\{byte:03o}"),
        })
        .collect();
    (quoted.len() <= 2 * WINDOW).then(|| format!("printf '{quoted}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_is_cut_and_counted() {
        assert_eq!(quote(b"a\n\xc3"), r#""a\n\xc3""#);
        assert_eq!(quote(&[b'a'; 2048]), format!("\"{}…\" (2048 bytes)", "a".repeat(WINDOW)));
    }

    #[test]
    fn the_caret_stands_under_the_first_byte_that_differs() {
        let drawn = difference(b"CAF\xc3\xa9", b"CAF\xc3\x89!").unwrap();
        assert_eq!(drawn.expected, r#""CAF\xc3\xa9""#);
        assert_eq!(drawn.received[0], r#""CAF\xc3\x89!""#);
        assert_eq!(drawn.received[1], r"        ^ byte 4: \x89, not \xa9");
    }

    #[test]
    fn a_difference_far_in_is_shown_with_what_came_before() {
        let expected = [b"x".repeat(100), b"AB".to_vec()].concat();
        let drawn = difference(&expected, &expected[..101]).unwrap();
        assert_eq!(drawn.expected, format!("\"…{}AB\"", "x".repeat(13)));
        assert_eq!(drawn.received[0], format!("\"…{}A\"", "x".repeat(13)));
        assert_eq!(drawn.received[1], format!("{}^ byte 101: the end, not B", " ".repeat(16)));
    }

    #[test]
    fn equal_bytes_have_no_difference() {
        assert!(difference(b"", b"").is_none());
    }

    #[test]
    fn printf_prints_what_it_was_given() {
        let every: Vec<u8> = (0..=255).collect();
        for bytes in every.chunks(16) {
            let command = printf(bytes).unwrap();
            let shell = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
            assert_eq!(shell.stdout, bytes, "{command}");
        }
    }
}
