//! `feedback.zip`: for every file that was graded what there is to say of it, at the download's own
//! path, so that the platform gives it back to whoever handed it in.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Write};

use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::error::Error;
use crate::grade::results::{Graded, GradedProgram, plain};
use crate::grade::views::text;
use crate::text::escape;

pub fn zipped(records: &[Graded]) -> Result<Vec<u8>, Error> {
    let mut by_path: BTreeMap<String, String> = BTreeMap::new();
    for record in records {
        for (name, program) in record.programs.iter().filter(|it| !it.1.download.is_empty()) {
            let is_source = program.download.to_lowercase().ends_with(".rs");
            // What was handed in as an archive, or under another name, is not given back as one.
            let path = match is_source {
                true => program.download.clone(),
                false => format!("{}.feedback.txt", program.download),
            };
            by_path
                .entry(inside(&path))
                .or_default()
                .push_str(&told(record, name, program, is_source));
        }
        let rest = told_of_the_rest(record);
        if !rest.is_empty() && !record.download.is_empty() {
            let path = inside(&format!("{}.feedback.txt", record.download));
            by_path.entry(path).or_default().push_str(&rest);
        }
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let cannot = |error: &dyn std::fmt::Display| Error::Fault(format!("feedback.zip: {error}"));
    for (path, text) in by_path {
        zip.start_file(path, SimpleFileOptions::default()).map_err(|error| cannot(&error))?;
        zip.write_all(text.as_bytes()).map_err(|error| cannot(&error))?;
    }
    Ok(zip.finish().map_err(|error| cannot(&error))?.into_inner())
}

/// A path that leads nowhere else, wherever the archive is unpacked.
fn inside(path: &str) -> String {
    let parts = path.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.map(escape::line).collect::<Vec<_>>().join("/")
}

/// What is to be said of a submission and of none of its files: it stands beside the first of them.
fn told_of_the_rest(record: &Graded) -> String {
    let mut lines = Vec::new();
    for (name, program) in record.programs.iter().filter(|it| it.1.download.is_empty()) {
        let words = program.reason.iter().chain(&program.comment).cloned().collect::<Vec<_>>();
        if !words.is_empty() {
            lines.push(format!("{name}: {}", words.join("; ")));
        }
    }
    if let Some(packets) = &record.packets {
        lines.extend(marks(packets));
    }
    let is_told = record.programs.values().any(|program| !program.download.is_empty());
    if !is_told {
        lines.extend(record.reason.iter().chain(&record.comment).cloned());
    }
    lines.iter().map(|line| escape::lines(line) + "\n").collect()
}

/// The answers about packets, one line each.
fn marks(packets: &Value) -> Vec<String> {
    let lines = packets.get("lines").and_then(Value::as_array).into_iter().flatten();
    let fault = packets.get("fault").and_then(Value::as_str).map(str::to_owned);
    let told = lines.map(|mark| {
        let [number, status, given] = ["number", "status", "given"].map(|key| text(mark, key));
        format!("question {number}: {}: {given}", status.replace('_', " "))
    });
    fault.into_iter().chain(told).collect()
}

fn told(record: &Graded, name: &str, program: &GradedProgram, as_comment: bool) -> String {
    let mut said = String::new();
    let points = program.points.map_or_else(|| "not graded".to_owned(), plain);
    let _ = writeln!(said, "{name}: {points} of {} points", plain(program.max_points)); // a String takes everything
    for line in program.reason.iter().chain(&program.comment).chain(&record.comment) {
        let _ = writeln!(said, "{line}");
    }
    if let Some(why) = &program.not_built {
        let _ = writeln!(said, "\n{}", super::plain_text(why));
    }
    for check in program.checks.iter().filter(|check| check["status"] != "passed") {
        let _ = writeln!(said, "\n{}", super::story(check));
    }
    let said = escape::lines(&said);
    match as_comment {
        true => {
            said.lines().map(|line| format!("// {line}").trim_end().to_owned() + "\n").collect()
        }
        false => said,
    }
}
