//! `lab check` for the programs of a set: builds them, runs their checks, and looks at what a
//! student's file is like for a grader.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::error::Error;
use crate::judge::blame::{blame, changes_outside, gives_result, inside};
use crate::judge::build::{self, Built};
use crate::judge::panics;
use crate::judge::report::{Report, Subject};
use crate::judge::run;
use crate::labs::{self, Lab};
use crate::text::escape;
use crate::text::say::warn;
use crate::text::style::STRONG;
use crate::tree::handout::Handout;
use crate::tree::memory::{Memory, Remembered, digest};
use crate::tree::products;
use crate::tree::source;
use crate::tree::{Set, Tree, library, product};
use crate::trial::Target;

/// Builds and checks programs of a set, all at once; `done` is called after each check. Gives the
/// reports and the time that building took. With `slow_too`, slow checks are done even where another one has
/// failed.
pub fn examine(
    tree: &Tree,
    set: Set,
    labs: &[&'static Lab],
    seed: u64,
    slow_too: bool,
    done: &(dyn Fn() + Sync),
) -> Result<(Vec<Report>, Duration), Error> {
    let is_missing = |lab: &&Lab| !tree.path(&product(set, lab.name)).is_file();
    let missing: Vec<&Lab> = labs::here(tree).into_iter().filter(is_missing).collect();
    let names: Vec<&str> = labs.iter().map(|lab| lab.name).collect();
    // Read before cargo reads: what a student saves meanwhile then counts as not checked yet.
    let texts: BTreeMap<&str, String> = labs
        .iter()
        .map(|lab| (lab.name, fs::read(tree.path(&product(set, lab.name))).unwrap_or_default()))
        .map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned()))
        .collect();
    let built = match missing.is_empty() {
        true => build::build(&build_directory(tree, set)?, &names)?,
        false => Built::default(),
    };
    let start = HeadStart::of(labs);
    let one = |lab: &'static Lab| -> Result<Report, Error> {
        let beginner = start.begin(lab);
        if let Some(fault) = built.faults.get(lab.name) {
            return Err(Error::Fault(fault.clone()));
        }
        let file = product(set, lab.name);
        let parsed = source::parse(&file, &texts[lab.name]);
        let subject = Subject { name: file, source: parsed.as_ref().ok() };
        let mut report = match why_not_built(tree, lab, &subject, &missing, &built)? {
            Some((why, gap)) => Report::not_built(lab, &subject, why, gap),
            None => {
                let executable = built.executables[lab.name].clone();
                let mut target = Target::of_set(lab.facts(), set, tree.root(), &[executable]);
                target.slow_too = slow_too;
                let one_more = || {
                    beginner.has_done_one();
                    done();
                };
                let results = run::run(&target, lab.checks, seed, &one_more);
                Report::of(lab, &subject, &Handout::read(tree, lab.handout)?, &results)
            }
        };
        if missing.is_empty() {
            report.fences =
                parsed.as_ref().err().into_iter().flatten().map(ToString::to_string).collect();
            report.fences.extend(gone(tree, lab, &subject)?);
            report.notes = notes(tree, lab, &subject, &built)?;
            report.notes.extend(library::note(tree, set));
        }
        Ok(report)
    };
    let reports = at_once(set, labs, &one);
    if set == Set::Skeletons {
        remember(tree, labs, &texts, &reports);
    }
    Ok((reports, built.took))
}

/// The board will know of these checks. A full disk takes its memory, and not the verdict.
fn remember(tree: &Tree, labs: &[&Lab], texts: &BTreeMap<&str, String>, reports: &[Report]) {
    let sure = labs.iter().zip(reports).filter(|(_, report)| !report.could_not_check());
    let remembered = Memory::update(tree, |memory| {
        sure.for_each(|(lab, report)| memory.learn(lab.name, checked(&texts[lab.name], report)));
    });
    if let Err(error) = remembered {
        let error = escape::line(&error.to_string());
        warn(&format!("lab: the board will not know of this check: {error}"));
    }
}

/// The programs that wait longest begin first: the others begin when these are through their doors, and
/// use the time for which these wait.
struct HeadStart {
    /// How many have not come so far.
    ahead: Mutex<usize>,
    through: Condvar,
}

impl HeadStart {
    fn of(labs: &[&Lab]) -> HeadStart {
        let ahead = labs.iter().filter(|lab| waits_long(lab)).count();
        HeadStart { ahead: Mutex::new(ahead), through: Condvar::new() }
    }

    /// Lets a program begin when it is its turn.
    fn begin(&self, lab: &Lab) -> Beginner<'_> {
        let doors = lab.checks.iter().take_while(|check| check.door).count();
        let is_ahead = waits_long(lab);
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_ahead {
            // Nobody waits long for one that hangs.
            const MOST: Duration = Duration::from_secs(2);
            drop(self.through.wait_timeout_while(ahead, MOST, |ahead| *ahead > 0));
        }
        let shut = if is_ahead { doors } else { 0 };
        Beginner { start: self, shut: AtomicUsize::new(shut) }
    }

    fn one_is_through(&self) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_sub(1);
        self.through.notify_all();
    }
}

/// Whether a program has a check that counts and waits long.
fn waits_long(lab: &Lab) -> bool {
    lab.checks.iter().any(|check| check.slow && !check.is_advice())
}

/// A program that has begun, and how many of its doors are not behind it, if others wait for that.
struct Beginner<'s> {
    start: &'s HeadStart,
    shut: AtomicUsize,
}

impl Beginner<'_> {
    fn has_done_one(&self) {
        if self.shut.load(Ordering::Relaxed) > 0 && self.shut.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.start.one_is_through();
        }
    }
}

impl Drop for Beginner<'_> {
    /// However it has ended: nobody waits for it any more.
    fn drop(&mut self) {
        if self.shut.swap(0, Ordering::Relaxed) > 0 {
            self.start.one_is_through();
        }
    }
}

/// The reports of all programs. What goes wrong with one is said of that one: the others keep theirs.
fn at_once(
    set: Set,
    labs: &[&'static Lab],
    one: &(dyn Fn(&'static Lab) -> Result<Report, Error> + Sync),
) -> Vec<Report> {
    let not_checked = |lab: &'static Lab, fault| {
        let subject = Subject { name: product(set, lab.name), source: None };
        Report::not_checked(lab, &subject, fault)
    };
    let report = |lab: &'static Lab| {
        let done = panics::caught(|| one(lab).map_err(|error| error.to_string()));
        let report = done.and_then(|report| report);
        report.unwrap_or_else(|fault| not_checked(lab, fault)).harmless()
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = labs.iter().map(|lab| scope.spawn(|| report(lab))).collect();
        let joined = running.into_iter().zip(labs);
        let silent = |lab| not_checked(lab, panics::NO_WORDS.to_owned());
        joined.map(|(thread, lab)| thread.join().unwrap_or_else(|_| silent(lab))).collect()
    })
}

/// Where the programs of a set are built: in their own directory, or, where its lib.rs is not as it
/// was handed out, in a copy of the directory with the one that was.
fn build_directory(tree: &Tree, set: Set) -> Result<PathBuf, Error> {
    let original = tree.path(set.directory());
    if library::change(tree, set).is_none() {
        return Ok(original);
    }
    let copy = format!("target/lab/pristine/{}", set.directory());
    tree.write_changed(&format!("{copy}/lib.rs"), library::PRISTINE)?;
    let programs = labs::here(tree).into_iter().map(|lab| format!("{}.rs", lab.name));
    for file in programs.chain(["Cargo.toml".to_owned(), "Cargo.lock".to_owned()]) {
        let (from, to) = (original.join(&file), tree.path(&copy).join(&file));
        let bytes = fs::read(&from).map_err(|error| Error::file(&from, &error))?;
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            continue; // it keeps its time, and cargo what it has made of it
        }
        fs::write(&to, bytes).map_err(|error| Error::file(&to, &error))?;
    }
    Ok(tree.path(&copy))
}

/// What is remembered of a report, and of the version of the file that was checked.
fn checked(text: &str, report: &Report) -> Remembered {
    let failed = report.checks.iter().find(|line| line.failure.is_some() && !line.advice);
    Remembered {
        digest: digest(text),
        compiles: report.not_built.is_none(),
        passed: report.passed,
        total: report.total,
        failed: failed.map(|line| line.name.clone()),
        look_at: report.look_at.clone(),
    }
}

/// Why a program could not be started, if so, what to do about it, and the gap to look at.
pub fn why_not_built(
    tree: &Tree,
    lab: &Lab,
    subject: &Subject,
    missing: &[&Lab],
    built: &Built,
) -> Result<Option<(String, Option<String>)>, Error> {
    let file = &subject.name;
    let directory = file.split('/').next().unwrap_or_default();
    if let Some(gone) = missing.iter().find(|gone| gone.name == lab.name).or(missing.first()) {
        let effect = match gone.name == lab.name {
            true => "",
            false => ", so cargo builds none of its programs",
        };
        let why = format!(
            "{directory}/{0}.rs is missing{effect}: `make reset LAB={0}` makes it anew",
            gone.name
        );
        return Ok(Some((why, None)));
    }
    let Some(errors) = built.errors.get(lab.name) else { return Ok(None) };
    let Some(first) = errors.first() else { return Ok(None) };
    let rest = match errors.len() - 1 {
        0 => "",
        1 => " One more error comes after it, perhaps because of it.",
        _ => " More errors come after it, perhaps because of it.",
    };
    let (place, gap) = blame(tree, lab, subject, first)?;
    let why = format!("{STRONG}{place}{STRONG:#}{rest}\n\n{}", first.text.trim_end());
    Ok(Some((why, gap)))
}

/// The gaps of the skeleton that a file no longer has.
fn gone(tree: &Tree, lab: &Lab, subject: &Subject) -> Result<Option<String>, Error> {
    let Some(source) = subject.source else { return Ok(None) };
    let products = products::of(tree, lab.name)?;
    let gone = products.skeleton.gaps.iter().filter(|gap| source.gap(&gap.name).is_none());
    let names: Vec<&str> = gone.map(|gap| gap.name.as_str()).collect();
    let said = format!("{}: the fences of gap {} are gone", subject.name, names.join(", "));
    Ok((!names.is_empty()).then_some(said))
}

/// What a student should know though it costs no points.
pub fn notes(
    tree: &Tree,
    lab: &Lab,
    subject: &Subject,
    built: &Built,
) -> Result<Vec<String>, Error> {
    let file = &subject.name;
    let mut notes = Vec::new();
    for warning in built.warnings.get(lab.name).into_iter().flatten() {
        let line = warning.lines.first().copied().unwrap_or(0);
        let gap = subject.source.and_then(|source| inside(source, line));
        let gap = gap.map_or_else(String::new, |gap| format!(", gap {}", gap.name));
        let can_hand_on = || subject.source.is_none_or(|source| gives_result(source, line));
        let remedy = match warning.message.contains("`Result` that must be used") {
            true if can_hand_on() => ": an error would pass unseen; end the line in `?;`",
            true => ": if nothing is to be done about an error, begin the line with `let _ = `",
            false => "",
        };
        notes.push(format!("{file}:{line}{gap}: {}{remedy}", warning.message));
    }
    if let Some(source) = subject.source
        && let Some(line) = changes_outside(tree, lab, source)?.first()
    {
        let changed = match products::is_given(tree, lab.name) {
            true => "is changed, though the program is given complete",
            false => "is changed outside the gaps, where a grader does not look",
        };
        notes.push(format!("{file}:{line} {changed}; `make diff LAB={}` shows it", lab.name));
    }
    Ok(notes)
}
