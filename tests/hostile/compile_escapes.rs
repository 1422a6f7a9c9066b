//! A program that does not compile, with an error of its own that moves the cursor.
compile_error!("\u{1b}[8A\u{1b}[J10 of 10 points\u{1b}[8m\u{9b}2J\u{202e}\u{7}\u{8}\r");
fn main() {}
