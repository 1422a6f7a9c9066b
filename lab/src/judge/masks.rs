//! What changes from run to run in a report, made the same.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A text without the kernel's choices and without what a clock shows.
pub fn masked(text: &str) -> String {
    without_lengths(&without_ports(&without_times(&without_ctimes(text))))
}

/// How much more than a megabyte somebody has sent without an end, when he was given up; and how long a line
/// is that ends in a boundary drawn by chance.
fn without_lengths(text: &str) -> String {
    static BOUNDARY: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"(boundary=\S*" )\([0-9]+ bytes\)"#));
    static LENGTH: LazyLock<Regex> = LazyLock::new(|| pattern(r"\([0-9]{7,} bytes\)"));
    let text = LENGTH.replace_all(text, "(over 1 MB)");
    BOUNDARY.replace_all(&text, "$1(N bytes)").into_owned()
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of our own")
}

/// Ports of the kernel's choice become PORT, thread numbers TID, and the lines of a source LINE.
fn without_ports(text: &str) -> String {
    const FIRST_OF_THE_KERNEL: u32 = 16_384;
    // Five digits: what follows an address may be the next one, and not a port.
    static PORT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(port |(?:localhost|127\.0\.(?:0\.(?:1|2|3|11)|1\.1)|0\.0\.0\.0)[ :]|127\.0\.0\.1[23]:)([0-9]{5})",
        )
    });
    static CUT: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"(127\.0\.0\.[0-9]+\\":\\")[0-9]{1,4}…"#));
    static LINE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\.rs:[0-9]+(?::[0-9]*)?"));
    static THREAD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\([0-9]+\) panicked"));
    let text = PORT.replace_all(text, |found: &Captures| {
        match found[2].parse().unwrap_or(0) >= FIRST_OF_THE_KERNEL {
            true => format!("{}PORT", &found[1]),
            false => found[0].to_owned(),
        }
    });
    let text = CUT.replace_all(&text, "${1}PORT…");
    let text = LINE.replace_all(&text, ".rs:LINE");
    THREAD.replace_all(&text, "(TID) panicked").into_owned()
}

/// The digits of dates, of times of day and of times to the microsecond become #. Where it is early or
/// late in the day or before noon, is a matter of when a check runs; so are the offsets from UTC.
fn without_times(text: &str) -> String {
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|\b[0-9]{1,2}:[0-9]{2}:[0-9]{2}|([0-9]*)\.[0-9]{6})\.?[0-9]*",
        )
    });
    static OFFSET: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(:##\.#+ |UTC,? ?)[+-](?:[01][0-9]:(?:15|30|45)|(?:0[1-9]|1[0-9]):00)")
    });
    let hidden = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "#");
    let text = TIME.replace_all(text, |found: &Captures| match found.get(1) {
        // The number before the point may have more digits in another run.
        Some(whole) => format!("#{}", hidden(&found[0][whole.len()..])),
        None => hidden(&found[0]),
    });
    OFFSET.replace_all(&text, "${1}OFFSET").into_owned()
}

/// A time as ctime writes it becomes DATE HH:MM:SS YEAR, whatever stands between its parts.
fn without_ctimes(text: &str) -> String {
    static CTIME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            "[ -~]{4}(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ -~]{4}\
             [ 0-9][0-9][ -/:-~][0-9]{2}[ -/:-~][0-9]{2}[ -~][0-9]{4}",
        )
    });
    CTIME.replace_all(text, "DATE HH:MM:SS YEAR").into_owned()
}

#[cfg(test)]
mod tests {
    use super::{without_ctimes, without_lengths, without_ports, without_times};

    #[test]
    fn how_long_a_flood_was_is_left_out() {
        assert_eq!(without_lengths("(1052688 bytes), (2048 bytes)"), "(over 1 MB), (2048 bytes)");
    }

    #[test]
    fn what_a_clock_shows_is_left_out() {
        assert_eq!(
            without_times("2026-11-20 06:50:01.123456 +05:45, RTT: 12.000123 seconds, 0.047"),
            "####-##-## ##:##:##.###### OFFSET, RTT: #.###### seconds, 0.047"
        );
        assert_eq!(without_times(" 6:50:01.123456 -05:00"), " #:##:##.###### OFFSET");
        assert_eq!(without_times("06:50:01.123 +00:00"), "##:##:##.### +00:00");
        assert_eq!(without_times("shows UTC+10:30, not +10:30"), "shows UTCOFFSET, not +10:30");
        assert_eq!(without_times("from 06:50:01.123 on"), "from ##:##:##.### on");
    }

    #[test]
    fn a_time_as_ctime_writes_it_is_left_out() {
        assert_eq!(
            without_ctimes("\"Sun Oct  1 13:33:03 2023\\n\", x.rs:12:4: 127.0.0.1:5"),
            "\"DATE HH:MM:SS YEAR\\n\", x.rs:12:4: 127.0.0.1:5"
        );
        assert_eq!(without_ctimes("\"13:33:03\\n\" at 1: 2"), "\"13:33:03\\n\" at 1: 2");
    }

    #[test]
    fn only_what_changes_from_run_to_run_is_left_out() {
        assert_eq!(
            without_ports("`x 0.0.0.0 40123` at 127.0.0.1:50001, port 12000, 2048 bytes"),
            "`x 0.0.0.0 PORT` at 127.0.0.1:PORT, port 12000, 2048 bytes"
        );
        assert_eq!(
            without_ports("`chatclient 127.0.0.1 127.0.0.11 46281`, `127.0.0.1 127.0.0.11 5000`"),
            "`chatclient 127.0.0.1 127.0.0.11 PORT`, `127.0.0.1 127.0.0.11 5000`"
        );
        assert_eq!(
            without_ports(
                "thread 'main' (9321) panicked at x.rs:58:20: (os error 98) (65507 bytes)"
            ),
            "thread 'main' (TID) panicked at x.rs:LINE: (os error 98) (65507 bytes)"
        );
    }
}
