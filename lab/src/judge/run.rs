//! Runs checks: the doors one after the other, then all the others at once.

use std::net::SocketAddrV4;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::checks::check::{Check, Outcome};
use crate::judge::exchange::{self, Rung};
use crate::judge::panics;
use crate::os::bounds::{self, LOOK};
use crate::os::limits;
use crate::os::names::FoundNames;
use crate::os::network::{self, Network};
use crate::os::sockets::Transport;
use crate::trial::{Course, Failure, Origin, Pace, Stop, Target, Trial, Verdict};

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
    /// A door that has failed, and does not shut off the others.
    ajar: bool,
    /// Where the program has asked first, if it is a client.
    asked: Option<(SocketAddrV4, Transport)>,
}

impl Checked {
    fn not_tried(check: &'static Check, outcome: Outcome) -> Checked {
        Checked {
            check,
            outcome,
            advice: check.is_advice(),
            rungs: Vec::new(),
            open_gap: None,
            ajar: false,
            asked: None,
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

    /// Names the cause where the program's own last words tell why it does not come to its work at all.
    fn tell_why_it_gave_up(&mut self) {
        const OLD: &[&str] =
            &["missing parentheses in call to 'print'", "name 'raw_input' is not defined"];
        const NOT_FOUND: &[&str] = &[
            "name resolution",
            "name or service not known",
            "nodename nor servname",
            "unknownhost",
            "enotfound",
            "network is unreachable",
        ];
        let causes = [
            (OLD, "it is written for Python 2, and was started with Python 3"),
            (
                NOT_FOUND,
                "the host that is written in it cannot be found from here: let it take {address}, or write \
                 127.0.0.1",
            ),
        ];
        let Outcome::Failed(failure) = &mut self.outcome else { return };
        let said = failure.received.join("\n").to_lowercase();
        let is_it = |(words, _): &(&[&str], &str)| words.iter().any(|words| said.contains(words));
        if let Some((_, cause)) = causes.into_iter().find(is_it) {
            failure.cause = Some(cause.to_owned());
        }
    }

    /// Whether what comes behind this door cannot be tried.
    fn is_shut(&self) -> bool {
        !matches!(self.outcome, Outcome::Passed) && !self.ajar
    }
}

/// What the checks of one run have in common; theirs for as long as any of them goes on.
#[derive(Clone)]
struct Round {
    target: Arc<Target>,
    checks: &'static [Check],
    seed: u64,
    course: Arc<Course>,
    /// For a check with all that we make of it.
    time: Duration,
}

impl Round {
    fn new(target: &Target, checks: &'static [Check], seed: u64) -> Round {
        let (target, course) = (Arc::new(target.clone()), Arc::default());
        Round { target, checks, seed, course, time: limits::CHECK_AND_OURS }
    }

    /// Does one check, and gives it up if it goes on and on: a thread cannot be ended, so it is left to
    /// itself, and ends with the tool. A fault of one check is that check's alone.
    fn one(&self, check: &'static Check) -> Checked {
        let (tell, told) = mpsc::channel();
        let run = self.clone();
        let work = move || {
            // Nobody listens to one that was given up.
            let _ = tell.send(panics::caught(|| run.in_its_network(check)).flatten());
        };
        let checked = match thread::Builder::new().spawn(work) {
            Err(error) => Err(format!("cannot start a thread: {error}")),
            Ok(_) => {
                // By the same clock as the programs, however busy the machine is: theirs ends first.
                let end = bounds::looked_after() + self.time;
                loop {
                    match told.recv_timeout(LOOK) {
                        Ok(checked) => break checked,
                        Err(RecvTimeoutError::Disconnected) => break Err(panics::NO_WORDS.into()),
                        Err(RecvTimeoutError::Timeout) if bounds::looked_after() >= end => {
                            break Err(endless(self.time));
                        }
                        Err(RecvTimeoutError::Timeout) => {}
                    }
                }
            }
        };
        checked.unwrap_or_else(|fault| Checked::fault(check, fault)).of(&self.target)
    }

    /// Does a door's check. A client that cannot be told a port or an address may have one of its own: then
    /// it is checked there, as if `--port` had said so.
    fn door(&mut self, check: &'static Check) -> Checked {
        let mut checked = self.one(check);
        let Some((asked, transport)) = checked.asked.filter(|_| checked.is_shut()) else {
            if checked.is_shut() && self.target.origin == Origin::Command {
                checked.tell_why_it_gave_up();
            }
            return checked;
        };
        let mut target = Target::clone(&self.target);
        let before = (target.facts.port, target.server);
        if target.port_is_fixed() {
            target.facts.port = asked.port();
        }
        if target.address_is_fixed() {
            target.server = *asked.ip();
        }
        match &mut checked.outcome {
            Outcome::Failed(failure) if transport != target.facts.transport => {
                failure.cause = Some(other_transport(transport).to_owned());
                return checked;
            }
            _ if before == (target.facts.port, target.server) => return checked,
            _ => {}
        }
        let there = Round { target: Arc::new(target), ..self.clone() };
        let again = there.one(check);
        if again.is_shut() {
            return checked;
        }
        *self = there;
        again
    }

    /// Every check gets a network of its own, if there are any to be had: no other check, and nothing
    /// else on this machine, can take a port from it. The network belongs to the calling thread.
    fn in_its_network(&self, check: &'static Check) -> Result<Checked, String> {
        let mut _names = None; // for as long as the check goes on
        if network::available() == Network::Private {
            network::enter().map_err(|error| format!("cannot make a private network: {error}"))?;
            // The host that is written in a program is found; where that cannot be had, it is not.
            if self.target.address_is_fixed() && network::take_every_address().is_ok() {
                _names = FoundNames::answer().ok();
            }
        }
        Ok(one_check(&self.target, self.checks, check, self.seed, &self.course))
    }
}

/// The cause where a client speaks the other one of the two.
fn other_transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "it sends a datagram, over UDP: a connection is asked for, over TCP",
        Transport::Tcp => "it asks for a connection, over TCP: a datagram is to be sent, over UDP",
    }
}

/// What is said of a check that has no end though its programs had one.
fn endless(time: Duration) -> String {
    format!(
        "the check itself was not done after {} s: a fault of the tool, which its makers want to hear of",
        time.as_secs()
    )
}

/// Checks one program; `done` is called after each check.
pub fn run(
    target: &Target,
    checks: &'static [Check],
    seed: u64,
    done: &(dyn Fn() + Sync),
) -> Results {
    let start = Instant::now();
    let mut run = Round::new(target, checks, seed);
    let course = run.course.clone();
    let note = |checked: Checked| {
        if checked.costs_points() && !checked.check.slow {
            course.has_failed();
        }
        done();
        checked
    };
    let mut results: Vec<Checked> = Vec::new();
    let (doors, others) = checks.split_at(checks.iter().take_while(|check| check.door).count());
    let closed = |results: &[Checked]| results.last().is_some_and(Checked::is_shut);
    for door in doors {
        if !closed(&results) {
            results.push(note(run.door(door)));
        }
    }
    let one = |check: &'static Check| note(run.one(check));
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
    give_up_the_slow(&mut results, target.slow_too);
    let open_gap = results.iter().find_map(|checked| checked.open_gap.clone());
    Results { checks: results, open_gap, took: start.elapsed() }
}

/// Does some checks once more, after the doors and all at once, and says whether any of them passes.
#[cfg(feature = "grade")]
pub fn any_passes(target: &Target, checks: &'static [Check], names: &[String], seed: u64) -> bool {
    let run = Round::new(target, checks, seed);
    let passes = |check: &'static Check| {
        let passed = matches!(run.one(check).outcome, Outcome::Passed);
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

/// Whether a slow check was through before another one failed is luck: then none was reached, unless those
/// with points are done all the same.
fn give_up_the_slow(results: &mut [Checked], slow_too: bool) {
    if results.iter().any(|checked| !checked.check.slow && checked.costs_points()) {
        let is_given_up =
            |checked: &&mut Checked| checked.check.slow && (checked.advice || !slow_too);
        for checked in results.iter_mut().filter(is_given_up) {
            checked.outcome = Outcome::NotReached;
        }
    }
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
    // Slow ones that count are done to their end where somebody is graded.
    let pace = match check.slow && (check.is_advice() || !target.slow_too) {
        true => Pace::WhileAllIsWell,
        false => Pace::AsLongAsItTakes,
    };
    let trial = Trial::new(target, check.name, seed, course, pace);
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
    let exchange = trial.exchange();
    let rungs = exchange::rungs(&exchange, failure);
    let asked = exchange.asked().filter(|_| !trial.serves());
    let ajar = trial.is_ajar();
    Checked { rungs, open_gap, ajar, asked, ..Checked::not_tried(check, outcome) }
}

/// The gap that a program ran into, if it said so on stderr. Several threads may run into one each:
/// then the one that is looked at first. Others may use these words for something else.
fn open_gap(stderr: &str, checks: &[Check]) -> Option<String> {
    let found = stderr.split("not yet implemented: ").skip(1);
    let found: Vec<&str> = found.filter_map(|rest| Some(rest.lines().next()?.trim())).collect();
    let first = checks.iter().find(|check| found.contains(&check.gap));
    first.map(|check| check.gap.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    use crate::trial::{Facts, Words};

    /// Both sides have seen what they wanted.
    static DONE: AtomicBool = AtomicBool::new(false);

    const SPINS: Check = Check::new("spins", "an analysis without end", "", "A rule.", |_| {
        while !DONE.load(Ordering::Relaxed) {
            thread::yield_now();
        }
        Ok(())
    });
    const PASSES: Check = Check::new("passes", "another one", "", "A rule.", |_| Ok(()));
    static CHECKS: [Check; 2] = [SPINS, PASSES];

    fn run_of(time: Duration) -> Round {
        let (transport, arguments) = (Transport::Tcp, &["{port}"]);
        let facts = Facts { name: "tcpserver", transport, port: 5000, arguments };
        let target = Target::of_command(facts, Words::Free, vec!["true".into()]);
        Round { time, ..Round::new(&target, &CHECKS, 1) }
    }

    const FAILS: Check = Check::new("fails", "at once", "", "A rule.", |_| {
        Err(Failure::new("did nothing", "something").into())
    });
    const WAITS: Check = Check::new("waits", "for long", "", "A rule.", |trial| {
        let end = Instant::now() + Duration::from_millis(300);
        while Instant::now() < end {
            if trial.is_given_up() {
                return Err(Stop::GivenUp);
            }
            thread::yield_now();
        }
        Ok(())
    })
    .slow();
    static SLOW: [Check; 3] =
        [FAILS, WAITS, Check::new("waits too", "", "", "", WAITS.run).slow().advice()];

    #[test]
    fn a_slow_check_is_done_behind_a_failure_where_somebody_is_graded() {
        let outcomes = |slow_too| {
            let mut target = Target::clone(&run_of(Duration::ZERO).target);
            target.slow_too = slow_too;
            let results = run(&target, &SLOW, 1, &|| {});
            results
                .checks
                .iter()
                .map(|it| matches!(it.outcome, Outcome::Passed))
                .collect::<Vec<_>>()
        };
        assert_eq!(outcomes(false), [false, false, false]);
        assert_eq!(outcomes(true), [false, true, false]);
    }

    #[test]
    fn an_analysis_without_end_is_given_up_and_the_others_are_whole() {
        let run = run_of(Duration::from_millis(300));
        let given_up = run.one(&CHECKS[0]);
        assert!(
            matches!(&given_up.outcome, Outcome::Fault(fault) if fault.contains("not done after")),
            "{:?}",
            given_up.outcome
        );
        assert!(matches!(run.one(&CHECKS[1]).outcome, Outcome::Passed));
        DONE.store(true, Ordering::Relaxed);
    }
}
