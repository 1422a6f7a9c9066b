//! A student's answers to the packet questions: reading them, and what is right about each.

use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

use toml::{Table, Value as Given};

use crate::error::Error;
use crate::packets::flags;
use crate::packets::questions::{self, PacketQuestion, Sheet, Value};

/// Longer than any file of answers.
const LONGEST: u64 = 1024 * 1024;

/// The file answers.toml, read.
pub struct Answers {
    table: Table,
}

impl Answers {
    /// Errors: no such file; one that is no TOML, with the line at which that shows.
    pub fn read(path: &Path) -> Result<Answers, Error> {
        let name = path.display();
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
                "{name} cannot be read:\n{error}\nText stands in quotation marks, numbers do not."
            ))
        })
    }

    fn parse(text: &str) -> Result<Answers, toml::de::Error> {
        let text = text.trim_start_matches('\u{feff}'); // some editors begin a file with it
        Ok(Answers { table: text.parse()? })
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
         # Numbers are written in decimal (2048) or in hexadecimal (0x0800); addresses, flags and\n\
         # names in quotation marks: \"10.20.30.3\", \"FIN, ACK\"; yes is true, and no is false.\n",
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
pub fn judge(given: &Given, right: &Value, mistakes: &[(Value, &'static str)]) -> Worth {
    if let Some(why) = unreadable(given, right) {
        return Worth::Wrong(Some(why));
    }
    if agrees(given, right) {
        return Worth::Right;
    }
    let mistake = mistakes.iter().find(|(value, _)| value != right && agrees(given, value));
    Worth::Wrong(mistake.map(|(_, why)| format!("{} {why}.", shown(given))))
}

/// A given answer, as a person wrote it.
pub fn shown(given: &Given) -> String {
    match given {
        Given::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn agrees(given: &Given, value: &Value) -> bool {
    match value {
        Value::Number(right) | Value::Type(right) => {
            let hexadecimal = match (value, given) {
                (Value::Type(_), Given::String(text)) => {
                    u64::from_str_radix(text.trim(), 16).ok() // "0806", as Wireshark's list has it
                }
                _ => None,
            };
            numbers(given).into_iter().chain(hexadecimal).any(|number| number == *right)
        }
        Value::Yes(right) => yes(given) == Some(*right),
        Value::Address(right) => addresses(given).as_deref() == Some(&[*right]),
        Value::Addresses(right) => addresses(given).is_some_and(|given| {
            !given.is_empty() && given.iter().all(|address| right.contains(address))
        }),
        Value::Card(right) => card(given).as_ref() == Some(right),
        Value::Flags(right) => flags(given) == Some(*right),
        Value::Protocol(right) => protocol(given) == Some(right),
    }
}

/// Why an answer cannot be one at all.
fn unreadable(given: &Given, right: &Value) -> Option<String> {
    let (is_readable, wanted) = match right {
        Value::Number(_) => (!numbers(given).is_empty(), "a number: 2048, or 0x0800"),
        Value::Type(_) => (
            agrees(given, right) || !numbers(given).is_empty() || is_hexadecimal(given),
            "a number: 0x0800, or 2048",
        ),
        Value::Yes(_) => (yes(given).is_some(), "true or false"),
        Value::Address(_) => {
            (addresses(given).is_some_and(|all| all.len() == 1), "one IPv4 address: \"10.20.30.3\"")
        }
        Value::Addresses(_) => (addresses(given).is_some(), "an IPv4 address: \"10.20.30.3\""),
        Value::Card(_) => (card(given).is_some(), "a MAC address: \"02:42:0a:14:1e:03\""),
        Value::Flags(_) => (flags(given).is_some(), "the names of flags: \"FIN, ACK\""),
        Value::Protocol(_) => (matches!(given, Given::String(_)), "a name: \"ARP\""),
    };
    (!is_readable).then(|| format!("{} is not {wanted}.", shown(given)))
}

fn is_hexadecimal(given: &Given) -> bool {
    let Given::String(text) = given else { return false };
    u64::from_str_radix(text.trim(), 16).is_ok()
}

/// The number that an answer is, if it is one.
fn numbers(given: &Given) -> Vec<u64> {
    let number = match given {
        Given::Integer(number) => u64::try_from(*number).ok(),
        Given::String(text) => {
            let text = text.trim();
            match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
                Some(digits) => u64::from_str_radix(digits, 16).ok(),
                None => text.parse().ok(),
            }
        }
        _ => None,
    };
    number.into_iter().collect()
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
        ("IPv4", &["ipv4", "internet protocol", "ip"]),
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
        assert_eq!(judge(&given(text), value, &[]), Worth::Right, "{text}");
    }

    #[track_caller]
    fn wrong(text: &str, value: &Value) {
        assert!(matches!(judge(&given(text), value, &[]), Worth::Wrong(_)), "{text}");
    }

    #[test]
    fn a_number_may_be_written_in_any_way() {
        for text in ["4242", "0x1092", "\"4242\"", "\"0x1092\"", "\" 0X1092 \"", "4_242"] {
            right(text, &Value::Number(4242));
        }
        for text in ["4241", "-4242", "4242.0", "true", "\"about 4242\"", "[4242]"] {
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
        for text in ["\"IPv4\"", "\"ip\"", "\"Internet Protocol version 4\"", "\"IPv4 (0x0800)\""] {
            right(text, &Value::Protocol("IPv4"));
        }
        for text in ["\"TCP\"", "\"TCP over IPv4\"", "\"ARP\"", "0x0800"] {
            wrong(text, &Value::Protocol("IPv4"));
        }
    }

    #[test]
    fn a_known_mistake_is_named() {
        let mistakes = [(Value::Number(7), "is the right one"), (Value::Number(0), "is relative")];
        let said = judge(&given("0"), &Value::Number(7), &mistakes);
        assert_eq!(said, Worth::Wrong(Some("0 is relative.".into())));
        assert_eq!(judge(&given("7"), &Value::Number(7), &mistakes), Worth::Right);
        assert_eq!(judge(&given("3"), &Value::Number(7), &mistakes), Worth::Wrong(None));
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
