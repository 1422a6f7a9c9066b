//! Parity: every line of a program's Python twin is quoted above the Rust that does it, in the twin's
//! order, or the handout says that Rust has the same words for it.

use std::collections::BTreeSet;
use std::fmt;

use similar::{Algorithm, DiffOp};

use crate::error::Error;
use crate::labs::{LABS, Lab};
use crate::tree::handout::Handout;
use crate::tree::{Tree, annotated, source};

/// The heading in a handout above the lines that need no quote.
pub const HEADING: &str = "Said in Rust in the same words";
/// At most a part of a twin stands in that list, or some lines of a small one.
const LISTED_PART: usize = 4;
const LISTED_AT_LEAST: usize = 6;

/// How much of a twin its program holds.
pub struct Parity {
    pub program: &'static str,
    pub quoted: usize,
    pub listed: usize,
    pub total: usize,
    /// What is not as it must be, each with what to do.
    pub problems: Vec<String>,
}

/// A line of a file, counted from 1, without its indentation.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CodeLine {
    number: usize,
    text: String,
}

pub fn of(tree: &Tree, lab: &'static Lab) -> Result<Parity, Error> {
    let twin = code(&tree.read(&twin_file(lab))?);
    let file = annotated(lab.name);
    let mut program = source::parse(&file, &tree.read(&file)?).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Error::Failed(lines.join("\n"))
    })?;
    for gap in &mut program.gaps {
        gap.body = blank(&gap.body); // not in a skeleton, so no quote stands in it
    }
    let comments = comments(&program.with_bodies(|gap| &gap.body));
    let listed = Handout::read(tree, lab.handout)?.first_cells(HEADING);
    let mut parity = compare(lab, &twin, &comments, &listed);
    parity.problems.extend(stale(tree, lab, &listed)?);
    Ok(parity)
}

fn twin_file(lab: &Lab) -> String {
    format!("tests/twins/{}.py", lab.name)
}

fn compare(
    lab: &'static Lab,
    twin: &[CodeLine],
    comments: &[CodeLine],
    listed: &BTreeSet<String>,
) -> Parity {
    let (program, file) = (annotated(lab.name), twin_file(lab));
    let wanted: Vec<&CodeLine> = twin.iter().filter(|line| !listed.contains(&line.text)).collect();
    let texts: Vec<&str> = wanted.iter().map(|line| line.text.as_str()).collect();
    let quotes: Vec<&str> = comments.iter().map(|line| line.text.as_str()).collect();
    let mut problems = Vec::new();
    let mut quoted = 0;
    for op in similar::capture_diff_slices(Algorithm::Lcs, &texts, &quotes) {
        if let DiffOp::Equal { len, .. } = op {
            quoted += len;
            continue;
        }
        problems.extend(wanted[op.old_range()].iter().map(|CodeLine { number, text }| {
            match quotes.contains(&text.as_str()) {
                true => format!(
                    "{file}:{number} is out of order in {program}: quote it between the lines that \
                     stand before and behind it in the twin: {text}"
                ),
                false => format!(
                    "{file}:{number} is nowhere in {program}: quote it in a comment above the Rust \
                     that does it, or list it in {}, section \"{HEADING}\": {text}",
                    lab.handout
                ),
            }
        }));
    }
    let known: BTreeSet<&str> = twin.iter().map(|line| line.text.as_str()).collect();
    let unknown = |line: &&CodeLine| looks_like_python(&line.text) && !known.contains(&*line.text);
    problems.extend(comments.iter().filter(unknown).map(|CodeLine { number, text }| {
        format!("{program}:{number} quotes a line that {file} does not have: {text}")
    }));
    let listed = twin.len() - wanted.len();
    if listed > LISTED_AT_LEAST.max(twin.len() / LISTED_PART) {
        problems.push(format!(
            "{}: section \"{HEADING}\" covers {listed} of the {} lines of {file}: quote more of them",
            lab.handout,
            twin.len()
        ));
    }
    Parity { program: lab.name, quoted, listed, total: twin.len(), problems }
}

/// Listed lines that no twin of the handout has.
fn stale(tree: &Tree, lab: &Lab, listed: &BTreeSet<String>) -> Result<Vec<String>, Error> {
    let mut known = BTreeSet::new();
    for other in LABS.iter().filter(|other| other.handout == lab.handout) {
        known.extend(code(&tree.read(&twin_file(other))?).into_iter().map(|line| line.text));
    }
    let problem = |text| format!("{}, \"{HEADING}\": no twin has the line {text}", lab.handout);
    Ok(listed.difference(&known).map(problem).collect())
}

impl fmt::Display for Parity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Parity { program, quoted, listed, total, .. } = self;
        let percent = 100 * (quoted + listed) / total.max(&1);
        write!(
            f,
            "{program:<16} {percent:>3} % of {total:>3} lines: {quoted} quoted, {listed} listed"
        )
    }
}

/// A twin's lines that do something: no blanks, comments, documentation, imports.
fn code(python: &str) -> Vec<CodeLine> {
    let mut lines = Vec::new();
    let mut open = None; // the quotes that end a text of several lines
    for (number, line) in (1..).zip(python.lines()) {
        let inside = open.is_some();
        let text = line[..without_comment(line, &mut open)].trim();
        let import = ["import ", "from "].iter().any(|word| text.starts_with(word));
        if !text.is_empty() && (inside || !import) {
            lines.push(CodeLine { number, text: text.to_owned() });
        }
    }
    lines
}

/// Where a line of Python ends that may have a comment behind it. `open` holds the three quotes of
/// a text that goes on in the next line.
fn without_comment(line: &str, open: &mut Option<&'static str>) -> usize {
    const QUOTES: [&str; 4] = ["\"\"\"", "'''", "\"", "'"];
    let mut at = 0;
    while let Some(next) = line[at..].chars().next() {
        let rest = &line[at..];
        match *open {
            Some(quote) if rest.starts_with(quote) => {
                *open = None;
                at += quote.len();
            }
            Some(_) if next == '\\' => at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            Some(_) => at += next.len_utf8(),
            None if next == '#' => return at,
            None => {
                *open = QUOTES.into_iter().find(|quote| rest.starts_with(quote));
                at += open.map_or(next.len_utf8(), str::len);
            }
        }
    }
    *open = open.filter(|quote| quote.len() == 3);
    at
}

/// The comments of a Rust program that have a line of their own, without those on items.
fn comments(rust: &str) -> Vec<CodeLine> {
    let lines = (1..).zip(rust.lines().map(str::trim));
    let comment = |(number, line): (usize, &str)| {
        let text = line.strip_prefix("//").filter(|text| !text.starts_with(['/', '!', '|']))?;
        Some(CodeLine { number, text: text.trim().to_owned() })
    };
    lines.filter_map(comment).collect()
}

/// As many empty lines, so that the lines behind keep their numbers.
fn blank(body: &str) -> String {
    "\n".repeat(body.lines().count())
}

/// Whether a comment is code rather than a sentence: a statement with a colon or of one word, a
/// call, an assignment.
fn looks_like_python(text: &str) -> bool {
    const HEADS: [&str; 10] =
        ["if", "elif", "while", "for", "with", "def", "class", "except", "else", "try"];
    let is_name = |text: &str| {
        let mut chars = text.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && chars.all(|c| c.is_ascii_alphanumeric() || "_.[]\"".contains(c))
    };
    if let Some(head) = text.strip_suffix(':') {
        return HEADS.contains(&head.split([' ', '(']).next().unwrap_or_default());
    }
    if ["break", "continue", "pass", "return"].contains(&text) {
        return true;
    }
    if text.ends_with(')') && text.split_once('(').is_some_and(|(name, _)| is_name(name)) {
        return true;
    }
    let (left, _) = text.split_once(" = ").or(text.split_once(" += ")).unwrap_or_default();
    left.split(", ").all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWIN: &str = "import sys\n\n\nname = 'a # b'  # a comment\nwhile True:\n    send(name)\n\
                        print(\"\"\" One\n  # two\"\"\")\nif name: break\n";

    /// Compares TWIN with a program, whose lines these are.
    fn problems(program: &str, listed: &[&str]) -> Vec<String> {
        let listed = listed.iter().map(|text| (*text).to_owned()).collect();
        compare(&LABS[0], &code(TWIN), &comments(program), &listed).problems
    }

    #[test]
    fn a_twin_s_code_is_its_lines_without_imports_and_comments() {
        let texts: Vec<String> = code(TWIN).into_iter().map(|line| line.text).collect();
        let expected = [
            "name = 'a # b'",
            "while True:",
            "send(name)",
            "print(\"\"\" One",
            "# two\"\"\")",
            "if name: break",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn every_line_is_quoted_in_order_or_listed() {
        let whole = "// name = 'a # b'\n//   send(name)\n/// send(x)\n// print(\"\"\" One\n\
                     // # two\"\"\")\n// And a sentence (this one).\n// if name: break\n";
        assert_eq!(problems(whole, &["while True:"]), [""; 0]);
        let nowhere = problems(whole, &[]);
        assert_eq!(nowhere.len(), 1, "{nowhere:?}");
        assert!(nowhere[0].starts_with("tests/twins/udpserver.py:5 is nowhere"), "{nowhere:?}");
        let turned = whole.replace("// name = 'a # b'\n", "") + "// name = 'a # b'\n";
        let turned = problems(&turned, &["while True:"]);
        assert_eq!(turned.len(), 1, "{turned:?}");
        assert!(turned[0].contains("py:4 is out of order"), "{turned:?}");
        let more = problems(&format!("{whole}// x = send(5)\n// receive(x)\n"), &["while True:"]);
        assert_eq!(more.len(), 2, "{more:?}");
        assert!(more[0].starts_with("src/bin/udpserver.rs:8 quotes a line"), "{more:?}");
    }

    #[test]
    fn the_list_is_short() {
        let texts: Vec<String> = (0..8).map(|number| format!("line({number})\n")).collect();
        let twin = code(&texts.concat());
        let listed = twin.iter().map(|line| line.text.clone()).collect();
        let parity = compare(&LABS[0], &twin, &[], &listed);
        assert_eq!(parity.problems.len(), 1, "{:?}", parity.problems);
    }
}
