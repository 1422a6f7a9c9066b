//! Answers about packets, marked with the student's own captures: by `lab packets` in the sandbox, for
//! tshark reads there what a stranger has written.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use regex::bytes::Regex;
use serde_json::{Value, json};

use crate::grade::archive::{Item, LONGEST};
use crate::grade::results::{Graded, key_of_bytes};
use crate::os::limits::Budget;
use crate::os::output::Screen;
use crate::os::program::{Program, Start};
use crate::os::sandbox::{Enclosure, Sandbox};

/// What somebody has handed in about packets.
pub struct HandedAnswers<'a> {
    pub answers: &'a Item,
    pub captures: &'a [Item],
}

/// Marks the answers; a fault is told in the place of the marks.
pub fn mark(about: &HandedAnswers, sandbox: Option<&Sandbox>, place: &Path) -> Value {
    let marked = marked(about, sandbox, place);
    let _ = fs::remove_dir_all(place); // the next run would do it
    let digests: Vec<Value> = about.captures.iter().map(|it| json!(digest(it))).collect();
    let mut marks = marked.unwrap_or_else(|fault| json!({ "fault": fault }));
    if let Some(marks) = marks.as_object_mut() {
        marks.insert("captures".to_owned(), digests.into());
        if about.captures.iter().any(is_of_net_capture) {
            let note = "a capture is one that `make net-capture` has made, and no student";
            marks.insert("made_by".to_owned(), note.into());
        }
    }
    marks
}

fn digest(item: &Item) -> String {
    item.read(LONGEST).map(|bytes| key_of_bytes(&bytes)).unwrap_or_default()
}

/// What its people say to each other no person types.
fn is_of_net_capture(item: &Item) -> bool {
    let words = Regex::new("hello all [0-9a-f]{8}").expect("it is right as it stands");
    item.read(LONGEST).is_ok_and(|bytes| words.is_match(&bytes))
}

fn marked(about: &HandedAnswers, sandbox: Option<&Sandbox>, place: &Path) -> Result<Value, String> {
    let said = |error: std::io::Error| error.to_string();
    let own = place.join("own");
    // The tool looks for a checkout, and finds one with nothing in it.
    for directory in ["docs", "lab/skeletons", "own"] {
        fs::create_dir_all(place.join(directory)).map_err(said)?;
    }
    let answers = place.join("answers.toml");
    fs::write(&answers, about.answers.read(1 << 20)?).map_err(said)?;
    let tool = env::current_exe().map_err(said)?;
    let words = ["packets", "--format", "json", "--answers"].map(OsString::from);
    let mut command: Vec<OsString> = vec![tool.clone().into()];
    command.extend(words);
    command.push(answers.clone().into());
    let mut shown = vec![tool, answers];
    for directory in ["docs", "lab"] {
        shown.push(place.join(directory));
    }
    for (index, capture) in about.captures.iter().enumerate() {
        let name: String = capture
            .path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || *c == '.')
            .collect();
        let file = place.join(format!("{index}-{name}"));
        fs::write(&file, capture.read(LONGEST)?).map_err(said)?;
        shown.push(file.clone());
        command.push(file.into());
    }
    let enclosure = sandbox.map(|sandbox| Enclosure {
        sandbox: sandbox.clone(),
        shown,
        writable: Vec::new(),
        hidden: Vec::new(),
        own,
        offline: true,
    });
    run(&command, place, enclosure)
}

fn run(command: &[OsString], place: &Path, enclosure: Option<Enclosure>) -> Result<Value, String> {
    let program = Program::start(&Start {
        command,
        directory: place,
        variables: &[],
        screen: Screen::Pipe,
        view: None,
        enclosure,
        budget: Budget::Compiler,
        time: crate::os::limits::CHECK,
    })
    .map_err(|error| error.to_string())?;
    while program.exited().is_none() {
        thread::sleep(std::time::Duration::from_millis(5));
    }
    let failed = program.sandbox_failed();
    program.end();
    if let Some(failed) = failed {
        return Err(failed);
    }
    // Where this was done says nothing to anybody.
    let without_place = |text: &str| text.replace(&format!("{}/", place.to_string_lossy()), "");
    serde_json::from_str(&without_place(&program.stdout.text())).map_err(|_| {
        let said = without_place(&program.stderr.text());
        said.trim().trim_start_matches("lab: ").chars().take(1000).collect()
    })
}

/// Says of captures that several have handed in whose they are, too.
pub fn tell_of_shared(records: &mut [Graded]) {
    let mut whose: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in records.iter() {
        for digest in digests(record) {
            whose.entry(digest).or_default().push(record.id.clone());
        }
    }
    for record in records {
        let shared: BTreeSet<String> = digests(record)
            .iter()
            .flat_map(|digest| whose.get(digest).into_iter().flatten())
            .filter(|id| **id != record.id)
            .cloned()
            .collect();
        let Some(marks) = record.packets.as_mut().and_then(Value::as_object_mut) else { continue };
        marks.remove("also_of");
        if !shared.is_empty() {
            marks.insert("also_of".to_owned(), json!(shared));
        }
    }
}

fn digests(record: &Graded) -> Vec<String> {
    let captures = record.packets.as_ref().and_then(|marks| marks.get("captures")?.as_array());
    let digests = captures.into_iter().flatten().filter_map(Value::as_str);
    digests.filter(|digest| !digest.is_empty()).map(str::to_owned).collect()
}

/// Where one student's answers are marked.
pub fn place(work: &Path, fingerprint: &str) -> PathBuf {
    work.join(format!("packets-{fingerprint}"))
}
