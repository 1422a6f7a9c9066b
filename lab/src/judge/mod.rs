//! From programs to verdicts: building, running checks, saying what came of them.

pub mod blame;
pub mod build;
pub mod examine;
mod masks;
pub mod panics;
pub mod parity;
pub mod report;
pub mod run;
pub mod verify;
