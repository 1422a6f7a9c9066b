//! Durations in lines that programs print for people, in whatever unit they name.

/// A duration as a line has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Named {
    /// As it is printed.
    pub number: f64,
    /// What it is in seconds; where no unit is named, it may be seconds or milliseconds.
    pub seconds: [f64; 2],
}

/// The unit that a word names, in seconds.
fn unit(word: &str) -> Option<f64> {
    let word = word.to_lowercase();
    let begins = |beginnings: &[&str]| beginnings.iter().any(|it| word.starts_with(it));
    match word.as_str() {
        "s" => Some(1.0),
        "ms" => Some(1e-3),
        "us" | "\u{b5}s" | "\u{3bc}s" => Some(1e-6),
        "ns" => Some(1e-9),
        _ if begins(&["sec", "segund", "sekund"]) => Some(1.0),
        _ if begins(&["msec", "milli", "milis"]) => Some(1e-3),
        _ if begins(&["usec", "micro", "mikro"]) => Some(1e-6),
        _ if begins(&["nsec", "nano"]) => Some(1e-9),
        _ => None,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty())
}

/// A number at the beginning of a text, as Python, Java and C write one, and what follows it.
fn number(text: &str) -> Option<(f64, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(text);
    if length == 0 {
        return None;
    }
    if text[length..].starts_with(['.', ',']) {
        let behind = digits(&text[length + 1..]);
        length += if behind > 0 { behind + 1 } else { 0 };
    }
    let rest = &text[length..];
    if let Some(power) = rest.strip_prefix(['e', 'E']) {
        let sign = usize::from(power.starts_with(['-', '+']));
        let behind = digits(&power[sign..]);
        length += if behind > 0 { 1 + sign + behind } else { 0 };
    }
    Some((text[..length].replace(',', ".").parse().ok()?, &text[length..]))
}

/// The durations in a line. Numbers that are part of a date, a time of day, an address or a word are
/// none.
pub fn named(line: &str) -> Vec<Named> {
    const JOINTS: [char; 5] = [':', '-', '.', '/', '_'];
    let of_line = words(line).find_map(unit);
    let (mut found, mut rest, mut before) = (Vec::new(), line, ' ');
    while let Some(first) = rest.chars().next() {
        let Some((value, behind)) = number(rest) else {
            (before, rest) = (first, &rest[first.len_utf8()..]);
            continue;
        };
        let after = behind.chars().next().unwrap_or(' ');
        let joined =
            |c: char| JOINTS.contains(&c) && behind[1..].starts_with(|c: char| c.is_ascii_digit());
        let word = behind.trim_start_matches([' ', '(', '[']);
        let end = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
        let own = unit(&word[..end]);
        let alone = !joined(after) && (!after.is_alphabetic() || own.is_some());
        let begins = before == ':'
            || before == '='
            || !(JOINTS.contains(&before) || before.is_alphanumeric());
        if alone && begins {
            let seconds = match own.or(of_line) {
                Some(unit) => [value * unit; 2],
                None => [value, value * 1e-3],
            };
            found.push(Named { number: value, seconds });
        }
        before = '0';
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_found_in_any_words_and_any_unit() {
        let seconds = |line: &str| named(line).iter().map(|it| it.seconds).collect::<Vec<_>>();
        let same = |line: &str, wanted: f64| {
            let found = seconds(line);
            assert!(
                found.len() == 1 && found[0].iter().all(|it| (it - wanted).abs() < 1e-9),
                "{line}: {found:?}"
            );
        };
        same("Round Trip Time(RTT): 0.123456 seconds", 0.123456);
        same("RTT=123.4ms", 0.1234);
        same("rtt (in milliseconds): 123", 0.123);
        same("durata 123,4 ms", 0.1234);
        same("took 9.5e-05 s", 0.000095);
        same("el tiempo: 812 \u{b5}s", 0.000812);
        same("0.25 [s]", 0.25);
        assert_eq!(seconds("RTT: 0.5"), [[0.5, 0.0005]]);
        for line in ["2026-11-20 06:50:01.123456", "from 127.0.0.1:12000", "ping10", "no number"] {
            assert!(seconds(line).is_empty(), "{line}: {:?}", seconds(line));
        }
    }
}
