//! `lab hint` and `lab reset`: what a student asks for between two checks.

use crate::error::Error;
use crate::judge::report::{Subject, open_gap};
use crate::labs::Lab;
use crate::text::escape;
use crate::text::style::{paragraph, width};
use crate::tree::handout::Handout;
use crate::tree::memory::{Memory, Remembered};
use crate::tree::products;
use crate::tree::source::{self, Source};
use crate::tree::{self, Set, Tree, library};

/// One more hint for the next gap: the first that is open, else that of the first failed check.
pub fn hint(tree: &Tree, lab: &Lab) -> Result<String, Error> {
    let file = tree::product(Set::Skeletons, lab.name);
    let text = tree.read_any(&file).map_err(|_| missing(&file, lab))?;
    let source = source::parse(&file, &text).map_err(|errors| broken_fences(&errors, lab))?;
    if products::is_given(tree, lab.name) {
        return Ok(format!(
            "{file} is given complete: there is nothing to fill in\n  make run LAB={}\n",
            lab.name
        ));
    }
    let memory = Memory::load(tree);
    let subject = Subject { name: file, source: Some(&source) };
    let (gap, why) = match next_gap(&subject, memory.recall(lab.name, &text), lab) {
        Ok(next) => next,
        Err(nothing) => return Ok(nothing),
    };
    let hints = Handout::read(tree, lab.handout)?.hints(lab.name, &gap);
    let shown = Memory::update(tree, |memory| {
        let shown = memory.hints.entry(format!("{}/{gap}", lab.name)).or_default();
        *shown = (*shown + 1).min(hints.len());
        *shown
    })?;
    let mut said = paragraph(width(), "", "  ", &format!("{}: {why}", lab.name));
    for hint in &hints[..shown] {
        said.push_str(&format!("\n{}\n", textwrap::fill(hint, width())));
    }
    let (of, name) = (hints.len(), lab.name);
    let more = if shown < of {
        format!("hint {shown} of {of}; once more `make hint LAB={name}` for the next")
    } else if tree.is_kit() {
        format!("hint {shown} of {of}, the last; then read the handout, {}", lab.handout)
    } else {
        let solution = tree::product(Set::Solutions, lab.name);
        format!("hint {shown} of {of}, the last; one way to do it is in {solution}")
    };
    said.push_str(&format!("\n{}", paragraph(width(), "", "", &more)));
    Ok(said)
}

/// The gap that comes next, and why it does; or what there is to say where none does.
fn next_gap(
    subject: &Subject,
    checked: Option<&Remembered>,
    lab: &Lab,
) -> Result<(String, String), String> {
    let file = &subject.name;
    match (checked, subject.source.and_then(Source::first_open)) {
        (Some(Remembered { compiles: false, look_at: Some(gap), .. }), _) => {
            let place = open_gap(subject, gap).place;
            Ok((gap.clone(), format!("it does not compile, because of gap {gap} ({place})")))
        }
        (_, Some((_, gap))) => Ok((gap.name.clone(), open_gap(subject, &gap.name).sentence())),
        (None, None) => Err(format!(
            "{file} has no open gap, and was not checked since it changed:\n  make check LAB={}\n",
            lab.name
        )),
        (Some(checked), None) if checked.all_passed() => {
            Err(format!("{file} has passed all its checks: nothing to hint at\n"))
        }
        (Some(Remembered { look_at: Some(gap), .. }), None) => {
            let place = open_gap(subject, gap).place;
            Ok((gap.clone(), format!("a check of gap {gap} fails ({place})")))
        }
        (Some(_), None) => Err(format!(
            "{file} did not get as far as its checks when it was last tried; see why:\n  \
             make check LAB={}\n",
            lab.name
        )),
    }
}

/// Gives a student the skeleton again; what was there is kept and named.
pub fn reset(tree: &Tree, lab: &Lab) -> Result<String, Error> {
    let file = tree::product(Set::Skeletons, lab.name);
    let skeleton = products::text(lab.name, &products::of(tree, lab.name)?, Set::Skeletons);
    give_again(tree, &file, &skeleton, "the skeleton")
}

/// Gives a student lib.rs again.
pub fn reset_library(tree: &Tree) -> Result<String, Error> {
    give_again(tree, &library::file(Set::Skeletons), library::PRISTINE, "as it was handed out")
}

fn give_again(tree: &Tree, file: &str, text: &str, what: &str) -> Result<String, Error> {
    let there = tree.path(file).exists();
    if there && tree.read(file).is_ok_and(|there| there == text) {
        return Ok(format!("{file} is {what} already: nothing to do\n"));
    }
    let kept = if there { Some(escape::path(tree.keep(file)?)) } else { None };
    tree.write(file, text)?;
    Ok(match kept {
        Some(kept) => format!(
            "{file} is {what} again; your file is kept as {kept}\n  to take it back:  cp {kept} \
             {file}\n"
        ),
        None => format!("{file} was missing; it is {what} now\n"),
    })
}

pub fn missing(file: &str, lab: &Lab) -> Error {
    Error::Failed(format!("{file} is missing: `make reset LAB={}` makes it anew", lab.name))
}

pub fn broken_fences(errors: &[source::FenceError], lab: &Lab) -> Error {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    Error::Failed(format!(
        "{}\nThe lines with ==== mark the gaps for the tools: put them back as they were, or take \
         a fresh skeleton with `make reset LAB={}` (your file is kept)",
        lines.join("\n"),
        lab.name
    ))
}
