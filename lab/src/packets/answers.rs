//! A student's answers to the packet questions: reading them, and what is right about each.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

use toml::de::DeTable;
use toml::{Table, Value as Given};

use crate::error::Error;
use crate::packets::flags;
use crate::packets::questions::{self, PacketQuestion, Sheet, Value};
use crate::text::escape;

/// Longer than any file of answers.
const LONGEST: u64 = 1024 * 1024;

/// The file answers.toml, read.
pub struct Answers {
    table: Table,
    /// Numbers as they were written: 0x0800 and not 2048.
    written: BTreeMap<String, String>,
}

impl Answers {
    /// Errors: no such file; one that is no TOML, with the line at which that shows.
    pub fn read(path: &Path) -> Result<Answers, Error> {
        let name = escape::path(path);
        let about = fs::metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::Usage(format!(
                "{name}: there is no such file. `lab packets --template > answers.toml` makes one"
            )),
            _ => Error::file(path, &error),
        })?;
        if !about.is_file() || about.len() > LONGEST {
            return Err(Error::Usage(format!("{name} is no file of answers")));
        }
        let bytes = fs::read(path).map_err(|error| Error::file(path, &error))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::Failed(format!("{name} is no UTF-8 text: save it as such")))?;
        Answers::parse(&text).map_err(|error| {
            Error::Failed(format!(
                "{name} cannot be read:\n{error}\nWords and addresses stand in quotation marks: \
                 \"SYN\", \"192.0.2.7\". Numbers do not: 4660, 0x1234. Yes is true and no is \
                 false, in small letters."
            ))
        })
    }

    pub fn parse(text: &str) -> Result<Answers, toml::de::Error> {
        let text = text.trim_start_matches('\u{feff}'); // some editors begin a file with it
        let spans = DeTable::parse(text)?;
        let written = spans.get_ref().iter().filter_map(|(key, value)| {
            Some((key.get_ref().to_string(), text.get(value.span())?.to_owned()))
        });
        Ok(Answers { table: text.parse()?, written: written.collect() })
    }

    /// An answer in the student's own form.
    pub fn shown(&self, key: &str) -> Option<String> {
        match self.get(key)? {
            Given::String(text) => Some(text.clone()),
            other => self.written.get(key).cloned().or_else(|| Some(other.to_string())),
        }
    }

    /// What a student has written behind a key.
    pub fn get(&self, key: &str) -> Option<&Given> {
        self.table.get(key)
    }

    /// The number behind a key, if one is there.
    pub fn number(&self, key: &str) -> Option<u64> {
        numbers(self.get(key)?).first().copied()
    }

    /// Whether there is an answer to any question of this sheet.
    pub fn has(&self, sheet: Sheet) -> bool {
        questions::all().any(|question| question.sheet == sheet && self.get(question.key).is_some())
    }

    /// What is said of each key that is no question's.
    pub fn unknown(&self) -> Vec<String> {
        let known: Vec<&str> = questions::all().map(|question| question.key).collect();
        let unknown = self.table.keys().filter(|key| !known.contains(&key.as_str()));
        unknown.map(|key| said_of(key, &known)).collect()
    }
}

fn said_of(key: &str, known: &[&str]) -> String {
    match similar::get_close_matches(key, known, 1, 0.6).first() {
        Some(close) => format!("{key:?} is none of the questions; did you mean {close}?"),
        None => format!("{key:?} is none of the questions; `lab packets --template` lists them"),
    }
}

/// An empty answers.toml.
pub fn template() -> String {
    let mut text = String::from(
        "# Answers to the packet questions. Take away the # before your answer.\n\
         # Numbers are written in decimal (4660) or in hexadecimal (0x1234); addresses, flags and\n\
         # names in quotation marks: \"192.0.2.7\", \"URG, PSH\"; yes is true, and no is false.\n",
    );
    for sheet in Sheet::ALL {
        let _ = writeln!(text, "\n# {}", sheet.title()); // a String takes everything
        for question in questions::all().filter(|question| question.sheet == sheet) {
            let PacketQuestion { key, number, asks, .. } = question;
            let _ = writeln!(text, "#{:<22}# {number}: {asks}", format!("{key} ="));
        }
    }
    text
}

/// What a given answer is worth.
#[derive(Debug, PartialEq, Eq)]
pub enum Worth {
    Right,
    /// And why, where that is known.
    Wrong(Option<String>),
}

/// Compares what a student has written with what is right.
pub fn judge(
    given: &Given,
    shown: &str,
    right: &Value,
    mistakes: &[(Value, &'static str)],
) -> Worth {
    if let Some(why) = unreadable(given, shown, right) {
        return Worth::Wrong(Some(why));
    }
    if agrees(given, right) {
        return Worth::Right;
    }
    if let (Value::Type(right), [number]) = (right, numbers(given).as_slice())
        && hexadecimal(&number.to_string()) == Some(*right)
    {
        let why = format!(
            "{number} is decimal here; in hexadecimal the field is written 0x{number:0>4}."
        );
        return Worth::Wrong(Some(why));
    }
    let mistake = mistakes.iter().find(|(value, _)| value != right && agrees(given, value));
    Worth::Wrong(mistake.map(|(_, why)| format!("{shown} {why}.")))
}

fn agrees(given: &Given, value: &Value) -> bool {
    match value {
        Value::Number(right) => counted(given).contains(right),
        Value::IpProtocol(right) => {
            numbers(given).contains(right) || given.as_str().and_then(ip_protocol) == Some(*right)
        }
        Value::Type(right) => {
            let hexadecimal = given.as_str().and_then(hexadecimal); // "0806", as Wireshark has it
            numbers(given).into_iter().chain(hexadecimal).any(|number| number == *right)
        }
        Value::Yes(right) => yes(given) == Some(*right),
        Value::Address(right) => {
            addresses(given).as_deref() == Some(&[*right]) || prefix(given) == Some(*right)
        }
        Value::Addresses(right) => addresses(given).is_some_and(|given| {
            !given.is_empty() && given.iter().all(|address| right.contains(address))
        }),
        Value::Card(right) => card(given).as_ref() == Some(right),
        Value::Flags(right) => flags(given) == Some(*right),
        Value::Protocol(right) => protocol(given) == Some(right),
    }
}

/// Why an answer cannot be one at all.
fn unreadable(given: &Given, shown: &str, right: &Value) -> Option<String> {
    let (is_readable, wanted) = match right {
        Value::Number(_) => (!counted(given).is_empty(), "a number: 4660, or 0x1234"),
        Value::IpProtocol(_) => (
            !numbers(given).is_empty() || given.as_str().and_then(ip_protocol).is_some(),
            "a protocol's number, or its name",
        ),
        Value::Type(_) => (
            agrees(given, right)
                || !numbers(given).is_empty()
                || given.as_str().and_then(hexadecimal).is_some(),
            "a number: 0x1234, or 4660",
        ),
        Value::Yes(_) => (yes(given).is_some(), "true or false"),
        Value::Address(_) => (
            addresses(given).is_some_and(|all| all.len() == 1) || prefix(given).is_some(),
            "one IPv4 address: \"192.0.2.7\"",
        ),
        Value::Addresses(_) => (addresses(given).is_some(), "an IPv4 address: \"192.0.2.7\""),
        Value::Card(_) => (card(given).is_some(), "a MAC address: \"02:00:5e:10:00:07\""),
        Value::Flags(_) => (flags(given).is_some(), "the names of flags: \"URG, PSH\""),
        Value::Protocol(_) => (matches!(given, Given::String(_)), "a name, in quotation marks"),
    };
    (!is_readable).then(|| format!("{shown} is not {wanted}."))
}

fn hexadecimal(text: &str) -> Option<u64> {
    u64::from_str_radix(text.trim(), 16).ok()
}

/// The number that an answer is, if it is one: 17, 17.0, "17 (UDP)", "2 bytes"; of a list,
/// that of all its parts.
fn numbers(given: &Given) -> Vec<u64> {
    let number = match given {
        Given::Integer(number) => u64::try_from(*number).ok(),
        Given::Float(number) => whole(*number),
        Given::String(text) => number_in(text),
        Given::Array(parts) => {
            let mut all = parts.iter().flat_map(numbers);
            let first = all.next();
            first.filter(|first| parts.iter().all(|part| numbers(part) == [*first]))
        }
        _ => None,
    };
    number.into_iter().collect()
}

/// The same where something is counted, of which there may be none.
fn counted(given: &Given) -> Vec<u64> {
    match given.as_str().map(|text| text.trim().to_lowercase()).as_deref() {
        Some("none" | "no" | "zero") => vec![0],
        _ => numbers(given),
    }
}

fn whole(number: f64) -> Option<u64> {
    let is_whole = number.fract() == 0.0 && (0.0..1e15).contains(&number);
    is_whole.then_some(number as u64)
}

/// A number at the beginning of a text, behind which only its unit or a remark in brackets stands.
fn number_in(text: &str) -> Option<u64> {
    let text = text.trim().to_lowercase();
    let (word, rest) = text.split_once([' ', '(']).unwrap_or((&text, ""));
    let rest = rest.trim().trim_end_matches('.');
    let is_unit = matches!(rest, "" | "bytes" | "byte" | "octets" | "b" | "fields" | "segments")
        || rest.ends_with(')');
    let number = match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => word.parse().ok().or_else(|| whole(word.parse().ok()?)),
    };
    number.filter(|_| is_unit)
}

/// A protocol of IP by its name.
fn ip_protocol(name: &str) -> Option<u64> {
    const NAMES: [(&str, u64); 3] = [("icmp", 1), ("tcp", 6), ("udp", 17)];
    let name = name.trim().to_lowercase();
    let word = name.split([' ', '(']).next().unwrap_or_default();
    NAMES.iter().find(|(known, _)| *known == word).map(|(_, number)| *number)
}

/// The subnet mask that "/24" stands for.
fn prefix(given: &Given) -> Option<std::net::Ipv4Addr> {
    let length: u32 = given.as_str()?.trim().strip_prefix('/')?.parse().ok()?;
    let bits = u32::MAX.checked_shl(32u32.checked_sub(length)?).unwrap_or(0);
    Some(std::net::Ipv4Addr::from(bits))
}

fn yes(given: &Given) -> Option<bool> {
    match given {
        Given::Boolean(yes) => Some(*yes),
        Given::String(text) => match text.trim().to_lowercase().as_str() {
            "yes" | "true" => Some(true),
            "no" | "false" | "never" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn addresses(given: &Given) -> Option<Vec<std::net::Ipv4Addr>> {
    match given {
        Given::String(text) => text.split(',').map(|part| part.trim().parse().ok()).collect(),
        Given::Array(parts) => {
            parts.iter().map(|part| part.as_str()?.trim().parse().ok()).collect()
        }
        _ => None,
    }
}

/// A MAC address in any of its notations, with colons and in small letters.
fn card(given: &Given) -> Option<String> {
    const DIGITS: usize = 12;
    let text = given.as_str()?.trim();
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    if digits.len() != DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let digits = digits.to_lowercase();
    let pairs: Vec<&str> = (0..DIGITS).step_by(2).map(|at| &digits[at..at + 2]).collect();
    Some(pairs.join(":"))
}

/// Flags by their names, by Wireshark's letters, or as a number.
fn flags(given: &Given) -> Option<u64> {
    const KNOWN: u64 = 0x3f; // without those of ECN, which say nothing of opening and closing
    if let Some(number) = numbers(given).first() {
        return Some(number & KNOWN);
    }
    let text = match given {
        Given::String(text) => text.to_uppercase(),
        Given::Array(names) => {
            names.iter().map(Given::as_str).collect::<Option<Vec<_>>>()?.join(" ").to_uppercase()
        }
        _ => return None,
    };
    let text = text.replace("SYNACK", "SYN ACK");
    let mut bits = 0;
    let words = text.split(|c: char| !c.is_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        let is_it = |name: &str| name == word || (word.len() == 1 && name.starts_with(word));
        bits |= flags::NAMES.iter().find(|(_, name)| is_it(name))?.0;
    }
    (bits != 0).then_some(bits)
}

/// The protocol that is named, in whatever words.
fn protocol(given: &Given) -> Option<&'static str> {
    let text = given.as_str()?.to_lowercase();
    let names = [
        ("TCP", &["tcp", "transmission control protocol"][..]),
        ("HTTP", &["http"]),
        ("ARP", &["arp"]),
        ("IPv6", &["ipv6", "ip version 6", "version 6"]),
        ("IPv4", &["ipv4", "internet protocol", "ip version 4", "ip"]),
    ];
    let is_in = |name: &str| text == name || name.len() > 2 && text.contains(name);
    names.iter().find(|(_, words)| words.iter().any(|word| is_in(word))).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Given {
        Answers::parse(&format!("x = {text}")).expect("it is TOML").get("x").cloned().expect("x")
    }

    #[track_caller]
    fn right(text: &str, value: &Value) {
        assert_eq!(judge(&given(text), text, value, &[]), Worth::Right, "{text}");
    }

    #[track_caller]
    fn wrong(text: &str, value: &Value) {
        assert!(matches!(judge(&given(text), text, value, &[]), Worth::Wrong(_)), "{text}");
    }

    #[test]
    fn a_number_may_be_written_in_any_way() {
        for text in ["4242", "0x1092", "\"4242\"", "\"0x1092\"", "\" 0X1092 \"", "4_242"] {
            right(text, &Value::Number(4242));
        }
        for text in ["4242.0", "\"4242 bytes\"", "\"4242 (in all)\"", "[4242, 4242]"] {
            right(text, &Value::Number(4242));
        }
        right("\"none\"", &Value::Number(0));
        for text in ["17", "\"UDP\"", "\"17 (UDP)\"", "\"udp (17)\"", "0x11"] {
            right(text, &Value::IpProtocol(17));
        }
        wrong("\"TCP\"", &Value::IpProtocol(17));
        right("\"0x0800 (IPv4)\"", &Value::Type(0x0800));
        right("\"/24\"", &Value::Address("255.255.255.0".parse().unwrap()));
        wrong("\"/23\"", &Value::Address("255.255.255.0".parse().unwrap()));
        for text in ["4241", "-4242", "4242.5", "true", "\"about 4242\"", "[4242, 1]"] {
            wrong(text, &Value::Number(4242));
        }
        for text in ["0x0806", "2054", "\"0806\"", "\"0x806\"", "\"2054\""] {
            right(text, &Value::Type(0x0806));
        }
        wrong("\"ARP\"", &Value::Type(0x0806));
        wrong("806", &Value::Type(0x0806));
    }

    #[test]
    fn flags_are_names_letters_or_a_number() {
        let synack = Value::Flags(0x12);
        let all =
            ["\"SYN, ACK\"", "\"ack+syn\"", "\"SYNACK\"", "\"SYN-ACK\"", "[\"SYN\", \"ACK\"]"];
        for text in all.iter().chain(&["0x012", "18", "\"0x0012\"", "\"·······A··S·\""]) {
            right(text, &synack);
        }
        for text in ["\"SYN\"", "\"SYN, ACK, PSH\"", "\"\"", "\"the first one\"", "2", "true"] {
            wrong(text, &synack);
        }
    }

    #[test]
    fn a_mac_address_has_three_notations() {
        let mac = Value::Card("02:42:0a:14:1e:64".into());
        for text in ["\"02:42:0a:14:1e:64\"", "\"02-42-0A-14-1E-64\"", "\"0242.0a14.1e64\""] {
            right(text, &mac);
        }
        for text in ["\"02:42:0a:14:1e:65\"", "\"02:42:0a:14:1e\"", "\"router\"", "7"] {
            wrong(text, &mac);
        }
    }

    #[test]
    fn yes_no_addresses_and_names() {
        right("false", &Value::Yes(false));
        right("\"No\"", &Value::Yes(false));
        wrong("\"perhaps\"", &Value::Yes(false));
        wrong("true", &Value::Yes(false));
        let one = Value::Address("10.20.30.3".parse().unwrap());
        right("\" 10.20.30.3\"", &one);
        wrong("\"10.20.30.3, 10.20.30.4\"", &one);
        let two = ["10.20.30.2", "10.20.30.5"].map(|address| address.parse().unwrap());
        let two = Value::Addresses(two.to_vec());
        for text in ["\"10.20.30.2\"", "\"10.20.30.5, 10.20.30.2\"", "[\"10.20.30.5\"]"] {
            right(text, &two);
        }
        for text in ["\"10.20.30.2, 10.20.30.9\"", "[]", "\"\""] {
            wrong(text, &two);
        }
        for text in [
            "\"IPv4\"",
            "\"ip\"",
            "\"Internet Protocol version 4\"",
            "\"IP version 4\"",
            "\"IPv4 (0x0800)\"",
        ] {
            right(text, &Value::Protocol("IPv4"));
        }
        for text in ["\"TCP\"", "\"TCP over IPv4\"", "\"ARP\"", "0x0800"] {
            wrong(text, &Value::Protocol("IPv4"));
        }
    }

    #[test]
    fn a_known_mistake_is_named() {
        let mistakes = [(Value::Number(7), "is the right one"), (Value::Number(0), "is relative")];
        let said = judge(&given("0"), "0", &Value::Number(7), &mistakes);
        assert_eq!(said, Worth::Wrong(Some("0 is relative.".into())));
        assert_eq!(judge(&given("7"), "7", &Value::Number(7), &mistakes), Worth::Right);
        assert_eq!(judge(&given("3"), "3", &Value::Number(7), &mistakes), Worth::Wrong(None));
    }

    #[test]
    fn the_template_is_toml_and_asks_every_question_once() {
        let text = template();
        assert!(Answers::parse(&text).unwrap().table.is_empty());
        for question in questions::all() {
            let begin = format!("\n#{} =", question.key);
            assert_eq!(text.matches(&begin).count(), 1, "{}", question.key);
        }
        assert!(text.lines().all(|line| line.len() <= 100));
    }

    #[test]
    fn a_key_that_is_nobody_s_gets_a_suggestion() {
        let answers = Answers::parse("q3_seqence = 1\nshoe = 2\nq3_flags = 2\n").unwrap();
        let said = answers.unknown();
        assert_eq!(said.len(), 2);
        assert!(said[0].ends_with("did you mean q3_sequence?"), "{said:?}");
        assert!(said[1].contains("--template"), "{said:?}");
    }
}
