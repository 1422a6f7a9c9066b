//! The handouts: the hints for each gap, and the sentences that the checks enforce.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::tree::Tree;

/// A handout, cut at its headings.
pub struct Handout {
    sections: Vec<Section>,
}

struct Section {
    /// How many `#` the heading has.
    level: usize,
    heading: String,
    text: String,
}

impl Handout {
    pub fn read(tree: &Tree, file: &str) -> Result<Handout, Error> {
        Ok(Handout::parse(&tree.read(file)?))
    }

    pub fn parse(text: &str) -> Handout {
        let mut sections: Vec<Section> = Vec::new();
        let mut in_code = false;
        for line in text.lines() {
            in_code ^= line.starts_with("```");
            let level = line.bytes().take_while(|byte| *byte == b'#').count();
            if level > 0 && !in_code {
                let heading = line[level..].trim().to_owned();
                sections.push(Section { level, heading, text: String::new() });
            } else if let Some(section) = sections.last_mut() {
                section.text.push_str(line);
                section.text.push('\n');
            }
        }
        Handout { sections }
    }

    /// The paragraphs of `### GAP` under `## LAB`, each more concrete than the one before
    /// and on one line.
    pub fn hints(&self, lab: &str, gap: &str) -> Vec<String> {
        self.sections
            .iter()
            .skip_while(|section| !(section.level == 2 && section.heading == lab))
            .skip(1)
            .take_while(|section| section.level > 2)
            .find(|section| section.level == 3 && section.heading == gap)
            .map(|section| {
                let paragraphs = section.text.split("\n\n").map(str::trim);
                paragraphs.filter(|text| !text.is_empty()).map(one_line).collect()
            })
            .unwrap_or_default()
    }

    /// What stands in backticks in the first column of the table under a heading.
    pub fn first_cells(&self, heading: &str) -> BTreeSet<String> {
        let sections = self.sections.iter().filter(|section| section.heading == heading);
        let rows = sections.flat_map(|section| section.text.lines());
        let code = |row: &str| {
            let (_, code) = row.strip_prefix("| ")?.split_once('`')?;
            Some(code.split_once("` |")?.0.trim_matches(['`', ' ']).replace("\\|", "|"))
        };
        rows.filter_map(code).collect()
    }

    /// The heading above a sentence, wherever its lines break.
    pub fn section_of(&self, sentence: &str) -> Option<&str> {
        let wanted = one_line(sentence);
        let found = self.sections.iter().find(|section| one_line(&section.text).contains(&wanted));
        found.map(|section| section.heading.as_str())
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Title\n\n## one\nIntro of\none.\n\n### send\nFirst\nhint.\n\nSecond.\n\n\
                        ## two\n\n### send\nOther.\n";

    #[test]
    fn a_gap_s_hints_are_those_of_its_own_program() {
        let handout = Handout::parse(TEXT);
        assert_eq!(handout.hints("one", "send"), ["First hint.", "Second."]);
        assert_eq!(handout.hints("two", "send"), ["Other."]);
        assert!(handout.hints("two", "bind").is_empty());
        assert!(handout.hints("three", "send").is_empty());
    }

    #[test]
    fn a_sentence_is_found_across_a_line_break() {
        assert_eq!(Handout::parse(TEXT).section_of("Intro of one."), Some("one"));
        assert_eq!(Handout::parse(TEXT).section_of("Intro of two."), None);
    }
}
