//! `report/`: a page for the class and one for each student, which need no server and no network. What
//! others have written is escaped by the type that it has here; names are hidden unless they are asked
//! for.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use crate::error::Error;
use crate::grade::groups::{self, Group};
use crate::grade::results::{GradeState, Graded, Ledger, file_name, plain};
use crate::text::escape;

mod student;

const STYLE: &str = include_str!("style.css");

pub fn write(ledger: &Ledger, records: &[Graded], names_shown: bool) -> Result<(), Error> {
    let groups = groups::of(records);
    let page = harmless(&class(records, &groups, names_shown));
    ledger.write("report/index.html", page.as_bytes())?;
    for (index, record) in records.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| records.get(index));
        let beside = [before, records.get(index + 1)];
        let page = harmless(&student::page(record, &beside, names_shown));
        ledger.write(&format!("report/{}", file_of(record)), page.as_bytes())?;
    }
    Ok(())
}

/// A page in which nothing steers a terminal, or turns the direction of writing; what HTML would take for
/// its own is escaped already, by the type.
fn harmless(page: &Markup) -> String {
    escape::lines(&page.0)
}

/// The page of a student, whose identity may be no name of a file.
fn file_of(record: &Graded) -> String {
    format!("student-{}.html", file_name(&record.id))
}

/// The same in a link: the name has percent signs in it.
fn link_to(record: &Graded) -> String {
    file_of(record).replace('%', "%25")
}

fn called(record: &Graded, names_shown: bool) -> String {
    match names_shown {
        true => format!("{} {}", record.id, record.name),
        false => record.id.clone(),
    }
}

fn frame(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (content) }
        }
    }
}

fn class(records: &[Graded], groups: &[Group], names_shown: bool) -> Markup {
    let count = |state: GradeState| records.iter().filter(|it| it.state == state).count();
    let content = html! {
        h1 { "Grades of " (records.len()) " submissions" }
        p {
            (count(GradeState::Graded)) " graded, "
            (count(GradeState::NotGradable)) " not gradable, "
            (count(GradeState::CouldNotCheck)) " could not be checked. "
            @if let Some(first) = records.first() {
                "Sandbox: " (first.sandbox) ". Compiler: " (first.toolchain) ". Seed: " (first.seed) "."
            }
        }
        nav { a href="#map" { "Checks" } " · " a href="#points" { "Points" } " · " a href="#failed" { "Failed most" } " · "
              a href="#groups" { "Equal gaps" } }
        main {
            h2 id="map" { "Students and checks" }
            p { "✓ passed, ✗ failed, · not reached, ? not graded. A row's number leads to its page." }
            (map(records, names_shown))
            h2 id="points" { "How the points are distributed" }
            (distribution(records))
            h2 id="failed" { "What failed most" }
            (failed_most(records))
            h2 id="groups" { "Equal gaps" }
            (equal(groups, records, names_shown))
        }
    };
    frame("Grades", &content)
}

/// The checks of each program, in their order.
fn columns(records: &[Graded]) -> Vec<(String, Vec<String>)> {
    let mut by_program: BTreeMap<usize, (String, Vec<String>)> = BTreeMap::new();
    for (name, program) in records.iter().flat_map(|record| &record.programs) {
        let Some(place) = crate::labs::LABS.iter().position(|lab| lab.name == name) else {
            continue;
        };
        let of_program = by_program.entry(place).or_insert_with(|| (name.clone(), Vec::new()));
        if of_program.1.len() < program.checks.len() {
            let names = program.checks.iter().map(|check| super::text(check, "name").to_owned());
            of_program.1 = names.collect();
        }
    }
    by_program.into_values().collect()
}

fn status<'v>(record: &'v Graded, program: &str, check: &str) -> &'v str {
    let Some(program) = record.programs.get(program) else { return "none" };
    match program.state {
        GradeState::Graded => {
            let found = program.checks.iter().find(|it| super::text(it, "name") == check);
            found.map_or("not_reached", |it| super::text(it, "status"))
        }
        state => state.name(),
    }
}

fn sign(status: &str) -> &'static str {
    match status {
        "passed" => "✓",
        "failed" => "✗",
        "not_reached" | "none" => "·",
        _ => "?",
    }
}

fn map(records: &[Graded], names_shown: bool) -> Markup {
    let columns = columns(records);
    html! {
        div.wide tabindex="0" role="region" aria-label="Students and checks" {
            table.map {
                thead {
                    tr {
                        th { "Student" } th.number { "Points" }
                        @for (program, checks) in &columns {
                            @for (index, check) in checks.iter().enumerate() {
                                th.check.first[index == 0] scope="col" { span { (check) } }
                            }
                            @if checks.is_empty() { th.check.first scope="col" { span { (program) } } }
                        }
                    }
                }
                tbody {
                    @for record in records {
                        tr {
                            th scope="row" { a href=(link_to(record)) { (called(record, names_shown)) } }
                            td.number { (record.points.map_or_else(|| "–".to_owned(), plain)) " / " (plain(record.max_points)) }
                            @for (program, checks) in &columns {
                                @for (index, check) in checks.iter().enumerate() {
                                    @let status = status(record, program, check);
                                    td.cell.first[index == 0].(status) title={ (check) ": " (status.replace('_', " ")) } {
                                        (sign(status))
                                    }
                                }
                                @if checks.is_empty() { td.cell.first { "·" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn distribution(records: &[Graded]) -> Markup {
    const BINS: usize = 11;
    let mut bins = [0usize; BINS];
    for record in records {
        if let Some(points) = record.points.filter(|_| record.max_points > 0.0) {
            let tenth = (points / record.max_points * 10.0).clamp(0.0, 10.0);
            if let Some(bin) = bins.get_mut(tenth as usize) {
                *bin += 1;
            }
        }
    }
    let most = bins.iter().copied().max().unwrap_or(1).max(1);
    html! {
        div.bars aria-hidden="true" {
            @for count in bins { div style={ "height:" (count * 100 / most) "%" } {} }
        }
        div.wide {
            table {
                tr { th { "of all points" } @for bin in 0..BINS { th.number { (bin * 10) " %" } } }
                tr { th { "submissions" } @for count in bins { td.number { (count) } } }
            }
        }
    }
}

fn failed_most(records: &[Graded]) -> Markup {
    let mut failed: BTreeMap<(String, String), usize> = BTreeMap::new();
    let checks =
        records.iter().flat_map(|record| record.programs.values()).flat_map(|it| &it.checks);
    let is_failure = |check: &&Value| check["status"] == "failed" && check["advice"] != true;
    for check in checks.filter(is_failure) {
        let key = (super::text(check, "name").to_owned(), super::text(check, "title").to_owned());
        *failed.entry(key).or_default() += 1;
    }
    let mut failed: Vec<_> = failed.into_iter().collect();
    failed.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    html! {
        @if failed.is_empty() { p { "No check has failed." } }
        @else {
            table {
                tr { th { "Check" } th { "What is looked at" } th.number { "Submissions" } }
                @for ((name, title), count) in failed.iter().take(20) {
                    tr { td { (name) } td { (title) } td.number { (count) } }
                }
            }
        }
    }
}

fn equal(groups: &[Group], records: &[Graded], names_shown: bool) -> Markup {
    html! {
        p { "Gaps of 40 tokens and more that several students have filled with the same. They are graded once. A \
             comment for all of a group goes into overrides.toml:" }
        pre { "[\"group:KEY\"]\ncomment = \"…\"" }
        @if groups.is_empty() { p { "There is none." } }
        @for group in groups {
            details {
                summary { (group.program) ", gap " (group.gap) ": " (group.ids.len()) " submissions, group:" (group.key) }
                pre { (group.body) }
                p {
                    @for record in records.iter().filter(|record| group.ids.contains(&record.id)) {
                        a href=(link_to(record)) { (called(record, names_shown)) } " "
                    }
                }
            }
        }
    }
}
