//! The fences: where a lab program has its gaps.
//!
//! A gap in `src/bin/NAME.rs` holds both products, the skeleton's lines behind `//|`:
//!
//! ```text
//! // ==== fill in here: accept ====
//! //| let (socket, address): (TcpStream, SocketAddr) = todo!("accept");
//! let (socket, address) = server_socket.accept()?;
//! // ==== end: accept ====
//! ```
//!
//! Skeletons, solutions and students' files have the same fences with one product between them.

use std::fmt;
use std::ops::Range;

const MARK: &str = "====";
const OPEN: &str = "// ==== fill in here: ";
const CLOSE: &str = "// ==== end: ";
const SKELETON: &str = "//|";

/// A program's text, cut at its fences.
#[derive(Debug)]
pub struct Source {
    pub gaps: Vec<Gap>,
    /// The text before each gap, and after the last; fences are part of it.
    between: Vec<String>,
}

/// What stands between two fences.
#[derive(Debug)]
pub struct Gap {
    pub name: String,
    /// The line of the opening fence, counted from 1.
    pub line: usize,
    pub body: String,
}

impl Gap {
    /// The lines between its fences, counted from 1.
    pub fn lines(&self) -> Range<usize> {
        self.line + 1..self.line + 1 + self.body.lines().count()
    }

    /// Whether the gap still holds the skeleton's `todo!`.
    pub fn is_open(&self) -> bool {
        without_comments(&self.body).contains(&format!("todo!(\"{}\")", self.name))
    }
}

/// Rust without its comments. What looks like one in a string is none.
fn without_comments(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else {
            let token = if first == '"' { string(rest) } else { character(rest, first) };
            code.push_str(&rest[..token]);
            token
        };
        rest = &rest[length..];
    }
    code
}

/// How long a comment at the beginning is, with those inside it.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        match () {
            () if text[at..].starts_with("/*") => (depth, at) = (depth + 1, at + 2),
            () if text[at..].starts_with("*/") && depth == 1 => return at + 2,
            () if text[at..].starts_with("*/") => (depth, at) = (depth - 1, at + 2),
            () => at += c.len_utf8(),
        }
    }
    text.len()
}

/// How long a string at the beginning is.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long a character at the beginning is, or a quoted quote.
fn character(text: &str, first: char) -> usize {
    let quotes = ["'\"'", "'\\\"'"];
    quotes.into_iter().find(|it| text.starts_with(it)).map_or(first.len_utf8(), str::len)
}

/// A fence that is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct FenceError {
    pub file: String,
    pub line: usize,
    pub problem: String,
}

impl fmt::Display for FenceError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.problem)
    }
}

/// Cuts a text at its fences. `file` names it in the errors, all of which are returned.
pub fn parse(file: &str, text: &str) -> Result<Source, Vec<FenceError>> {
    let (source, errors) = cut(file, text);
    if errors.is_empty() { Ok(source) } else { Err(errors) }
}

/// The same of a text whose fences may be broken: the gaps that have both of theirs, and what is wrong
/// with the others.
pub fn cut(file: &str, text: &str) -> (Source, Vec<FenceError>) {
    let mut source = Source { gaps: Vec::new(), between: vec![String::new()] };
    let mut open: Option<Gap> = None;
    let mut errors = Vec::new();
    // Some editors put a byte order mark in front; the compiler passes over it, too.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (line, content) in (1..).zip(text.lines()) {
        let mut wrong =
            |problem: String| errors.push(FenceError { file: file.to_owned(), line, problem });
        match fence(content) {
            Fence::None => match &mut open {
                Some(gap) => push_line(&mut gap.body, content),
                None => push_line(source.between.last_mut().expect("never empty"), content),
            },
            Fence::Open(name) => {
                if let Some(gap) = open.take() {
                    let next = format!(", and before gap {name}, which begins at line {line}");
                    errors.push(without_end(file, &gap, &next));
                } else if let Some(first) = source.gaps.iter().find(|gap| gap.name == name) {
                    wrong(format!(
                        "a second gap {name}; the first is at line {}: each needs its own name",
                        first.line
                    ));
                }
                push_line(source.between.last_mut().expect("never empty"), content);
                open = Some(Gap { name: name.to_owned(), line, body: String::new() });
            }
            Fence::Close(name) => {
                match open.take() {
                    Some(gap) if gap.name == name => source.gaps.push(gap),
                    Some(gap) => {
                        wrong(format!("this ends gap {name}, but gap {} is open", gap.name))
                    }
                    None => wrong(format!("this ends gap {name}, which has not begun")),
                }
                source.between.push(format!("{content}\n"));
            }
            Fence::Misspelled => wrong(format!(
                "not a fence: expected \"{OPEN}NAME {MARK}\" or \"{CLOSE}NAME {MARK}\", \
                 NAME in small letters, digits and dashes"
            )),
        }
    }
    if let Some(gap) = open {
        errors.push(without_end(file, &gap, ""));
    }
    (source, errors)
}

/// The error of a gap that does not end, at the first line of what stands in it.
fn without_end(file: &str, gap: &Gap, next: &str) -> FenceError {
    let problem = format!(
        "the line \"{CLOSE}{} {MARK}\" is missing; it belongs below your lines, which begin \
         here{next}",
        gap.name
    );
    FenceError { file: file.to_owned(), line: gap.line + 1, problem }
}

enum Fence<'a> {
    None,
    Open(&'a str),
    Close(&'a str),
    Misspelled,
}

fn fence(line: &str) -> Fence<'_> {
    let line = line.trim();
    if !line.contains(MARK) {
        return Fence::None;
    }
    let named = |prefix| {
        let name = line.strip_prefix(prefix)?.strip_suffix(MARK)?.strip_suffix(' ')?;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (!name.is_empty() && name.chars().all(fits)).then_some(name)
    };
    match (named(OPEN), named(CLOSE)) {
        (Some(name), _) => Fence::Open(name),
        (_, Some(name)) => Fence::Close(name),
        _ => Fence::Misspelled,
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

impl Source {
    /// The whole text again, with a body of the caller's choice in every gap.
    pub fn with_bodies<'a>(&'a self, body: impl Fn(&'a Gap) -> &'a str) -> String {
        let mut text = self.between[0].clone();
        for (gap, after) in self.gaps.iter().zip(&self.between[1..]) {
            text.push_str(body(gap));
            text.push_str(after);
        }
        text
    }

    /// The text outside the gaps, piece by piece: what a student leaves alone.
    pub fn outside(&self) -> &[String] {
        &self.between
    }

    /// The lines outside the gaps, with their numbers from 1.
    pub fn lines_outside(&self) -> Vec<(usize, &str)> {
        let mut lines = Vec::new();
        let mut next = 1;
        for (index, text) in self.between.iter().enumerate() {
            lines.extend((next..).zip(text.lines()));
            next += text.lines().count();
            next += self.gaps.get(index).map_or(0, |gap| gap.body.lines().count());
        }
        lines
    }

    pub fn gap(&self, name: &str) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.name == name)
    }

    /// The first gap that is still open, with its place in the program's order, from 1.
    pub fn first_open(&self) -> Option<(usize, &Gap)> {
        (1..).zip(&self.gaps).find(|(_, gap)| gap.is_open())
    }

    /// Whether a program has no gaps: it is given to students as it is. To be asked of what was
    /// generated; a student's file may have lost its fences.
    pub fn is_given(&self) -> bool {
        self.gaps.is_empty()
    }

    pub fn open_gaps(&self) -> usize {
        self.gaps.iter().filter(|gap| gap.is_open()).count()
    }
}

/// An annotated program cut into its two products.
pub struct Products {
    pub skeleton: Source,
    pub solution: Source,
}

/// Parses `src/bin/NAME.rs`; besides the fences, every gap must hold both products.
pub fn parse_annotated(file: &str, text: &str) -> Result<Products, Vec<FenceError>> {
    let (skeleton, solution) = (parse(file, text)?, parse(file, text)?);
    let mut products = Products { skeleton, solution };
    let mut errors = Vec::new();
    let mut wrong =
        |line, problem| errors.push(FenceError { file: file.to_owned(), line, problem });
    let gaps: Vec<_> = products.skeleton.gaps.iter().map(Gap::lines).collect();
    for (line, content) in (1..).zip(text.lines()) {
        let in_a_gap = || gaps.iter().any(|gap| gap.contains(&line));
        if content.trim_start().starts_with(SKELETON) && !in_a_gap() {
            wrong(line, format!("a line \"{SKELETON}\" outside every gap"));
        }
    }
    for (skeleton, solution) in products.skeleton.gaps.iter_mut().zip(&mut products.solution.gaps) {
        let both = std::mem::take(&mut skeleton.body);
        solution.body.clear();
        for line in both.lines() {
            match line.trim_start().starts_with(SKELETON) {
                true => push_line(&mut skeleton.body, &uncover(line)),
                false => push_line(&mut solution.body, line),
            }
        }
        let Gap { name, line, .. } = &*skeleton;
        if solution.body.trim().is_empty() {
            wrong(*line, format!("gap {name} has no code of its own"));
        }
        if !skeleton.is_open() {
            wrong(*line, format!("gap {name} needs a line \"{SKELETON} … todo!(\"{name}\") …\""));
        }
    }
    if errors.is_empty() { Ok(products) } else { Err(errors) }
}

/// `    //| code` → `    code`.
fn uncover(line: &str) -> String {
    let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
    let rest = &rest[SKELETON.len()..];
    format!("{indent}{}", rest.strip_prefix(' ').unwrap_or(rest)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_todo_in_a_comment_leaves_no_gap_open() {
        let open = |body: &str| Gap { name: "bind".into(), line: 1, body: body.into() }.is_open();
        assert!(open("let x: u8 = todo!(\"bind\");\n"));
        assert!(open("let s = \"// no comment\"; todo!(\"bind\")"));
        assert!(open("let quote = '\"'; /* one */ todo!(\"bind\")"));
        assert!(!open("let x = f()?; // was: todo!(\"bind\")\n"));
        assert!(!open("/* let x: u8 = /* so */ todo!(\"bind\"); */\nlet x = f()?;\n"));
        assert!(!open("    // todo!(\"bind\")\nf();"));
    }
}
