//! lib.rs, which all lab programs share: the source, the copies, and what a student did to his.

use crate::tree::{Set, Tree};

/// What `hint`, `reset` and `diff` call it.
pub const NAME: &str = "lib";
pub const SOURCE: &str = "src/lib.rs";
/// As it was handed out. Whatever a student does to his, this is what his gaps are judged with.
pub const PRISTINE: &str = include_str!("../../../src/lib.rs");

/// `skeletons/lib.rs` or `solutions/lib.rs`: the same, byte for byte.
pub fn file(set: Set) -> String {
    format!("{}/lib.rs", set.directory())
}

/// How a set's lib.rs is not as it was handed out.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    Missing,
    /// From this line on.
    At(usize),
}

/// The ends of its lines may be those of another system.
pub fn change(tree: &Tree, set: Set) -> Option<Change> {
    let Ok(text) = tree.read_any(&file(set)) else { return Some(Change::Missing) };
    let (mut there, mut wanted) = (text.lines(), PRISTINE.lines());
    (1..).find_map(|number| match (there.next(), wanted.next()) {
        (None, None) => Some(None),
        (there, wanted) => (there != wanted).then_some(Some(Change::At(number))),
    })?
}

/// What a student should know of it.
pub fn note(tree: &Tree, set: Set) -> Option<String> {
    let file = file(set);
    let back = format!("`make reset LAB={NAME}` gives it back");
    Some(match change(tree, set)? {
        Change::Missing => format!("{file} is missing; checks use their own, {back}"),
        Change::At(line) => format!(
            "{file}:{line} is changed, which `make run` sees, and no check: checks use lib.rs as it \
             was handed out; `make diff LAB={NAME}` shows the change, {back}"
        ),
    })
}
