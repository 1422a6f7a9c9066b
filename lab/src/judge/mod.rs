//! From programs to verdicts: building, running checks, saying what came of them.

pub mod answer;
pub mod blame;
pub mod build;
pub mod bulk;
mod cure;
pub mod examine;
pub mod exchange;
mod masks;
pub mod mutants;
pub mod operators;
pub mod panics;
pub mod parallel;
pub mod parity;
pub mod report;
pub mod run;
pub mod screen;
pub mod shares;
pub mod slips;
pub mod table;
pub mod verify;
