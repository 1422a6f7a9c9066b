//! `lab grade`: a class graded in one go. Exports are read as they come, what students wrote is lifted
//! into the programs that were handed out, each is compiled and run in a sandbox, and results are
//! written that only the grader writes.

use std::collections::BTreeMap;
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
use crate::text::style::{BAD, GOOD, NEXT};
use crate::tree::{self, Tree};

mod archive;
mod assignment;
mod check;
mod compile;
mod decode;
mod exports;
mod find;
mod groups;
mod lift;
mod night;
pub mod progress;
mod results;
mod views;

/// What a teacher asks for.
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
}

const LAST: &str = "run.json";

/// Grades exports; gives back what there is to say of it.
pub fn grade(tree: &Tree, wanted: &Grading) -> Result<String, Error> {
    let names = wanted.names.as_deref().map(exports::names::expression).transpose()?;
    let file = wanted.assignment.clone().unwrap_or_else(|| wanted.out.join("assignment.toml"));
    let assignment = Assignment::read(&file)?;
    let overrides = Overrides::read(&wanted.out.join("overrides.toml"))?;
    let counting = match wanted.labs.is_empty() {
        true => assignment.labs(tree)?,
        false => Some(labs::named(tree, &wanted.labs)?),
    };
    let class = exports::read(&wanted.exports, names.as_ref())?;
    let sandbox = sandbox(wanted.without_sandbox)?;
    let ledger = Ledger::open(&wanted.out)?;
    let last: Option<Last> =
        std::fs::read(ledger.path(LAST)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let seed = wanted.seed.or(last.as_ref().map(|last| last.seed));
    let seed = seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let last = last.unwrap_or_default();
    ledger.write(LAST, &results::json(&Last { seed, points: last.points.clone() }))?;
    for remark in &class.remarks {
        anstream::eprintln!("{}", escape::line(remark));
    }
    let all: Vec<&'static Lab> = LABS.iter().collect();
    let night = Night::prepare(tree, counting.as_deref().unwrap_or(&all), &ledger, sandbox, seed)?;
    let fresh = night.grade(&class.submissions)?;
    let mut records = ledger.all()?;
    let strangers = records.len() - fresh.len();
    assignment::settle(&mut records, counting.as_deref(), &assignment, &overrides);
    for record in &records {
        ledger.keep(record)?;
    }
    views::write(&ledger, &records, wanted.names_shown)?;
    let points = records.iter().filter_map(|record| Some((record.id.clone(), record.points?)));
    ledger.write(LAST, &results::json(&Last { seed, points: points.collect() }))?;
    let mut said = summary(&records, &last.points, &overrides);
    if strangers > 0 {
        let _ = writeln!(said, "{strangers} results are of submissions that were not in it"); // a String takes everything
    }
    for file in &wanted.fill {
        said.push_str(&filled(wanted, file, &records)?);
    }
    for name in ["grades.csv", "feedback.zip", "report/index.html"] {
        let _ = writeln!(said, "written  {}", wanted.out.join(name).display());
    }
    match records.iter().any(|record| record.state == GradeState::CouldNotCheck) {
        true => Err(Error::Fault(said)),
        false => Ok(said),
    }
}

/// Fills in a platform's file, beside the results: what was downloaded stays as it is.
fn filled(wanted: &Grading, file: &Path, records: &[Graded]) -> Result<String, Error> {
    let filled = fill::fill(file, wanted.column.as_deref(), records)?;
    let name = file.file_name().unwrap_or_default();
    let into = wanted.out.join(name);
    let kept = tree::write_bytes_and_keep(&into, &filled.bytes)?;
    let mut said = format!("filled   {}, {} rows\n", into.display(), filled.rows);
    if let Some(kept) = kept {
        let _ = writeln!(said, "kept     {}", kept.display());
    }
    for note in filled.notes {
        let _ = writeln!(said, "  {}", escape::line(&note));
    }
    Ok(said)
}

fn sandbox(without: bool) -> Result<Option<Sandbox>, Error> {
    if without {
        anstream::eprintln!(
            "{NEXT}Without a sandbox{NEXT:#}: every program in it can do what you can."
        );
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
    list("in overrides.toml and not in this class", overrides.about_nobody(records));
    said
}
