//! Whole programs as other courses and other languages make them, right and wrong: each directory of
//! tests/strangers/ has a program and what must become of it, in case.toml. They are tried in copies of
//! these directories, so that a compiler may write there.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use common::{Running, root, skip, works};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

/// What must become of a program.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The lab whose checks it is given to.
    program: String,
    /// What compiles it, in its directory.
    #[serde(default)]
    build: Vec<String>,
    /// As its author would start it, in its directory.
    command: Vec<String>,
    /// More words for `lab check`, such as `--port` and `9000`.
    #[serde(default)]
    options: Vec<String>,
    points: u64,
    /// Of the checks that fail, the first one's name. A program that passes has none.
    fails: Option<String>,
    /// What that check says, somewhere.
    #[serde(default)]
    says: Vec<String>,
}

#[test]
fn every_program_gets_the_verdict_that_is_its_due() {
    let directory = root().join("tests/strangers");
    let entries: Vec<_> = fs::read_dir(&directory).expect("it is there").flatten().collect();
    // Most of them wait most of the time: some at once.
    const AT_ONCE: usize = 6;
    let next = Mutex::new(entries.iter());
    let some = || -> Vec<String> {
        let one = || next.lock().expect("no thread panics with it").next();
        std::iter::from_fn(one).filter_map(|entry| of(&entry.path())).collect()
    };
    let problems: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(some)).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("it says why")).collect()
    });
    assert!(entries.len() > 10, "only {} were tried", entries.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What is wrong with the verdict on the program in a directory.
fn of(directory: &Path) -> Option<String> {
    let text = fs::read_to_string(directory.join("case.toml")).expect("each has its case");
    let case: Case = toml::from_str(&text).expect("a case has these keys");
    let compiler = case.build.first();
    let tool = compiler.unwrap_or(&case.command[0]);
    if !works(tool, &[if tool == "go" { "version" } else { "--version" }]) {
        skip(&format!("{tool} is not here: {}", directory.display()));
        return None;
    }
    let copied = copy(directory);
    if let Some(compiler) = compiler {
        let mut build = Command::new(compiler);
        build.args(&case.build[1..]).current_dir(copied.path());
        let built = build.output().expect("it has said its version");
        assert!(built.status.success(), "{}: {built:?}", directory.display());
    }
    judge(&case, copied.path()).err().map(|problem| format!("{}: {problem}", directory.display()))
}

fn copy(directory: &Path) -> TempDir {
    let copied = TempDir::with_prefix("stranger-").expect("there is room");
    for file in fs::read_dir(directory).expect("it is there").flatten() {
        fs::copy(file.path(), copied.path().join(file.file_name())).expect("there is room");
    }
    copied
}

fn judge(case: &Case, directory: &Path) -> Result<(), String> {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.args(["check", &case.program, "--format", "json", "--seed", "1"]);
    lab.args(&case.options).arg("--").args(&case.command).current_dir(directory);
    let ended = Running::start(&mut lab).end();
    let reports: Value = serde_json::from_str(&ended.stdout)
        .map_err(|error| format!("{error}: {}{}", ended.stdout, ended.stderr))?;
    let report = &reports["programs"][0];
    let lost = |check: &&Value| check["status"] != "passed" && check["advice"] == false;
    let first = report["checks"].as_array().and_then(|checks| checks.iter().find(lost));
    let all = format!("{report:#}");
    if report["points"] != case.points {
        return Err(format!("{} points are due: {all}", case.points));
    }
    let name = first.and_then(|check| check["name"].as_str());
    let name = name.map(|name| name.trim_start_matches(&format!("{}/", case.program)));
    if name != case.fails.as_deref() {
        return Err(format!("{:?} is to fail first, not {name:?}: {all}", case.fails));
    }
    let said = first.map(Value::to_string).unwrap_or_default();
    match case.says.iter().find(|words| !said.contains(words.as_str())) {
        Some(words) => Err(format!("does not say {words:?}: {said}")),
        None => Ok(()),
    }
}
