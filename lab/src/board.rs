//! `lab list`: how far a student is. It shows what is in the files and what the last check said;
//! it starts nothing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::labs::{LABS, Lab};
use crate::report::{BAD, FAINT, GOOD, NEXT, Report, STRONG, Subject, open_gap, paragraph, width};
use crate::source;
use crate::tree::{self, Set, Tree};

const FILE: &str = "target/lab/memory.json";

/// What is remembered between two runs. Losing it loses nothing that cannot be had again.
#[derive(Default, Serialize, Deserialize)]
pub struct Memory {
    /// By program: what its last check said.
    #[serde(default)]
    checked: BTreeMap<String, Checked>,
    /// By "program/gap": how many hints were shown.
    #[serde(default)]
    pub hints: BTreeMap<String, usize>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Checked {
    /// Of the file as it was checked.
    digest: u64,
    pub compiles: bool,
    pub passed: usize,
    pub total: usize,
    /// The gap of the first check that failed.
    pub look_at: Option<String>,
}

impl Memory {
    pub fn load(tree: &Tree) -> Memory {
        let text = tree.read(FILE).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub fn save(&self, tree: &Tree) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).expect("maps of plain values");
        tree.write(FILE, &text)
    }

    /// Remembers the reports on the student's programs, in the version that was checked.
    pub fn learn(&mut self, lab: &Lab, text: &str, report: &Report) {
        let failure = report.checks.iter().find_map(|line| line.failure.as_ref());
        let look_at = failure.map(|told| told.gap.to_owned());
        let Report { passed, total, .. } = *report;
        let compiles = report.not_built.is_none();
        let checked = Checked { digest: digest(text), compiles, passed, total, look_at };
        self.checked.insert(lab.name.to_owned(), checked);
    }

    /// What the last check said of exactly this text.
    pub fn recall(&self, lab: &Lab, text: &str) -> Option<&Checked> {
        self.checked.get(lab.name).filter(|checked| checked.digest == digest(text))
    }
}

fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The board, as text.
pub fn board(tree: &Tree) -> String {
    let memory = Memory::load(tree);
    let mut text = String::new();
    let mut next = None;
    let mut handout = "";
    for lab in LABS {
        if handout != lab.handout {
            handout = lab.handout;
            line(&mut text, &format!("{STRONG}{handout}{STRONG:#}"));
        }
        let file = tree::product(Set::Skeletons, lab);
        let Ok(student) = tree.read_any(&file) else {
            line(&mut text, &format!("  {BAD}✗{BAD:#} {:<12} {file} is missing", lab.name));
            next.get_or_insert(format!("`make reset LAB={}` makes {file} anew", lab.name));
            continue;
        };
        let Ok(source) = source::parse(&file, &student) else {
            line(&mut text, &format!("  {BAD}✗{BAD:#} {:<12} fences are broken", lab.name));
            next.get_or_insert(format!(
                "`make diff LAB={0}` names the broken fences of {file}; \
                 `make reset LAB={0}` gives new ones and keeps your file",
                lab.name
            ));
            continue;
        };
        let checked = memory.recall(lab, &student);
        let done = checked.is_some_and(|checked| checked.passed == checked.total);
        let (sign, style) = if done { ("✓", GOOD) } else { ("○", NEXT) };
        let gaps = match source.open_gaps() {
            0 => "no gap open".to_owned(),
            open => format!("{open} of {} gaps open", source.gaps.len()),
        };
        let checks = match checked {
            Some(checked) if !checked.compiles => "does not compile".to_owned(),
            Some(checked) => format!("{} of {} checks passed", checked.passed, checked.total),
            None => "not checked yet".to_owned(),
        };
        let name = format!("  {style}{sign}{style:#} {:<12} ", lab.name);
        let below = " ".repeat(17);
        text.push_str(&paragraph(width(), &name, &below, &format!("{gaps:<17} {checks}")));
        if next.is_none() && !done {
            let subject = Subject { name: file, source: Some(&source) };
            let hint = format!("`make hint LAB={0}`, `make check LAB={0}`", lab.name);
            next = Some(match source.first_open() {
                Some((_, gap)) => {
                    format!("{}\n{hint}", open_gap(&subject, &gap.name).sentence())
                }
                None => format!("{} has no open gap\n{hint}", lab.name),
            });
        }
    }
    match next {
        Some(next) => {
            let label = format!("{NEXT}next{NEXT:#}  ");
            text.push_str(&paragraph(width(), &label, &" ".repeat(6), &next));
        }
        None => line(&mut text, &format!("{GOOD}Every check of every lab has passed.{GOOD:#}")),
    }
    line(&mut text, &format!("{FAINT}`make help` lists all there is{FAINT:#}"));
    text
}

fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}"); // a String takes everything
}
