//! Equal gap bodies, which are looked at once: by their tokens, so that spaces and comments do not
//! matter. Nothing is said of how they came to be equal.

use std::collections::BTreeMap;
use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

use crate::grade::lift::LiftState;
use crate::grade::results::{Graded, key};

/// Shorter ones are equal because there are not many ways to write them.
const TOKENS: usize = 40;

/// A gap that several students have filled with the same.
pub struct Group {
    /// What a teacher calls it in overrides.toml.
    pub key: String,
    pub program: String,
    pub gap: String,
    pub body: String,
    pub ids: Vec<String>,
}

/// All groups of at least two, the largest first.
pub fn of(records: &[Graded]) -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for record in records {
        for (program, graded) in &record.programs {
            let filled = graded.gaps.iter().filter(|gap| gap.state == LiftState::Filled);
            for gap in filled {
                let Some(tokens) = tokens(&gap.body) else { continue };
                let key: String = key(&[program, &gap.name, &tokens]).chars().take(8).collect();
                let group = groups.entry(key.clone()).or_insert_with(|| Group {
                    key,
                    program: program.clone(),
                    gap: gap.name.clone(),
                    body: gap.body.clone(),
                    ids: Vec::new(),
                });
                group.ids.push(record.id.clone());
            }
        }
    }
    let mut groups: Vec<Group> = groups.into_values().filter(|it| it.ids.len() > 1).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.ids.len()));
    groups
}

/// The tokens of a body of some length, with one space between two. Its brackets may be nested deeper than
/// a stack is, so nothing here calls itself.
fn tokens(body: &str) -> Option<String> {
    let mut flat = Vec::new();
    let mut open = vec![(TokenStream::from_str(body).ok()?.into_iter(), String::new())];
    while let Some((rest, closing)) = open.last_mut() {
        match rest.next() {
            Some(TokenTree::Group(group)) => {
                let delimiter = format!("{:?}", group.delimiter());
                flat.push(delimiter.clone());
                open.push((group.stream().into_iter(), delimiter));
            }
            Some(token) => flat.push(token.to_string()),
            None => {
                flat.push(std::mem::take(closing));
                open.pop();
            }
        }
    }
    flat.pop(); // the end of the body itself
    (flat.len() >= TOKENS).then(|| flat.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_may_be_nested_deeper_than_a_stack_is() {
        let deep = 200_000;
        let body = format!("f{}x{};", "(".repeat(deep), ")".repeat(deep));
        let flat = tokens(&body).unwrap();
        assert!(flat.starts_with("f Parenthesis Parenthesis"), "{:?}", flat.get(..40));
        assert!(flat.ends_with("Parenthesis ;"));
        assert_eq!(tokens("f(x);"), None, "too short to say anything");
    }
}
