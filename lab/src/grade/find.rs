//! Which program a file is: by its fences and the lines that were given, not by its name.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::grade::archive::{Item, expanded};
use crate::grade::decode::{self, decode};
use crate::grade::exports::{Handed, Submission};
use crate::grade::fences;
use crate::labs::Lab;
use crate::tree::source::{self, Source};
use crate::tree::{Set, Tree, library, products};

/// A program as it was handed out.
pub struct Form {
    pub lab: &'static Lab,
    pub text: String,
    pub skeleton: Source,
    /// The lines outside its gaps that say something.
    given: BTreeSet<String>,
}

impl Form {
    /// Those of these labs that have something to fill in.
    pub fn of(tree: &Tree, labs: &[&'static Lab]) -> Result<Vec<Form>, Error> {
        let mut forms = Vec::new();
        for lab in labs.iter().filter(|lab| !products::is_given(tree, lab.name)) {
            let text = products::text(lab.name, &products::of(tree, lab.name)?, Set::Skeletons);
            let skeleton = source::parse("", &text).expect("generated from sound fences");
            let given = lines(&skeleton).collect();
            forms.push(Form { lab, text, skeleton, given });
        }
        Ok(forms)
    }

    /// How much of this program a file has: of its gaps, and of its given lines.
    fn likeness(&self, source: &Source, lines: &BTreeSet<String>, name: &str) -> Option<f64> {
        let gaps = self.skeleton.gaps.iter().filter(|gap| source.gap(&gap.name).is_some()).count();
        let gaps = gaps as f64 / self.skeleton.gaps.len() as f64;
        let given = self.given.intersection(lines).count() as f64 / self.given.len() as f64;
        let named = name.strip_suffix(".rs") == Some(self.lab.name);
        let is_it = gaps > 0.0 && given > 0.3 || given > 0.6 || named && gaps + given > 0.2;
        is_it.then_some(gaps + given + if named { 0.05 } else { 0.0 })
    }
}

fn lines(source: &Source) -> impl Iterator<Item = String> {
    let lines = source.lines_outside().into_iter().map(|(_, line)| line.trim());
    lines.filter(|line| line.len() > 3 && !line.contains("====")).map(str::to_owned)
}

/// What there is to grade of a submission.
#[derive(Default)]
pub struct Finds {
    /// By program, the text that counts.
    pub programs: BTreeMap<&'static str, Text>,
    /// Programs of which there is a file that cannot be read, and why.
    pub unreadable: BTreeMap<&'static str, String>,
    /// What may hold any program and cannot be read.
    pub unread: Vec<String>,
    pub answers: Option<Item>,
    pub captures: Vec<Item>,
    pub notes: Vec<String>,
}

/// The file of one program, decoded.
#[derive(Clone)]
pub struct Text {
    pub file: String,
    /// The file's path in the download, for what is given back.
    pub download: String,
    pub text: String,
    pub notes: Vec<String>,
}

struct Candidate {
    order: Order,
    text: Text,
}

/// Looks through all that somebody has handed in.
pub fn find(forms: &[Form], submission: &Submission) -> Finds {
    let mut found = Finds::default();
    let mut candidates: BTreeMap<&'static str, Vec<Candidate>> = BTreeMap::new();
    for handed in &submission.files {
        let inside = expanded(std::slice::from_ref(&handed.item));
        let of_download = |what: &String| match what.strip_prefix(&handed.item.path) {
            Some(rest) => format!("{}{rest}", handed.file),
            None => what.clone(),
        };
        found.unread.extend(inside.passed_over.iter().map(of_download));
        for item in &inside.items {
            sort(forms, handed, item, &mut candidates, &mut found);
        }
    }
    for (program, mut several) in candidates {
        several.sort_by(|a, b| b.order.cmp(&a.order));
        let mut several = several.into_iter();
        let Some(Candidate { mut text, .. }) = several.next() else { continue };
        let others: Vec<String> = several.map(|other| other.text.file).collect();
        if !others.is_empty() {
            text.notes.push(format!(
                "{} is the newest of {} files for {program} and counts; not: {}",
                text.file,
                others.len() + 1,
                others.join(", ")
            ));
        }
        // One that was sent again, and cannot be read, is not the one that counts: that is said.
        if let Some(why) = found.unreadable.remove(program) {
            text.notes.push(format!("not read: {why}"));
        }
        found.programs.insert(program, text);
    }
    found.notes.extend(found.unread.iter().map(|what| format!("not read: {what}")));
    found
}

/// What captures begin with.
const PCAP: [&[u8]; 5] = [
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\xc3\xd4",
    b"\x4d\x3c\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x0a\x0d\x0d\x0a",
];

fn sort(
    forms: &[Form],
    handed: &Handed,
    item: &Item,
    candidates: &mut BTreeMap<&'static str, Vec<Candidate>>,
    found: &mut Finds,
) {
    // What is in an archive has the names that are in it.
    let inside = item.path.strip_prefix(&handed.item.path).unwrap_or_default();
    let file = format!("{}{inside}", handed.file);
    let name = file.rsplit('/').next().unwrap_or_default().to_owned();
    // A picture of a program, or a letter with it, is meant to be that program.
    let stem = name.split('.').next().unwrap_or_default();
    let by_name = forms.iter().find(|form| stem == form.lab.name);
    let bytes = match item.read(crate::grade::archive::LONGEST) {
        Ok(bytes) => bytes,
        Err(why) => return found.unread.push(format!("{file}: {why}")),
    };
    if name == "answers.toml" {
        found.answers = Some(item.clone());
    } else if PCAP.iter().any(|magic| bytes.starts_with(magic)) {
        found.captures.push(item.clone());
    } else if name == "onlinetext.html" || name == "text.html" {
        found.notes.push(format!("{file}: a text typed into the platform is not graded"));
    } else if bytes.len() as u64 > decode::LONGEST {
        unreadable(by_name, format!("{file} is longer than 1 MB"), found);
    } else {
        match decode(&bytes) {
            Err(why) if by_name.is_none() && name.ends_with(".rs") => {
                found.unread.push(format!("{file}: {why}"));
            }
            Err(why) => unreadable(by_name, format!("{file}: {why}"), found),
            Ok(decoded) => {
                let notes = decoded.note.map(|note| format!("{file}: {note}"));
                let text = Text {
                    file: file.clone(),
                    download: handed.item.path.clone(),
                    text: fences::rewritten(&decoded.text),
                    notes: notes.into_iter().collect(),
                };
                match most_like(forms, &text.text, &name) {
                    Some(form) => {
                        let order = order(handed, item, &name, by_name.is_some(), file);
                        let of_program = candidates.entry(form.lab.name).or_default();
                        of_program.push(Candidate { order, text });
                    }
                    None if name == "lib.rs" => found.notes.extend(of_library(&file, &text.text)),
                    None => {
                        let why = "it has no fence and no line of the program of that name";
                        unreadable(by_name, format!("{file}: {why}"), found);
                    }
                }
            }
        }
    }
}

/// What tells which of several files is the newest.
type Order = (String, (u32, u64), String, u32, bool, String);

fn order(handed: &Handed, item: &Item, name: &str, by_name: bool, file: String) -> Order {
    let is_itself = by_name && name.ends_with(".rs"); // no `udpserver_old.rs`
    let number = number_before_the_end(name);
    (handed.time.clone(), handed.version, item.modified.clone(), number, is_itself, file)
}

/// What there is to say of a student's lib.rs, if it is another.
fn of_library(file: &str, text: &str) -> Option<String> {
    let mut both = text.lines().map(str::trim_end).zip(library::PRISTINE.lines());
    let is_same = both.all(|(there, wanted)| there == wanted)
        && text.trim_end().lines().count() == library::PRISTINE.trim_end().lines().count();
    (!is_same).then(|| {
        format!(
            "{file} is changed, and not compiled: programs are judged with lib.rs as handed out"
        )
    })
}

/// A file that has the name of a program and is not read is not passed over in silence.
fn unreadable(by_name: Option<&Form>, why: String, found: &mut Finds) {
    if let Some(form) = by_name {
        found.unreadable.insert(form.lab.name, why);
    }
}

/// The program that a text is.
fn most_like<'f>(forms: &'f [Form], text: &str, name: &str) -> Option<&'f Form> {
    let (source, _) = source::cut("", text);
    let lines: BTreeSet<String> = text.lines().map(str::trim).map(str::to_owned).collect();
    let like = forms.iter().filter_map(|form| Some((form.likeness(&source, &lines, name)?, form)));
    like.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, form)| form)
}

/// The N of `udpserver-N.rs` or `udpserver (N).rs`.
fn number_before_the_end(name: &str) -> u32 {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).trim_end_matches(')');
    let digits = stem.len() - stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (before, number) = stem.split_at(stem.len() - digits);
    match before.ends_with(['-', '(']) {
        true => number.parse().unwrap_or_default(),
        false => 0,
    }
}
