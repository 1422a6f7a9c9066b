//! The packet questions: captures, what is found in them, answers and marks.

pub mod answers;
pub mod capture;
pub mod evidence;
mod flags;
pub mod labnet;
pub mod ladder;
pub mod marks;
pub mod questions;
