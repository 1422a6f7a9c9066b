//! The tool behind the Makefile, in small rooms. docs/architecture.md is the plan of the house.

pub mod board;
pub mod build;
pub mod bytes;
pub mod causes;
pub mod check;
pub mod checks;
pub mod compare;
pub mod error;
pub mod examine;
pub mod generate;
pub mod handout;
pub mod labs;
pub mod network;
pub mod peers;
pub mod processes;
pub mod program;
pub mod report;
pub mod rtt;
pub mod run;
pub mod sockets;
pub mod source;
pub mod students;
pub mod tree;
pub mod trial;
pub mod verify;
