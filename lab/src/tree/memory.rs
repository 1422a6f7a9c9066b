//! What is remembered between two runs.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::tree::Tree;

const FILE: &str = "target/lab/memory.json";

/// Losing it loses nothing that cannot be had again.
#[derive(Default, Serialize, Deserialize)]
pub struct Memory {
    /// By program: what its last check said.
    #[serde(default)]
    checked: BTreeMap<String, Remembered>,
    /// By "program/gap": how many hints were shown.
    #[serde(default)]
    pub hints: BTreeMap<String, usize>,
    /// By file: what `lab gen` wrote last.
    #[serde(default)]
    generated: BTreeMap<String, u64>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Remembered {
    /// Of the file as it was checked.
    pub digest: u64,
    pub compiles: bool,
    pub passed: usize,
    pub total: usize,
    /// The first check that failed.
    pub failed: Option<String>,
    /// The gap to look at.
    pub look_at: Option<String>,
}

impl Remembered {
    pub fn all_passed(&self) -> bool {
        self.compiles && self.passed == self.total
    }
}

impl Memory {
    pub fn load(tree: &Tree) -> Memory {
        let text = tree.read(FILE).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Changes what is remembered; two runs at once do so one after the other.
    pub fn update<T>(tree: &Tree, change: impl FnOnce(&mut Memory) -> T) -> Result<T, Error> {
        let turn = tree.turn(FILE)?;
        let mut memory = Memory::load(tree);
        let changed = change(&mut memory);
        let text = serde_json::to_string_pretty(&memory).expect("maps of plain values");
        tree.write(FILE, &text)?;
        drop(turn);
        Ok(changed)
    }

    /// Whether a file is as `lab gen` wrote it last.
    pub fn has_generated(&self, file: &str, text: &str) -> bool {
        self.generated.get(file) == Some(&digest(text))
    }

    pub fn generate(&mut self, files: Vec<(String, String)>) {
        self.generated = files.into_iter().map(|(file, text)| (file, digest(&text))).collect();
    }

    /// Remembers what the checks said of a program.
    pub fn learn(&mut self, program: &str, checked: Remembered) {
        self.checked.insert(program.to_owned(), checked);
    }

    /// What the last check said of exactly this text.
    pub fn recall(&self, program: &str, text: &str) -> Option<&Remembered> {
        self.checked.get(program).filter(|checked| checked.digest == digest(text))
    }
}

pub fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
