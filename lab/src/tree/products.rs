//! The two products of an annotated program.

use crate::error::Error;
use crate::tree::source::{self, Products};
use crate::tree::{self, Set, Tree};

/// Parses the annotated source of a lab. A student's kit has none, and no solution: there the skeleton
/// as it was handed out stands for both.
pub fn of(tree: &Tree, name: &str) -> Result<Products, Error> {
    let told = |errors: Vec<source::FenceError>| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Error::Failed(lines.join("\n"))
    };
    if !tree.is_kit() {
        let file = tree::annotated(name);
        return source::parse_annotated(&file, &tree.read(&file)?).map_err(told);
    }
    let file = tree::handed_out(name);
    let text = tree.read(&file)?;
    let skeleton = text.strip_prefix(&head(name)).unwrap_or(&text);
    let parsed = || source::parse(&file, skeleton).map_err(told);
    Ok(Products { skeleton: parsed()?, solution: parsed()? })
}

/// The first line of each product.
fn head(name: &str) -> String {
    format!("// Generated from {} by `make gen`.\n", tree::annotated(name))
}

/// Whether a lab's program is given to students complete.
pub fn is_given(tree: &Tree, name: &str) -> bool {
    of(tree, name).is_ok_and(|products| products.skeleton.is_given())
}

/// The text of a product: the same first line in both, so that a diff shows the gaps alone.
pub fn text(name: &str, products: &Products, set: Set) -> String {
    let source = match set {
        Set::Skeletons => &products.skeleton,
        Set::Solutions => &products.solution,
    };
    let body = source.with_bodies(|gap| &gap.body);
    head(name) + &body
}
