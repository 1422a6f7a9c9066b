//! A class of invented students, and its submissions in the layout of every platform.
#![allow(dead_code)] // every test file compiles all of this and uses a part

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::common::{root, skip, works};

/// What must come of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// All points of what was handed in.
    All,
    Some,
    Nothing,
    NotGradable,
}

/// A file's name, what is in it, and how often there was one of that name before.
pub type Sent = (String, Vec<u8>, u32);

pub struct Student {
    pub number: u32,
    pub first: &'static str,
    pub last: &'static str,
    pub files: Vec<Sent>,
    pub due: Due,
}

pub fn solution(name: &str) -> String {
    fs::read_to_string(root().join(format!("solutions/{name}.rs"))).unwrap()
}

pub fn skeleton(name: &str) -> String {
    fs::read_to_string(root().join(format!("skeletons/{name}.rs"))).unwrap()
}

/// A program with another body in one gap.
pub fn with_gap(text: &str, gap: &str, body: &str) -> String {
    let (open, close) =
        (format!("// ==== fill in here: {gap} ====\n"), format!("// ==== end: {gap} ===="));
    let (before, rest) = text.split_once(&open).unwrap_or_else(|| panic!("no gap {gap}"));
    let (_, after) = rest.split_once(&close).unwrap();
    format!("{before}{open}{body}\n{close}{after}")
}

pub fn wrong_server() -> String {
    solution("udpserver").replace("to_ascii_uppercase", "to_ascii_lowercase")
}

pub fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn utf16(text: &str) -> Vec<u8> {
    let text = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Eight students who do what students do.
pub fn class() -> Vec<Student> {
    let right = solution("udpserver");
    let one = |name: &str, text: &str| vec![(name.to_owned(), text.as_bytes().to_vec(), 0)];
    let archive = zipped(&[
        ("lab1/skeletons/udpserver.rs", right.as_bytes()),
        ("__MACOSX/lab1/._udpserver.rs", b"\0\x05\x16"),
    ]);
    let twice = vec![
        ("udpserver.rs".to_owned(), wrong_server().into_bytes(), 0),
        ("udpserver.rs".to_owned(), right.clone().into_bytes(), 1),
    ];
    let broken = with_gap(&right, "bind", "    let socket = ;");
    let students: [(&str, &str, Vec<Sent>, Due); 8] = [
        ("Aoife", "O'Brien", one("udpserver.rs", &right), Due::All),
        ("Łukasz", "Żółć", vec![("my server.txt".to_owned(), utf16(&right), 0)], Due::All),
        ("Jean-Luc", "de la Croix", one("udpserver.rs", &skeleton("udpserver")), Due::Nothing),
        ("Anna - Maria", "Berg", one("udpserver.rs", &wrong_server()), Due::Some),
        ("Li", "4 Wei", one("udpserver.rs", &broken), Due::Nothing),
        (
            "=cmd",
            "Null",
            vec![("udpserver.rs".to_owned(), vec![0, 1, 2, 255], 0)],
            Due::NotGradable,
        ),
        ("Zip", "van Archive", vec![("all of it.zip".to_owned(), archive, 0)], Due::All),
        ("Two_Times", "Tried", twice, Due::All),
    ];
    let numbered = students.into_iter().zip(4711..);
    numbered
        .map(|((first, last, files, due), number)| Student { number, first, last, files, due })
        .collect()
}

/// How a platform names what it gives out, and whose number it uses.
pub struct Export {
    pub name: &'static str,
    pub files: Vec<(String, Vec<u8>)>,
    /// By student: the identity in the results.
    pub ids: Vec<String>,
    pub options: Vec<&'static str>,
}

/// A file's name with Canvas's number before its end.
fn versioned(name: &str, version: u32) -> String {
    match (version, name.rsplit_once('.')) {
        (1.., Some((stem, end))) => format!("{stem}-{version}.{end}"),
        _ => name.to_owned(),
    }
}

/// The class in every layout.
pub fn exports(class: &[Student]) -> Vec<Export> {
    let cleaned = |text: &str| text.replace(['\'', '&', '<', '>', '"', '`', '|', ':', '/'], "");
    let full = |student: &Student| format!("{} {}", student.first, student.last);
    let numbers: Vec<String> = class.iter().map(|student| student.number.to_string()).collect();
    let of = |name, ids: &[String], path: &dyn Fn(&Student, &str, u32) -> String| {
        let files = class.iter().flat_map(|student| {
            let files = student.files.iter();
            files.map(|(file, bytes, version)| (path(student, file, *version), bytes.clone()))
        });
        Export { name, files: files.collect(), ids: ids.to_vec(), options: Vec::new() }
    };
    let moodle = |student: &Student| cleaned(&full(student)).replace('_', " ");
    let users: Vec<String> = class.iter().map(|it| format!("u{}", it.number)).collect();
    let mut all = vec![
        of("moodle", &numbers, &|it, file, version| {
            let file = versioned(file, version);
            format!("{}_{}_assignsubmission_file/{file}", moodle(it), it.number)
        }),
        of("moodle_flat", &numbers, &|it, file, version| {
            let file = versioned(file, version);
            format!("{}_{}_assignsubmission_file_{file}", moodle(it), it.number)
        }),
        of("moodle_blind", &numbers, &|it, file, version| {
            let file = versioned(file, version);
            format!("Participant_{}_assignsubmission_file/{file}", it.number)
        }),
        of("canvas", &numbers, &|it, file, version| {
            let keep = |c: char| c.is_alphanumeric() || c == '_';
            let name: String = format!("{}{}", it.last, it.first)
                .to_lowercase()
                .chars()
                .filter(|c| keep(*c))
                .collect();
            let late = if it.number % 2 == 0 { "_LATE" } else { "" };
            format!(
                "{name}{late}_{}_{}_{}",
                it.number,
                990_000 + it.number + version,
                versioned(file, version)
            )
        }),
        of("brightspace", &numbers, &|it, file, version| {
            let time = if version == 0 { "Nov 3, 2026 1159 PM" } else { "Nov 4, 2026 1203 AM" };
            format!("{}-789012 - {} - {time}/{file}", it.number, full(it))
        }),
        of("folders", &users, &|it, file, version| {
            format!("u{}/{}", it.number, versioned(file, version))
        }),
        of("lab1-submissions", &users, &|it, file, version| {
            format!("lab1-u{}/skeletons/{}", it.number, versioned(file, version))
        }),
        blackboard(class, &users),
        gradescope(class, &numbers),
    ];
    let mut named = of("names", &numbers, &|it, file, version| {
        format!("{}+{}+{}", it.number, it.first, versioned(file, version))
    });
    named.options = vec!["--names", r"^(?<id>\d+)\+(?<name>[^+]*)\+(?<file>.*)$"];
    all.push(named);
    all.push(archives(class, &users));
    all
}

fn blackboard(class: &[Student], users: &[String]) -> Export {
    let mut files = Vec::new();
    for (student, user) in class.iter().zip(users) {
        for (file, bytes, version) in &student.files {
            let time = format!("2026-11-0{}-23-59-12", 3 + version);
            let stored = format!("Lab_1_{user}_attempt_{time}_{}", file.replace(' ', "_"));
            let receipt = format!(
                "Name: {} {} ({user})\nAssignment: Lab 1\nDate Submitted: x\nCurrent Grade: Needs Grading\n\n\
                 Files:\n\tOriginal filename: {file}\n\tFilename: {stored}\n",
                student.first, student.last
            );
            files.push((stored, bytes.clone()));
            files.push((format!("Lab_1_{user}_attempt_{time}.txt"), receipt.into_bytes()));
        }
    }
    Export { name: "blackboard", files, ids: users.to_vec(), options: Vec::new() }
}

fn gradescope(class: &[Student], numbers: &[String]) -> Export {
    let mut about = "---\n".to_owned();
    let mut files = Vec::new();
    for student in class {
        let folder = format!("submission_{}", student.number);
        about.push_str(&format!(
            "{folder}:\n  :submitters:\n  - :name: '{} {}'\n    :sid: '00{}'\n    :email: s{}@example.com\n  \
             :created_at: 2026-11-03 23:59:12.000000000 Z\n  :score: 0.0\n",
            student.first,
            student.last.replace('\'', "''"),
            student.number,
            student.number
        ));
        // What was handed in before is not in it.
        if let Some((file, bytes, _)) = student.files.last() {
            files.push((format!("assignment_12_export/{folder}/{file}"), bytes.clone()));
        }
    }
    files.push(("assignment_12_export/submission_metadata.yml".to_owned(), about.into_bytes()));
    Export { name: "gradescope", files, ids: numbers.to_vec(), options: Vec::new() }
}

/// One archive each, as `make submit` makes them.
fn archives(class: &[Student], users: &[String]) -> Export {
    let mut files = Vec::new();
    for (student, user) in class.iter().zip(users) {
        let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut builder = tar::Builder::new(gzip);
        for (file, bytes, version) in &student.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_mtime(1_000_000 + u64::from(*version));
            let path =
                format!("submission-01-20261103-235900/skeletons/{}", versioned(file, *version));
            builder.append_data(&mut header, path, bytes.as_slice()).unwrap();
        }
        let bytes = builder.into_inner().unwrap().finish().unwrap();
        files.push((format!("{user}.tar.gz"), bytes));
    }
    Export { name: "archives", files, ids: users.to_vec(), options: Vec::new() }
}

/// A fresh directory for one test.
pub fn place(name: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("grade").join(name);
    let _ = fs::remove_dir_all(&place); // of an earlier run
    fs::create_dir_all(&place).unwrap();
    place
}

pub fn write(directory: &Path, files: &[(String, Vec<u8>)]) {
    for (path, bytes) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Whether there is a sandbox here; says so if not.
pub fn has_sandbox() -> bool {
    let there = works("bwrap", &["--version"]);
    if !there {
        skip("bubblewrap is missing");
    }
    there
}

pub fn lab_grade(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.arg("grade").args(arguments).current_dir(root());
    command.output().unwrap()
}

/// The same; must succeed.
#[track_caller]
pub fn graded(arguments: &[&str]) -> String {
    let output = lab_grade(arguments);
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {:?}\n{stdout}{stderr}", output.status);
    stdout.into_owned() + &stderr
}

/// The result of one student.
#[track_caller]
pub fn result(out: &Path, id: &str) -> Value {
    let path = out.join(format!("results/{id}.json"));
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// What in a value is not as a schema has it. Only what our schema uses is understood, and anything
/// else in it is an error.
pub fn against(schema: &Value, value: &Value, whole: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let there = whole.pointer(reference.trim_start_matches('#')).expect("it is in the schema");
        return against(there, value, whole, at, wrong);
    }
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        let is_right = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "type" => {
                let types: Vec<&str> = rule
                    .as_array()
                    .map_or(vec![rule], |all| all.iter().collect())
                    .iter()
                    .map(|it| it.as_str().unwrap())
                    .collect();
                types.iter().any(|name| has_type(value, name))
            }
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_f64() >= rule.as_f64(),
            "required" => rule
                .as_array()
                .unwrap()
                .iter()
                .all(|key| value.get(key.as_str().unwrap()).is_some()),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    against(rule, item, whole, &format!("{at}/{index}"), wrong);
                }
                true
            }
            "properties" | "additionalProperties" => {
                for (key, inside) in value.as_object().into_iter().flatten() {
                    let at = format!("{at}/{key}");
                    match (rule.get(key), keyword == "properties", rule) {
                        (Some(rule), true, _) => against(rule, inside, whole, &at, wrong),
                        (_, false, Value::Bool(false))
                            if schema["properties"].get(key).is_none() =>
                        {
                            wrong.push(format!("{at} is not in the schema"))
                        }
                        (_, false, rule @ Value::Object(_)) => {
                            against(rule, inside, whole, &at, wrong)
                        }
                        _ => {}
                    }
                }
                true
            }
            other => panic!("{other} in the schema is not understood here"),
        };
        if !is_right {
            wrong.push(format!("{at}: {keyword} {rule}: {value}"));
        }
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("{other} is no type"),
    }
}

/// Applies the schema to every result in a directory.
#[track_caller]
pub fn fit_the_schema(out: &Path) {
    let schema: Value =
        serde_json::from_slice(&fs::read(root().join("docs/grade-result.schema.json")).unwrap())
            .unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(out.join("results")).unwrap() {
        let value: Value =
            serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let mut wrong = Vec::new();
        against(&schema, &value, &schema, "", &mut wrong);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        seen += 1;
    }
    assert!(seen > 0, "no results in {}", out.display());
}
