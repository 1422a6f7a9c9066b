//! A folder, a git clone or an archive per student; and what is one submission by itself.

use std::path::Path;

use crate::error::Error;
use crate::grade::archive::Item;
use crate::grade::exports::{Label, Submission, gathered, shared_top};
use crate::labs::LABS;
use crate::text::escape;

/// What tells that a folder is one student's: his programs, his answers, or the skeletons' folder.
fn is_own(path: &str) -> bool {
    let name = path.split('/').next().unwrap_or_default();
    let is_program = |stem: &str| LABS.iter().any(|lab| lab.name == stem) || stem == "lib";
    let is_file = !path.contains('/');
    is_file && (name.strip_suffix(".rs").is_some_and(is_program) || name == "answers.toml")
        || name == "skeletons"
}

const ONE: &str = "one submission";

pub fn divide(path: &Path, items: Vec<Item>) -> Result<(&'static str, Vec<Submission>), Error> {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut folder = stem(&full.file_name().unwrap_or_default().to_string_lossy());
    let mut top = String::new();
    while items.iter().all(|item| !is_own(item.path.strip_prefix(&top).unwrap_or_default())) {
        let Some(deeper) = shared_top(&items, &top) else { break };
        folder = deeper.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        top = deeper;
    }
    // A clone that is graded alone lies where clones lie.
    let above = full.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !top.is_empty()
        && let Some(slug) = above.strip_suffix("submissions").filter(|slug| slug.ends_with('-'))
        && let Some(own) = folder.strip_prefix(slug)
    {
        folder = own.to_owned();
    }
    let rest = |item: &Item| item.path.strip_prefix(&top).unwrap_or_default().to_owned();
    if items.iter().any(|item| is_own(&rest(item))) {
        let label = |path: &str| {
            let (id, name) = (folder.clone(), folder.clone());
            Some(Label { id, name, file: path.to_owned(), ..Label::default() })
        };
        return Ok((ONE, gathered(items.clone(), &top, &label)));
    }
    let of_archives = items.iter().map(rest).any(|path| !path.contains('/') && is_archive(&path));
    let loose: Vec<String> =
        items.iter().map(rest).filter(|path| !path.contains('/') && !is_archive(path)).collect();
    if let Some(first) = loose.first().filter(|_| loose.iter().any(|path| path.ends_with(".rs"))) {
        return Err(Error::Usage(format!(
            "{}: the names of its files do not say whose they are, such as {:?}. Say it with \
             --names, a regular expression: '^(?<id>[^_]+)_(?<file>.*)$'",
            escape::path(path),
            first
        )));
    }
    // gh classroom's SLUG-submissions/SLUG-USER.
    let slug = folder.strip_suffix("submissions").filter(|slug| slug.ends_with('-'));
    let label = |path: &str| {
        let (first, file) = match path.split_once('/') {
            Some((folder, file)) => (folder.to_owned(), file.to_owned()),
            None if is_archive(path) => (stem(path), path.to_owned()),
            None if of_archives && is_instead(path) => {
                let own = path.rsplit_once('.').map_or(path, |(own, _)| own);
                (own.to_owned(), path.to_owned())
            }
            None => return None, // a list or a note, which is nobody's
        };
        let own = slug.and_then(|slug| first.strip_prefix(slug)).unwrap_or(&first);
        let (id, name) = (own.to_owned(), own.to_owned());
        Some(Label { id, name, file, ..Label::default() })
    };
    let kind = match slug {
        Some(_) => "a directory of clones",
        None => "a folder or an archive for each",
    };
    Ok((kind, gathered(items.clone(), &top, &label)))
}

fn is_archive(path: &str) -> bool {
    const ENDS: [&str; 6] = [".zip", ".tar", ".tar.gz", ".tgz", ".rar", ".7z"];
    let name = path.to_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}

/// Among archives, a letter or a picture is what a student has handed in instead of one.
fn is_instead(path: &str) -> bool {
    const ENDS: [&str; 9] =
        [".pdf", ".docx", ".doc", ".odt", ".rtf", ".png", ".jpg", ".jpeg", ".heic"];
    let name = path.to_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}

/// A file's name without the ends that archives have.
fn stem(name: &str) -> String {
    let lower = name.to_lowercase();
    let end = [".tar.gz", ".tgz", ".zip", ".tar", ".rar", ".7z"]
        .iter()
        .find(|end| lower.ends_with(*end))
        .map_or(0, |end| end.len());
    let end = name.len().saturating_sub(end);
    name.get(..end).unwrap_or(name).to_owned()
}
