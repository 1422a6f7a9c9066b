//! `lab submit`: an archive of what a student hands in, and what he should know of it. It refuses
//! nothing: whether it is enough is the course's affair.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, Local};

use crate::error::Error;
use crate::judge::blame::changes_outside;
use crate::labs::Lab;
use crate::text::escape;
use crate::text::style::{FAINT, GOOD, NEXT, paragraph, width};
use crate::tree::source::{self, Source};
use crate::tree::{self, Set, Tree, products};

/// The answers to the questions, where a student has written them down.
const ANSWERS: &str = "answers.toml";

/// Makes the archive and says what is in it. `more` are files that the course has asked for besides,
/// such as captures.
pub fn submit(
    tree: &Tree,
    labs: &[&'static Lab],
    more: &[PathBuf],
    now: DateTime<Local>,
) -> Result<String, Error> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut said = String::new();
    for lab in labs {
        let file = tree::product(Set::Skeletons, lab.name);
        if products::is_given(tree, lab.name) {
            continue; // everybody has the same
        }
        let Ok(text) = tree.read_any(&file) else {
            item(&mut said, "missing", &format!("{file}: `make reset LAB={}`", lab.name));
            continue;
        };
        say_of(tree, lab, &file, &text, &mut said)?;
        files.push(file.into());
    }
    if tree.path(ANSWERS).is_file() {
        item(&mut said, "in it", ANSWERS);
        files.push(ANSWERS.into());
    } else {
        item(
            &mut said,
            "not there",
            &format!("{ANSWERS}: your answers about packets, if any are asked"),
        );
    }
    for file in more {
        if !tree.path("").join(file).is_file() {
            return Err(Error::Usage(format!("{} is not there", escape::path(file))));
        }
        item(&mut said, "in it", &escape::path(file));
        files.push(file.clone());
    }
    let mut numbers: Vec<&str> = labs.iter().map(|lab| lab.number()).collect();
    numbers.dedup();
    let name = format!("submission-{}-{}.tar.gz", numbers.join("-"), now.format("%Y%m%d-%H%M%S"));
    pack(tree, &name, &files)?;
    let _ = writeln!(said, "\n{GOOD}{name}{GOOD:#} is what you hand in."); // a String takes everything
    Ok(said)
}

/// What there is to say of one program: open gaps, broken fences, changes that nobody looks at.
fn say_of(tree: &Tree, lab: &Lab, file: &str, text: &str, said: &mut String) -> Result<(), Error> {
    let parsed = match source::parse(file, text) {
        Ok(parsed) => parsed,
        Err(errors) => {
            item(said, "in it", file);
            for error in errors {
                item(said, "", &format!("{NEXT}!{NEXT:#} {error}: a grader finds no gap there"));
            }
            return Ok(());
        }
    };
    item(said, "in it", &format!("{file}  {}", gaps(&parsed)));
    let skeleton = products::of(tree, lab.name)?.skeleton;
    let gone = skeleton.gaps.iter().filter(|gap| parsed.gap(&gap.name).is_none());
    for gap in gone {
        let note =
            format!("the lines with ==== of gap {} are gone: a grader finds no gap", gap.name);
        item(said, "", &format!("{NEXT}!{NEXT:#} {note}"));
    }
    if let Some(line) = changes_outside(tree, lab, &parsed)?.first() {
        let note = format!("line {line} is changed outside the gaps: a grader does not run that");
        item(said, "", &format!("{NEXT}!{NEXT:#} {note}"));
    }
    Ok(())
}

fn gaps(source: &Source) -> String {
    let open: Vec<&str> =
        source.gaps.iter().filter(|gap| gap.is_open()).map(|gap| gap.name.as_str()).collect();
    let filled = source.gaps.len() - open.len();
    let count = format!("{filled} of {} gaps filled", source.gaps.len());
    match open.as_slice() {
        [] => format!("{FAINT}{count}{FAINT:#}"),
        open => format!("{count}; {NEXT}still open: {}{NEXT:#}", open.join(", ")),
    }
}

fn item(said: &mut String, label: &str, content: &str) {
    said.push_str(&paragraph(width(), &format!("{label:<11}"), &" ".repeat(13), content));
}

/// One directory with the name of the archive, and the files in it as they lie here.
fn pack(tree: &Tree, name: &str, files: &[PathBuf]) -> Result<(), Error> {
    let directory = name.trim_end_matches(".tar.gz");
    let half = tree.path(&format!("{name}.half"));
    let packed = Command::new("tar")
        .arg("--create")
        .arg("--gzip")
        .args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--dereference"])
        .arg(format!("--transform=s,^,{directory}/,"))
        .arg("--directory")
        .arg(tree.path(""))
        .arg("--file")
        .arg(&half)
        .arg("--")
        .args(files)
        .output()
        .map_err(|error| Error::Fault(format!("cannot start tar: {error}")))?;
    if !packed.status.success() {
        let _ = std::fs::remove_file(&half); // what is half an archive helps nobody
        let said = String::from_utf8_lossy(&packed.stderr).into_owned();
        return Err(Error::Fault(format!("tar cannot make {name}: {said}")));
    }
    std::fs::rename(&half, tree.path(name)).map_err(|error| Error::file(Path::new(name), &error))
}
