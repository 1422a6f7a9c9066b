//! What came of a submission: one file each, written whole or not at all, and by the grader alone.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::error::Error;
use crate::grade::lift::Lift;
use crate::text::escape;

/// How far a submission, or one of its programs, came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GradeState {
    #[default]
    Graded,
    /// It cannot be read: somebody has to look at it.
    NotGradable,
    /// A fault of ours: the next run tries again.
    CouldNotCheck,
}

impl GradeState {
    pub fn name(self) -> &'static str {
        match self {
            GradeState::Graded => "graded",
            GradeState::NotGradable => "not_gradable",
            GradeState::CouldNotCheck => "could_not_check",
        }
    }
}

/// The file `results/ID.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Graded {
    pub id: String,
    pub name: String,
    pub state: GradeState,
    /// Why it is not graded, if so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// With the teacher's word; none where it is not graded, or excused.
    #[serde(serialize_with = "short")]
    pub points: Option<f64>,
    /// As the checks give them.
    #[serde(serialize_with = "short")]
    pub raw_points: Option<f64>,
    #[serde(serialize_with = "short_number")]
    pub max_points: f64,
    #[serde(default)]
    pub excused: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// As the platform says.
    pub late: bool,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub submitted: String,
    pub programs: BTreeMap<String, GradedProgram>,
    /// The answers about packets, marked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub packets: Option<Value>,
    pub notes: Vec<String>,
    /// What was handed in, may hold any program, and cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub unread: Vec<String>,
    /// The first file, as the download has it: beside it stands what is to be said of no program.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub download: String,
    pub kit: String,
    pub toolchain: String,
    pub sandbox: String,
    pub seed: u64,
    /// Of all that was handed in.
    pub key: String,
}

/// One program of a submission.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct GradedProgram {
    pub state: GradeState,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    #[serde(serialize_with = "short")]
    pub points: Option<f64>,
    #[serde(serialize_with = "short")]
    pub raw_points: Option<f64>,
    #[serde(serialize_with = "short_number")]
    pub max_points: f64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub comment: Option<String>,
    /// As `lab check --format json` has them, without the exchange of those that have passed.
    pub checks: Vec<Value>,
    pub gaps: Vec<Lift>,
    pub notes: Vec<String>,
    /// What the compiler has against it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub not_built: Option<String>,
    /// Checks that failed at first and passed alone.
    #[serde(default)]
    pub unsteady: Vec<String>,
    /// What is changed outside the gaps.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outside: Option<String>,
    /// As the student has called it, and as the download has it.
    #[serde(default)]
    pub file: String,
    #[serde(default)]
    pub download: String,
    #[serde(default)]
    pub key: String,
}

impl GradedProgram {
    /// Whether it has all points.
    pub fn has_passed(&self) -> bool {
        let all: f64 =
            self.checks.iter().filter_map(|check| check.get("max_points")?.as_f64()).sum();
        self.state == GradeState::Graded && !self.checks.is_empty() && self.raw_points == Some(all)
    }
}

/// Whole points are written without a point.
pub fn plain(points: f64) -> String {
    let rounded = (points * 100.0).round() / 100.0;
    format!("{rounded}")
}

fn short_number<S: Serializer>(points: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match points.fract() == 0.0 && points.abs() < 1e15 {
        true => serializer.serialize_i64(*points as i64),
        false => serializer.serialize_f64(*points),
    }
}

fn short<S: Serializer>(points: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match points {
        Some(points) => short_number(points, serializer),
        None => serializer.serialize_none(),
    }
}

/// A digest of some texts: whoever has the same has the same texts.
pub fn key(texts: &[&str]) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for text in texts {
        context.update(&(text.len() as u64).to_le_bytes());
        context.update(text.as_bytes());
    }
    digits(&context.finish())
}

/// The same of bytes.
pub fn key_of_bytes(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digits(&digest)
}

fn digits(digest: &ring::digest::Digest) -> String {
    digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The name of a file for an identity, which may be anything: no two have the same.
pub fn file_name(id: &str) -> String {
    const LONGEST: usize = 150;
    let mut name = String::new();
    for (index, byte) in id.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => name.push(char::from(byte)),
            b'.' if index > 0 => name.push('.'),
            byte => name.push_str(&format!("%{byte:02X}")),
        }
    }
    match name.len() > LONGEST || name.is_empty() {
        true => format!("{}%{}", name.get(..LONGEST).unwrap_or(&name), key(&[id])),
        false => name,
    }
}

/// Where results, and what is remembered between two runs, are.
pub struct Ledger {
    pub directory: PathBuf,
}

impl Ledger {
    pub fn open(directory: &Path) -> Result<Ledger, Error> {
        for name in ["results", "cache"] {
            let path = directory.join(name);
            fs::create_dir_all(&path).map_err(|error| Error::file(&path, &error))?;
        }
        let directory =
            fs::canonicalize(directory).map_err(|error| Error::file(directory, &error))?;
        Ok(Ledger { directory })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Writes a file whole or not at all, and says whether it was another: one that is the same already
    /// keeps its time.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<bool, Error> {
        write_whole(&self.path(name), bytes)
    }

    pub fn keep(&self, record: &Graded) -> Result<bool, Error> {
        self.write(&format!("results/{}.json", file_name(&record.id)), &json(record))
    }

    /// The result of an earlier run.
    pub fn recall(&self, id: &str) -> Option<Graded> {
        of_file(&self.path(&format!("results/{}.json", file_name(id))))
    }

    /// All results that are there, by identity.
    pub fn all(&self) -> Result<Vec<Graded>, Error> {
        all_in(&self.path("results"))
    }

    pub fn learn(&self, key: &str, judged: &GradedProgram) -> Result<bool, Error> {
        self.write(&format!("cache/{key}.json"), &json(judged))
    }

    pub fn known(&self, key: &str) -> Option<GradedProgram> {
        of_file(&self.path(&format!("cache/{key}.json")))
    }
}

/// The results in a directory, by identity.
pub fn all_in(directory: &Path) -> Result<Vec<Graded>, Error> {
    let entries = fs::read_dir(directory).map_err(|error| Error::file(directory, &error))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    let mut found = Vec::new();
    for path in paths {
        match of_file::<Graded>(&path) {
            Some(record) => found.push(record),
            None => {
                let said = format!("{} is no result of `lab grade`", escape::path(path));
                return Err(Error::Usage(said));
            }
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    // The same result may lie there under the name that an engine gave it, and under its own.
    found.dedup_by(|a, b| a.id == b.id && a.key == b.key);
    let mut pairs = found.iter().zip(found.iter().skip(1));
    match pairs.find(|(one, other)| one.id == other.id) {
        Some((one, _)) => Err(Error::Usage(format!(
            "{} has two results of {:?} that differ: remove the file of one",
            escape::path(directory),
            one.id
        ))),
        None => Ok(found),
    }
}

/// A value that was written as JSON, if it is whole.
pub fn of_file<T: for<'de> Deserialize<'de>>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

pub fn json(value: &impl Serialize) -> Vec<u8> {
    let text = serde_json::to_string_pretty(value).expect("maps of plain values");
    (escape::json(&text) + "\n").into_bytes()
}

/// Writes a file whole or not at all, and says whether it was another.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(false);
    }
    let half = path.with_added_extension(format!("half-{}", std::process::id()));
    let written = || -> std::io::Result<()> {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = fs::File::create(&half)?;
        file.write_all(bytes)?;
        file.sync_data()?; // a machine that stops must not leave an empty file of that name
        fs::rename(&half, path)
    };
    written().map(|()| true).map_err(|error| Error::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_identity_leads_out_of_the_directory_or_to_another_s_file() {
        let ids = [
            "4711",
            "../4711",
            "..",
            ".",
            "",
            "a/b",
            "a%2Fb",
            "a\nb",
            "Ł",
            "x".repeat(400).as_str(),
            "a.b",
        ]
        .map(str::to_owned);
        let names: std::collections::BTreeSet<String> =
            ids.iter().map(|id| file_name(id)).collect();
        assert_eq!(names.len(), ids.len());
        for name in names {
            assert!(!name.contains('/') && !name.starts_with('.') && name.len() < 220, "{name}");
        }
        assert_eq!(file_name("4711"), "4711");
    }

    #[test]
    fn points_are_written_as_people_do() {
        assert_eq!([plain(3.0), plain(2.5), plain(1.0 / 3.0)], ["3", "2.5", "0.33"]);
    }
}
