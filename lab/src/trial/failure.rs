//! Why a check went no further: what a program did instead of what was expected of it.

use crate::text::bytes;
use crate::text::causes::{self, Cause};

pub type Verdict = Result<(), Stop>;

/// Why a check went no further.
#[derive(Debug)]
pub enum Stop {
    /// The program did something else than expected.
    Failure(Box<Failure>),
    /// The check itself could not be carried out: no fault of the program.
    Fault(String),
    /// A long wait was given up, because another check had failed meanwhile.
    GivenUp,
}

impl Stop {
    /// Says what had happened before.
    pub fn after(self, before: &str) -> Stop {
        self.map(|failure| failure.did = format!("{before}; then {}", failure.did))
    }

    /// Sends the student to another gap than the check's.
    pub fn look(self, gap: &'static str) -> Stop {
        self.map(|failure| failure.gap = Some(gap))
    }

    /// Sends the student to another gap if nothing came at all, and to another rule.
    pub fn if_silent(self, gap: &'static str, rule: &str) -> Stop {
        self.map(|failure| {
            if failure.silence {
                failure.gap.get_or_insert(gap);
                failure.cause.get_or_insert_with(|| rule.to_owned());
            }
        })
    }

    /// Names a cause, where none was found before.
    pub fn or_cause(self, cause: &str) -> Stop {
        self.map(|failure| {
            failure.cause.get_or_insert_with(|| cause.to_owned());
        })
    }

    pub fn map(mut self, change: impl FnOnce(&mut Failure)) -> Stop {
        if let Stop::Failure(failure) = &mut self {
            change(failure);
        }
        self
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failure(Box::new(failure))
    }
}

/// What happened instead of what was expected, and how to see it again.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    pub did: String,
    pub expected: String,
    /// What was observed, a line each; the lines of a drawing belong together.
    pub received: Vec<String>,
    /// A cause that was looked for and found, or a rule of the handout that says it better. Without
    /// one the check's rule is shown.
    pub cause: Option<String>,
    /// The gap to look at, where it is another than the check's.
    pub gap: Option<&'static str>,
    /// A command that shows the same by hand.
    pub replay: String,
    /// The cause that wrong bytes showed by themselves.
    pub seen: Option<Cause>,
    /// Nothing came at all, as against something wrong.
    pub silence: bool,
    /// What came and differs from what was expected.
    pub differs: Vec<u8>,
}

impl Failure {
    pub fn new(did: impl Into<String>, expected: impl Into<String>) -> Failure {
        Failure { did: did.into(), expected: expected.into(), ..Failure::default() }
    }

    pub fn received(mut self, line: impl Into<String>) -> Failure {
        self.received.push(line.into());
        self
    }

    pub fn lines(mut self, lines: impl IntoIterator<Item = String>) -> Failure {
        self.received.extend(lines);
        self
    }

    /// Shows two runs of bytes that should be equal and are not.
    pub fn difference(mut self, expected: &[u8], received: &[u8]) -> Failure {
        if let Some(difference) = bytes::difference(expected, received) {
            self.expected = difference.expected;
            self.received.splice(0..0, difference.received);
            self.differs = received.to_vec();
        }
        self
    }

    /// Names the cause that wrong bytes show by themselves, if they do. With the question comes its
    /// name.
    pub fn seen(mut self, question: (&str, &[u8]), expected: &[u8], received: &[u8]) -> Failure {
        if let Some(cause) = causes::seen(question.1, expected, received) {
            self.cause = Some(cause.sentence(question.0));
            self.gap = cause.gap();
            self.seen = Some(cause);
        }
        self
    }

    pub fn cause(mut self, cause: impl Into<String>) -> Failure {
        self.cause = Some(cause.into());
        self
    }

    pub fn gap(mut self, gap: &'static str) -> Failure {
        self.gap = Some(gap);
        self
    }

    /// Says that nothing came at all.
    pub fn silence(mut self) -> Failure {
        self.silence = true;
        self
    }

    pub fn replay(mut self, command: impl Into<String>) -> Failure {
        self.replay = command.into();
        self
    }
}
