//! How much of long work is done, on a terminal.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

/// Shows on a terminal how much is done.
pub fn with_progress<T>(what: &str, steps: usize, work: impl FnOnce(&(dyn Fn() + Sync)) -> T) -> T {
    let bar = match io::stderr().is_terminal() {
        true => ProgressBar::new(steps as u64),
        false => ProgressBar::hidden(),
    };
    let style = ProgressStyle::with_template("{msg} {bar:30} {pos} of {len} done");
    bar.set_style(style.expect("a template that indicatif knows"));
    bar.set_message(what.to_owned());
    let done = work(&|| bar.inc(1));
    bar.finish_and_clear();
    done
}
