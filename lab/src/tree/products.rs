//! The two products of an annotated program.

use crate::error::Error;
use crate::tree::source::{self, Products};
use crate::tree::{self, Set, Tree};

/// Parses the annotated source of a lab.
pub fn of(tree: &Tree, name: &str) -> Result<Products, Error> {
    let file = tree::annotated(name);
    source::parse_annotated(&file, &tree.read(&file)?).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Error::Failed(lines.join("\n"))
    })
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
    format!("// Generated from {} by `make gen`.\n{body}", tree::annotated(name))
}
