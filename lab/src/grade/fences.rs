//! Fences that a student's editor, or the student, has changed: written in another way, or gone. What can
//! be told from the lines around them is put back, and said.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::grade::find::Form;
use crate::tree::source::{self, Source};

/// A text with the fences that it was handed out with, as far as they can be told.
pub struct Mended {
    pub text: String,
    pub notes: Vec<String>,
}

/// Writes fences as they were handed out, where they are only written in another way.
pub fn rewritten(text: &str) -> String {
    static FENCE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?im-u)^(?<indent>[ \t]*)/+[/! \t]*=*[ \t]*(?<kind>fill[ \t]+in[ \t]+here|end)[ \t]*:[ \t]*(?<name>[a-z0-9-]+)[ \t]*=*[ \t]*$",
        )
        .expect("it is right as it stands")
    });
    let fence = |found: &Captures| {
        if !found[0].contains("==") {
            return found[0].to_owned(); // a comment like any other
        }
        let kind = if found["kind"].eq_ignore_ascii_case("end") { "end" } else { "fill in here" };
        format!("{}// ==== {kind}: {} ====", &found["indent"], found["name"].to_lowercase())
    };
    FENCE.replace_all(text, fence).into_owned()
}

/// Puts fences back that are gone, where the given lines before and behind a gap are there, and there
/// once.
pub fn mend(form: &Form, text: &str) -> Mended {
    let mut mended = Mended { text: text.to_owned(), notes: Vec::new() };
    for (index, gap) in form.skeleton.gaps.iter().enumerate() {
        let (source, _) = source::cut("", &mended.text);
        if source.gap(&gap.name).is_some() {
            continue;
        }
        if let Some(with) = put_back(&form.skeleton, index, &mended.text) {
            mended.text = with;
            mended.notes.push(format!(
                "the fences of gap {} are broken: what stands between the given lines around it counts",
                gap.name
            ));
        }
    }
    mended
}

/// So many given lines on each side tell where a gap is.
const AROUND: usize = 3;

fn put_back(skeleton: &Source, index: usize, text: &str) -> Option<String> {
    let outside = skeleton.outside();
    let said = |line: &&str| !line.trim().is_empty();
    let (opening, before) = {
        let mut lines: Vec<&str> = outside.get(index)?.lines().filter(said).collect();
        let opening = lines.pop()?;
        let begin = lines.len().saturating_sub(AROUND);
        (opening, lines.split_off(begin))
    };
    let mut behind = outside.get(index + 1)?.lines().filter(said);
    let closing = behind.next()?;
    let behind: Vec<&str> = behind.take(AROUND).collect();
    // One of the two may be there still.
    let is_own = |line: &&str| line.trim() == opening.trim() || line.trim() == closing.trim();
    let lines: Vec<&str> = text.lines().filter(|line| !is_own(line)).collect();
    let first = only(ends(&lines, &before))?;
    let last = only(begins(&lines, &behind).into_iter().filter(|at| *at >= first).collect())?;
    let body = lines.get(first..last)?;
    if body.iter().any(|line| line.contains("====")) {
        return None; // another gap's
    }
    let mut all: Vec<&str> = lines.get(..first)?.to_vec();
    all.push(opening);
    all.extend(body);
    all.push(closing);
    all.extend(lines.get(last..)?);
    Some(all.join("\n") + "\n")
}

fn only(places: Vec<usize>) -> Option<usize> {
    match places.as_slice() {
        [place] => Some(*place),
        _ => None,
    }
}

/// Where these lines begin; blank lines between them do not matter.
fn begins(lines: &[&str], wanted: &[&str]) -> Vec<usize> {
    let fits = |at: &usize| end_of(lines, *at, wanted).is_some();
    let begins =
        (0..lines.len()).filter(|at| lines.get(*at).is_some_and(|it| !it.trim().is_empty()));
    begins.filter(fits).collect()
}

/// The lines behind which these end.
fn ends(lines: &[&str], wanted: &[&str]) -> Vec<usize> {
    let begins = begins(lines, wanted).into_iter();
    begins.filter_map(|at| end_of(lines, at, wanted)).collect()
}

fn end_of(lines: &[&str], begin: usize, wanted: &[&str]) -> Option<usize> {
    let mut wanted = wanted.iter();
    let mut next = wanted.next()?;
    for (at, line) in lines.iter().enumerate().skip(begin) {
        if line.trim().is_empty() {
            continue;
        }
        if line.trim() != next.trim() {
            return None;
        }
        match wanted.next() {
            Some(line) => next = line,
            None => return Some(at + 1),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::LABS;
    use crate::tree::Tree;

    #[test]
    fn a_fence_in_other_letters_is_the_same_fence() {
        for line in [
            "//==== fill in here: two-3 ====",
            "  // === Fill in here:two-3 ===  ",
            "\t/// ==== FILL IN HERE : two-3",
            "// fill in here: two-3 ====",
        ] {
            let there = rewritten(line);
            assert_eq!(there.trim(), "// ==== fill in here: two-3 ====", "{line}");
        }
        assert_eq!(rewritten("//==end:a==\n"), "// ==== end: a ====\n");
        let other =
            "// the end: of it\n// end: loop\nlet end = 1; // end: x\n// ==== end: a ====\n";
        assert_eq!(rewritten(other), other);
    }

    #[test]
    fn gaps_without_fences_are_found_by_the_lines_around_them() {
        let tree = Tree::at(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
        let labs: Vec<_> = LABS.iter().collect();
        let (mut found, mut all) = (0, 0);
        for form in Form::of(&tree, &labs).unwrap() {
            let solution = tree.read(&format!("solutions/{}.rs", form.lab.name)).unwrap();
            let (whole, _) = source::cut("", &solution);
            for gap in &whole.gaps {
                let fences =
                    ["fill in here", "end"].map(|it| format!("// ==== {it}: {} ====", gap.name));
                let cases = [&fences[..1], &fences[1..], &fences[..]];
                for gone in cases {
                    let is_gone = |line: &&str| !gone.iter().any(|fence| line.trim() == fence);
                    let text: String =
                        solution.lines().filter(is_gone).map(|line| format!("{line}\n")).collect();
                    let mended = mend(&form, &text);
                    let (there, _) = source::cut("", &mended.text);
                    all += 1;
                    if let Some(there) = there.gap(&gap.name) {
                        assert_eq!(there.body, gap.body, "{} {}", form.lab.name, gap.name);
                        found += 1;
                    }
                    for other in whole.gaps.iter().filter(|other| other.name != gap.name) {
                        let body = there.gap(&other.name).map(|it| &it.body);
                        assert_eq!(body, Some(&other.body), "{} {}", form.lab.name, other.name);
                    }
                }
            }
        }
        assert!(found * 10 >= all * 8, "only {found} of {all}");
    }
}
