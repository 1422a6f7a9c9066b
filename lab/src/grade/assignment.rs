//! What a teacher says: which programs count and how much, and his word on single submissions.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use serde::Deserialize;
use serde_json::Value;

use crate::error::Error;
use crate::grade::check;
use crate::grade::groups::{self, Group};
use crate::grade::results::{GradeState, Graded, GradedProgram};
use crate::labs::{self, Lab};
use crate::tree::Tree;

/// The file assignment.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Programs, or labs by their numbers. Without it, all that anybody has handed in.
    #[serde(default)]
    labs: Option<Vec<String>>,
    /// What a point of a program counts.
    #[serde(default)]
    weights: BTreeMap<String, f64>,
}

impl Assignment {
    pub fn read(path: &Path) -> Result<Assignment, Error> {
        let assignment: Assignment = read(path)?.unwrap_or_default();
        for (name, weight) in &assignment.weights {
            if labs::find(name).is_none() {
                let said = format!("{}: there is no program {name}", path.display());
                return Err(Error::Usage(said));
            }
            if !weight.is_finite() || *weight < 0.0 {
                let said = format!("{}: {name} cannot count {weight}", path.display());
                return Err(Error::Usage(said));
            }
        }
        Ok(assignment)
    }

    /// The programs that count, if it says which.
    pub fn labs(&self, tree: &Tree) -> Result<Option<Vec<&'static Lab>>, Error> {
        self.labs.as_ref().map(|words| labs::named(tree, words)).transpose()
    }

    fn weight(&self, program: &str) -> f64 {
        self.weights.get(program).copied().unwrap_or(1.0)
    }
}

/// How a group of equal gaps is named among the identities.
const GROUP: &str = "group:";

/// The file overrides.toml: by identity, by program, by check.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Overrides {
    by_id: BTreeMap<String, Override>,
}

#[derive(Debug, Default, Deserialize)]
struct Override {
    points: Option<f64>,
    #[serde(default)]
    excused: bool,
    comment: Option<String>,
    /// Programs.
    #[serde(flatten)]
    programs: BTreeMap<String, OfProgram>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfProgram {
    points: Option<f64>,
    comment: Option<String>,
    #[serde(default)]
    checks: BTreeMap<String, OfCheck>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfCheck {
    points: Option<f64>,
    comment: Option<String>,
}

impl Overrides {
    pub fn read(path: &Path) -> Result<Overrides, Error> {
        let overrides: Overrides = read(path)?.unwrap_or_default();
        for (id, word) in &overrides.by_id {
            if let Some(name) = word.programs.keys().find(|name| labs::find(name).is_none()) {
                return Err(Error::Usage(format!(
                    "{}: {name:?} of {id} is neither a program nor points, excused or comment",
                    path.display()
                )));
            }
        }
        Ok(overrides)
    }

    /// Comments on equal gaps, for each of whom they are: identity, program, comment.
    fn of_groups(&self, records: &[Graded]) -> Vec<(String, String, &str)> {
        let named = |key: &str| self.by_id.get(&format!("{GROUP}{key}"))?.comment.as_deref();
        if !self.by_id.keys().any(|id| id.starts_with(GROUP)) {
            return Vec::new();
        }
        let groups = groups::of(records).into_iter();
        let commented = groups.filter_map(|group| Some((named(&group.key)?, group)));
        let of_group = |(comment, group): (_, Group)| {
            let program = group.program;
            group.ids.into_iter().map(move |id| (id, program.clone(), comment)).collect::<Vec<_>>()
        };
        commented.flat_map(of_group).collect()
    }

    /// Words about nobody who is here.
    pub fn about_nobody(&self, records: &[Graded]) -> Vec<String> {
        let is_here = |id: &&String| records.iter().any(|record| record.id == **id);
        let ids = self.by_id.keys().filter(|id| !id.starts_with(GROUP));
        ids.filter(|id| !is_here(id)).cloned().collect()
    }
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::file(path, &error)),
    };
    let read = toml::from_str(text.trim_start_matches('\u{feff}'));
    read.map(Some).map_err(|error| {
        Error::Usage(format!("{}: {}", path.display(), error.to_string().trim_end()))
    })
}

/// Gives every record its points: those of the programs that count, with their weights, and with the
/// teacher's word. Whoever has not handed in a program that others have has no points for it.
pub fn settle(
    records: &mut [Graded],
    counting: Option<&[&'static Lab]>,
    assignment: &Assignment,
    overrides: &Overrides,
) {
    let handed_in = |lab: &&'static Lab| {
        records.iter().any(|record| {
            record.programs.get(lab.name).is_some_and(|program| !program.key.is_empty())
        })
    };
    let counted: Vec<&'static Lab> = match counting {
        Some(labs) => labs.to_vec(),
        None => labs::LABS.iter().filter(handed_in).collect(),
    };
    let of_groups = overrides.of_groups(records);
    for record in records {
        let word = overrides.by_id.get(&record.id);
        record.programs.retain(|name, program| {
            !program.key.is_empty() || counted.iter().any(|lab| lab.name == name)
        });
        for lab in &counted {
            let missing = || missing(&record.unread);
            record.programs.entry(lab.name.to_owned()).or_insert_with(missing);
        }
        for (name, program) in &mut record.programs {
            let word = word.and_then(|word| word.programs.get(name));
            settle_program(name, program, assignment.weight(name), word);
            let of_groups = of_groups.iter().filter(|it| it.0 == record.id && it.1 == *name);
            let comments: Vec<&str> =
                program.comment.as_deref().into_iter().chain(of_groups.map(|it| it.2)).collect();
            program.comment = (!comments.is_empty()).then(|| comments.join("\n"));
        }
        total(record, &counted, word);
    }
}

/// A program of which there is no file. Where something cannot be read, it may be in that.
fn missing(unread: &[String]) -> GradedProgram {
    let (state, reason) = match unread {
        [] => (GradeState::Graded, None),
        unread => {
            let why = format!("not found, and not all could be read: {}", unread.join("; "));
            (GradeState::NotGradable, Some(why))
        }
    };
    GradedProgram {
        state,
        reason,
        notes: vec!["not handed in".to_owned()],
        ..GradedProgram::default()
    }
}

/// Adds up what counts.
fn total(record: &mut Graded, counted: &[&'static Lab], word: Option<&Override>) {
    let is_counted = |name: &&String| counted.iter().any(|lab| lab.name == name.as_str());
    let programs: Vec<&GradedProgram> =
        record.programs.iter().filter(|(name, _)| is_counted(name)).map(|it| it.1).collect();
    let sum = |of: fn(&GradedProgram) -> Option<f64>| -> Option<f64> {
        programs.iter().try_fold(0.0, |sum, program| Some(sum + of(program)?))
    };
    record.max_points = programs.iter().fold(0.0, |sum, program| sum + program.max_points);
    let is_open = record.reason.is_some() && record.programs.values().all(|it| it.key.is_empty());
    let worst = programs.iter().max_by_key(|program| program.state);
    if let Some(worst) = worst.filter(|_| !is_open) {
        record.state = worst.state;
        record.reason.clone_from(&worst.reason);
    }
    let is_graded = record.state == GradeState::Graded;
    record.raw_points = sum(|program| program.raw_points).filter(|_| is_graded);
    record.points = sum(|program| program.points).filter(|_| is_graded || !is_open);
    record.excused = word.is_some_and(|word| word.excused);
    record.comment = word.and_then(|word| word.comment.clone());
    if let Some(points) = word.and_then(|word| word.points) {
        record.points = Some(points);
    }
    if record.excused {
        record.points = None;
    }
}

fn settle_program(name: &str, program: &mut GradedProgram, weight: f64, word: Option<&OfProgram>) {
    let max = labs::find(name).map_or(0, Lab::points);
    program.max_points = f64::from(max) * weight;
    let points = |check: &Value| check.get("points").and_then(Value::as_f64).unwrap_or(0.0);
    let raw = program.checks.iter().map(points).fold(0.0, |sum, points| sum + points); // 0, not -0
    let is_graded = program.state == GradeState::Graded;
    program.raw_points = is_graded.then_some(raw * weight);
    program.comment = None;
    let mut final_points = raw;
    let Some(word) = word else {
        program.points = program.raw_points;
        return;
    };
    program.comment.clone_from(&word.comment);
    for (check, word) in &word.checks {
        let Some(there) = check::named(&mut program.checks, check) else { continue };
        if let Some(given) = word.points {
            final_points += given - points(there);
        }
        if let (Some(comment), Some(there)) = (&word.comment, there.as_object_mut()) {
            there.insert("comment".to_owned(), comment.clone().into());
        }
    }
    program.points = match word.points {
        Some(points) => Some(points),
        None => is_graded.then_some(final_points * weight),
    };
}
