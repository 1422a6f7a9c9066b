//! What the checks of one run know from each other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use memchr::memmem;

/// In what way a program does what its doors ask of it, where that is not the right way. The other
/// checks try it in this way, so that the fault costs the door's check alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// More stands around its answers than belongs there.
    pub says_more: bool,
    /// What a question must end in before it is answered.
    pub ending: SentenceEnd,
    /// A UDP server's: its answers come from another port than the one that was asked.
    pub answers_from_elsewhere: bool,
    /// A server's: it waits at another port than it was told.
    pub elsewhere: bool,
    /// A client's: the port at which it asks, whatever it was told.
    pub asks_at: Option<u16>,
    /// A chat client's: what it says to the login, and what it shows to the chat, is not what was agreed.
    pub own_login: bool,
    pub own_ticket: bool,
    /// It asks for its address when it starts.
    pub asks_for_address: bool,
    /// A web server's: it serves the directory where its own file is.
    pub at_its_file: bool,
    /// A pinger's: all of its pings are the same.
    pub same_pings: bool,
    /// A chat server's: the roster has another form, or does not come.
    pub other_roster: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SentenceEnd {
    #[default]
    Nothing,
    Newline,
    /// The end of the connection's direction.
    Close,
}

impl Manner {
    /// Whether these are the bytes that were expected, as far as this program can do it.
    pub fn accepts(&self, expected: &[u8], received: &[u8]) -> bool {
        expected == received || (self.says_more && is_inside(expected, received))
    }
}

/// Whether something was said, and more around it.
pub fn is_inside(expected: &[u8], received: &[u8]) -> bool {
    expected.len() < received.len() && memmem::find(received, expected).is_some()
}

/// One run of all checks of a program.
#[derive(Default)]
pub struct Course {
    failed: AtomicBool,
    manner: Mutex<Manner>,
}

impl Course {
    /// Says that a check has failed.
    pub fn has_failed(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Whether one has.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    pub fn manner(&self) -> Manner {
        self.manner.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn learn(&self, learn: impl FnOnce(&mut Manner)) {
        learn(&mut self.manner.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surplus_is_accepted_only_from_who_always_has_it() {
        let [right, more] = [&b"AB"[..], b"From Server: AB\n"];
        let (strict, free) = (Manner::default(), Manner { says_more: true, ..Manner::default() });
        assert!(strict.accepts(right, right) && free.accepts(right, right));
        assert!(!strict.accepts(right, more) && free.accepts(right, more));
        assert!(!free.accepts(right, b"ab") && !free.accepts(right, b""));
    }
}
