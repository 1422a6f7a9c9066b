//! The page of one student.

use maud::{Markup, html};
use serde_json::Value;

use crate::grade::lift::{Lift, LiftState};
use crate::grade::results::{Graded, GradedProgram, plain};
use crate::grade::views::{plain_text, text};
use crate::labs::LABS;

use super::{called, frame, link_to, sign};

pub fn page(record: &Graded, beside: &[Option<&Graded>; 2], names_shown: bool) -> Markup {
    let [before, after] = beside;
    let points = record.points.map_or_else(|| "not graded".to_owned(), plain);
    let content = html! {
        nav {
            a href="index.html" { "All submissions" }
            @if let Some(before) = before { " · " a href=(link_to(before)) rel="prev" { "before" } }
            @if let Some(after) = after { " · " a href=(link_to(after)) rel="next" { "next" } }
        }
        main {
            h1 { (called(record, names_shown)) }
            p {
                strong { (points) " of " (plain(record.max_points)) " points" }
                @if record.points != record.raw_points {
                    @if let Some(raw) = record.raw_points { ", " (plain(raw)) " by the checks" }
                }
                @if record.excused { ", excused" }
                @if record.late { ", late" }
                @if !record.submitted.is_empty() { ", handed in " (record.submitted) }
                "."
            }
            @if let Some(reason) = &record.reason { p.note { "Not graded: " (reason) } }
            @if let Some(comment) = &record.comment { p.note { "Comment: " (comment) } }
            @for note in &record.notes { p.note { "! " (note) } }
            @if let Some(packets) = &record.packets { (marks(packets)) }
            @for (name, program) in in_order(record) { (of_program(name, program)) }
            @let missing = record.programs.iter().filter(|(_, program)| program.key.is_empty());
            @let missing: Vec<&str> = missing.map(|(name, _)| name.as_str()).collect();
            @if !missing.is_empty() { h2 { "Not handed in" } p.note { (missing.join(", ")) } }
        }
    };
    frame(&record.id, &content)
}

/// The programs that were handed in, in the order of the labs.
fn in_order(record: &Graded) -> Vec<(&String, &GradedProgram)> {
    let place = |name: &String| LABS.iter().position(|lab| lab.name == name);
    let handed_in = record.programs.iter().filter(|(_, program)| !program.key.is_empty());
    let mut programs: Vec<_> = handed_in.collect();
    programs.sort_by_key(|(name, _)| place(name));
    programs
}

fn of_program(name: &str, program: &GradedProgram) -> Markup {
    let points = program.points.map_or_else(|| "not graded".to_owned(), plain);
    html! {
        h2 { (name) ": " (points) " of " (plain(program.max_points)) }
        @if !program.file.is_empty() { p.note { "From " code { (program.file) } } }
        @if let Some(reason) = &program.reason { p.note { "Not graded: " (reason) } }
        @if let Some(comment) = &program.comment { p.note { "Comment: " (comment) } }
        @for note in &program.notes { p.note { "! " (note) } }
        @for name in &program.unsteady { p.note { "! unsteady: " (name) " failed, then passed alone" } }
        @if let Some(why) = &program.not_built { h3 { "It does not compile" } pre { (plain_text(why)) } }
        @if !program.checks.is_empty() {
            table {
                tr { th { "Check" } th { "What is looked at" } th { "" } th.number { "Points" } }
                @for check in &program.checks {
                    @let status = text(check, "status");
                    tr {
                        td { (text(check, "name")) } td { (text(check, "title")) }
                        td.(status) { (sign(status)) " " (status.replace('_', " ")) }
                        td.number { (check["points"]) " / " (check["max_points"]) }
                    }
                }
            }
        }
        @for check in program.checks.iter().filter(|check| check.get("did").is_some()) { (exchange(check)) }
        @if let Some(outside) = &program.outside {
            details open { summary { "Changed outside the gaps, and not compiled" } pre { (outside) } }
        }
        @for gap in &program.gaps { (filled(gap)) }
    }
}

/// A failure, as what went to and fro between the check and the program.
fn exchange(check: &Value) -> Markup {
    let received = check.get("received").and_then(Value::as_array).into_iter().flatten();
    html! {
        h3 { (text(check, "name")) }
        div.exchange role="group" aria-label={ "What happened in " (text(check, "name")) } {
            div.head { "check" } div {} div.head { "program" }
            div.said { (text(check, "did")) } div.arrow {} div {}
            div.said { "expected: " (text(check, "expected")) } div {} div {}
            @for line in received {
                div {} div.arrow.back {} div.said { (line.as_str().unwrap_or_default()) }
            }
        }
        @if !text(check, "cause").is_empty() { p.note { "Cause: " (text(check, "cause")) } }
        @if !text(check, "comment").is_empty() { p.note { "Comment: " (text(check, "comment")) } }
        @if !text(check, "look").is_empty() { p.note { "Look at " (text(check, "look")) } }
    }
}

fn filled(gap: &Lift) -> Markup {
    let state = match gap.state {
        LiftState::Filled => "filled",
        LiftState::Open => "open",
        LiftState::Gone => "its fences are gone",
        LiftState::NotWhole => "not whole by itself",
    };
    html! {
        details open[gap.state == LiftState::Filled] {
            summary { "Gap " (gap.name) ": " (state) }
            pre { (gap.body) }
        }
    }
}

/// The marked answers about packets.
fn marks(packets: &Value) -> Markup {
    html! {
        h2 { "Answers about packets" }
        @if let Some(why) = packets.get("fault").and_then(Value::as_str) { p.note { (why) } }
        @if let Some(note) = packets.get("made_by").and_then(Value::as_str) { p.note { "! " (note) } }
        @if let Some(others) = packets.get("also_of").and_then(Value::as_array) {
            p.note { "! a capture was also handed in by " (others.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")) }
        }
        table {
            tr { th { "Question" } th { "Given" } th { "" } }
            @for mark in packets.get("lines").and_then(Value::as_array).into_iter().flatten() {
                tr {
                    td { (text(mark, "number")) " " (text(mark, "asks")) }
                    td { (text(mark, "given")) }
                    td { (text(mark, "status").replace('_', " ")) }
                }
            }
        }
    }
}
