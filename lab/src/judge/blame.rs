//! Which gap an error of the compiler comes from, and what to do there. A student changes gaps only,
//! so that an error outside them comes from a gap before it; the compiler does not know that.

use similar::{ChangeTag, TextDiff};

use crate::error::Error;
use crate::judge::build::Diagnosis;
use crate::judge::cure;
use crate::judge::report::Subject;
use crate::labs::Lab;
use crate::tree::products;
use crate::tree::source::{self, Gap, Source};
use crate::tree::{Set, Tree};

/// Says where an error comes from and what to do, and names the gap to look at.
pub fn blame(
    tree: &Tree,
    lab: &Lab,
    subject: &Subject,
    error: &Diagnosis,
) -> Result<(String, Option<String>), Error> {
    let file = &subject.name;
    let (Some(&line), Some(source)) = (error.lines.first(), subject.source) else {
        return Ok((format!("{file} does not compile. Mend it, then check again."), None));
    };
    let products = products::of(tree, lab.name)?;
    let skeleton = &products.skeleton;
    let case = Misfit { file, source, skeleton, error, line };
    if let Some((said, gap)) = case.at_a_gap() {
        return Ok((said, Some(gap.name.clone())));
    }
    // A change elsewhere is not to blame for what is wrong here.
    let unchanged = !changes_outside(tree, lab, source)?.contains(&line);
    if let Some((said, gap)) = case.after_a_gap().filter(|_| unchanged) {
        return Ok((said, Some(gap.name.clone())));
    }
    let remedy = match skeleton.is_given() {
        true => format!(". It is given complete: `make reset LAB={}`.", lab.name),
        false => {
            format!(", outside the gaps. `make diff LAB={}` shows what is changed there.", lab.name)
        }
    };
    Ok((format!("{file}:{line} does not compile{remedy}"), None))
}

/// The gap that has this line.
pub fn inside(source: &Source, line: usize) -> Option<&Gap> {
    source.gaps.iter().find(|gap| gap.lines().contains(&line))
}

/// Whether the function around a line gives a `Result`, so that `?` can hand an error to its caller.
pub fn gives_result(source: &Source, line: usize) -> bool {
    let mut before = source.lines_outside();
    before.retain(|(number, _)| *number < line);
    let is_head = |text: &str| text.trim_start().trim_start_matches("pub ").starts_with("fn ");
    let Some(head) = before.iter().rposition(|(_, text)| is_head(text)) else { return false };
    let mut signature = String::new();
    for (_, text) in &before[head..] {
        signature.push_str(text);
        if text.ends_with('{') {
            break;
        }
    }
    signature.rsplit_once("-> ").is_some_and(|(_, gives)| gives.contains("Result"))
}

/// The lines outside the gaps that are not as they were generated; for lines that are gone, the one
/// that now stands in their place.
pub fn changes_outside(tree: &Tree, lab: &Lab, source: &Source) -> Result<Vec<usize>, Error> {
    let pristine = products::text(lab.name, &products::of(tree, lab.name)?, Set::Skeletons);
    let pristine = source::parse("", &pristine).expect("generated from sound fences");
    let wanted: Vec<&str> = pristine.lines_outside().into_iter().map(|(_, line)| line).collect();
    let (numbers, there): (Vec<usize>, Vec<&str>) = source.lines_outside().into_iter().unzip();
    let diff = TextDiff::from_slices(&wanted, &there);
    let (mut next, mut changed) = (0, Vec::new());
    for change in diff.iter_all_changes() {
        if let (ChangeTag::Equal, Some(index)) = (change.tag(), change.new_index()) {
            next = index + 1;
            continue;
        }
        let index = change.new_index().unwrap_or(next);
        changed.push(numbers.get(index).or(numbers.last()).copied().unwrap_or(1));
        next = change.new_index().map_or(next, |index| index + 1);
    }
    changed.dedup();
    Ok(changed)
}

/// An error, and the file it is in.
struct Misfit<'a> {
    file: &'a str,
    source: &'a Source,
    skeleton: &'a Source,
    error: &'a Diagnosis,
    /// The line that the error is about.
    line: usize,
}

impl<'a> Misfit<'a> {
    /// What to say if the error shows a gap by itself.
    fn at_a_gap(&self) -> Option<(String, &'a Gap)> {
        let Misfit { file, line, .. } = self;
        if let Some((place, gap, what)) = self.open_end() {
            let said = format!(
                "{file} does not compile: {what} line {place}, in gap {}. Mend it, then check \
                 again.{}",
                gap.name,
                self.leave()
            );
            return Some((said, gap));
        }
        if let Some((place, gap)) = self.unended() {
            let said = format!(
                "{file} does not compile: a `;` is missing at the end of line {place}, in gap {}. \
                 Mend it, then check again.{}",
                gap.name,
                self.leave()
            );
            return Some((said, gap));
        }
        let needs_mut = self.error.proposals.iter().find(|(_, text)| text == "mut ");
        if let Some((place, _)) = needs_mut
            && let Some(gap) = inside(self.source, *place)
        {
            let said = format!(
                "{file}:{line} does not compile; the cure is in gap {} (line {place}): `let mut`.",
                gap.name
            );
            return Some((said, gap));
        }
        if let Some((said, gap)) = self.made_before() {
            return Some((said, gap));
        }
        if let Some(gap) = inside(self.source, *line) {
            let said = format!(
                "{file}:{line} does not compile, in gap {}.{} Mend it, then check again.{}",
                gap.name,
                self.cure(gap),
                self.leave()
            );
            return Some((said, gap));
        }
        let proposed = self.error.proposals.iter().map(|(line, _)| line);
        let mut places = proposed.chain(&self.error.lines);
        places.find_map(|place| {
            let gap = inside(self.source, *place)?;
            let said = format!(
                "{file}:{line} does not compile, because of line {place}, in gap {}. Mend that, \
                 then check again.{}",
                gap.name,
                self.leave()
            );
            Some((said, gap))
        })
    }

    /// What to say of an error that only comes to light after the gap it is made in.
    fn after_a_gap(&self) -> Option<(String, &'a Gap)> {
        let Misfit { file, line, .. } = self;
        let (gap, is_last) = self.culprit()?;
        let name = &gap.name;
        let must = match self.made(gap) {
            _ if is_last => format!(
                "Gap {name} gives what the function gives: its last line has no `;` and no `?`, or \
                 a `return` before it. Is that so?"
            ),
            Some(made) => format!("Gap {name} must make `{made}`{}", self.question(gap, &made)),
            None if !has_question_mark(gap) && gives_result(self.source, gap.line) => {
                format!("Look at gap {name}: is every bracket closed, does its call end in `?`?")
            }
            None => format!("Look at gap {name}: is every bracket closed?"),
        };
        let said = format!(
            "{file}:{line} does not fit what gap {name} (line {}) makes. {must}{}",
            gap.line,
            self.leave()
        );
        Some((said, gap))
    }

    /// The gap before the error that most likely makes it, and whether that gap is the last thing
    /// in the function whose head the error is about: then what stands last there does not fit it.
    fn culprit(&self) -> Option<(&'a Gap, bool)> {
        let outside = self.source.lines_outside();
        let text = outside.iter().find(|(number, _)| *number == self.line).map(|(_, text)| *text);
        let is_head = text.is_some_and(|text| text.contains("fn ") || text.contains("-> "));
        let end = outside.iter().find(|(number, text)| *number > self.line && *text == "}");
        let gaps = &self.source.gaps;
        let within = |end| gaps.iter().rfind(|gap| gap.line > self.line && gap.line < end);
        if let Some(gap) = end.filter(|_| is_head).and_then(|(end, _)| within(*end)) {
            return Some((gap, true));
        }
        let makes_one_of_its_names = |body: &str| {
            let (_, names) = body.split_once("let ").unwrap_or_default();
            let names = names.split([':', '=']).next().unwrap_or_default();
            let mut names = names.split(|c: char| !c.is_alphanumeric() && c != '_');
            names.any(|name| name.len() > 3 && text.is_some_and(|text| text.contains(name)))
        };
        // What the gap is to make, and what the student makes in it.
        let uses = |gap: &&&Gap| {
            let skeleton = self.skeleton.gap(&gap.name);
            skeleton.is_some_and(|gap| makes_one_of_its_names(&gap.body))
                || makes_one_of_its_names(&gap.body)
        };
        let before: Vec<&Gap> = gaps.iter().filter(|gap| gap.line < self.line).collect();
        before.iter().rev().find(uses).or(before.last()).map(|gap| (*gap, false))
    }

    /// A bracket or a quotation mark without its other half: the line, its gap, and what is wrong.
    /// The compiler notices it later, often outside the gap.
    fn open_end(&self) -> Option<(usize, &'a Gap, &'static str)> {
        for gap in &self.source.gaps {
            if let Some(index) = unclosed_quotation(&gap.body) {
                return Some((gap.line + 1 + index, gap, "a quotation mark is not closed at"));
            }
        }
        let said_at = |words: &str, what: &'static str| {
            let labels = self.error.labels.iter().filter(|(_, label)| label.starts_with(words));
            let mut found = labels
                .filter_map(|(line, _)| inside(self.source, *line).map(|gap| (*line, gap, what)));
            found.next()
        };
        let opened = "a bracket is not closed that was opened at";
        said_at("unclosed delimiter", opened)
            .or_else(|| said_at("this delimiter might not be properly closed", opened))
            .or_else(|| said_at("missing open", "there is a closing bracket too many at"))
            .or_else(|| said_at("...as it matches", "there is a closing bracket too many at"))
    }

    /// What a gap has to make, as in `length: usize`; `None` if nothing is kept of it.
    fn made(&self, gap: &Gap) -> Option<String> {
        let body = self.skeleton.gap(&gap.name)?.body.trim();
        let made = body.split_once(" = todo!")?.0.strip_prefix("let ")?;
        Some(made.strip_prefix("mut ").unwrap_or(made).to_owned())
    }

    /// What to say of a gap that has to make this and does not.
    fn question(&self, gap: &Gap, made: &str) -> &'static str {
        let wants_result = made.contains("Result<");
        if has_question_mark(gap) && wants_result {
            ": leave out the `?`, the lines below the gap look at the error."
        } else if !has_question_mark(gap) && !wants_result && gives_result(self.source, gap.line) {
            "; does its call end in `?`?"
        } else if made.starts_with('(') {
            "; are its names in this order?"
        } else {
            "; is that so?"
        }
    }

    /// A gap whose last line lacks the `;` that the skeleton has there, where the error is about that
    /// line or comes soon after it: the line, and its gap.
    fn unended(&self) -> Option<(usize, &'a Gap)> {
        const SOON: usize = 4;
        let gaps = self.source.gaps.iter();
        gaps.filter_map(|gap| {
            let (index, last) = last_line_of_code(&gap.body)?;
            let (_, wanted) = last_line_of_code(&self.skeleton.gap(&gap.name)?.body)?;
            let place = gap.line + 1 + index;
            let near = (place..gap.lines().end + SOON).contains(&self.line);
            let ended = last.ends_with([';', '}', '{', ',', '(', '[']);
            (near && wanted.ends_with(';') && !ended).then_some((place, gap))
        })
        .find(|_| self.error.message.starts_with("expected") || self.error.message.contains("`;`"))
    }

    /// What to do about an error in a gap that the compiler has no cure for, or a wrong one.
    fn cure(&self, gap: &Gap) -> String {
        if let Some(said) = self.address(gap) {
            return said;
        }
        if self.lacks_question_mark(gap) {
            return match gives_result(self.source, gap.line) {
                true => " The call gives a `Result`, and not yet what is in it: end it in `?`."
                    .to_owned(),
                false => {
                    " The call gives a `Result`: look with `match` or `let Ok(…) = … else` at \
                           what is in it."
                        .to_owned()
                }
            };
        }
        match self.question_mark(gap) {
            said if said.is_empty() => {
                cure::usual(self.error).map_or(said, |usual| format!(" {usual}"))
            }
            said => said,
        }
    }

    /// An error in a gap of which an earlier one is the cause: it does not make what it has to, or leaves it
    /// in its `Result`.
    fn made_before(&self) -> Option<(String, &'a Gap)> {
        inside(self.source, self.line)?;
        let unknown = cure::unknown_value(self.error);
        if unknown.is_none() && !cure::is_still_a_result(self.error) {
            return None;
        }
        let whole = self.source.with_bodies(|gap| &gap.body);
        let text = whole.lines().nth(self.line.checked_sub(1)?)?;
        let mut before = self.source.gaps.iter().rev().filter(|gap| gap.lines().end <= self.line);
        let (gap, made) = before.find_map(|gap| {
            let made = self.made(gap)?;
            let names = made.split(':').next().unwrap_or_default();
            let mut names = names.split(|c: char| !c.is_alphanumeric() && c != '_');
            let is_it = names.any(|name| match unknown {
                Some(unknown) => name == unknown,
                None => name.len() > 3 && text.contains(name),
            });
            is_it.then_some((gap, made))
        })?;
        let remedy = match unknown {
            Some(_) => "; is its name spelt so?".to_owned(),
            None if has_question_mark(gap) || made.contains("Result<") => return None,
            None => "; does its call end in `?`?".to_owned(),
        };
        let said = format!(
            "{}:{} does not compile, because of gap {} (line {}). It must make `{made}`{remedy}",
            self.file, self.line, gap.name, gap.line
        );
        Some((said, gap))
    }

    /// What to say where an address was given as two arguments and not as one. The compiler's help
    /// would take the port away.
    fn address(&self, gap: &Gap) -> Option<String> {
        const CALLS: [&str; 3] = ["bind", "connect", "send_to"];
        if !self.error.message.contains("supplied") {
            return None;
        }
        let (_, given) = self.error.message.split_once(" but ")?;
        let mut counts = self.error.message.split(' ').filter_map(|word| word.parse::<u32>().ok());
        let (wanted, given) = (counts.next()?, counts.next().filter(|_| !given.is_empty())?);
        let lines = gap.body.lines();
        let call = lines
            .flat_map(|line| CALLS.iter().filter(move |call| line.contains(&format!("{call}("))))
            .next()?;
        let before = if *call == "send_to" { "bytes, " } else { "" };
        (given == wanted + 1).then(|| {
            format!(
                " An address is one argument, a pair: `{call}({before}(name, port))`. Do not take \
                 the port away."
            )
        })
    }

    /// Whether a pair is taken out of what is still a `Result`.
    fn lacks_question_mark(&self, gap: &Gap) -> bool {
        let labels = self.error.labels.iter().map(|(_, label)| label.as_str());
        let said = labels.chain([self.error.message.as_str(), self.error.text.as_str()]);
        let mut taken_out =
            said.filter(|said| said.contains("`Result<") && said.contains("`(_, _)`"));
        let wants_result = self.made(gap).is_some_and(|made| made.contains("Result<"));
        taken_out.next().is_some() && !wants_result && !has_question_mark(gap)
    }

    /// What to do about a `?` that has no place in a gap.
    fn question_mark(&self, gap: &Gap) -> String {
        let said = &self.error.message;
        if said.starts_with("the `?` operator can only be applied to") {
            return " What stands before the `?` is no `Result`: leave out the `?`.".to_owned();
        }
        if !said.starts_with("the `?` operator can only be used in") {
            return String::new();
        }
        match self.made(gap) {
            Some(made) if made.contains("Result<") => {
                format!(" Gap {} makes `{made}`{}", gap.name, self.question(gap, &made))
            }
            Some(_) => " The function around it gives no `Result`: leave out the `?`, and do here \
                        what is to be done about an error."
                .to_owned(),
            None => {
                " The function around it gives no `Result`: leave out the `?`. If nothing is to \
                     be done about an error, begin the line with `let _ = `."
                    .to_owned()
            }
        }
    }

    /// A warning of the lines outside the gaps that the error, or the compiler's help, is about.
    fn leave(&self) -> String {
        let proposals = self.error.proposals.iter().map(|(line, _)| *line);
        let mut lines: Vec<usize> = proposals.chain([self.line]).collect();
        lines.retain(|line| inside(self.source, *line).is_none());
        lines.sort_unstable();
        lines.dedup();
        match lines.as_slice() {
            [] => String::new(),
            [line] => format!(" Leave line {line} as it is."),
            [first, .., last] => format!(" Leave lines {first} to {last} as they are."),
        }
    }
}

/// The last line of a body that is more than a comment: its number from 0, and what it says.
fn last_line_of_code(body: &str) -> Option<(usize, &str)> {
    let code = |line: &'_ str| -> usize { line.find("//").unwrap_or(line.len()) };
    let lines = body.lines().enumerate().map(|(index, line)| (index, line[..code(line)].trim()));
    lines.filter(|(_, line)| !line.is_empty()).last()
}

fn has_question_mark(gap: &Gap) -> bool {
    gap.body.lines().any(|line| line.split("//").next().unwrap_or_default().contains('?'))
}

/// The line of a gap's body, from 0, with a quotation mark that no other one closes.
fn unclosed_quotation(body: &str) -> Option<usize> {
    let mut opened = None;
    for (index, line) in body.lines().enumerate() {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let skipped = match (c, opened) {
                ('\\', Some(_)) => 2,
                ('"', Some(_)) => {
                    opened = None;
                    1
                }
                ('"', None) => {
                    opened = Some(index);
                    1
                }
                ('/', None) if rest.starts_with("//") => break,
                ('\'', None) if rest.starts_with("'\"'") => 3,
                ('\'', None) if rest.starts_with("'\\") => 3,
                _ => 1,
            };
            rest = rest.char_indices().nth(skipped).map_or("", |(at, _)| &rest[at..]);
        }
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_quotation_mark_without_another_is_unclosed() {
        for closed in
            ["a(\"b\");\n", "\"b \\\" c\"", "b'\"'", "'\\\"'", "// \"", "\"a\nb\"", "\"//\""]
        {
            assert_eq!(unclosed_quotation(closed), None, "{closed}");
        }
        assert_eq!(unclosed_quotation("a();\nb(\"c);\n"), Some(1));
        assert_eq!(unclosed_quotation("\"é\\é\" \"d"), Some(0));
    }
}
