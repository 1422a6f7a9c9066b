//! The forms of names in the downloads of Moodle, Canvas, Blackboard and Brightspace.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::grade::exports::{Label, Submission};

pub const BLACKBOARD: &str = "Blackboard's download";

/// One form of names.
pub struct Layout {
    pub name: &'static str,
    pub label: fn(&str) -> Option<Label>,
}

pub const LAYOUTS: [Layout; 4] = [
    Layout { name: "Moodle's download", label: moodle },
    Layout { name: BLACKBOARD, label: blackboard },
    Layout { name: "Brightspace's download", label: brightspace },
    Layout { name: "Canvas's download", label: canvas },
];

/// What Brightspace puts beside the folders.
pub fn is_index(path: &str) -> bool {
    path.ends_with("index.html") && !path.contains("onlinetext")
}

/// What Blackboard puts beside the files of an attempt.
pub fn is_receipt(path: &str) -> bool {
    blackboard(path.rsplit('/').next().unwrap_or_default())
        .is_some_and(|label| label.file == RECEIPT)
}

macro_rules! pattern {
    ($text:literal) => {{
        static PATTERN: LazyLock<Regex> =
            LazyLock::new(|| Regex::new($text).expect("it is right as it stands"));
        &*PATTERN
    }};
}

fn group(found: &Captures, name: &str) -> String {
    found.name(name).map_or_else(String::new, |part| part.as_str().to_owned())
}

/// `NAME_NUMBER_assignsubmission_file/…`, or all in one name; a default group has no number. Read from
/// the right: a name may have anything in it.
fn moodle(path: &str) -> Option<Label> {
    let form = pattern!(
        r"^(?<name>[^/]*?)(?:_(?<id>[0-9]+))?_assignsubmission_(?<kind>file|onlinetext)(?:_?/|_)(?<file>.+)$"
    );
    let found = form.captures(path)?;
    let (name, id) = (group(&found, "name"), group(&found, "id"));
    let id = if id.is_empty() { name.clone() } else { id };
    Some(Label { id, name, file: group(&found, "file"), ..Label::default() })
}

/// `NAME[_LATE]_USER_ATTACHMENT_FILE`, `anon_CODE_ATTACHMENT_FILE`, `NAME_USER_text.html`.
fn canvas(path: &str) -> Option<Label> {
    let anonymous = pattern!(
        r"^anon_(?<id>[A-Za-z0-9]{5})(?<late>_LATE)?_(?:(?<number>[0-9]+)_(?<file>[^/]+)|(?<entry>(?:text|link)\.html))$"
    );
    let usual = pattern!(
        r"^(?<name>[^/]+?)(?<late>_LATE)?_(?<id>[0-9]+)_(?:(?<number>[0-9]+)_(?<file>[^/]+)|(?<entry>(?:text|link)\.html))$"
    );
    let found = anonymous.captures(path).or_else(|| usual.captures(path))?;
    let (id, name) = (group(&found, "id"), group(&found, "name"));
    let name = if name.is_empty() { format!("anon_{id}") } else { name };
    let late = found.name("late").is_some();
    let file = group(&found, "file") + &group(&found, "entry");
    // From the eighth on Canvas writes no number, but something that nobody else has.
    let unique =
        pattern!(r"-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\.[^.]*)?$");
    let again = pattern!(r"-(?<version>[0-9]{1,3})(?:\.[^.]*)?$").captures(&file);
    let again = again.and_then(|found| found["version"].parse().ok()).unwrap_or_default();
    let again = if unique.is_match(&file) { u32::MAX } else { again };
    let number = group(&found, "number").parse().unwrap_or_default();
    Some(Label { id, name, late, file, version: (again, number), ..Label::default() })
}

/// `ASSIGNMENT_USER_attempt_DATE_FILE`, and `…_DATE.txt`, the receipt. The user is what stands between
/// the assignment and `_attempt_`: the last word there, unless a receipt says otherwise.
fn blackboard(path: &str) -> Option<Label> {
    let form = pattern!(
        r"^(?<before>[^/]+)_attempt_(?<time>[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2}-[0-9]{2})(?:_(?<file>[^/]+)|\.txt)$"
    );
    let found = form.captures(path)?;
    let before = group(&found, "before");
    let user = before.rsplit('_').next().unwrap_or_default().to_owned();
    let file = Some(group(&found, "file")).filter(|file| !file.is_empty());
    let file = file.unwrap_or_else(|| RECEIPT.to_owned());
    // Until the receipts are read, all before `_attempt_` is what tells one from another.
    Some(Label { id: before, name: user, time: group(&found, "time"), file, ..Label::default() })
}

const RECEIPT: &str = "receipt of the attempt";

/// Takes users' names, and the names that they gave to their files, from the receipts.
pub fn read_receipts(submissions: &mut [Submission]) {
    let assignment = shared_begin(submissions).to_owned();
    for submission in submissions {
        let (receipts, mut files): (Vec<_>, Vec<_>) = std::mem::take(&mut submission.files)
            .into_iter()
            .partition(|file| file.file == RECEIPT);
        let user = pattern!(r"(?m)^Name:[ \t]*(?<name>.*?)[ \t]*\((?<user>[^()\n]+)\)[ \t]*\r?$");
        let stored = pattern!(
            r"(?m)^[ \t]*Original filename:[ \t]*(?<original>.*?)[ \t]*\r?\n[ \t]*Filename:[ \t]*(?<stored>.*?)[ \t]*\r?$"
        );
        let mut named = None;
        for receipt in &receipts {
            let Ok(bytes) = receipt.item.read(1 << 20) else { continue };
            let text = String::from_utf8_lossy(&bytes);
            if let Some(found) = user.captures(&text) {
                named = Some((group(&found, "name"), group(&found, "user")));
            }
            for found in stored.captures_iter(&text) {
                let stored = group(&found, "stored");
                let file = files.iter_mut().find(|file| file.item.path.ends_with(&stored));
                if let Some(file) = file {
                    file.file = group(&found, "original");
                }
            }
        }
        let (name, id) = named.unwrap_or_else(|| {
            let user = submission.id.strip_prefix(&assignment).filter(|user| !user.is_empty());
            let user = user.unwrap_or(&submission.name).to_owned();
            (user.clone(), user)
        });
        (submission.name, submission.id) = (name, id);
        submission.files = files;
    }
}

/// What all names begin with, up to a `_`: the assignment, if there is more than one student.
fn shared_begin(submissions: &[Submission]) -> &str {
    let [first, others @ ..] = submissions else { return "" };
    let mut shared = if others.is_empty() { "" } else { first.id.as_str() };
    for other in others {
        let same = shared.char_indices().zip(other.id.chars());
        let end = same
            .take_while(|((_, a), b)| a == b)
            .last()
            .map_or(0, |((at, a), _)| at + a.len_utf8());
        shared = shared.get(..end).unwrap_or_default();
    }
    shared.rfind('_').and_then(|at| shared.get(..=at)).unwrap_or_default()
}

/// `USER-SUBMISSION - First Last - Nov 3, 2026 1159 PM/FILE`, or all in one name. A group has its
/// name in the place of the first number.
fn brightspace(path: &str) -> Option<Label> {
    let form = pattern!(
        r"^(?<id>[^/]+?)-[0-9]+ - (?<name>[^/]+) - (?<month>[A-Z][a-z]{2}) (?<day>[0-9]{1,2}), (?<year>[0-9]{4}) (?<hour>[0-9]{1,2})[:_]?(?<minute>[0-9]{2}) (?<half>[AP])M(?:/| - )(?<file>.+)$"
    );
    let found = form.captures(path)?;
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = MONTHS.find(&group(&found, "month")).map_or(0, |at| at / 3 + 1);
    let number = |name: &str| group(&found, name).parse::<u32>().unwrap_or_default();
    let hour = number("hour") % 12 + if group(&found, "half") == "P" { 12 } else { 0 };
    let time = format!(
        "{}-{month:02}-{:02} {hour:02}:{:02}",
        group(&found, "year"),
        number("day"),
        number("minute")
    );
    let (id, name, file) = (group(&found, "id"), group(&found, "name"), group(&found, "file"));
    Some(Label { id, name, time, file, ..Label::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(label: Option<Label>) -> (String, String, String) {
        let label = label.unwrap();
        (label.id, label.name, label.file)
    }

    fn is(id: &str, name: &str, file: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), file.to_owned())
    }

    #[test]
    fn moodle_s_names_are_read_from_the_right() {
        let cases = [
            (
                "Aoife OBrien_4711_assignsubmission_file/udpserver.rs",
                is("4711", "Aoife OBrien", "udpserver.rs"),
            ),
            (
                "Jean-Luc de la Croix_4712_assignsubmission_file/skeletons/udpserver.rs",
                is("4712", "Jean-Luc de la Croix", "skeletons/udpserver.rs"),
            ),
            (
                "Łukasz Żółć_4713_assignsubmission_file_udpserver.rs",
                is("4713", "Łukasz Żółć", "udpserver.rs"),
            ),
            ("Team 7_88_assignsubmission_file/lab3.zip", is("88", "Team 7", "lab3.zip")),
            (
                "Participant_4714_assignsubmission_onlinetext/onlinetext.html",
                is("4714", "Participant", "onlinetext.html"),
            ),
            ("Old Style_4715_assignsubmission_file_/a_b.rs", is("4715", "Old Style", "a_b.rs")),
            (
                "Default group_assignsubmission_file/a.rs",
                is("Default group", "Default group", "a.rs"),
            ),
        ];
        for (path, wanted) in cases {
            assert_eq!(said(moodle(path)), wanted, "{path}");
        }
    }

    #[test]
    fn canvas_s_names_have_two_numbers() {
        assert_eq!(
            said(canvas("obrienaoife_20311_990127_udpserver.rs")),
            is("20311", "obrienaoife", "udpserver.rs")
        );
        let late = canvas("żółćłukasz_LATE_20312_990341_udpserver-2.rs").unwrap();
        assert!(late.late && late.id == "20312" && late.name == "żółćłukasz");
        assert_eq!(
            said(canvas("anon_a7Fq2_990400_udpserver.rs")),
            is("a7Fq2", "anon_a7Fq2", "udpserver.rs")
        );
        assert_eq!(
            said(canvas("delacroixjeanluc_20313_text.html")),
            is("20313", "delacroixjeanluc", "text.html")
        );
        assert_eq!(said(canvas("anon_a7Fq2_text.html")), is("a7Fq2", "anon_a7Fq2", "text.html"));
        let order = |path: &str| canvas(path).unwrap().version;
        let first = order("obrienaoife_20311_990127_udpserver.rs");
        let second = order("obrienaoife_20311_990128_udpserver-2.rs");
        let ninth =
            order("obrienaoife_20311_990129_udpserver-0b6f2f5e-1c2d-4e3f-8a9b-0c1d2e3f4a5b.rs");
        assert!(first < second && second < ninth);
        assert_eq!(canvas("udpserver.rs"), None);
    }

    #[test]
    fn brightspace_s_clock_has_twelve_hours() {
        let first = brightspace("123456-789012 - Aoife O'Brien - Nov 3, 2026 1159 PM/udpserver.rs");
        let first = first.unwrap();
        let second = "123456-789012 - Aoife O'Brien - Nov 4, 2026 12_03 AM/udpserver.rs";
        let second = brightspace(second).unwrap();
        assert_eq!(
            (first.time.as_str(), second.time.as_str()),
            ("2026-11-03 23:59", "2026-11-04 00:03")
        );
        assert_eq!(
            said(brightspace("123457-789012 - Anna - Maria Berg - Nov 3, 2026 1000 AM/a.rs")),
            is("123457", "Anna - Maria Berg", "a.rs")
        );
    }

    #[test]
    fn blackboard_s_names_are_split_at_the_attempt() {
        let label = blackboard("Lab_3_aobrien_attempt_2026-11-04-00-01-07_udp_server.rs").unwrap();
        assert_eq!((label.name.as_str(), label.file.as_str()), ("aobrien", "udp_server.rs"));
        assert_eq!(label.time, "2026-11-04-00-01-07");
        // Without receipts, what is before the user's name is what all names begin with.
        let of = |id: &str| Submission { id: id.to_owned(), ..Submission::default() };
        let mut class = [of("Lab_3_anna_berg"), of("Lab_3_bob_berg")];
        read_receipts(&mut class);
        assert_eq!(class.map(|it| it.id), ["anna_berg", "bob_berg"]);
    }
}
