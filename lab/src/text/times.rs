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
    let of_line = words(line).find_map(unit);
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(first) = line[at..].chars().next() {
        if let Some((seconds, length)) = whole_duration(&line[at..])
            && !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == ':' || c == '.')
        {
            found.push(Named { number: seconds, seconds: [seconds; 2] });
            at += length;
            continue;
        }
        let Some((value, behind)) = number(&line[at..]) else {
            at += first.len_utf8();
            continue;
        };
        let word = behind.trim_start_matches([' ', '(', '[']);
        let end = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
        let own = unit(&word[..end]);
        let ends = !is_joined(behind.chars())
            && (own.is_some() || !behind.starts_with(char::is_alphabetic));
        if ends
            && !is_joined(line[..at].chars().rev())
            && !line[..at].ends_with(char::is_alphanumeric)
        {
            let seconds = match own.or(of_line) {
                Some(unit) => [value * unit; 2],
                None => [value, value * 1e-3],
            };
            found.push(Named { number: value, seconds });
        }
        at = line.len() - behind.len();
    }
    found
}

/// A duration at the beginning of a text as Python's timedelta prints one of less than an hour,
/// `0:00:00.012345`, or Java's Duration, `PT0.012345S`; and how long its text is.
fn whole_duration(text: &str) -> Option<(f64, usize)> {
    if let Some(text) = text.strip_prefix("PT") {
        let (seconds, behind) = number(text)?;
        behind.starts_with('S').then_some(())?;
        return Some((seconds, "PT".len() + text.len() - behind.len() + "S".len()));
    }
    let (minutes, seconds) = text.strip_prefix("0:")?.split_at_checked(2)?;
    let seconds = seconds.strip_prefix(':')?;
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    (digits(minutes) == 2 && digits(seconds) == 2).then_some(())?;
    let (seconds, behind) = number(seconds)?;
    Some((minutes.parse::<f64>().ok()? * 60.0 + seconds, text.len() - behind.len()))
}

/// Whether a number's neighbours are a joint and a digit of the same date, time of day or address.
fn is_joined(mut neighbours: impl Iterator<Item = char>) -> bool {
    const JOINTS: [char; 5] = [':', '-', '.', '/', '_'];
    let joint = neighbours.next().is_some_and(|c| JOINTS.contains(&c));
    joint && neighbours.next().is_some_and(|c| c.is_ascii_digit())
}

/// A moment as a line has it: a time of day, or seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Since midnight, or since 1970.
    pub seconds: f64,
    pub since_1970: bool,
    /// What its last digit stands for.
    pub digit: f64,
}

/// The moments in a line.
pub fn moments(line: &str) -> Vec<Moment> {
    let mut found = Vec::new();
    // Where the last "pm" is, which counts for all that stands before it.
    let mut pairs = line.as_bytes().windows(2);
    let noon = pairs.rposition(|pair| pair.eq_ignore_ascii_case(b"pm")).unwrap_or(0);
    for (index, _) in line.char_indices() {
        let behind_a_digit = line[..index].ends_with(|c: char| c.is_ascii_digit() || c == ':');
        if !behind_a_digit {
            found.extend(of_day(&line[index..], index < noon));
        }
    }
    for Named { number, .. } in named(line) {
        // Milliseconds, microseconds or nanoseconds, too.
        let unit =
            [1.0, 1e3, 1e6, 1e9].into_iter().find(|unit| (1e9..1e10).contains(&(number / unit)));
        if let Some(unit) = unit {
            let digit = if number.fract() == 0.0 { 1.0 / unit } else { 1e-6 };
            found.push(Moment { seconds: number / unit, since_1970: true, digit });
        }
    }
    found
}

/// A time of day at the beginning of a text, and whether "pm" stands behind it. Of a text that begins
/// otherwise, no more than its beginning is looked at.
fn of_day(text: &str, before_pm: bool) -> Option<Moment> {
    let two = |part: &str| (part.len() <= 2).then(|| part.parse::<u32>().ok()).flatten();
    let number = |text: &'_ str| -> Option<(u32, usize)> {
        let colon = text.bytes().take(3).position(|byte| byte == b':')?;
        Some((two(&text[..colon])?, colon + 1))
    };
    let (hours, behind) = number(text)?;
    let text = &text[behind..];
    let (minutes, behind) = number(text)?;
    let rest = &text[behind..];
    let whole = rest.bytes().take_while(u8::is_ascii_digit).count();
    let seconds: u32 = rest.get(..whole).and_then(two)?;
    let digits: String = match rest[whole..].strip_prefix(['.', ',']) {
        Some(behind) => behind.chars().take_while(char::is_ascii_digit).collect(),
        None => String::new(),
    };
    let fraction: f64 = format!("0.{digits}0").parse().ok()?;
    let hours = hours + if before_pm && hours < 12 { 12 } else { 0 };
    Some(Moment {
        seconds: f64::from(hours * 3600 + minutes * 60 + seconds) + fraction,
        since_1970: false,
        digit: 0.1_f64.powi(i32::try_from(digits.len()).ok()?),
    })
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
        same("RTT:0.5s", 0.5);
        same("el tiempo: 812 \u{b5}s", 0.000812);
        same("0.25 [s]", 0.25);
        same("RTT: 0:00:00.024123 seconds", 0.024123);
        same("0:00:02", 2.0);
        same("RTT PT0.0241S", 0.0241);
        assert_eq!(seconds("RTT: 0.5"), [[0.5, 0.0005]]);
        for line in [
            "2026-11-20 06:50:01.123456",
            "from 127.0.0.1:12000",
            "ping10",
            "no number",
            "at 16:09:53 o'clock",
            "at 10:00:00.5 and 00:00:00",
        ] {
            assert!(seconds(line).is_empty(), "{line}: {:?}", seconds(line));
        }
    }

    #[test]
    fn a_moment_is_found_in_any_form() {
        let seconds = |line: &str| moments(line).iter().map(|it| it.seconds).collect::<Vec<_>>();
        assert_eq!(seconds("sent at 2026-11-20T06:50:01.5 here"), [24601.5]);
        assert_eq!(seconds("Sun Oct  1 13:33:03 2023"), [48783.0]);
        assert_eq!(seconds("1:00:00 PM"), [46800.0]);
        assert_eq!(seconds("1700000000.25"), [1700000000.25]);
        assert_eq!(seconds("at 1700000000250"), [1700000000.25]);
        assert!(seconds("nothing at 127.0.0.1:12000").is_empty());
    }
}
