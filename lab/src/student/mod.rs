//! What a student asks for beside checks, and where his files come from.

pub mod board;
pub mod diff;
pub mod generate;
pub mod hints;
mod package;
