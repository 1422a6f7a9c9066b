//! Several guesses at a password, and who has to wait for them.
#![expect(
    clippy::indexing_slicing,
    reason = "guests, users and names are the check's own; roster.rs reads what servers send"
)]

use std::time::{Duration, Instant};

use crate::checks::chat::house::{House, User, Visitor, mistaken};
use crate::checks::chat::room::BLOCKED;
use crate::os::processes::Activity;
use crate::os::program::Patience;
use crate::trial::{Server, Stop, Trial, Verdict};

/// So many guesses at a user's password, all at once.
fn guesses<'s>(
    server: &'s Server<'s>,
    user: &User,
    count: usize,
) -> Result<Vec<Visitor<'s>>, Stop> {
    let what = format!("{count} wrong passwords at once");
    let guess = |number| mistaken(user, &format!("guess number {number}"));
    (0..count).map(|number| Visitor::new(server, &guess(number), &what)).collect()
}

/// How guesses were answered.
#[derive(Default)]
pub(in crate::checks) struct Answered {
    /// How long it took to answer all of them.
    took: Duration,
    /// For how long the server has rested meanwhile without a break, though it owed answers. Who waits
    /// for a processor does not rest.
    rested: Duration,
}

/// Waits until all have their answers, or as good as. What is not answered shows when it is asked for.
pub(in crate::checks) fn when_answered(server: &Server, visitors: &mut [Visitor]) -> Answered {
    const LOOK: Duration = Duration::from_millis(100);
    let start = Instant::now();
    let (mut looked, mut last, mut rest) = (start, None, Duration::ZERO);
    let mut answered = Answered::default();
    let is_answered =
        |visitor: &mut Visitor| visitor.heard().is_some() || visitor.tls.end.is_some();
    let _ = server.patiently(BLOCKED, || {
        let open = visitors.iter_mut().filter_map(|visitor| (!is_answered(visitor)).then_some(()));
        if open.count() == 0 {
            return Some(());
        }
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            let now = Activity::of(&server.processes());
            let rests = now.sleeping && last.as_ref() == Some(&now);
            rest = if rests { rest + LOOK } else { Duration::ZERO };
            answered.rested = answered.rested.max(rest);
            last = Some(now);
        }
        None
    });
    answered.took = start.elapsed();
    answered
}

/// Three guesses from one address take 2 s on any machine. On a busy one they may take so long even
/// where nobody waits; but a server that does not wait does not rest, either.
pub(in crate::checks) fn guessed_slowly(trial: &Trial) -> Verdict {
    const LEAST: Duration = Duration::from_millis(1900); // clocks may differ by a little
    const RESTS: Duration = Duration::from_millis(300);
    const TOO_LONG: Duration = Duration::from_millis(1600);
    const TRIES: usize = 5;
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    for _ in 0..TRIES {
        let mut visitors = guesses(&server, &house.users[0], 3)?;
        let answered = when_answered(&server, &mut visitors);
        visitors.iter_mut().try_for_each(|visitor| visitor.is_refused().map(|_| ()))?;
        let failure = |expected| visitors[0].failure(expected);
        if answered.took < LEAST {
            let failure = failure("the last answer after 2 s or later");
            return Err(failure.received("all three answers before that").into());
        }
        if answered.rested > TOO_LONG {
            let failure = failure("1 s from each guess to the next, and no more");
            return Err(failure.received("over 1.6 s in which the server rests").into());
        }
        if answered.rested >= RESTS {
            return Ok(());
        }
    }
    Ok(()) // too busy a machine to tell
}

/// A server that sleeps while somebody else's login is there to be answered lets him wait. A busy
/// machine does not: what has something to do is not asleep then.
pub(in crate::checks) fn others(trial: &Trial) -> Verdict {
    const ASLEEP: Patience = Patience { idle: Duration::from_millis(600), ..Patience::SHORT };
    let house = House::new(trial, 3)?;
    let [ann, bob, cid] = [0, 1, 2].map(|number| &house.users[number]);
    let server = house.open()?;
    let mut first = Visitor::new(&server, cid, "the right password")?;
    first.patience = ASLEEP;
    first.ticket()?;
    let mut visitors = guesses(&server, ann, 5)?;
    // As soon as one is answered, the others have been heard, too, and wait.
    let first = || visitors.iter_mut().find_map(Visitor::heard);
    if let Err(event) = server.patiently(BLOCKED, first) {
        let failure = visitors[0].failure("an answer to the first of them");
        return Err(failure.received("none").lines(server.observed(&event)).into());
    }
    let mut other = Visitor::new(&server, bob, "the right password")?;
    other.did = format!("made 5 guesses at {}; then {}", ann.name, other.did);
    other.patience = ASLEEP;
    other.ticket().map(|_| ())
}
