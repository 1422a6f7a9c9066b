//! Runs checks: the doors one after the other, then all the others at once.

use std::thread;
use std::time::{Duration, Instant};

use crate::checks::check::{Check, Outcome};
use crate::judge::exchange::{self, Rung};
use crate::judge::panics;
use crate::os::network::{self, Network};
use crate::trial::{Course, Failure, Stop, Target, Trial, Verdict};

/// What came of all checks of one program.
pub struct Results {
    pub checks: Vec<Checked>,
    /// The gap that stopped the program, if one is open.
    pub open_gap: Option<String>,
    pub took: Duration,
}

pub struct Checked {
    pub check: &'static Check,
    pub outcome: Outcome,
    /// It has no points, for this program.
    pub advice: bool,
    /// What went over the wire.
    pub rungs: Vec<Rung>,
    /// A gap the program ran into during this check.
    open_gap: Option<String>,
    /// It had to wait long, and is not worth that where another check has failed.
    slow: bool,
    /// A door that has failed, and does not shut off the others.
    ajar: bool,
}

impl Checked {
    fn not_tried(check: &'static Check, outcome: Outcome) -> Checked {
        Checked {
            check,
            outcome,
            advice: check.is_advice(),
            rungs: Vec::new(),
            open_gap: None,
            slow: false,
            ajar: false,
        }
    }

    /// Words of our handout's are not demanded of a program that does not know it.
    fn of(mut self, target: &Target) -> Checked {
        self.advice |= self.check.of_words && target.words_are_free();
        self
    }

    fn fault(check: &'static Check, fault: String) -> Checked {
        Checked::not_tried(check, Outcome::Fault(fault))
    }

    fn costs_points(&self) -> bool {
        !self.advice && !matches!(self.outcome, Outcome::Passed)
    }
}

/// Checks one program; `done` is called after each check.
pub fn run(
    target: &Target,
    checks: &'static [Check],
    seed: u64,
    done: &(dyn Fn() + Sync),
) -> Results {
    let start = Instant::now();
    let course = Course::default();
    let one = |check: &'static Check| {
        // A fault of one check is that check's alone, whichever way it is run.
        let checked = panics::caught(|| in_its_network(target, checks, check, seed, &course))
            .unwrap_or_else(|fault| Checked::fault(check, fault))
            .of(target);
        if checked.costs_points() && !checked.slow {
            course.has_failed();
        }
        done();
        checked
    };
    let mut results: Vec<Checked> = Vec::new();
    let (doors, others) = checks.split_at(checks.iter().take_while(|check| check.door).count());
    let closed = |results: &[Checked]| {
        results.last().is_some_and(|last| !matches!(last.outcome, Outcome::Passed) && !last.ajar)
    };
    for door in doors {
        if !closed(&results) {
            results.push(one(door));
        }
    }
    let at_once = network::available() == Network::Private || !target.port_is_fixed();
    if closed(&results) {
        results.extend(checks[results.len()..].iter().map(|check| {
            done();
            Checked::not_tried(check, Outcome::NotReached).of(target)
        }));
    } else if at_once {
        results.extend(thread::scope(|scope| {
            let running: Vec<_> =
                others.iter().map(|check| (check, scope.spawn(move || one(check)))).collect();
            let joined = running.into_iter().map(|(check, thread)| {
                thread.join().unwrap_or_else(|_| Checked::fault(check, panics::NO_WORDS.to_owned()))
            });
            joined.collect::<Vec<_>>()
        }));
    } else {
        results.extend(others.iter().map(one)); // one port, one after the other
    }
    drop_repetitions(&mut results);
    give_up_the_slow(&mut results);
    let open_gap = results.iter().find_map(|checked| checked.open_gap.clone());
    Results { checks: results, open_gap, took: start.elapsed() }
}

/// Does some checks once more, after the doors and all at once, and says whether any of them passes.
#[cfg(feature = "grade")]
pub fn any_passes(target: &Target, checks: &'static [Check], names: &[String], seed: u64) -> bool {
    let course = Course::default();
    let passes = |check: &'static Check| {
        let again = panics::caught(|| in_its_network(target, checks, check, seed, &course));
        let passed = again.is_ok_and(|checked| matches!(checked.outcome, Outcome::Passed));
        passed && names.iter().any(|name| name == check.name)
    };
    let (doors, others): (Vec<&Check>, Vec<&Check>) = checks.iter().partition(|check| check.door);
    // The doors show in what manner the program does what the others look at.
    let of_doors = doors.into_iter().filter(|door| passes(door)).count() > 0;
    let named = others.into_iter().filter(|check| names.iter().any(|name| name == check.name));
    thread::scope(|scope| {
        let running: Vec<_> = named.map(|check| scope.spawn(move || passes(check))).collect();
        let passed = running.into_iter().map(|thread| thread.join().unwrap_or_default());
        passed.filter(|passed| *passed).count() > 0 || of_doors
    })
}

/// Where one mistake fails several checks, it is told once. The checks are in the order in which
/// they follow each other, so the first of a chain is the one that tells.
fn drop_repetitions(results: &mut [Checked]) {
    for index in 0..results.len() {
        let after = results[index].check.after;
        let told_by = |after: &'static str| match results
            .iter()
            .find(|other| other.check.name == after)?
            .outcome
        {
            Outcome::Failed(_) => Some(after),
            Outcome::Repeats(first) => Some(first),
            _ => None,
        };
        let Some(first) = after.into_iter().flatten().find_map(told_by) else { continue };
        if matches!(results[index].outcome, Outcome::Failed(_)) {
            results[index].outcome = Outcome::Repeats(first);
        }
    }
}

/// Whether a slow check was through before another one failed is luck: then none was reached.
fn give_up_the_slow(results: &mut [Checked]) {
    if results.iter().any(|checked| !checked.slow && checked.costs_points()) {
        for checked in results.iter_mut().filter(|checked| checked.slow) {
            checked.outcome = Outcome::NotReached;
        }
    }
}

/// Every check gets a network of its own, if there are any to be had: no other check, and nothing
/// else on this machine, can take a port from it.
fn in_its_network(
    target: &Target,
    checks: &'static [Check],
    check: &'static Check,
    seed: u64,
    course: &Course,
) -> Checked {
    if network::available() == Network::Host {
        return one_check(target, checks, check, seed, course);
    }
    let inside = || match network::enter() {
        Ok(()) => panics::caught(|| one_check(target, checks, check, seed, course)),
        Err(error) => Err(format!("cannot make a private network: {error}")),
    };
    // The network belongs to a thread, so the check gets a thread to itself.
    let checked = thread::scope(|scope| match thread::Builder::new().spawn_scoped(scope, inside) {
        Ok(thread) => thread.join().unwrap_or_else(|_| Err(panics::NO_WORDS.to_owned())),
        Err(error) => Err(format!("cannot start a thread: {error}")),
    });
    checked.unwrap_or_else(|fault| Checked::fault(check, fault))
}

/// A program without an end, or one that was ended for a limit, is told of it, whatever the check made
/// of that.
fn in_bounds(verdict: Verdict, trial: &Trial) -> Verdict {
    let Some(event) = trial.has_given_up().map(|event| event.to_string()) else { return verdict };
    match verdict {
        Err(Stop::Failure(mut failure)) => {
            if !failure.received.contains(&event) {
                failure.received.push(event);
            }
            Err(Stop::Failure(failure))
        }
        Ok(()) | Err(Stop::Fault(_) | Stop::GivenUp) => {
            let did = "started the program and followed what it does";
            Err(Failure::new(did, "an end, within the limits of a check").received(event).into())
        }
    }
}

fn one_check(
    target: &Target,
    checks: &'static [Check],
    check: &'static Check,
    seed: u64,
    course: &Course,
) -> Checked {
    let trial = Trial::new(target, check.name, seed, course);
    let verdict = in_bounds((check.run)(&trial), &trial);
    let open_gap = verdict.as_ref().err().and_then(|_| open_gap(&trial.stderr(), checks));
    let verdict = trial.sandbox_failed().map_or(verdict, |fault| Err(Stop::Fault(fault)));
    let outcome = match verdict {
        Ok(()) => Outcome::Passed,
        Err(Stop::Fault(fault)) => Outcome::Fault(fault),
        Err(Stop::GivenUp) => Outcome::NotReached,
        Err(Stop::Failure(_)) if open_gap.is_some() => Outcome::NotReached,
        Err(Stop::Failure(failure)) => Outcome::Failed(*failure),
    };
    let failure = match &outcome {
        Outcome::Failed(failure) => Some(failure),
        _ => None,
    };
    let rungs = exchange::rungs(&trial.exchange(), failure);
    let (slow, ajar) = (trial.is_slow(), trial.is_ajar());
    Checked { rungs, open_gap, slow, ajar, ..Checked::not_tried(check, outcome) }
}

/// The gap that a program ran into, if it said so on stderr. Several threads may run into one each:
/// then the one that is looked at first. Others may use these words for something else.
fn open_gap(stderr: &str, checks: &[Check]) -> Option<String> {
    let found = stderr.split("not yet implemented: ").skip(1);
    let found: Vec<&str> = found.filter_map(|rest| Some(rest.lines().next()?.trim())).collect();
    let first = checks.iter().find(|check| found.contains(&check.gap));
    first.map(|check| check.gap.to_owned())
}
