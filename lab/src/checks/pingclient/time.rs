//! The time that a ping carries.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::text::times;
use crate::trial::Trial;

use super::server::{Ping, Run};

/// The time in a ping of another course: the usual assignment in Java has it as `PING N TIME` with a CR LF
/// behind, and counts from 0.
fn time_in_other_words(datagram: &[u8], number: usize) -> Option<&str> {
    let text = str::from_utf8(datagram).ok()?;
    let (word, rest) = text.split_at_checked(4)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest).strip_prefix(' ')?;
    let time = rest.strip_prefix(&number.to_string())?.strip_prefix(' ')?;
    let line = time.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let time = line.unwrap_or(time);
    (word.eq_ignore_ascii_case("ping") && is_any_time(time)).then_some(time)
}

/// The time in a ping of ours with this number, if it is one.
pub(super) fn time_of(datagram: &[u8], number: usize) -> Option<&str> {
    let text = str::from_utf8(datagram).ok()?;
    let rest = text.strip_prefix("Ping ").or_else(|| text.strip_prefix("Ping: "))?;
    let time = rest.strip_prefix(&number.to_string())?.strip_prefix(' ')?;
    is_time(time).then_some(time)
}

/// A time of day with its colons, or a number of seconds since some moment.
fn is_time(time: &str) -> bool {
    let of_day = time.as_bytes().windows(8).any(|window| {
        let like = |(byte, like): (&u8, u8)| {
            if like == b'0' { byte.is_ascii_digit() } else { *byte == like }
        };
        window.iter().zip(*b"00:00:00").all(like)
    });
    (of_day || time.parse::<f64>().is_ok()) && time.trim() == time
}

/// The same, or a time of day without the zeros in front: `8:5:9`.
fn is_any_time(time: &str) -> bool {
    let of_day = |word: &str| {
        let short = word.split(':').take_while(|part| (1..=2).contains(&part.len()));
        short.count() >= 3
    };
    let mut words = time.split(|c: char| !c.is_ascii_digit() && c != ':');
    is_time(time) || (time.trim() == time && words.any(of_day))
}

/// The time in the ping of this number, as the program's course has pings.
pub(super) fn time_in<'p>(
    trial: &Trial,
    run: &Run,
    ping: &'p Ping,
    number: usize,
) -> Option<&'p str> {
    if !trial.target.words_are_free() {
        return time_of(&ping.datagram, number);
    }
    let is_zero = |ping: &Ping| time_in_other_words(&ping.datagram, 0).is_some();
    let before = usize::from(run.pings.first().is_some_and(is_zero));
    time_in_other_words(&ping.datagram, number - before)
}

/// Whether the time of day in a ping, and its date, can be those of its sending, in whatever zone: their
/// offsets are whole quarters of an hour. What has neither of them may be anything.
pub(super) fn is_true(ping: &str, sent: DateTime<Utc>) -> bool {
    const QUARTER: f64 = 900.0;
    const BEFORE: Duration = Duration::from_secs(5); // it is made, printed and sent, on a busy machine
    const AFTER: Duration = Duration::from_secs(1); // it may be rounded
    let first = (sent - BEFORE).timestamp_micros() as f64 / 1e6;
    let fits = |moment: times::Moment| {
        let later = (moment.seconds - first).rem_euclid(QUARTER);
        moment.since_1970 || later <= (BEFORE + AFTER).as_secs_f64()
    };
    let mut moments = times::moments(ping).into_iter().peekable();
    let today = sent.date_naive();
    let near = today - Days::new(1)..=today + Days::new(1);
    (moments.peek().is_none() || moments.any(fits))
        && dates(ping).all(|date| date.is_some_and(|date| near.contains(&date)))
}

/// What is written as a date is: `2026-11-20`; `None` for one that no calendar has.
fn dates(text: &str) -> impl Iterator<Item = Option<NaiveDate>> {
    const FORM: &[u8] = b"0000-00-00";
    let is_like = |word: &&str| {
        let like = |(byte, like): (u8, &u8)| match like {
            b'0' => byte.is_ascii_digit(),
            _ => byte == *like,
        };
        word.len() == FORM.len() && word.bytes().zip(FORM).all(like)
    };
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '-').filter(is_like);
    words.map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_true_in_any_zone_and_any_form() {
        let sent = "2026-11-20T06:50:01.5Z".parse().unwrap();
        for time in [
            "2026-11-20 06:50:01.123456",
            "Fri Nov 20 12:35:01 2026",
            "20.11.2026, 1:49:59 AM",
            "2026-11-19T20:50:01",
            "1795157401.2",
            "17.25",
            "now",
        ] {
            assert!(is_true(&format!("Ping 3 {time}"), sent), "{time}");
        }
        for time in
            ["06:11:01", "2026-50-20 06:11:01", "2026-12-20 06:50:01", "2026-50-20 06:50:01"]
        {
            assert!(!is_true(&format!("Ping 3 {time}"), sent), "{time}");
        }
    }
}
