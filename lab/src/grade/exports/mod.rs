//! Whose file is whose: the exports of learning platforms, read by the form of their names. Identity is
//! the number that the platform gives; names are for people.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::error::Error;
use crate::grade::archive::{self, Item};
use crate::grade::results::file_name;
use crate::text::escape;

mod clones;
mod gradescope;
pub mod names;
mod platforms;

/// What the name of a file in an export says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    pub id: String,
    pub name: String,
    pub late: bool,
    /// When it was handed in, in a form that sorts; empty where the export does not say.
    pub time: String,
    /// What the student has called it, with his own folders.
    pub file: String,
    /// How often the platform had a file of that name before, and the number that it gave the file.
    pub version: (u32, u64),
}

/// What one student, or one group, has handed in.
#[derive(Clone, Default)]
pub struct Submission {
    pub id: String,
    pub name: String,
    pub late: bool,
    pub time: String,
    /// With the names that the student gave them.
    pub files: Vec<Handed>,
    pub notes: Vec<String>,
}

/// One file of a submission.
#[derive(Clone)]
pub struct Handed {
    /// Its `path` is the one in the download.
    pub item: Item,
    pub file: String,
    pub time: String,
    pub version: (u32, u64),
}

/// All submissions of some exports.
#[derive(Default)]
pub struct Class {
    pub submissions: Vec<Submission>,
    /// What the exports were taken for, and what in them is nobody's.
    pub remarks: Vec<String>,
}

/// Reads exports, which may be several; what the same student has in two of them is his together.
pub fn read(paths: &[PathBuf], names: Option<&Regex>) -> Result<Class, Error> {
    let mut class = Class::default();
    let mut by_id: BTreeMap<String, Submission> = BTreeMap::new();
    for path in paths {
        let shown = escape::path(path);
        let listing = archive::open(path)
            .map_err(|why| Error::Usage(format!("{shown} cannot be read: {why}")))?;
        class.remarks.extend(listing.passed_over.iter().map(|what| format!("{shown}: {what}")));
        let all: Vec<String> = listing.items.iter().map(|item| item.path.clone()).collect();
        let (layout, found) = divide(path, listing.items, names)?;
        let one = if found.len() == 1 { "submission" } else { "submissions" };
        class.remarks.push(format!("{shown}: {layout}, {} {one}", found.len()));
        class.remarks.extend(nobody_s(&all, &found).map(|what| format!("{shown}: {what}")));
        for submission in found {
            match by_id.get_mut(&submission.id) {
                None => drop(by_id.insert(submission.id.clone(), submission)),
                Some(there) => {
                    there.files.extend(submission.files);
                    there.late |= submission.late;
                    there.time = there.time.clone().max(submission.time);
                    there.notes.extend(submission.notes);
                }
            }
        }
    }
    class.submissions = by_id.into_values().collect();
    if class.submissions.is_empty() {
        return Err(Error::Usage("there is no submission in it".to_owned()));
    }
    Ok(class)
}

/// What there is to say of files that belong to nobody, and are not what platforms put beside others.
fn nobody_s(all: &[String], found: &[Submission]) -> Option<String> {
    let files = found.iter().flat_map(|submission| &submission.files);
    let taken: BTreeSet<&str> = files.map(|file| file.item.path.as_str()).collect();
    let is_left = |path: &&String| {
        !taken.contains(path.as_str())
            && !platforms::is_index(path)
            && !platforms::is_receipt(path)
            && !gradescope::is_about(path)
    };
    let left: Vec<&String> = all.iter().filter(is_left).collect();
    let first = left.first()?;
    Some(match left.len() {
        1 => format!("1 file is nobody's, and not graded: {first:?}"),
        count => format!("{count} files are nobody's, and not graded, such as {first:?}"),
    })
}

/// Reads one submission of some exports, by its identity as `identities` writes it, or as it is.
pub fn read_by_id(path: &Path, id: &str, names: Option<&Regex>) -> Result<Submission, Error> {
    let mut submissions = read(&[path.to_owned()], names)?.submissions;
    let place = |is_it: &dyn Fn(&Submission) -> bool| submissions.iter().position(is_it);
    let found = place(&|it| file_name(&it.id) == id).or_else(|| place(&|it| it.id == id));
    match found {
        Some(place) => Ok(submissions.swap_remove(place)),
        None => Err(Error::Usage(format!(
            "{} has no submission {id:?}; `lab grade --list` says which there are",
            escape::path(path)
        ))),
    }
}

/// Reads one submission: a folder, or a file, as it lies in an export.
pub fn read_one(path: &Path, names: Option<&Regex>) -> Result<Submission, Error> {
    let shown = escape::path(path);
    let cannot = |why: String| Error::Usage(format!("{shown} cannot be read: {why}"));
    let listing = archive::open_one(path).map_err(cannot)?;
    let parent = path.canonicalize().ok();
    let parent = parent.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
    let (_, mut found) = divide(parent, listing.items, names)?;
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(cannot("there is nothing in it".to_owned())),
        _ => Err(cannot("there is more than one submission in it".to_owned())),
    }
}

/// Who handed in which of these files, and what the export was taken for.
fn divide(
    path: &Path,
    items: Vec<Item>,
    names: Option<&Regex>,
) -> Result<(&'static str, Vec<Submission>), Error> {
    if let Some(names) = names {
        let label = |path: &str| names::label(names, path);
        let labelled = labelled(&items, "", &label);
        if labelled.is_empty() {
            let example = items.first().map_or("", |item| &item.path);
            return Err(Error::Usage(format!(
                "--names {names} fits none of the {} files, such as {example:?}",
                items.len()
            )));
        }
        return Ok(("names by a regular expression", gathered(items, "", &label)));
    }
    // What was downloaded as one folder may have been packed, or unpacked, with that folder.
    let mut top = String::new();
    loop {
        if let Some(found) = gradescope::divide(&items, &top) {
            return Ok(found);
        }
        let counts = platforms::LAYOUTS.iter().map(|layout| {
            let label = |path: &str| (layout.label)(path);
            (labelled(&items, &top, &label).len(), layout)
        });
        let (count, layout) =
            counts.max_by_key(|(count, _)| *count).expect("there are several layouts");
        let of_platform = items.iter().filter(|item| !platforms::is_index(&item.path)).count();
        if count > 0 && 2 * count >= of_platform {
            let mut found = gathered(items.clone(), &top, &|path| (layout.label)(path));
            if layout.name == platforms::BLACKBOARD {
                platforms::read_receipts(&mut found);
            }
            return Ok((layout.name, found));
        }
        match shared_top(&items, &top) {
            Some(deeper) => top = deeper,
            None => break,
        }
    }
    clones::divide(path, items)
}

/// The one folder, below `top`, that all items are in.
fn shared_top(items: &[Item], top: &str) -> Option<String> {
    let first = |item: &Item| -> Option<String> {
        let rest = item.path.strip_prefix(top)?;
        rest.split_once('/').map(|(folder, _)| format!("{top}{folder}/"))
    };
    let shared = first(items.first()?)?;
    items.iter().all(|item| first(item).as_ref() == Some(&shared)).then_some(shared)
}

fn labelled(items: &[Item], top: &str, label: &dyn Fn(&str) -> Option<Label>) -> Vec<Label> {
    items.iter().filter_map(|item| label(item.path.strip_prefix(top)?)).collect()
}

fn gathered(items: Vec<Item>, top: &str, label: &dyn Fn(&str) -> Option<Label>) -> Vec<Submission> {
    let mut by_id: BTreeMap<String, Submission> = BTreeMap::new();
    for item in items {
        let Some(label) = item.path.strip_prefix(top).and_then(label) else { continue };
        let submission = by_id.entry(label.id.clone()).or_insert_with(|| Submission {
            id: label.id.clone(),
            name: label.name.clone(),
            ..Submission::default()
        });
        if label.time > submission.time {
            submission.time.clone_from(&label.time);
        }
        submission.late |= label.late;
        let Label { file, time, version, .. } = label;
        submission.files.push(Handed { item, file, time, version });
    }
    by_id.into_values().collect()
}
