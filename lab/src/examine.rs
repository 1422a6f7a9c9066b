//! `lab check` for the programs of a set: builds them, runs their checks, and looks at what a
//! student's file is like for a grader.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use crate::board::Memory;
use crate::build::{self, Built, Diagnosis};
use crate::error::Error;
use crate::generate;
use crate::handout::Handout;
use crate::labs::{LABS, Lab};
use crate::report::{Report, STRONG, Subject};
use crate::run;
use crate::source::{self, Gap, Source};
use crate::tree::{Set, Tree, product};
use crate::trial::Target;

/// Builds and checks programs of a set, all at once; `done` is called after each check. Gives the
/// reports and the time that building took.
pub fn examine(
    tree: &Tree,
    set: Set,
    labs: &[&'static Lab],
    seed: u64,
    done: &(dyn Fn() + Sync),
) -> Result<(Vec<Report>, Duration), Error> {
    let is_missing = |lab: &&Lab| !tree.path(&product(set, lab)).is_file();
    let missing: Vec<&Lab> = LABS.iter().filter(is_missing).collect();
    let names: Vec<&str> = labs.iter().map(|lab| lab.name).collect();
    // Read before cargo reads: what a student saves meanwhile then counts as not checked yet.
    let texts: BTreeMap<&str, String> = labs
        .iter()
        .map(|lab| (lab.name, fs::read(tree.path(&product(set, lab))).unwrap_or_default()))
        .map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned()))
        .collect();
    let built = match missing.is_empty() {
        true => build::build(&tree.path(set.directory()), &names)?,
        false => Built::default(),
    };
    let one = |lab: &'static Lab| -> Result<Report, Error> {
        let file = product(set, lab);
        let parsed = source::parse(&file, &texts[lab.name]);
        let subject = Subject { name: file, source: parsed.as_ref().ok() };
        let mut report = match why_not_built(tree, lab, &subject, &missing, &built)? {
            Some((why, gap)) => Report::not_built(lab, &subject, why, gap),
            None => {
                let executable = built.executables[lab.name].clone();
                let target = Target::of_set(lab, set, &[executable]);
                let results = run::run(&target, seed, done);
                Report::of(lab, &subject, &Handout::of(tree, lab)?, &results)
            }
        };
        if missing.is_empty() {
            report.fences =
                parsed.as_ref().err().into_iter().flatten().map(ToString::to_string).collect();
            report.fences.extend(gone(tree, lab, &subject)?);
            report.notes = notes(tree, lab, &subject, &built)?;
        }
        Ok(report)
    };
    let reports = std::thread::scope(|scope| {
        let running: Vec<_> = labs.iter().map(|lab| scope.spawn(|| one(lab))).collect();
        let joined = running.into_iter().map(|thread| match thread.join() {
            Ok(report) => report,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect::<Result<Vec<Report>, Error>>()
    })?;
    if set == Set::Skeletons {
        let sure = labs.iter().zip(&reports).filter(|(_, report)| !report.could_not_check());
        Memory::update(tree, |memory| {
            sure.for_each(|(lab, report)| memory.learn(lab, &texts[lab.name], report));
        })?;
    }
    Ok((reports, built.took))
}

/// Why a program could not be started, if so, what to do about it, and the gap to look at.
fn why_not_built(
    tree: &Tree,
    lab: &Lab,
    subject: &Subject,
    missing: &[&Lab],
    built: &Built,
) -> Result<Option<(String, Option<String>)>, Error> {
    let file = &subject.name;
    let directory = file.split('/').next().unwrap_or_default();
    if let Some(gone) = missing.iter().find(|gone| gone.name == lab.name).or(missing.first()) {
        let effect = match gone.name == lab.name {
            true => "",
            false => ", so cargo builds none of its programs",
        };
        let why = format!(
            "{directory}/{0}.rs is missing{effect}: `make reset LAB={0}` makes it anew",
            gone.name
        );
        return Ok(Some((why, None)));
    }
    let Some(errors) = built.errors.get(lab.name) else { return Ok(None) };
    let Some(first) = errors.first() else { return Ok(None) };
    let rest = match errors.len() - 1 {
        0 => "",
        1 => " One more error comes after it, perhaps because of it.",
        _ => " More errors come after it, perhaps because of it.",
    };
    let (place, gap) = blame(tree, lab, subject, first)?;
    let why = format!("{STRONG}{place}{STRONG:#}{rest}\n\n{}", first.text.trim_end());
    Ok(Some((why, gap)))
}

/// Says where a compiler's error comes from, as a student has to see it: he changes gaps only, so
/// that an error outside them comes from a gap before it.
fn blame(
    tree: &Tree,
    lab: &Lab,
    subject: &Subject,
    error: &Diagnosis,
) -> Result<(String, Option<String>), Error> {
    let file = &subject.name;
    let (Some(&line), Some(source)) = (error.lines.first(), subject.source) else {
        return Ok((format!("{file} does not compile. Mend it, then check again."), None));
    };
    if let Some(gap) = error.lines.iter().find_map(|line| inside(source, *line)) {
        let place = format!("{file}:{line} does not compile, in gap {}.", gap.name);
        return Ok((format!("{place} Mend it, then check again."), Some(gap.name.clone())));
    }
    let products = generate::products(tree, lab)?;
    let skeleton = |gap: &Gap| products.skeleton.gap(&gap.name).map(|gap| gap.body.clone());
    let text = source.lines_outside().into_iter().find(|(number, _)| *number == line);
    let makes_one_of_its_names = |body: &str| {
        let (_, names) = body.split_once("let ").unwrap_or_default();
        let names = names.split([':', '=']).next().unwrap_or_default();
        let mut names = names.split(|c: char| !c.is_alphanumeric() && c != '_');
        names.any(|name| name.len() > 3 && text.is_some_and(|(_, text)| text.contains(name)))
    };
    // What the gap is to make, and what the student makes in it.
    let uses = |gap: &&Gap| {
        makes_one_of_its_names(&skeleton(gap).unwrap_or_default())
            || makes_one_of_its_names(&gap.body)
    };
    // Where the line is the head of a function, what stands last in the function does not fit it.
    let outside = source.lines_outside();
    let is_head = text.is_some_and(|(_, text)| text.contains("fn ") || text.contains("-> "));
    let end = outside.iter().find(|(number, text)| *number > line && *text == "}");
    let last_in_it = end
        .filter(|_| is_head)
        .and_then(|(end, _)| source.gaps.iter().rfind(|gap| gap.line > line && gap.line < *end));
    let before: Vec<&Gap> = source.gaps.iter().filter(|gap| gap.line < line).collect();
    let culprit = match &last_in_it {
        Some(gap) => Some(gap),
        None => before.iter().rev().find(|gap| uses(gap)).or(before.last()),
    };
    let unchanged = changed_outside(tree, lab, source)?.is_none();
    let Some(gap) = culprit.filter(|_| unchanged) else {
        let place = format!("{file}:{line} does not compile");
        let name = lab.name;
        return Ok((
            match products.skeleton.is_given() {
                true => format!("{place}. It is given complete: `make reset LAB={name}`."),
                false => {
                    format!(
                        "{place}, outside the gaps. `make diff LAB={name}` shows what is changed \
                         there."
                    )
                }
            },
            None,
        ));
    };
    let body = skeleton(gap).unwrap_or_default();
    let made = body.trim().split(" = todo!").next().unwrap_or_default().replace("let mut ", "let ");
    let must = match made.strip_prefix("let ") {
        _ if last_in_it.is_some() => format!(
            " Gap {} gives what the function gives: its last line has no `;` and no `?`, or a \
             `return` before it. Is that so",
            gap.name
        ),
        Some(made) => format!(" Gap {} must make `{made}`; does its call end in `?`", gap.name),
        None => {
            format!(" Look at gap {}: is every bracket closed, does its call end in `?`", gap.name)
        }
    };
    let place =
        format!("{file}:{line} does not fit what gap {} (line {}) makes.", gap.name, gap.line);
    Ok((format!("{place}{must}? Leave line {line} as it is."), Some(gap.name.clone())))
}

fn inside(source: &Source, line: usize) -> Option<&Gap> {
    source.gaps.iter().find(|gap| gap.lines().contains(&line))
}

/// The gaps of the skeleton that a file no longer has.
fn gone(tree: &Tree, lab: &Lab, subject: &Subject) -> Result<Option<String>, Error> {
    let Some(source) = subject.source else { return Ok(None) };
    let products = generate::products(tree, lab)?;
    let gone = products.skeleton.gaps.iter().filter(|gap| source.gap(&gap.name).is_none());
    let names: Vec<&str> = gone.map(|gap| gap.name.as_str()).collect();
    let said = format!("{}: the fences of gap {} are gone", subject.name, names.join(", "));
    Ok((!names.is_empty()).then_some(said))
}

/// The first line that is not as it was generated, outside the gaps.
fn changed_outside(tree: &Tree, lab: &Lab, source: &Source) -> Result<Option<usize>, Error> {
    let pristine = generate::text(lab, &generate::products(tree, lab)?, Set::Skeletons);
    let pristine = source::parse("", &pristine).expect("generated from sound fences");
    let wanted: Vec<&str> = pristine.lines_outside().into_iter().map(|(_, line)| line).collect();
    let (numbers, there): (Vec<usize>, Vec<&str>) = source.lines_outside().into_iter().unzip();
    let diff = TextDiff::from_slices(&wanted, &there);
    let mut next = 0;
    for change in diff.iter_all_changes() {
        match (change.tag(), change.new_index()) {
            (ChangeTag::Equal, Some(index)) => next = index + 1,
            _ => return Ok(numbers.get(next).or(numbers.last()).copied().or(Some(1))),
        }
    }
    Ok(None)
}

/// What a student should know though it costs no points.
fn notes(tree: &Tree, lab: &Lab, subject: &Subject, built: &Built) -> Result<Vec<String>, Error> {
    let file = &subject.name;
    let mut notes = Vec::new();
    for warning in built.warnings.get(lab.name).into_iter().flatten() {
        let line = warning.lines.first().copied().unwrap_or(0);
        let gap = subject.source.and_then(|source| inside(source, line));
        let gap = gap.map_or_else(String::new, |gap| format!(", gap {}", gap.name));
        let remedy = match warning.message.contains("`Result` that must be used") {
            true => ": an error would pass unseen; end the line in `?;`",
            false => "",
        };
        notes.push(format!("{file}:{line}{gap}: {}{remedy}", warning.message));
    }
    if let Some(source) = subject.source
        && let Some(line) = changed_outside(tree, lab, source)?
    {
        let changed = match generate::is_given(tree, lab) {
            true => "is changed, though the program is given complete",
            false => "is changed outside the gaps, where a grader does not look",
        };
        notes.push(format!("{file}:{line} {changed}; `make diff LAB={}` shows it", lab.name));
    }
    Ok(notes)
}
