//! What is made of results, for people and for other programs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::Error;
use crate::grade::results::{Graded, Ledger, file_name, json};

pub mod feedback;
pub mod fill;
pub mod gradebook;
pub mod gradescope;
pub mod junit;
pub mod report;

/// Writes all of them.
pub fn write(ledger: &Ledger, records: &[Graded], names_shown: bool) -> Result<(), Error> {
    ledger.write("grades.csv", gradebook::csv(records).as_bytes())?;
    let programs: BTreeSet<&String> = records.iter().flat_map(|it| it.programs.keys()).collect();
    for program in programs {
        ledger.write(&format!("junit/{program}.xml"), junit::xml(program, records).as_bytes())?;
    }
    for record in records {
        let path = format!("gradescope/{}/results.json", file_name(&record.id));
        ledger.write(&path, &json(&gradescope::results(record)))?;
    }
    ledger.write("feedback.zip", &feedback::zipped(records)?)?;
    report::write(ledger, records, names_shown)
}

fn text<'v>(check: &'v Value, key: &str) -> &'v str {
    check.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// What a check gave, and what it could.
fn points(check: &Value) -> (f64, f64) {
    let number = |key: &str| check.get(key).and_then(Value::as_f64).unwrap_or(0.0);
    (number("points"), number("max_points"))
}

/// What came of a check, in lines.
fn story(check: &Value) -> String {
    let mut lines = vec![format!("{}  {}", text(check, "name"), text(check, "title"))];
    let mut add = |label: &str, said: &str| {
        if !said.is_empty() {
            lines.push(format!("{label:<9}{said}"));
        }
    };
    match text(check, "status") {
        "not_reached" => add("", "not reached"),
        "could_not_check" => add("", "could not be checked"),
        _ => {}
    }
    add("did", text(check, "did"));
    add("expected", text(check, "expected"));
    for received in check.get("received").and_then(Value::as_array).into_iter().flatten() {
        add("received", received.as_str().unwrap_or_default());
    }
    add("cause", text(check, "cause"));
    add("look", text(check, "look"));
    add("because", text(check, "because"));
    add("comment", text(check, "comment"));
    lines.join("\n")
}

/// Without the colours that the compiler gives its words.
fn plain_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        rest = behind.split_once('m').map_or("", |(_, behind)| behind);
    }
    out + rest
}

fn cut(text: &str, longest: usize) -> String {
    match text.len() > longest {
        true => format!("{}… and more", text.split_at(text.floor_char_boundary(longest)).0),
        false => text.to_owned(),
    }
}
