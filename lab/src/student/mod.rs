//! What a student asks for beside checks, and where his files come from.

pub mod board;
pub mod diff;
pub mod documents;
pub mod generate;
pub mod hints;
mod image;
pub mod kit;
mod package;
pub mod submit;
pub mod verdict;
pub mod watch;
