//! `lab list`: how far a student is. It shows what is in the files and what the last check said;
//! it starts nothing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::generate;
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
    /// By file: what `lab gen` wrote last.
    #[serde(default)]
    generated: BTreeMap<String, u64>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Checked {
    /// Of the file as it was checked.
    digest: u64,
    pub compiles: bool,
    pub passed: usize,
    pub total: usize,
    /// The first check that failed.
    pub failed: Option<String>,
    /// The gap to look at.
    pub look_at: Option<String>,
}

impl Checked {
    pub fn all_passed(&self) -> bool {
        self.compiles && self.passed == self.total
    }
}

impl Memory {
    pub fn load(tree: &Tree) -> Memory {
        let text = tree.read(FILE).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Changes what is remembered; two runs at once do so one after the other.
    pub fn update<T>(tree: &Tree, change: impl FnOnce(&mut Memory) -> T) -> Result<T, Error> {
        let turn = tree.turn(FILE)?;
        let mut memory = Memory::load(tree);
        let changed = change(&mut memory);
        let text = serde_json::to_string_pretty(&memory).expect("maps of plain values");
        tree.write(FILE, &text)?;
        drop(turn);
        Ok(changed)
    }

    /// Whether a file is as `lab gen` wrote it last.
    pub fn has_generated(&self, file: &str, text: &str) -> bool {
        self.generated.get(file) == Some(&digest(text))
    }

    pub fn generate(&mut self, files: Vec<(String, String)>) {
        self.generated = files.into_iter().map(|(file, text)| (file, digest(&text))).collect();
    }

    /// Remembers the reports on the student's programs, in the version that was checked.
    pub fn learn(&mut self, lab: &Lab, text: &str, report: &Report) {
        let failed = report.checks.iter().find(|line| line.failure.is_some() && !line.advice);
        let checked = Checked {
            digest: digest(text),
            compiles: report.not_built.is_none(),
            passed: report.passed,
            total: report.total,
            failed: failed.map(|line| line.name.clone()),
            look_at: report.look_at.clone(),
        };
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

/// How far one program is.
enum State {
    Missing,
    BrokenFences,
    Open { gaps: String, next: String },
    DoesNotCompile { gaps: String },
    Fails { gaps: String, checks: String, check: String },
    NotChecked { gaps: String },
    Given { gaps: String },
    Done { gaps: String, checks: String },
}

impl State {
    fn needs_nothing(&self) -> bool {
        matches!(self, State::Given { .. } | State::Done { .. })
    }
}

fn state(tree: &Tree, memory: &Memory, lab: &Lab) -> State {
    let file = tree::product(Set::Skeletons, lab);
    let Ok(text) = tree.read_any(&file) else { return State::Missing };
    let Ok(source) = source::parse(&file, &text) else { return State::BrokenFences };
    let given = generate::is_given(tree, lab);
    let gaps = match source.open_gaps() {
        _ if given => "given complete".to_owned(),
        0 => "no gap open".to_owned(),
        open => format!("{open} of {} gaps open", source.gaps.len()),
    };
    let checked = memory.recall(lab, &text);
    let checks = checked.map_or_else(
        || "not checked yet".to_owned(),
        |checked| format!("{} of {} checks passed", checked.passed, checked.total),
    );
    let open = source.first_open().map(|(_, gap)| {
        open_gap(&Subject { name: file, source: Some(&source) }, &gap.name).sentence()
    });
    match (checked, open) {
        (Some(checked), _) if !checked.compiles => State::DoesNotCompile { gaps },
        (Some(checked), _) if checked.all_passed() => State::Done { gaps, checks },
        (_, Some(open)) => State::Open { gaps: format!("{gaps:<17} {checks}"), next: open },
        (None, None) if given => State::Given { gaps },
        (None, None) => State::NotChecked { gaps },
        (Some(checked), None) => {
            let check = checked.failed.clone().unwrap_or_else(|| lab.name.to_owned());
            State::Fails { gaps, checks, check }
        }
    }
}

/// The board, as text.
pub fn board(tree: &Tree) -> String {
    let memory = Memory::load(tree);
    let mut text = String::new();
    let mut handout = "";
    for lab in LABS {
        if handout != lab.handout {
            handout = lab.handout;
            line(&mut text, &format!("{STRONG}{handout}{STRONG:#}"));
        }
        let (sign, style, said) = match state(tree, &memory, lab) {
            State::Missing => ("✗", BAD, format!("skeletons/{}.rs is missing", lab.name)),
            State::BrokenFences => ("✗", BAD, "fences are broken".to_owned()),
            State::Open { gaps, .. } => ("○", NEXT, gaps),
            State::DoesNotCompile { gaps } => ("✗", BAD, format!("{gaps:<17} does not compile")),
            State::Fails { gaps, checks, .. } => ("✗", BAD, format!("{gaps:<17} {checks}")),
            State::NotChecked { gaps } => ("○", NEXT, format!("{gaps:<17} not checked yet")),
            State::Given { gaps } => ("✓", GOOD, gaps),
            State::Done { gaps, checks } => ("✓", GOOD, format!("{gaps:<17} {checks}")),
        };
        let name = format!("  {style}{sign}{style:#} {:<15} ", lab.name);
        text.push_str(&paragraph(width(), &name, &" ".repeat(20), &said));
    }
    text.push_str(&next(tree, None));
    line(&mut text, &format!("{FAINT}`make help` lists all there is{FAINT:#}"));
    text
}

/// What comes next: first what keeps all programs from being built, then, after a program, what is
/// left of its handout, then in the labs' order.
pub fn next(tree: &Tree, after: Option<&Lab>) -> String {
    let memory = Memory::load(tree);
    let place = |name| LABS.iter().position(|lab| lab.name == name);
    let mut labs: Vec<&Lab> = LABS.iter().collect();
    labs.sort_by_key(|lab| match after {
        Some(after) if after.handout == lab.handout => {
            u8::from(place(lab.name) < place(after.name))
        }
        _ => 2,
    });
    let states = || labs.iter().map(|lab| (lab, state(tree, &memory, lab)));
    let first = states()
        .find(|(_, state)| matches!(state, State::Missing))
        .or_else(|| states().find(|(_, state)| !state.needs_nothing()));
    let Some((lab, state)) = first else {
        return format!("{GOOD}Every check of every lab has passed.{GOOD:#}\n");
    };
    let name = lab.name;
    let said = match state {
        State::Missing => format!("`make reset LAB={name}` makes skeletons/{name}.rs anew"),
        State::BrokenFences => format!("`make check LAB={name}` says which fences are broken"),
        State::Open { next, .. } => {
            format!("{next}\n`make hint LAB={name}`, `make check LAB={name}`")
        }
        State::DoesNotCompile { .. } => {
            format!("`make check LAB={name}` says what does not compile")
        }
        State::Fails { check, .. } => {
            format!("{check} fails\n`make check LAB={name}`, `make hint LAB={name}`")
        }
        State::NotChecked { .. } | State::Given { .. } | State::Done { .. } => {
            format!("`make check LAB={name}`")
        }
    };
    paragraph(width(), &format!("{NEXT}next{NEXT:#}  "), &" ".repeat(6), &said)
}

fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{line}"); // a String takes everything
}
