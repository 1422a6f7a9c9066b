//! A panic of our own, caught and told as what it is: a fault of one check and of nothing else.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use crate::text::escape;
use crate::text::say::warn;

/// What is said of a panic whose words were not heard.
pub const NO_WORDS: &str =
    "the check itself panicked: a fault of the tool, which its makers want to hear of";

thread_local! {
    /// How many `caught` this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static WORDS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Tells a panic that nobody catches as the tool tells all else: its words may be somebody's text.
pub fn tell() {
    panic::set_hook(Box::new(|panic| {
        warn(&escape::lines(&panic.to_string()));
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            warn(&escape::lines(&trace.to_string()));
        }
    }));
}

/// Does this work; of a panic, gives the words and the place in the tool, and prints nothing.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| match DEPTH.get() {
            0 => before(panic),
            _ => WORDS.set(Some(words(panic))),
        }));
    });
    DEPTH.set(DEPTH.get() + 1);
    // What a panic leaves half done belongs to the check, which is not gone on with.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    done.map_err(|_| WORDS.take().unwrap_or_else(|| NO_WORDS.to_owned()))
}

fn words(panic: &PanicHookInfo) -> String {
    let place = panic.location().map_or_else(String::new, |place| format!(" ({place})"));
    format!("{NO_WORDS}: {}{place}", payload(panic.payload()))
}

fn payload(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("no words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place_and_the_work_goes_on() {
        let told = caught(|| Vec::<u8>::new()[3]).unwrap_err();
        assert!(told.contains("the len is 0 but the index is 3"), "{told}");
        assert!(told.contains("panics.rs:"), "{told}");
        assert_eq!(caught(|| 7), Ok(7));
    }

    #[test]
    fn one_inside_another_ends_the_inner_work_alone() {
        let inner = caught(|| caught(|| -> u8 { panic!("inner") }));
        assert!(inner.unwrap().unwrap_err().contains("inner"));
    }
}
