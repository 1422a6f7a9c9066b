//! `lab grade`: a class graded in one go. Exports are read as they come, what students wrote is lifted
//! into the programs that were handed out, each is compiled and run in a sandbox, and results are
//! written that only the grader writes.
#![warn(clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::grade::assignment::{Assignment, Overrides};
use crate::grade::night::Night;
use crate::grade::results::{GradeState, Graded, Ledger, plain};
use crate::grade::views::fill;
use crate::labs::{self, LABS, Lab};
use crate::os::sandbox::Sandbox;
use crate::text::escape;
use crate::text::say::{say, warn};
use crate::text::style::{BAD, GOOD, NEXT};
use crate::tree::{self, Tree};

mod answers;
pub mod archive;
pub mod assignment;
mod check;
mod compile;
pub mod decode;
mod exports;
mod fences;
mod find;
mod groups;
mod lift;
mod night;
pub mod progress;
mod results;
mod views;

/// What a teacher asks for.
#[derive(Clone)]
pub struct Grading {
    pub exports: Vec<PathBuf>,
    pub out: PathBuf,
    /// Programs or labs; none named means those of assignment.toml, or all that were handed in.
    pub labs: Vec<String>,
    pub names: Option<String>,
    pub assignment: Option<PathBuf>,
    pub seed: Option<u64>,
    pub without_sandbox: bool,
    /// Files of platforms that are to be filled in, and the column in them.
    pub fill: Vec<PathBuf>,
    pub column: Option<String>,
    pub names_shown: bool,
}

/// What is remembered of the last run.
#[derive(Default, Serialize, Deserialize)]
struct Last {
    seed: u64,
    points: BTreeMap<String, f64>,
    /// Whether all views are there, of these results and with these names.
    #[serde(default)]
    views: Option<bool>,
}

const LAST: &str = "run.json";

impl Last {
    fn of(ledger: &Ledger) -> Option<Last> {
        serde_json::from_slice(&std::fs::read(ledger.path(LAST)).ok()?).ok()
    }
}

/// What a teacher has said, in files and in the command.
struct TeachersWord {
    assignment: Assignment,
    overrides: Overrides,
    counting: Option<Vec<&'static Lab>>,
}

impl TeachersWord {
    fn read(tree: &Tree, wanted: &Grading, directory: &Path) -> Result<TeachersWord, Error> {
        let file = wanted.assignment.clone().unwrap_or_else(|| directory.join("assignment.toml"));
        let assignment = Assignment::read(&file)?;
        let overrides = Overrides::read(&directory.join("overrides.toml"))?;
        let counting = match wanted.labs.is_empty() {
            true => assignment.labs(tree, &file)?,
            false => Some(labs::named(tree, &wanted.labs)?),
        };
        Ok(TeachersWord { assignment, overrides, counting })
    }

    /// The programs that are graded.
    fn labs(&self) -> Vec<&'static Lab> {
        self.counting.clone().unwrap_or_else(|| LABS.iter().collect())
    }
}

/// Grades exports; gives back what there is to say of it.
pub fn grade(tree: &Tree, wanted: &Grading) -> Result<String, Error> {
    let names = wanted.names.as_deref().map(exports::names::expression).transpose()?;
    let words = TeachersWord::read(tree, wanted, &wanted.out)?;
    let class = exports::read(&wanted.exports, names.as_ref())?;
    let sandbox = sandbox(wanted.without_sandbox)?;
    let ledger = Ledger::open(&wanted.out)?;
    let last = Last::of(&ledger);
    let seed = wanted.seed.or(last.as_ref().map(|last| last.seed));
    let seed = seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let last = last.unwrap_or_default();
    let points = last.points.clone();
    // Whoever is killed from here on has views that are older than the results.
    ledger.write(LAST, &results::json(&Last { seed, points, views: None }))?;
    for remark in &class.remarks {
        warn(&escape::line(remark));
    }
    let night = Night::prepare(tree, &words.labs(), &ledger, sandbox, seed)?;
    let fresh = night.grade(&class.submissions)?;
    let records = ledger.all()?;
    let strangers = records.len() - fresh.len();
    let mut said = String::new();
    if strangers > 0 {
        let _ = writeln!(said, "{strangers} results are of submissions that were not in it"); // a String takes everything
    }
    finish(wanted, &ledger, &words, records, Last { seed, ..last }).map(|rest| said + &rest)
}

/// The identities of all that is in some exports, one on a line: as results are named, so that neither
/// a line nor a command is broken by them.
pub fn identities(wanted: &Grading) -> Result<String, Error> {
    let names = wanted.names.as_deref().map(exports::names::expression).transpose()?;
    let class = exports::read(&wanted.exports, names.as_ref())?;
    for remark in &class.remarks {
        warn(&escape::line(remark));
    }
    Ok(class.submissions.iter().map(|it| results::file_name(&it.id) + "\n").collect())
}

/// Grades one submission into one file: the work of one process under an engine. It is the one with an
/// identity in an export, or a folder or a file by itself.
pub fn grade_one(
    tree: &Tree,
    wanted: &Grading,
    path: &Path,
    id: Option<&str>,
) -> Result<String, Error> {
    let names = wanted.names.as_deref().map(exports::names::expression).transpose()?;
    let directory = wanted.out.parent().unwrap_or(Path::new("."));
    let words = TeachersWord::read(tree, wanted, directory)?;
    let submission = match id {
        Some(id) => exports::read_by_id(path, id, names.as_ref())?,
        None => exports::read_one(path, names.as_ref())?,
    };
    let sandbox = sandbox(wanted.without_sandbox)?;
    let place = tempfile::tempdir()
        .map_err(|error| Error::Fault(format!("no directory to work in: {error}")))?;
    let ledger = Ledger::open(place.path())?;
    // A result that is there already is kept, unless something has changed.
    let known = results::of_file(&wanted.out).filter(|known: &Graded| known.id == submission.id);
    if let Some(known) = &known {
        ledger.keep(known)?;
    }
    let seed = wanted.seed.or(known.map(|known| known.seed));
    let seed = seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let night = Night::prepare(tree, &words.labs(), &ledger, sandbox, seed)?;
    let mut records = night.grade(&[submission])?;
    assignment::settle(
        &mut records,
        words.counting.as_deref(),
        &words.assignment,
        &words.overrides,
    );
    let record = records.pop().unwrap_or_default();
    results::write_whole(&wanted.out, &results::json(&record))?;
    match record.state {
        GradeState::CouldNotCheck => Err(Error::Fault(record.reason.unwrap_or_default())),
        _ => Ok(format!("written  {}\n", escape::path(&wanted.out))),
    }
}

/// Makes one gradebook of the results that single processes have left.
pub fn collect(tree: &Tree, wanted: &Grading, directory: &Path) -> Result<String, Error> {
    let words = TeachersWord::read(tree, wanted, directory)?;
    let inside = directory.join("results");
    let records = results::all_in(if inside.is_dir() { &inside } else { directory })?;
    if records.is_empty() {
        return Err(Error::Usage(format!("{} has no results in it", escape::path(directory))));
    }
    let ledger = Ledger::open(directory)?;
    let seed = records.first().map_or(0, |record| record.seed);
    let wanted = Grading { out: directory.to_owned(), ..wanted.clone() };
    let last = Last { seed, views: None, ..Last::of(&ledger).unwrap_or_default() };
    let missing = missing(&ledger, &records);
    let said = finish(&wanted, &ledger, &words, records, last)?;
    match missing.as_slice() {
        [] => Ok(said),
        missing => Err(Error::Fault(format!(
            "{said}{} of {LIST} have no result: {}. Their processes have ended without one; start \
             the engine again",
            missing.len(),
            missing.join(", ")
        ))),
    }
}

/// What an engine was to do, as `--list` wrote it.
const LIST: &str = "list";

/// Who is in an engine's list and has no result.
fn missing(ledger: &Ledger, records: &[Graded]) -> Vec<String> {
    let there: BTreeSet<String> = records.iter().map(|it| results::file_name(&it.id)).collect();
    let list = std::fs::read_to_string(ledger.path(LIST)).unwrap_or_default();
    list.lines().filter(|id| !there.contains(*id)).map(str::to_owned).collect()
}

/// Gives points, writes results and views, and says what needs a look.
fn finish(
    wanted: &Grading,
    ledger: &Ledger,
    words: &TeachersWord,
    mut records: Vec<Graded>,
    last: Last,
) -> Result<String, Error> {
    assignment::settle(
        &mut records,
        words.counting.as_deref(),
        &words.assignment,
        &words.overrides,
    );
    answers::tell_of_shared(&mut records);
    let mut has_changed = last.points.len() > records.len();
    for record in &records {
        has_changed |= ledger.keep(record)?;
    }
    let is_there =
        ledger.path("grades.csv").is_file() && ledger.path("report/index.html").is_file();
    if has_changed || !is_there || last.views != Some(wanted.names_shown) {
        views::write(ledger, &records, wanted.names_shown)?;
    }
    let points = records.iter().filter_map(|record| Some((record.id.clone(), record.points?)));
    let (seed, views) = (last.seed, Some(wanted.names_shown));
    ledger.write(LAST, &results::json(&Last { seed, points: points.collect(), views }))?;
    let mut said = summary(&records, &last.points, &words.overrides);
    for file in &wanted.fill {
        said.push_str(&filled(wanted, file, &records)?);
    }
    for name in ["grades.csv", "feedback.zip", "report/index.html"] {
        let _ = writeln!(said, "written  {}", escape::path(wanted.out.join(name))); // a String takes everything
    }
    match records.iter().any(|record| record.state == GradeState::CouldNotCheck) {
        true => {
            say(&said);
            Err(Error::Fault(
                "some submissions could not be checked: the same command tries again".into(),
            ))
        }
        false => Ok(said),
    }
}

/// Fills in a platform's file, beside the results: what was downloaded stays as it is.
fn filled(wanted: &Grading, file: &Path, records: &[Graded]) -> Result<String, Error> {
    let filled = fill::fill(file, wanted.column.as_deref(), records)?;
    let name = file.file_name().unwrap_or_default();
    let into = wanted.out.join(name);
    let kept = tree::write_bytes_and_keep(&into, &filled.bytes)?;
    let mut said = format!("filled   {}, {} rows\n", escape::path(&into), filled.rows);
    if let Some(kept) = kept {
        let _ = writeln!(said, "kept     {}", escape::path(&kept));
    }
    for note in filled.notes {
        let _ = writeln!(said, "  {}", escape::line(&note));
    }
    Ok(said)
}

fn sandbox(without: bool) -> Result<Option<Sandbox>, Error> {
    if without {
        warn(&format!("{NEXT}Without a sandbox{NEXT:#}: every program in it can do what you can."));
        return Ok(None);
    }
    Sandbox::find().map(Some).map_err(|why| {
        Error::Fault(format!(
            "no sandbox: {why}. --without-sandbox runs strangers' programs as if they were yours"
        ))
    })
}

/// What a person wants to know first: how many, and what needs a look.
fn summary(records: &[Graded], before: &BTreeMap<String, f64>, overrides: &Overrides) -> String {
    let mut said = String::new();
    let count = |state: GradeState| records.iter().filter(|record| record.state == state).count();
    let _ = writeln!(said, "{GOOD}{} graded{GOOD:#}", count(GradeState::Graded));
    let mut list = |what: &str, lines: Vec<String>| {
        if lines.is_empty() {
            return;
        }
        let _ = writeln!(said, "{BAD}{} {what}{BAD:#}", lines.len());
        for line in lines {
            let _ = writeln!(said, "  {}", escape::line(&line));
        }
    };
    let of_state = |state: GradeState| -> Vec<String> {
        let those = records.iter().filter(|record| record.state == state);
        let why = |record: &Graded| record.reason.clone().unwrap_or_default();
        those.map(|record| format!("{}: {}", record.id, why(record))).collect()
    };
    list("not gradable: somebody has to look at them", of_state(GradeState::NotGradable));
    list("could not be checked: the same command tries again", of_state(GradeState::CouldNotCheck));
    let unsteady = records.iter().flat_map(|record| {
        let programs = record.programs.values();
        let names = programs.flat_map(|program| &program.unsteady);
        names.map(|name| format!("{}: {name}", record.id)).collect::<Vec<_>>()
    });
    list("unsteady: failed, then passed alone, and counted as passed", unsteady.collect());
    let lower = records.iter().filter_map(|record| {
        let (before, now) = (*before.get(&record.id)?, record.points?);
        let said = || format!("{}: {} before, {} now", record.id, plain(before), plain(now));
        (now < before).then(said)
    });
    list("with fewer points than in the last run", lower.collect());
    let shared = records.iter().filter_map(|record| {
        let others = record.packets.as_ref()?.get("also_of")?.as_array()?;
        let others: Vec<&str> = others.iter().filter_map(|id| id.as_str()).collect();
        Some(format!("{}: so did {}", record.id, others.join(", ")))
    });
    list("have handed in a capture that others have handed in, too", shared.collect());
    list("in overrides.toml that change nothing", overrides.in_vain(records));
    said
}
