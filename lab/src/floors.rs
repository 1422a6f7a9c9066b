//! The rules of the house, read from its own source: who may import whom, and how long things are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

/// From the ground up: a floor imports from itself and from those before it.
const FLOORS: [&str; 15] = [
    "text", "error", "tree", "os", "trial", "wire", "checks", "labs", "judge", "student", "grade",
    "packets", "extra", "cli", "main",
];
/// The root that holds the floors together, and this file.
const OUTSIDE: [&str; 2] = ["lib.rs", "floors.rs"];

const LINES_OF_A_FILE: usize = 600;
const LINES_OF_A_FUNCTION: usize = 60;

/// Files that are still to be split. The list only gets shorter.
const LONG_FILES: &[&str] = &[];
/// Functions that are still to be cut, as `FILE NAME`. The list only gets shorter.
const LONG_FUNCTIONS: &[&str] = &[];

/// Type names that still stand for several things. The list only gets shorter.
const SHARED_NAMES: &[&str] = &[];

/// A file of lab/src, by its path from there.
struct File {
    name: String,
    lines: usize,
    tokens: Vec<TokenTree>,
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let tokens: TokenStream = text.parse().unwrap();
        let tokens = tokens.into_iter().collect();
        File { name, lines: text.lines().count(), tokens }
    };
    paths.into_iter().map(read).collect()
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Calls `see` for every run of tokens in a file: the outermost one and that of each group.
fn every_run(tokens: &[TokenTree], see: &mut impl FnMut(&[TokenTree])) {
    see(tokens);
    for token in tokens {
        if let TokenTree::Group(group) = token {
            every_run(&inside(group), see);
        }
    }
}

fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

/// What stands behind `crate::` or behind a chain of `super::`: one name, or all those of a group.
fn imported(tokens: &[TokenTree]) -> Vec<(String, Span)> {
    match tokens.first() {
        Some(TokenTree::Ident(name)) => vec![(name.to_string(), name.span())],
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let tokens = inside(group);
            let parts = tokens.split(|token| is_punct(Some(token), ','));
            parts.flat_map(imported).collect()
        }
        _ => Vec::new(),
    }
}

/// The floors that a file names, and where: `crate::x`, `use crate::{x::y, z}`, and a chain of
/// `super::` that leads out of the file's floor.
fn arrows(file: &File) -> Vec<(String, Span)> {
    let depth = file.name.trim_end_matches("/mod.rs").split('/').count();
    let mut found = Vec::new();
    every_run(&file.tokens, &mut |tokens| {
        for start in 0..tokens.len() {
            let step = |at: usize, word: &str| {
                ident(tokens.get(at)).is_some_and(|name| name == word)
                    && is_punct(tokens.get(at + 1), ':')
                    && is_punct(tokens.get(at + 2), ':')
            };
            let begins = !(start >= 3 && step(start - 3, "super"));
            let supers =
                if begins { (0..).take_while(|n| step(start + 3 * n, "super")).count() } else { 0 };
            if step(start, "crate") {
                found.extend(imported(&tokens[start + 3..]));
            } else if supers >= depth && depth > 0 && supers > 1 {
                found.extend(imported(&tokens[start + 3 * supers..]));
            }
        }
    });
    found
}

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| *floor == name)
}

#[test]
fn no_floor_imports_from_one_above_it() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files().iter().filter(|file| !OUTSIDE.contains(&file.name.as_str())) {
        let own = file.name.split('/').next().unwrap().trim_end_matches(".rs");
        let Some(height) = floor(own) else {
            wrong.push(format!("{}: {own} is on no floor", file.name));
            continue;
        };
        for (name, span) in arrows(file) {
            seen += 1;
            if floor(&name).is_none_or(|other| other > height) {
                let line = span.start().line;
                wrong.push(format!("{}:{line}: {own} imports from {name}", file.name));
            }
        }
    }
    assert!(seen > 100, "only {seen} arrows found: does this test still read them?");
    assert!(wrong.is_empty(), "an arrow that runs up:\n{}", wrong.join("\n"));
}

#[test]
fn arrows_are_read_wherever_they_stand() {
    let text = "use crate::{a::{x, y}, b};\npub(crate) use crate::c;\n\
                fn f() { let s = \"crate::no\"; g!(crate::d::e(crate::f)); super::super::h::i() }";
    let tokens: TokenStream = text.parse().unwrap();
    let tokens = tokens.into_iter().collect();
    let file = File { name: "checks/web/site.rs".into(), lines: 3, tokens };
    let names: Vec<String> = arrows(&file).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b", "c", "d", "f"]);
    let file = File { name: "checks/web.rs".into(), ..file };
    assert!(arrows(&file).iter().any(|(name, _)| name == "h"), "two steps up from checks::web");
}

/// Who prints, and who writes out the name of a file: what they write has gone through `escape`.
const PRINTERS: [&str; 2] = ["text/say.rs", "text/escape.rs"];

/// Where some tokens print, or take a file's name for a text as it is.
fn unescaped(tokens: &[TokenTree]) -> Vec<usize> {
    const MACROS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];
    let mut lines = Vec::new();
    every_run(tokens, &mut |tokens| {
        for (at, token) in tokens.iter().enumerate() {
            let word = ident(Some(token)).unwrap_or_default();
            let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
            let prints = MACROS.contains(&word.as_str()) && is_punct(tokens.get(at + 1), '!');
            let names = word == "display" && is_punct(before(1), '.');
            let has_stream = ["stdout", "stderr"].contains(&word.as_str())
                && ident(before(3)).is_some_and(|name| name == "anstream");
            if prints || names || has_stream {
                lines.push(token.span().start().line);
            }
        }
    });
    lines
}

#[test]
fn nothing_is_printed_that_was_not_escaped() {
    let mut wrong = Vec::new();
    for file in files() {
        let lines = unescaped(&file.tokens);
        if PRINTERS.contains(&file.name.as_str()) {
            assert!(!lines.is_empty(), "{}: does this test still read it?", file.name);
        } else {
            wrong.extend(lines.iter().map(|line| format!("{}:{line}", file.name)));
        }
    }
    let wrong = wrong.join("\n");
    assert!(wrong.is_empty(), "use text::say and escape::path here:\n{wrong}");
}

/// Every function with a body: its name, the line of its `fn`, and that of its last brace.
fn functions(file: &File) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    every_run(&file.tokens, &mut |tokens| {
        for (at, token) in tokens.iter().enumerate() {
            let name = ident(tokens.get(at + 1));
            let (Some("fn"), Some(name)) = (ident(Some(token)).as_deref(), name) else { continue };
            let body = tokens[at..].iter().take_while(|token| !is_punct(Some(token), ';'));
            let body = body.into_iter().find_map(|token| match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
                _ => None,
            });
            if let Some(body) = body {
                found.push((name, token.span().start().line, body.span_close().end().line));
            }
        }
    });
    found
}

fn compare(what: &str, long: &BTreeMap<String, usize>, known: &[&str], most: usize) {
    let new = long.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    let new: Vec<String> = new.map(|(name, lines)| format!("{name}: {lines} lines")).collect();
    assert!(new.is_empty(), "{what} of more than {most} lines:\n{}", new.join("\n"));
}

#[test]
fn no_file_is_too_long() {
    let long = files().into_iter().filter(|file| file.lines > LINES_OF_A_FILE);
    let long = long.map(|file| (file.name, file.lines)).collect();
    compare("files", &long, LONG_FILES, LINES_OF_A_FILE);
}

#[test]
fn no_function_is_too_long() {
    let mut long = BTreeMap::new();
    let mut seen = 0;
    for file in files() {
        for (name, first, last) in functions(&file) {
            seen += 1;
            if last - first + 1 > LINES_OF_A_FUNCTION {
                long.insert(format!("{} {name}", file.name), last - first + 1);
            }
        }
    }
    assert!(seen > 800, "only {seen} functions found: does this test still read them?");
    compare("functions", &long, LONG_FUNCTIONS, LINES_OF_A_FUNCTION);
}

/// Calls `see` with the name of every type in some tokens. A type inside an `impl` or a `trait` is the
/// trait's, which has named it.
fn types(tokens: &[TokenTree], see: &mut impl FnMut(String)) {
    const KINDS: [&str; 5] = ["struct", "enum", "union", "trait", "type"];
    let mut item = String::new(); // the word that began what stands here
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                if let (true, Some(name)) =
                    (KINDS.contains(&word.as_str()), ident(tokens.get(at + 1)))
                {
                    see(name);
                }
                if item.is_empty() && ["fn", "impl", "mod", "trait"].contains(&word.as_str()) {
                    item = word;
                }
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inside = inside(group);
                match item.as_str() {
                    "impl" | "trait" => {
                        let bodies = inside.iter().filter_map(|token| match token {
                            TokenTree::Group(body) => Some(body),
                            _ => None,
                        });
                        bodies.for_each(|body| types(&self::inside(body), see));
                    }
                    _ => types(&inside, see),
                }
                item.clear();
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => item.clear(),
            _ => {}
        }
    }
}

#[test]
fn a_type_s_name_means_one_thing() {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files() {
        types(&file.tokens, &mut |name| named.entry(name).or_default().push(file.name.clone()));
    }
    assert!(named.len() > 100, "only {} types found: does this test still read them?", named.len());
    let twice = named
        .iter()
        .filter(|(name, files)| files.len() > 1 && !SHARED_NAMES.contains(&name.as_str()));
    let twice: Vec<String> =
        twice.map(|(name, files)| format!("{name}: {}", files.join(", "))).collect();
    assert!(twice.is_empty(), "one name, several types:\n{}", twice.join("\n"));
}
