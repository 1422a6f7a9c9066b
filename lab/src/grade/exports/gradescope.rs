//! Gradescope's download: a folder per submission, and one file that says whose they are.

use std::collections::BTreeMap;

use crate::grade::archive::Item;
use crate::grade::exports::{Label, Submission, gathered};

const ABOUT: &str = "submission_metadata.yml";

pub fn is_about(path: &str) -> bool {
    path.rsplit('/').next() == Some(ABOUT)
}

/// What that file says of one submission.
#[derive(Debug, Default, PartialEq, Eq)]
struct Submitters {
    names: Vec<String>,
    time: String,
}

pub fn divide(items: &[Item], top: &str) -> Option<(&'static str, Vec<Submission>)> {
    let about = items.iter().find(|item| item.path == format!("{top}{ABOUT}"))?;
    let text = about.read(64 << 20).unwrap_or_default();
    let about = read(&String::from_utf8_lossy(&text));
    let label = |path: &str| -> Option<Label> {
        let (folder, file) = path.split_once('/')?;
        let id = folder.strip_prefix("submission_")?.to_owned();
        let said = about.get(folder);
        let name = said.map(|said| said.names.join(", ")).filter(|name| !name.is_empty());
        let time = said.map_or_else(String::new, |said| said.time.clone());
        let name = name.unwrap_or_else(|| folder.to_owned());
        Some(Label { id, name, time, file: file.to_owned(), ..Label::default() })
    };
    let mut found = gathered(items.to_vec(), top, &label);
    // Who has handed in an empty folder is in the file alone.
    for (folder, said) in &about {
        let id = folder.trim_start_matches("submission_");
        if found.iter().all(|submission| submission.id != id) {
            let (id, name, time) = (id.to_owned(), said.names.join(", "), said.time.clone());
            found.push(Submission { id, name, time, ..Submission::default() });
        }
    }
    Some(("Gradescope's download", found))
}

/// The few keys that matter, of a map from folders to records with Ruby's symbols for keys.
fn read(text: &str) -> BTreeMap<String, Submitters> {
    let mut found: BTreeMap<String, Submitters> = BTreeMap::new();
    let mut folder = String::new();
    let mut in_submitters = false;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim();
        if indent == 0 && line.starts_with("submission_") && line.contains(':') {
            folder = line.split(':').next().unwrap_or_default().to_owned();
            found.entry(folder.clone()).or_default();
            in_submitters = false;
            continue;
        }
        let Some(about) = found.get_mut(&folder) else { continue };
        let (key, value) = line.trim_start_matches("- ").split_once(": ").unwrap_or((line, ""));
        match key {
            ":submitters:" => in_submitters = true,
            ":name" if in_submitters => about.names.push(plain(value)),
            ":email" | ":sid" | ":name" => {}
            ":created_at" if indent <= 2 => {
                in_submitters = false;
                about.time = plain(value);
            }
            _ if indent <= 2 && !line.starts_with('-') => in_submitters = false,
            _ => {}
        }
    }
    found
}

/// A plain, or a quoted, value.
fn plain(value: &str) -> String {
    let value = value.trim();
    let inside = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    match (inside('\''), inside('"')) {
        (Some(text), _) => text.replace("''", "'"),
        (_, Some(text)) => serde_json::from_str(value).unwrap_or_else(|_| text.to_owned()),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_submitters_of_every_submission_are_found_and_nothing_of_its_history() {
        let text = "---\nsubmission_987654321:\n  :submitters:\n  - :name: Aoife O'Brien\n    :sid: '00123'\n    \
                    :email: a@example.com\n  :created_at: 2026-11-03 23:59:12.000000000 Z\n  :score: 1.0\n  \
                    :results:\n    tests:\n    - :name: no person\n  :history:\n  - :id: 5\n    :created_at: 2026-11-01\n\
                    submission_987654322:\n  :submitters:\n    - :name: 'D''Arcy'\n      :sid:\n    - :name: \"\\u0141\"\n\
                    submission_3:\nsubmission_4:\n  :submitters: []\n";
        let found = read(text);
        let of = |folder: &str| found[folder].names.clone();
        assert_eq!(of("submission_987654321"), ["Aoife O'Brien"]);
        assert!(found["submission_987654321"].time.starts_with("2026-11-03"));
        assert_eq!(of("submission_987654322"), ["D'Arcy", "Ł"]);
        assert!(of("submission_3").is_empty() && of("submission_4").is_empty());
    }
}
