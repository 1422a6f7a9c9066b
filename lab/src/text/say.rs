//! The one place where the tool prints: nothing reaches a terminal that `escape` has not seen. That nobody
//! reads any more is no error.

use std::io::{self, Write};

use crate::text::escape;

/// Prints to stdout, in colour where that is wanted.
pub fn say(text: &str) {
    let _ = anstream::stdout().write_all(escape::page(text).as_bytes()); // see above
}

/// Prints a line, or several, to stderr.
pub fn warn(text: &str) {
    let _ = io::stdout().flush(); // what was said before stands before
    let _ = anstream::stderr().write_all((escape::page(text) + "\n").as_bytes()); // see above
}

/// Prints a document for another program, which wants no colour.
pub fn say_json(document: &str) {
    let _ = writeln!(io::stdout(), "{}", escape::json(document)); // see above
}

/// Clears the terminal and writes there.
pub fn paint(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout();
    write!(out, "\x1b[H\x1b[2J{}\r\n", escape::page(text))?;
    out.flush()
}
