//! What documents show of programs and screens is put there by `lab gen`: recorded screens, and the
//! lines at which gaps stand.

use std::fs;

use crate::error::Error;
use crate::judge::shares;
use crate::tree::products;
use crate::tree::source::{self, Source};
use crate::tree::{Set, Tree};

/// The line above a block that shows a recorded screen: `<!-- screen: FILE -->`.
const SCREEN: &str = "<!-- screen: ";
/// The lines around the table of what wrong answers cost.
const POINTS: [&str; 2] = ["<!-- points -->\n", "<!-- end: points -->\n"];

/// Every document of the project, and its text as it has to be.
pub fn all(tree: &Tree) -> Result<Vec<(String, String)>, Error> {
    let mut found = Vec::new();
    for directory in ["", "docs/"] {
        let Ok(entries) = fs::read_dir(tree.path(directory)) else { continue };
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.ends_with(".md") {
                let file = format!("{directory}{name}");
                let text = with_screens(tree, &tree.read(&file)?)?;
                found.push((file, with_points(tree, with_lines(tree, &text))?));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The text with each recorded screen as it is recorded now.
fn with_screens(tree: &Tree, text: &str) -> Result<String, Error> {
    let mut shown = String::new();
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        shown.push_str(line);
        let Some(file) = line.strip_prefix(SCREEN).and_then(|rest| rest.split(' ').next()) else {
            continue;
        };
        if lines.next().is_some_and(|fence| fence.trim() == "```") {
            lines.by_ref().find(|line| line.trim() == "```");
        }
        shown.push_str(&format!("```\n{}```\n", tree.read(file)?));
    }
    Ok(shown)
}

/// The text with what wrong answers cost now.
fn with_points(tree: &Tree, text: String) -> Result<String, Error> {
    let [begin, end] = POINTS;
    let parted = text.split_once(begin).and_then(|(before, rest)| {
        let (_, behind) = rest.split_once(end)?;
        Some((before, behind))
    });
    let Some((before, behind)) = parted else { return Ok(text) };
    Ok(format!("{before}{begin}{}{end}{behind}", shares::table(tree)?))
}

/// The text with the line that each gap has now, where `skeletons/NAME.rs:LINE, gap GAP` names one.
fn with_lines(tree: &Tree, text: &str) -> String {
    let mut parts = text.split("skeletons/");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str("skeletons/");
        shown.push_str(&line_mended(tree, part).unwrap_or_else(|| part.to_owned()));
    }
    shown
}

fn line_mended(tree: &Tree, part: &str) -> Option<String> {
    let (name, rest) = part.split_once(".rs:")?;
    let (line, rest) = rest.split_once(", gap ")?;
    let is_line = line == "LINE" || line.bytes().all(|byte| byte.is_ascii_digit());
    let end = rest.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '-');
    let gap = &rest[..end.unwrap_or(rest.len())];
    let there = generated(tree, name).filter(|_| is_line)?.gap(gap)?.line;
    Some(format!("{name}.rs:{there}, gap {rest}"))
}

fn generated(tree: &Tree, name: &str) -> Option<Source> {
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return None;
    }
    let text = products::text(name, &products::of(tree, name).ok()?, Set::Skeletons);
    source::parse(name, &text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_s_line_is_put_right_and_all_else_left_alone() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it has one");
        let tree = Tree::at(root);
        let line = generated(&tree, "udpserver").unwrap().gap("uppercase").unwrap().line;
        for wrong in ["LINE", "1"] {
            let text = format!("a\n look skeletons/udpserver.rs:{wrong}, gap uppercase\nb");
            let right = format!("a\n look skeletons/udpserver.rs:{line}, gap uppercase\nb");
            assert_eq!(with_lines(&tree, &text), right);
        }
        for other in ["skeletons/udpserver.rs:1, gap nowhere", "skeletons/x.rs", "skeletons/"] {
            assert_eq!(with_lines(&tree, other), other);
        }
    }
}
