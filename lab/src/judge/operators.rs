//! Mutants of a gap's body: mistakes made by rule, one in each. Working on tokens is enough: what does not
//! compile is dropped when the mutants are built.

use std::collections::BTreeMap;
use std::ops::Range;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A gap's body with one mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// Unique in its program, and the same as long as the gap is: what is recorded of a survivor.
    pub key: String,
    pub gap: String,
    pub body: String,
}

/// A piece of the body that is replaced.
struct Edit {
    what: &'static str,
    range: Range<usize>,
    new: String,
}

/// Calls that are taken for each other.
const CALLS: [(&str, &str); 30] = [
    ("all", "any"),
    ("any", "all"),
    ("connect_timeout", "connect"),
    ("contains", "starts_with"),
    ("contains_key", "is_empty"),
    ("ends_with", "starts_with"),
    ("find", "rfind"),
    ("first", "last"),
    ("from_millis", "from_secs"),
    ("from_secs", "from_millis"),
    ("insert", "remove"),
    ("ip", "port"),
    ("is_err", "is_ok"),
    ("is_none", "is_some"),
    ("is_ok", "is_err"),
    ("is_some", "is_none"),
    ("last", "first"),
    ("max", "min"),
    ("min", "max"),
    ("peer_addr", "local_addr"),
    ("local_addr", "peer_addr"),
    ("read", "peek"),
    ("recv_from", "peek_from"),
    ("send_to", "send"),
    ("set_read_timeout", "set_write_timeout"),
    ("split_once", "rsplit_once"),
    ("starts_with", "ends_with"),
    ("to_ascii_uppercase", "to_ascii_lowercase"),
    ("trim", "trim_end"),
    ("write_all", "write"),
];
const WORDS: [(&str, &str); 10] = [
    ("true", "false"),
    ("false", "true"),
    ("break", "continue"),
    ("continue", "break"),
    ("Write", "Both"),
    ("Both", "Write"),
    ("UNSPECIFIED", "LOCALHOST"),
    ("LOCALHOST", "UNSPECIFIED"),
    ("Local", "Utc"),
    ("SystemTime", "Instant"),
];
const OPERATORS: [(&str, &[&str]); 14] = [
    ("==", &["!="]),
    ("!=", &["=="]),
    ("<=", &["<", ">"]),
    (">=", &[">", "<"]),
    ("&&", &["||"]),
    ("||", &["&&"]),
    ("<", &["<=", ">"]),
    (">", &[">=", "<"]),
    ("+", &["-"]),
    ("-", &["+"]),
    ("*", &["+"]),
    ("/", &["*"]),
    ("..=", &[".."]),
    ("+=", &["="]),
];

/// All mutants of a gap's body, in its order.
pub fn mutants(gap: &str, body: &str) -> Result<Vec<Mutant>, String> {
    let tokens: TokenStream = body.parse().map_err(|error| format!("gap {gap}: {error}"))?;
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut finder = Finder { body, edits: Vec::new() };
    finder.block(&tokens);
    finder.run(&tokens);
    finder.edits.sort_by_key(|edit| edit.range.start); // stable: as they were found
    let mut bodies = vec![plain(body)];
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut mutants = Vec::new();
    for edit in finder.edits {
        let mut text = body.to_owned();
        text.replace_range(edit.range.clone(), &edit.new);
        if bodies.contains(&plain(&text)) {
            continue;
        }
        bodies.push(plain(&text));
        let key = key(gap, body, &edit);
        let time = times.entry(key.clone()).or_default();
        *time += 1;
        let key = if *time > 1 { format!("{key} ({time})") } else { key };
        mutants.push(Mutant { key, gap: gap.to_owned(), body: text });
    }
    Ok(mutants)
}

fn key(gap: &str, body: &str, edit: &Edit) -> String {
    let (old, new) = (plain(&body[edit.range.clone()]), plain(&edit.new));
    let start = body[..edit.range.start].rfind('\n').map_or(0, |end| end + 1);
    let line = body[start..].lines().next().unwrap_or_default().trim();
    let new = if new.is_empty() { "nothing" } else { &new };
    let place = if old == line { String::new() } else { format!(" in `{line}`") };
    format!("{gap}: {}: `{new}` for `{old}`{place}", edit.what)
}

/// Without what only the layout is.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_word(token: Option<&TokenTree>, wanted: &[&str]) -> bool {
    matches!(token, Some(TokenTree::Ident(word)) if wanted.iter().any(|text| word == text))
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

fn span(tokens: &[TokenTree]) -> Range<usize> {
    let start = tokens.first().map_or(0, |token| token.span().byte_range().start);
    start..tokens.last().map_or(0, |token| token.span().byte_range().end)
}

struct Finder<'b> {
    body: &'b str,
    edits: Vec<Edit>,
}

impl Finder<'_> {
    fn add(&mut self, what: &'static str, range: Range<usize>, new: impl Into<String>) {
        self.edits.push(Edit { what, range, new: new.into() });
    }

    fn text(&self, range: &Range<usize>) -> &str {
        &self.body[range.clone()]
    }

    /// Mistakes with whole statements.
    fn block(&mut self, tokens: &[TokenTree]) {
        let has_arms = tokens
            .windows(2)
            .any(|pair| is_punct(Some(&pair[0]), '=') && is_punct(Some(&pair[1]), '>'));
        if has_arms {
            return;
        }
        let statements = statements(tokens);
        for statement in &statements {
            let range = span(statement);
            self.add("statement deleted", range.clone(), "");
            let count = statement.len();
            let ends_in_try = count > 2 && is_punct(statement.get(count - 2), '?');
            if ends_in_try && !is_word(statement.first(), &["let", "return"]) {
                let call = span(&statement[..count - 2]);
                let ignored = format!("let _ = {};", self.text(&call));
                self.add("error ignored", range, ignored);
            }
        }
        for pair in statements.windows(2) {
            let (first, second) = (span(pair[0]), span(pair[1]));
            let new = format!("{} {}", self.text(&second), self.text(&first));
            self.add("statements swapped", first.start..second.end, new);
        }
    }

    /// Mistakes with single tokens, and with those in the groups among them.
    fn run(&mut self, tokens: &[TokenTree]) {
        for (index, token) in tokens.iter().enumerate() {
            let (before, rest) = (&tokens[..index], &tokens[index..]);
            match token {
                TokenTree::Literal(literal) => {
                    let range = literal.span().byte_range();
                    for (what, new) in literals(&literal.to_string()) {
                        self.add(what, range.clone(), new);
                    }
                }
                TokenTree::Ident(_) => self.word(before, rest),
                TokenTree::Punct(punct) => {
                    let joint = before.last().is_some_and(
                        |last| matches!(last, TokenTree::Punct(p) if p.spacing() == proc_macro2::Spacing::Joint),
                    );
                    if punct.as_char() == '.' && !joint {
                        self.call_left_out(rest);
                    }
                    if !joint {
                        self.operator(before, rest);
                    }
                }
                TokenTree::Group(group) => self.group(group),
            }
        }
    }

    fn word(&mut self, before: &[TokenTree], rest: &[TokenTree]) {
        let TokenTree::Ident(word) = &rest[0] else { return };
        let (word, range) = (word.to_string(), rest[0].span().byte_range());
        let is_call = is_group(rest.get(1), Delimiter::Parenthesis);
        if is_call && (is_punct(before.last(), '.') || is_punct(before.last(), ':')) {
            for (_, new) in CALLS.iter().filter(|(old, _)| *old == word) {
                self.add("another call", range.clone(), *new);
            }
        }
        if is_call && word == "Some" {
            self.add("nothing for something", span(&rest[..2]), "None");
        }
        for (_, new) in WORDS.iter().filter(|(old, _)| *old == word) {
            self.add("another word", range.clone(), *new);
        }
        if ["if", "while"].contains(&word.as_str()) {
            let condition = rest[1..].split(|token| is_group(Some(token), Delimiter::Brace)).next();
            if let Some(condition) = condition.filter(|tokens| !is_word(tokens.first(), &["let"])) {
                let range = span(condition);
                let new = format!("!({})", self.text(&range));
                self.add("condition turned", range, new);
            }
        }
    }

    /// `x.trim()` becomes `x`.
    fn call_left_out(&mut self, rest: &[TokenTree]) {
        if let [_, TokenTree::Ident(_), TokenTree::Group(group), ..] = rest
            && group.delimiter() == Delimiter::Parenthesis
        {
            let end = if is_punct(rest.get(3), '?') { 4 } else { 3 };
            self.add("call left out", span(&rest[..3]), "");
            self.add("call left out", span(&rest[..end]), "");
        }
    }

    fn operator(&mut self, before: &[TokenTree], rest: &[TokenTree]) {
        let puncts = rest.iter().map_while(|token| match token {
            TokenTree::Punct(punct) => Some(punct),
            _ => None,
        });
        let mut text = String::new();
        let mut count = 0;
        for punct in puncts {
            text.push(punct.as_char());
            count += 1;
            if punct.spacing() == proc_macro2::Spacing::Alone {
                break;
            }
        }
        let range = span(&rest[..count]);
        for new in OPERATORS.iter().filter(|(old, _)| *old == text).flat_map(|(_, new)| *new) {
            self.add("operator turned", range.clone(), *new);
        }
        if text.starts_with('?') {
            self.add("error ends the program", range.start..range.start + 1, ".unwrap()");
        }
        if text == "!"
            && !matches!(before.last(), Some(TokenTree::Ident(word)) if word != "if" && word != "while")
        {
            self.add("condition turned", range, "");
        }
    }

    fn group(&mut self, group: &Group) {
        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
        let range = group.span().byte_range();
        match group.delimiter() {
            Delimiter::Brace => self.block(&inside),
            Delimiter::Bracket => self.part(&inside),
            Delimiter::Parenthesis => self.arguments(&inside),
            Delimiter::None => {}
        }
        if group.delimiter() == Delimiter::Bracket
            && inside.iter().any(|token| is_punct(Some(token), '.'))
        {
            self.add("whole for part", range, "[..]");
        }
        self.run(&inside);
    }

    /// `[..length]` ends a byte too early, or begins a byte too late.
    fn part(&mut self, inside: &[TokenTree]) {
        let Some(at) = inside
            .windows(2)
            .position(|pair| is_punct(Some(&pair[0]), '.') && is_punct(Some(&pair[1]), '.'))
        else {
            return;
        };
        let (start, end) = (&inside[..at], &inside[at + 2..]);
        if let (Some(_), false) = (end.first(), is_punct(end.first(), '=')) {
            let end = span(end);
            self.add("part off by one", end.end..end.end, " - 1");
        }
        if start.is_empty() {
            let before = inside[at].span().byte_range().start;
            self.add("part off by one", before..before, "1");
        } else {
            let end = span(start).end;
            self.add("part off by one", end..end, " + 1");
        }
    }

    fn arguments(&mut self, inside: &[TokenTree]) {
        let arguments: Vec<&[TokenTree]> = inside
            .split(|token| is_punct(Some(token), ','))
            .filter(|tokens| !tokens.is_empty())
            .collect();
        for pair in arguments.windows(2) {
            let (first, second) = (span(pair[0]), span(pair[1]));
            let between = self.text(&(first.end..second.start));
            let new = format!("{}{between}{}", self.text(&second), self.text(&first));
            self.add("arguments swapped", first.start..second.end, new);
        }
    }
}

/// Cuts a block at its semicolons, and behind the blocks of `if`, `match` and loops.
fn statements(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    const BLOCKS: [&str; 6] = ["if", "match", "loop", "while", "for", "unsafe"];
    let mut statements = Vec::new();
    let mut start = 0;
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1);
        let ends_block = is_group(Some(token), Delimiter::Brace)
            && is_word(tokens.get(start), &BLOCKS)
            && !(is_word(next, &["else"])
                || is_punct(next, '.')
                || is_punct(next, '?')
                || is_punct(next, ';'));
        if is_punct(Some(token), ';') || ends_block {
            statements.push(&tokens[start..=index]);
            start = index + 1;
        }
    }
    if start < tokens.len() {
        statements.push(&tokens[start..]);
    }
    statements
}

/// Other literals that a literal is taken for.
fn literals(text: &str) -> Vec<(&'static str, String)> {
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'_').count();
    if digits > 0 && !text[digits..].starts_with(['x', '.', 'b', 'o']) {
        let suffix = &text[digits..];
        let Ok(number) = text[..digits].replace('_', "").parse::<u64>() else { return Vec::new() };
        let mut others = vec![number + 1, number.saturating_sub(1), 0, number.saturating_mul(10)];
        others.retain(|other| *other != number);
        others.dedup();
        return others
            .into_iter()
            .map(|other| ("another number", format!("{other}{suffix}")))
            .collect();
    }
    let prefix = if text.starts_with('b') { "b" } else { "" };
    let rest = &text[prefix.len()..];
    if let Some(inner) = rest.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        let other = if inner == " " { "-" } else { " " };
        return vec![("another character", format!("{prefix}'{other}'"))];
    }
    match rest.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => strings(inner)
            .into_iter()
            .map(|(what, new)| (what, format!("{prefix}\"{new}\"")))
            .collect(),
        None => Vec::new(),
    }
}

/// Other texts that a text is taken for, each as it is written in a source.
fn strings(text: &str) -> Vec<(&'static str, String)> {
    let mut others = vec![("text emptied", String::new())];
    let mut add = |what, new: String| others.push((what, new));
    if text.contains("\\r\\n") {
        add("LF for CR LF", text.replace("\\r\\n", "\\n"));
        add("CR LF left out", text.replacen("\\r\\n", "", 1));
        add("CR LF twice", text.replacen("\\r\\n", "\\r\\n\\r\\n", 1));
    } else if text.contains("\\n") {
        add("CR LF for LF", text.replace("\\n", "\\r\\n"));
        add("LF left out", text.replacen("\\n", "", 1));
        add("LF twice", text.replacen("\\n", "\\n\\n", 1));
    } else {
        add("LF added", format!("{text}\\n"));
    }
    // Letters in braces are names of variables, and those behind a backslash stand for something.
    let mut depth = 0;
    let mut last = ' ';
    for (at, next) in text.char_indices() {
        match next {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 0 && last != '\\' && next.is_ascii_alphabetic() => {
                let other = if next.is_ascii_uppercase() {
                    next.to_ascii_lowercase()
                } else {
                    next.to_ascii_uppercase()
                };
                add("capital turned", format!("{}{other}{}", &text[..at], &text[at + 1..]));
                add("letter left out", format!("{}{}", &text[..at], &text[at + 1..]));
                break;
            }
            _ => {}
        }
        last = next;
    }
    if let Some(at) = text.find(' ') {
        add("space left out", format!("{}{}", &text[..at], &text[at + 1..]));
        add("space twice", format!("{} {}", &text[..at], &text[at..]));
    }
    if let Some(at) = text.find([':', ';', ',', '<', '-']) {
        add("sign left out", format!("{}{}", &text[..at], &text[at + 1..]));
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(body: &str) -> Vec<String> {
        mutants("gap", body).unwrap().into_iter().map(|mutant| plain(&mutant.body)).collect()
    }

    #[track_caller]
    fn assert_made(body: &str, expected: &[&str]) {
        let made = bodies(body);
        for wanted in expected {
            assert!(made.iter().any(|body| body == wanted), "no {wanted} among {made:#?}");
        }
    }

    #[test]
    fn statements_are_deleted_swapped_and_their_errors_ignored() {
        assert_made(
            "a.send(b)?;\nif c { d(); }\nOk(())",
            &[
                "if c { d(); } Ok(())",
                "a.send(b)?; Ok(())",
                "let _ = a.send(b); if c { d(); } Ok(())",
                "a.send(b).unwrap(); if c { d(); } Ok(())",
                "if c { d(); } a.send(b)?; Ok(())",
                "a.send(b)?; if !(c) { d(); } Ok(())",
            ],
        );
    }

    #[test]
    fn numbers_texts_parts_and_arguments_are_changed() {
        assert_made(
            "send(&buffer[..length], 1, \"A b\\r\\n\")",
            &[
                "send(&buffer[..], 1, \"A b\\r\\n\")",
                "send(&buffer[..length - 1], 1, \"A b\\r\\n\")",
                "send(&buffer[1..length], 1, \"A b\\r\\n\")",
                "send(1, &buffer[..length], \"A b\\r\\n\")",
                "send(&buffer[..length], 2, \"A b\\r\\n\")",
                "send(&buffer[..length], 1, \"A b\\n\")",
                "send(&buffer[..length], 1, \"a b\\r\\n\")",
                "send(&buffer[..length], 1, \"Ab\\r\\n\")",
            ],
        );
    }

    #[test]
    fn each_mutant_is_another_body_with_a_key_of_its_own() {
        let body = "let x = a.trim() == b.trim() && !c;\nf(1, 1, x)";
        let made = mutants("gap", body).unwrap();
        let keys: std::collections::BTreeSet<&str> =
            made.iter().map(|mutant| mutant.key.as_str()).collect();
        assert_eq!(keys.len(), made.len());
        assert!(made.iter().all(|mutant| plain(&mutant.body) != plain(body)));
        assert_made(
            body,
            &[
                "let x = a == b.trim() && !c; f(1, 1, x)",
                "let x = a.trim() == b.trim() && c; f(1, 1, x)",
            ],
        );
    }
}
