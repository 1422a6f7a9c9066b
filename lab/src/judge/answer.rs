//! The answers in tests/right and tests/wrong: gaps that are filled in another way than the solution's.

use std::collections::BTreeMap;
use std::fs;

use crate::error::Error;
use crate::text::escape;
use crate::tree::{Tree, source};

/// Which of several gaps of a wrong answer are the wrong ones, in a line of its own.
const WRONG_GAP: &str = "//! wrong gap: ";
/// Another gap whose mistake cannot be told from this one on the wire, and why: `GAP, WHY`.
const LOOKS_LIKE: &str = "//! looks like: ";

/// Wrong answers whose message still sends to another gap. This list only gets shorter.
pub const MISLED: [&str; 0] = [];

#[derive(Debug)]
pub struct Attempt {
    pub name: String,
    pub bodies: BTreeMap<String, String>,
    /// The gaps to which a message about this answer may send a student; the wrong one first.
    pub to_blame: Vec<String>,
}

/// The answers in tests/KIND/LAB/*.rs, by name.
pub fn all(tree: &Tree, lab: &str, kind: &str) -> Result<Vec<Attempt>, Error> {
    let directory = format!("tests/{kind}/{lab}");
    let entries = fs::read_dir(tree.path(&directory))
        .map_err(|error| Error::file(&tree.path(&directory), &error))?;
    let mut answers = Vec::new();
    for entry in entries.flatten() {
        let file = escape::path(entry.file_name());
        let Some(name) = file.strip_suffix(".rs") else { continue };
        let path = entry.path();
        let text = fs::read_to_string(&path).map_err(|error| Error::file(&path, &error))?;
        answers.push(parse(&format!("{directory}/{file}"), name, &text)?);
    }
    answers.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(answers)
}

fn parse(path: &str, name: &str, text: &str) -> Result<Attempt, Error> {
    let source = source::parse(path, text).map_err(|errors| {
        Error::Failed(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    let gaps: Vec<String> = source.gaps.iter().map(|gap| gap.name.clone()).collect();
    let said = |mark: &str| text.lines().find_map(|line| line.strip_prefix(mark));
    let mut to_blame = match said(WRONG_GAP) {
        Some(gaps) => gaps.split(',').map(|gap| gap.trim().to_owned()).collect(),
        None if gaps.len() == 1 || path.starts_with("tests/right/") => gaps,
        None => {
            return Err(Error::Failed(format!(
                "{path} fills gaps {}: say which is wrong in a line \"{WRONG_GAP}NAME\"",
                gaps.join(", ")
            )));
        }
    };
    if let Some(other) = said(LOOKS_LIKE) {
        let Some((gap, _why)) = other.split_once(", ") else {
            return Err(Error::Failed(format!("{path}: expected \"{LOOKS_LIKE}GAP, WHY\"")));
        };
        to_blame.push(gap.to_owned());
    }
    let bodies = source.gaps.into_iter().map(|gap| (gap.name, gap.body)).collect();
    Ok(Attempt { name: name.to_owned(), bodies, to_blame })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::labs::LABS;

    #[test]
    fn recorded_messages_send_to_the_gap_that_is_wrong() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let tree = Tree::at(root);
        let mut problems = Vec::new();
        for lab in
            LABS.iter().filter(|lab| tree.path(&format!("tests/wrong/{}", lab.name)).is_dir())
        {
            for answer in all(&tree, lab.name, "wrong").unwrap() {
                let name = format!("{}/{}", lab.name, answer.name);
                let recorded = tree.read(&format!("tests/wrong/{name}.txt")).unwrap();
                let look = recorded.lines().find(|line| line.trim_start().starts_with("look "));
                let look =
                    look.and_then(|line| line.split_once(", gap ")).map_or("", |(_, gap)| gap);
                let right = answer.to_blame.iter().any(|gap| gap == look);
                if right == MISLED.contains(&name.as_str()) {
                    problems.push(format!("{name}: look {look}, wrong {:?}", answer.to_blame));
                }
            }
        }
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    const ONE: &str = "// ==== fill in here: a ====\nx();\n// ==== end: a ====\n";

    #[test]
    fn one_gap_is_the_wrong_one_and_of_several_a_line_says_which() {
        let blamed = |text: &str| parse("tests/wrong/x/y.rs", "y", text).map(|y| y.to_blame);
        assert_eq!(blamed(ONE).unwrap(), ["a"]);
        let two = format!("{ONE}{}", ONE.replace(": a", ": b"));
        assert!(blamed(&two).is_err_and(|error| error.to_string().contains("say which is wrong")));
        assert_eq!(blamed(&format!("//! wrong gap: b\n{two}")).unwrap(), ["b"]);
        let like = format!("//! looks like: c, the wire is the same\n{ONE}");
        assert_eq!(blamed(&like).unwrap(), ["a", "c"]);
        assert!(blamed(&format!("//! looks like: c\n{ONE}")).is_err());
    }
}
