//! What a student wrote, in the program as it was handed out: gap bodies are lifted, all else is not
//! his to change.

use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};
use serde::{Deserialize, Serialize};
use similar::TextDiff;

use crate::grade::fences;
use crate::grade::find::Form;
use crate::tree::source::{self, FenceError, Gap};

/// A gap's body is not longer than this.
const LONGEST: usize = 256 << 10;

/// A program made of the skeleton and a student's gap bodies.
pub struct Lifted {
    pub text: String,
    pub gaps: Vec<Lift>,
    /// Why it cannot be compiled as it was handed in, if a gap is not whole by itself.
    pub refused: Option<String>,
    /// What the student changed outside the gaps, as a diff.
    pub outside: Option<String>,
    pub notes: Vec<String>,
}

impl Lifted {
    /// Whether nothing is known of any gap: there is nothing to grade, which is not the same as wrong.
    pub fn is_lost(&self) -> bool {
        self.gaps.iter().all(|gap| gap.state == LiftState::Gone)
    }
}

/// What was found of one gap.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Lift {
    pub name: String,
    pub state: LiftState,
    /// What the student wrote; empty where nothing was found.
    pub body: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiftState {
    Filled,
    Open,
    /// Its fences are broken or gone, and what is in it is not known.
    Gone,
    /// It cannot be cut out: it ends something that it has not begun, or the other way round.
    NotWhole,
}

/// Lifts the gap bodies of a text into the program that it is.
pub fn lift(form: &Form, file: &str, text: &str) -> Lifted {
    let (_, errors) = source::cut(file, text);
    let mut notes: Vec<String> = errors.iter().map(FenceError::to_string).collect();
    let mended = fences::mend(form, text);
    notes.extend(mended.notes);
    let text = mended.text.as_str();
    let (source, _) = source::cut(file, text);
    let (mut gaps, mut refused) = (Vec::new(), None);
    for given in &form.skeleton.gaps {
        let found = source.gap(&given.name);
        let (state, body) = match found {
            None => (LiftState::Gone, ""),
            Some(gap) => match whole(&gap.body) {
                Err(why) => {
                    refused.get_or_insert(format!("gap {}: {why}", gap.name));
                    (LiftState::NotWhole, gap.body.as_str())
                }
                Ok(_) if gap.is_open() || is_empty(&gap.body) => {
                    (LiftState::Open, gap.body.as_str())
                }
                Ok(tokens) => {
                    notes.extend(remarkable(&tokens, gap));
                    (LiftState::Filled, gap.body.as_str())
                }
            },
        };
        if state == LiftState::Gone {
            notes.push(format!("the fences of gap {} are gone: it counts as open", given.name));
        }
        gaps.push(Lift { name: given.name.clone(), state, body: body.to_owned() });
    }
    let lifted = form.skeleton.with_bodies(|gap| {
        let lifted = gaps.iter().find(|lifted| lifted.name == gap.name);
        let is_whole = |lifted: &&Lift| {
            let cut_out = matches!(lifted.state, LiftState::Filled | LiftState::Open);
            cut_out && !is_empty(&lifted.body)
        };
        lifted.filter(is_whole).map_or(gap.body.as_str(), |lifted| lifted.body.as_str())
    });
    let outside = outside(form, &source, text);
    if outside.is_some() {
        notes.push("changed outside the gaps: shown in the report, and not compiled".to_owned());
    }
    Lifted { text: lifted, gaps, refused, outside, notes }
}

/// The tokens of a body that is whole by itself.
fn whole(body: &str) -> Result<TokenStream, String> {
    if body.len() > LONGEST {
        return Err(format!("it is longer than {} KB", LONGEST >> 10));
    }
    TokenStream::from_str(body).map_err(|_| {
        "a bracket, a text or a comment is not closed in it, or one is closed that does not begin \
         in it. What is handed in is compiled gap by gap, and each must be whole"
            .to_owned()
    })
}

fn is_empty(body: &str) -> bool {
    body.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with("//"))
}

/// What a teacher may want to look at in a gap. No verdict.
fn remarkable(tokens: &TokenStream, gap: &Gap) -> Vec<String> {
    const MACROS: [&str; 8] = [
        "include",
        "include_str",
        "include_bytes",
        "env",
        "option_env",
        "macro_rules",
        "asm",
        "global_asm",
    ];
    const WORDS: [&str; 6] = ["unsafe", "Command", "exit", "abort", "libc", "transmute"];
    let mut found = Vec::new();
    let mut all = vec![tokens.clone()];
    while let Some(tokens) = all.pop() {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => all.push(group.stream()),
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    let bang = matches!(tokens.get(index + 1), Some(TokenTree::Punct(next)) if next.as_char() == '!');
                    if bang && MACROS.contains(&word.as_str()) {
                        found.push(format!("{word}!"));
                    } else if WORDS.contains(&word.as_str()) {
                        found.push(word);
                    }
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if text.contains("/proc") || text.contains("../") || text.contains("/etc/") {
                        found.push(text.chars().take(60).collect());
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
    found.sort();
    found.dedup();
    let said = |what: String| format!("for the teacher: gap {} has {what}", gap.name);
    found.into_iter().map(said).collect()
}

/// What is changed outside the gaps: the text against itself with its skeleton's lines.
fn outside(form: &Form, source: &source::Source, text: &str) -> Option<String> {
    let wanted = form.skeleton.with_bodies(|gap| {
        source.gap(&gap.name).map_or(gap.body.as_str(), |gap| gap.body.as_str())
    });
    let trimmed = |line: &str| match line.contains("====") {
        true => format!("{}\n", line.trim()), // how far a fence is indented changes nothing
        false => format!("{}\n", line.trim_end()),
    };
    let trimmed = |text: &str| -> String { text.lines().map(trimmed).collect() };
    let (wanted, text) = (trimmed(&wanted), trimmed(text));
    if wanted == text {
        return None;
    }
    let diff = TextDiff::from_lines(&wanted, &text);
    let diff = diff.unified_diff().header("as handed out", "as handed in").to_string();
    Some(diff).filter(|diff| !diff.is_empty())
}
