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
                let key = key(&[program, &gap.name, &tokens])[..8].to_owned();
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

/// The tokens of a body of some length, with one space between two.
fn tokens(body: &str) -> Option<String> {
    let mut flat = Vec::new();
    flatten(TokenStream::from_str(body).ok()?, &mut flat);
    (flat.len() >= TOKENS).then(|| flat.join(" "))
}

fn flatten(tokens: TokenStream, into: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let delimiter = format!("{:?}", group.delimiter());
                into.push(delimiter.clone());
                flatten(group.stream(), into);
                into.push(delimiter);
            }
            token => into.push(token.to_string()),
        }
    }
}
