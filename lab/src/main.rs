//! The command line; all that it asks for is in the library, where tests reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::run()
}
