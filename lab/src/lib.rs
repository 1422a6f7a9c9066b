//! The tool behind the Makefile, in floors: each imports only from those above it in this list.
//! docs/architecture.md is the plan of the house.

mod checks;
mod cli;
mod error;
mod extra;
#[cfg(feature = "grade")]
mod grade;
mod judge;
mod labs;
mod os;
mod packets;
mod student;
mod text;
mod tree;
mod trial;
mod wire;

#[cfg(test)]
mod floors;

pub use cli::run;
#[cfg(feature = "grade")]
pub use grade::{archive, assignment, decode};

// What the tests in tests/ use.
pub use checks::chat::roster;
pub use checks::webserver::answer;
pub use judge::{build, parity};
pub use labs::{LABS, Lab, find};
pub use os::{network, processes, sockets};
pub use packets::{answers, capture};
pub use text::{bytes, escape, times};
pub use tree::handout::Handout;
pub use tree::manifest;
pub use tree::{Set, Tree, annotated, product, products, source};
pub use wire::{certificates, mime, smtp, tls};
