//! What a teacher says: which programs count and how much, and his word on single submissions.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::Error;
use crate::grade::check;
use crate::grade::groups::{self, Group};
use crate::grade::results::{GradeState, Graded, GradedProgram};
use crate::labs::{self, Lab};
use crate::text::escape;
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
    weights: BTreeMap<String, toml::Value>,
}

impl Assignment {
    pub fn read(path: &Path) -> Result<Assignment, Error> {
        let assignment: Assignment = read(path)?.unwrap_or_default();
        for (name, weight) in &assignment.weights {
            if labs::find(name).is_none() {
                return Err(wrong(path, &format!("[weights] {}", no_program(name))));
            }
            if number(weight).is_none() {
                return Err(wrong(
                    path,
                    &format!(
                        "[weights] {name} = {weight}: a number from 0 up was expected, as in {name} = 2"
                    ),
                ));
            }
        }
        Ok(assignment)
    }

    /// The programs that count, if it says which.
    pub fn labs(&self, tree: &Tree, path: &Path) -> Result<Option<Vec<&'static Lab>>, Error> {
        let named = self.labs.as_ref().map(|words| labs::named(tree, words)).transpose();
        named.map_err(|error| wrong(path, &format!("labs: {error}")))
    }

    fn weight(&self, program: &str) -> f64 {
        self.weights.get(program).and_then(number).unwrap_or(1.0)
    }
}

/// A number that points can be.
fn number(value: &toml::Value) -> Option<f64> {
    let whole = || value.as_integer().and_then(|whole| whole.to_string().parse().ok());
    value.as_float().or_else(whole).filter(|number| number.is_finite() && *number >= 0.0)
}

fn no_program(name: &str) -> String {
    let names: Vec<&str> = labs::LABS.iter().map(|lab| lab.name).collect();
    let close = similar::get_close_matches(name, &names, 1, 0.7);
    let meant = close.first().map_or_else(String::new, |name| format!(" Did you mean {name}?"));
    format!("{name:?} is no program.{meant} There are: {}", names.join(", "))
}

fn wrong(path: &Path, what: &str) -> Error {
    Error::Usage(format!(
        "{}: {what}. Nothing was graded, and nothing is changed",
        escape::path(path)
    ))
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
    #[serde(default, deserialize_with = "points")]
    points: Option<f64>,
    #[serde(default)]
    excused: bool,
    comment: Option<String>,
    /// Programs.
    #[serde(flatten)]
    programs: BTreeMap<String, OfProgram>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "a program with points, comment or checks, or else points, excused or comment"
)]
struct OfProgram {
    #[serde(default, deserialize_with = "points")]
    points: Option<f64>,
    comment: Option<String>,
    #[serde(default)]
    checks: BTreeMap<String, OfCheck>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfCheck {
    #[serde(default, deserialize_with = "points")]
    points: Option<f64>,
    comment: Option<String>,
}

impl Overrides {
    pub fn read(path: &Path) -> Result<Overrides, Error> {
        let overrides: Overrides = read(path)?.unwrap_or_default();
        for (id, word) in &overrides.by_id {
            word.test(id).map_err(|what| wrong(path, &what))?;
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

    /// Words that change nothing: about nobody who is here, or about what does not count.
    pub fn in_vain(&self, records: &[Graded]) -> Vec<String> {
        let groups: Vec<String> = match self.by_id.keys().any(|id| id.starts_with(GROUP)) {
            true => groups::of(records).into_iter().map(|group| group.key).collect(),
            false => Vec::new(),
        };
        let mut found = Vec::new();
        for (id, word) in &self.by_id {
            if let Some(key) = id.strip_prefix(GROUP) {
                if !groups.iter().any(|group| group == key) {
                    found.push(format!("{id}: no group of equal gaps has this key"));
                }
                continue;
            }
            let Some(record) = records.iter().find(|record| record.id == *id) else {
                found.push(format!("{id}: nobody in this class has this identity"));
                continue;
            };
            let has = |name: &&String| record.programs.contains_key(*name);
            let others = word.programs.keys().filter(|name| !has(name));
            found.extend(others.map(|name| format!("{id}: {name} does not count in this class")));
            let programs = word.programs.iter();
            let of_checks = programs.filter(|(_, word)| !word.checks.is_empty());
            for (name, _) in of_checks.filter(|(name, _)| {
                record.programs.get(*name).is_some_and(|it| it.checks.is_empty())
            }) {
                found.push(format!("{id}: {name} was not checked, so no check has other points"));
            }
        }
        found
    }
}

impl Override {
    /// What in it is wrong, whoever is in the class.
    fn test(&self, id: &str) -> Result<(), String> {
        for (name, of_program) in &self.programs {
            let Some(lab) = labs::find(name) else {
                return Err(format!(
                    "{name:?} of {id} is neither a program nor points, excused or comment. Programs are: \
                     {}. An identity with a dot, a blank or a letter like ü in it stands in quotes, as in [\"a.b\"]",
                    labs::LABS.iter().map(|lab| lab.name).collect::<Vec<_>>().join(", ")
                ));
            };
            for check in of_program.checks.keys() {
                let own = check.strip_prefix(name.as_str()).and_then(|it| it.strip_prefix('/'));
                let own = own.unwrap_or(check);
                if lab.checks.iter().all(|there| there.name != own) {
                    let names: Vec<&str> = lab.checks.iter().map(|check| check.name).collect();
                    let names = names.join(", ");
                    return Err(format!(
                        "[{id}.{name}.checks] {check:?} is no check of {name}. There are: {names}"
                    ));
                }
            }
        }
        Ok(())
    }
}

fn points<'de, D: Deserializer<'de>>(given: D) -> Result<Option<f64>, D::Error> {
    let given = toml::Value::deserialize(given)?;
    let wrong = || format!("points = {given}: a number from 0 up was expected, as in points = 7.5");
    number(&given).map(Some).ok_or_else(|| D::Error::custom(wrong()))
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::file(path, &error)),
    };
    parse(&text).map(Some).map_err(|error| wrong(path, error.to_string().trim_end()))
}

/// A text of either file.
pub fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, toml::de::Error> {
    toml::from_str(text.trim_start_matches('\u{feff}'))
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
