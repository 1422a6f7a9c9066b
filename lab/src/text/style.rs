//! How texts for people look: colours, and lines that fit the terminal.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};

pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default();
pub const NEXT: Style = AnsiColor::Yellow.on_default();
pub const STRONG: Style = Style::new().bold();
pub const FAINT: Style = Style::new().dimmed();

/// A text broken into lines, except for a drawing: bytes in quotes and the caret below them.
pub fn paragraph(width: usize, first: &str, rest: &str, text: &str) -> String {
    let drawn = text.starts_with([' ', '"']) && !text.contains(". ");
    if drawn {
        return format!("{first}{text}\n");
    }
    textwrap::fill(text, options(width, first, rest)) + "\n"
}

/// Lines break at spaces only: a path or a command stays in one piece.
pub fn options<'a>(width: usize, first: &'a str, rest: &'a str) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}

/// How wide a report may be here: the terminal's width where there is one, up to a page's.
pub fn width() -> usize {
    const PAGE: usize = 100;
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = match std::io::stdout().is_terminal() {
        true => None, // who has a terminal asks it: it may have another size by now
        false => told,
    };
    width.unwrap_or_else(textwrap::termwidth).clamp(40, PAGE)
}
