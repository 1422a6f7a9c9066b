//! How a command ends when it does not end well. `main` prints it and picks the exit code.

use std::fmt;
use std::io;
use std::path::Path;

use crate::text::escape;

#[derive(Debug)]
pub enum Error {
    /// Something was looked at and is not as it should be: exit code 1.
    Failed(String),
    /// The command line cannot be followed: exit code 2.
    Usage(String),
    /// A fault of ours or of the machine, never of a student: exit code 3.
    Fault(String),
}

impl Error {
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Failed(_) => 1,
            Error::Usage(_) => 2,
            Error::Fault(_) => 3,
        }
    }

    /// An error of the file system, with the file's name.
    pub fn file(path: &Path, error: &io::Error) -> Error {
        Error::Fault(format!("{}: {error}", escape::path(path)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Failed(message) | Error::Usage(message) | Error::Fault(message) => {
                f.write_str(message)
            }
        }
    }
}
