//! `lab list`: how far a student is. It shows what is in the files and what the last check said;
//! it starts nothing.

use std::fmt::Write;

use crate::judge::report::{Subject, open_gap};
use crate::labs::{self, Lab};
use crate::text::style::{BAD, FAINT, GOOD, NEXT, STRONG, paragraph, width};
use crate::tree::memory::Memory;
use crate::tree::products;
use crate::tree::source;
use crate::tree::{self, Set, Tree};

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
    let file = tree::product(Set::Skeletons, lab.name);
    let Ok(text) = tree.read_any(&file) else { return State::Missing };
    let Ok(source) = source::parse(&file, &text) else { return State::BrokenFences };
    let given = products::is_given(tree, lab.name);
    let gaps = match source.open_gaps() {
        _ if given => "given complete".to_owned(),
        0 => "no gap open".to_owned(),
        open => format!("{open} of {} gaps open", source.gaps.len()),
    };
    let checked = memory.recall(lab.name, &text);
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

/// The board, and what comes next.
pub fn board(tree: &Tree) -> String {
    rows(tree) + &format!("{FAINT}`make help` lists all there is{FAINT:#}\n") + &next(tree, None)
}

/// A row for each program.
pub fn rows(tree: &Tree) -> String {
    let memory = Memory::load(tree);
    let mut text = String::new();
    let mut handout = "";
    for lab in labs::here(tree) {
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
    text
}

/// What comes next: first what keeps all programs from being built, then, after a program, what is
/// left of its handout, then in the labs' order.
pub fn next(tree: &Tree, after: Option<&Lab>) -> String {
    let memory = Memory::load(tree);
    let mut labs = labs::here(tree);
    let order: Vec<&str> = labs.iter().map(|lab| lab.name).collect();
    let place = |name| order.iter().position(|there| *there == name);
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
