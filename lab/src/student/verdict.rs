//! What a person is told by `lab check`: the verdict and what to do next come last, where the eye is.

use crate::judge::report::Report;
use crate::judge::screen::Wire;
use crate::labs::Lab;
use crate::student::board;
use crate::text::style::width;
use crate::tree::{Set, Tree};

/// What was asked for.
pub struct Wish {
    /// The program that was named last; `None` where all are checked.
    pub last: Option<&'static Lab>,
    pub set: Set,
    /// A command was checked, and not a program of a set.
    pub command: bool,
    /// Every failure, whole.
    pub all: bool,
    /// All that the compiler says.
    pub full: bool,
    /// What went over the wire: with a failure, or with every check.
    pub wire: bool,
}

/// The reports on what was asked for.
pub fn verdict(tree: &Tree, reports: &[Report], asked: &Wish) -> String {
    let whole = asked.all || asked.command;
    let one = |report: &Report| match whole {
        _ if asked.wire && (whole || report.all_passed()) => {
            report.headline() + &report.with_wire(width())
        }
        true => report.in_full(width()),
        false if asked.wire => report.in_short(width(), asked.full, Wire::Whole),
        false => report.in_short(width(), asked.full, Wire::IfThereIsRoom),
    };
    let students = asked.set == Set::Skeletons && !asked.command;
    if let Some(last) = asked.last {
        let text: String = reports.iter().map(one).collect();
        let next = students && reports.iter().all(Report::all_passed);
        return if next { text + &board::next(tree, Some(last)) } else { text };
    }
    // Of an open gap alone the board says all.
    let wrong = |report: &&Report| {
        let failed = report.checks.iter().any(|line| line.failure.is_some());
        report.not_built.is_some() || !report.fences.is_empty() || failed
    };
    if !students {
        let whole = |report: &Report| wrong(&report) || asked.wire;
        let told = |report| if whole(report) { one(report) } else { report.headline() };
        return reports.iter().map(told).collect();
    }
    let count = if whole { reports.len() } else { 1 };
    let first: String = reports.iter().filter(wrong).take(count).map(one).collect();
    board::rows(tree) + &first + &board::next(tree, None)
}
