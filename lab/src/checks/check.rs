//! What a check is, and what can come of it.

use crate::trial::{Failure, Trial, Verdict};

/// One thing that a program must do, tried over real sockets.
pub struct Check {
    /// Unique within its program: `udpserver/letters` is the check `letters` of udpserver.
    pub name: &'static str,
    /// What is looked at, as a phrase.
    pub title: &'static str,
    /// Where it fails, the checks behind it are not reached: they would all fail for its reason.
    pub door: bool,
    /// Where one of these checks fails, this one fails for its reason, and is not told again.
    pub after: [Option<&'static str>; 3],
    /// 0 for advice: worth knowing, but not demanded.
    pub points: u32,
    /// It asks for words of our handout's, which a program of another course does not have: for that
    /// one it is advice.
    pub of_words: bool,
    /// A program that has done nothing of its lab may pass it, too: alone it is worth nothing.
    pub beginning: bool,
    /// It waits long by its nature, and is not worth that where another one has failed.
    pub slow: bool,
    /// The gap a student looks at first when this fails.
    pub gap: &'static str,
    /// The sentence of the handout that demands it, word for word.
    pub rule: &'static str,
    pub run: fn(&Trial) -> Verdict,
}

impl Check {
    /// A check of one point that follows no other. The builder's other functions say where one is
    /// not like this.
    pub const fn new(
        name: &'static str,
        title: &'static str,
        gap: &'static str,
        rule: &'static str,
        run: fn(&Trial) -> Verdict,
    ) -> Check {
        Check {
            name,
            title,
            door: false,
            after: [None; 3],
            points: 1,
            of_words: false,
            beginning: false,
            slow: false,
            gap,
            rule,
            run,
        }
    }

    /// Shuts off the checks behind it where it fails.
    pub const fn door(mut self) -> Check {
        self.door = true;
        self
    }

    /// Fails for that check's reason where that one fails, too. There may be three of them.
    pub const fn after(mut self, name: &'static str) -> Check {
        self.after = [Some(name), self.after[0], self.after[1]];
        self
    }

    pub const fn points(mut self, points: u32) -> Check {
        self.points = points;
        self
    }

    pub const fn advice(self) -> Check {
        self.points(0)
    }

    /// Is worth nothing alone.
    pub const fn beginning(mut self) -> Check {
        self.beginning = true;
        self
    }

    /// Asks for words that are ours.
    pub const fn of_words(mut self) -> Check {
        self.of_words = true;
        self
    }

    /// Waits long by its nature.
    pub const fn slow(mut self) -> Check {
        self.slow = true;
        self
    }

    pub fn is_advice(&self) -> bool {
        self.points == 0
    }
}

/// What came of a check, as the runner sees it.
#[derive(Debug)]
pub enum Outcome {
    Passed,
    Failed(Failure),
    /// An open gap, or a failed door, stood in the way.
    NotReached,
    /// It failed as that check did, and for its reason.
    Repeats(&'static str),
    Fault(String),
}
