//! `lab diff`: a student's file against the solution, gap by gap; in a student's kit, where there is
//! none, against the skeleton.

use std::fmt::Write;

use similar::{ChangeTag, TextDiff};

use crate::error::Error;
use crate::labs::Lab;
use crate::student::hints::broken_fences;
use crate::text::escape;
use crate::text::style::{BAD, FAINT, GOOD, NEXT, STRONG};
use crate::tree::products;
use crate::tree::source::{self, Source};
use crate::tree::{Set, Tree, library};

/// Compares a text with the solution of a lab; `file` names the text.
pub fn diff(tree: &Tree, lab: &Lab, file: &str, text: &str) -> Result<String, Error> {
    let student = source::parse(file, text).map_err(|errors| broken_fences(&errors, lab))?;
    let products = products::of(tree, lab.name)?;
    // The first line, which says what a product was generated from, belongs to it.
    let solution = products::text(lab.name, &products, Set::Solutions);
    let solution = source::parse(file, &solution).expect("generated from sound fences");
    let other = if tree.is_kit() { "the skeleton" } else { "the solution" };
    let mut said = format!("{BAD}- {other}{BAD:#}, {GOOD}+ {file}{GOOD:#}\n");
    let total = solution.gaps.len();
    for (number, (wanted, skeleton)) in (1..).zip(solution.gaps.iter().zip(&products.skeleton.gaps))
    {
        let name = &wanted.name;
        let _ = write!(said, "{STRONG}gap {number} of {total}: {name}{STRONG:#}"); // a String
        let Some(gap) = student.gap(name) else {
            let _ = writeln!(said, "  {BAD}its fences are gone from {file}{BAD:#}");
            continue;
        };
        let place = format!("{file}:{}", gap.line);
        let untyped = |body| without_type(body, &skeleton.body);
        let _ = if gap.body == skeleton.body {
            writeln!(said, "  {NEXT}open{NEXT:#}  {FAINT}{place}{FAINT:#}")
        } else if untyped(&gap.body) == untyped(&wanted.body) {
            writeln!(said, "  {GOOD}as the solution{GOOD:#}  {FAINT}{place}{FAINT:#}")
        } else {
            writeln!(said, "  {FAINT}{place}{FAINT:#}\n{}", changes(&wanted.body, &gap.body))
        };
    }
    for gap in student.gaps.iter().filter(|gap| solution.gap(&gap.name).is_none()) {
        let _ = writeln!(said, "{BAD}gap {}, which {} does not have{BAD:#}", gap.name, lab.name);
    }
    let outside = outside(&solution, &student);
    if products.solution.is_given() {
        let _ = match outside.is_empty() {
            true => writeln!(said, "It is given complete, and nothing is changed."),
            false => writeln!(said, "{STRONG}given complete, and changed{STRONG:#}:\n{outside}"),
        };
    } else if outside.is_empty() {
        let _ = writeln!(said, "Outside the gaps nothing is changed.");
    } else {
        let _ = writeln!(
            said,
            "{STRONG}outside the gaps{STRONG:#}, which a grader does not run:\n{outside}"
        );
    }
    Ok(said)
}

/// A student's lib.rs against the one that was handed out.
pub fn library(tree: &Tree) -> Result<String, Error> {
    let file = library::file(Set::Skeletons);
    let back = format!("`make reset LAB={}` gives it back", library::NAME);
    match library::change(tree, Set::Skeletons) {
        None => Ok(format!("{file} is as it was handed out.\n")),
        Some(library::Change::Missing) => Err(Error::Failed(format!("{file} is missing: {back}"))),
        Some(library::Change::At(line)) => Ok(format!(
            "{BAD}- as it was handed out{BAD:#}, {GOOD}+ {file}{GOOD:#}, from line {line} on\n{}\
             Checks use it as it was handed out; {back}.\n",
            changes(library::PRISTINE, &tree.read_any(&file)?)
        )),
    }
}

/// A gap's body without the type that the skeleton says of what the gap makes: it may be kept.
fn without_type(body: &str, skeleton: &str) -> String {
    let heads = skeleton.lines().filter_map(|line| line.split_once(" = todo!"));
    let heads = heads.filter_map(|(head, _)| Some((head.trim(), head.trim().split_once(": ")?.0)));
    heads.fold(body.to_owned(), |body, (typed, plain)| {
        body.replace(&format!("{typed} ="), &format!("{plain} ="))
    })
}

/// The changed lines, with two lines around them.
fn changes(wanted: &str, there: &str) -> String {
    const AROUND: usize = 2;
    let diff = TextDiff::from_lines(wanted, there);
    let mut said = String::new();
    for group in diff.grouped_ops(AROUND) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = escape::lines(change.value().trim_end());
            let _ = match change.tag() {
                ChangeTag::Delete => writeln!(said, "  {BAD}-{line}{BAD:#}"),
                ChangeTag::Insert => writeln!(said, "  {GOOD}+{line}{GOOD:#}"),
                ChangeTag::Equal => writeln!(said, "   {line}"),
            };
        }
    }
    said
}

fn outside(solution: &Source, student: &Source) -> String {
    changes(&solution.outside().concat(), &student.outside().concat())
}
