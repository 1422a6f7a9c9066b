//! What a person, or another program, is told about the checks of one lab program.

use std::fmt::Write;

use serde::{Serialize, Serializer};

use crate::checks::check::{Check, Outcome};
use crate::judge::exchange::{self, Rung};
use crate::judge::run::{Checked, Results};
use crate::labs::Lab;
use crate::text::escape;
use crate::text::style::{BAD, FAINT, GOOD, NEXT, STRONG, options, paragraph};
use crate::tree::handout::Handout;
use crate::tree::source::{Gap, Source};
use crate::trial::Failure;

/// Everything there is to say about one program; `--format json` prints it as it is.
#[derive(Debug, Serialize)]
pub struct Report {
    pub program: &'static str,
    /// The student's file, or the command that was checked.
    pub subject: String,
    pub points: u32,
    pub max_points: u32,
    pub passed: usize,
    /// Advice does not count.
    pub total: usize,
    pub gaps_open: usize,
    /// Their names, in the program's order.
    pub open_gaps: Vec<String>,
    pub gaps: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_gap: Option<OpenGap>,
    /// The open gap that the program came to first, and has ended in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_in: Option<OpenGap>,
    /// What the compiler or the file system has against the program: a paragraph, then what is
    /// quoted.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "without_colour")]
    pub not_built: Option<String>,
    /// Why the program could not be checked at all, which is no fault of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Fences that are broken or gone: a grader finds nothing there.
    pub fences: Vec<String>,
    /// What costs no points, and is worth knowing.
    pub notes: Vec<String>,
    pub checks: Vec<CheckReport>,
    /// The gap to look at next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_at: Option<String>,
    pub seconds: f64,
}

/// The gap that comes next.
#[derive(Debug, Serialize)]
pub struct OpenGap {
    pub name: String,
    /// Its place among the program's gaps, from 1.
    pub number: usize,
    pub of: usize,
    pub place: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Passed,
    Failed,
    NotReached,
    /// A fault of ours.
    CouldNotCheck,
}

#[derive(Debug, Serialize)]
pub struct CheckReport {
    pub name: String,
    pub title: &'static str,
    pub status: Status,
    pub advice: bool,
    pub points: u32,
    pub max_points: u32,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Told>,
    /// The check that fails for the same reason and says what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What went over the wire; of a check that has passed only where that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exchange: Vec<Rung>,
}

/// A failure with everything looked up. What does not apply is empty.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Told {
    /// The gap to look at.
    pub gap: &'static str,
    pub did: String,
    pub expected: String,
    pub received: Vec<String>,
    pub cause: String,
    pub look: String,
    pub replay: String,
}

/// Where the checked program's source is, if it is one of ours.
pub struct Subject<'a> {
    pub name: String,
    pub source: Option<&'a Source>,
}

impl Report {
    /// The report on a program that was checked.
    pub fn of(
        lab: &'static Lab,
        subject: &Subject,
        handout: &Handout,
        results: &Results,
    ) -> Report {
        let mut report = Report::about(lab, subject);
        report.seconds = results.took.as_secs_f64();
        report.ended_in = results.open_gap.as_deref().map(|name| open_gap(subject, name));
        report.open_gap = results
            .open_gap
            .as_deref()
            .map(|name| open_gap(subject, report.open_gaps.first().map_or(name, String::as_str)));
        let line = |checked| CheckReport::of(lab, subject, handout, checked);
        report.checks = results.checks.iter().map(line).collect();
        let counted = report.checks.iter().filter(|line| !line.advice);
        report.total = counted.clone().count();
        report.passed = counted.filter(|line| line.status == Status::Passed).count();
        // A program that only opens a socket, whatever it is for, has done nothing of the lab.
        let passed =
            |checked: &&crate::judge::run::Checked| matches!(checked.outcome, Outcome::Passed);
        let mut beyond = results.checks.iter().filter(passed).filter(|it| !it.advice);
        if subject.source.is_none() && beyond.all(|it| it.check.door || it.check.beginning) {
            report.checks.iter_mut().for_each(|line| line.points = 0);
        }
        report.points = report.checks.iter().map(|line| line.points).sum();
        report.max_points = report.checks.iter().map(|line| line.max_points).sum();
        let failure = report.checks.iter().find_map(|line| line.failure.as_ref());
        let gap = failure.map(|told| told.gap.to_owned());
        report.look_at = gap.filter(|gap| !gap.is_empty()); // a program that is given has none
        report
    }

    /// The report on a program that could not be started, and why.
    pub fn not_built(
        lab: &'static Lab,
        subject: &Subject,
        why: String,
        look_at: Option<String>,
    ) -> Report {
        let mut report = Report::about(lab, subject);
        report.not_built = Some(why);
        report.look_at = look_at;
        report.total = lab.checks.iter().filter(|check| !check.is_advice()).count();
        report
    }

    /// The report on a program that could not be checked, through no fault of its own.
    pub fn not_checked(lab: &'static Lab, subject: &Subject, fault: String) -> Report {
        let mut report = Report::about(lab, subject);
        report.fault = Some(fault);
        report.total = lab.checks.iter().filter(|check| !check.is_advice()).count();
        report
    }

    fn about(lab: &'static Lab, subject: &Subject) -> Report {
        let gaps = subject.source.map_or(&[][..], |source| &source.gaps);
        let open = gaps.iter().filter(|gap| gap.is_open());
        let open_gaps: Vec<String> = open.map(|gap| gap.name.clone()).collect();
        Report {
            program: lab.name,
            subject: subject.name.clone(),
            points: 0,
            max_points: lab.points(),
            passed: 0,
            total: 0,
            gaps_open: open_gaps.len(),
            open_gaps,
            gaps: subject.source.map_or(0, |source| source.gaps.len()),
            open_gap: None,
            ended_in: None,
            not_built: None,
            fault: None,
            fences: Vec::new(),
            notes: Vec::new(),
            checks: Vec::new(),
            look_at: None,
            seconds: 0.0,
        }
    }

    /// Changes every text of a failure, before it is broken into lines.
    pub fn with_texts(mut self, change: impl Fn(&str) -> String) -> Report {
        let told = self.checks.iter_mut().filter_map(|line| line.failure.as_mut());
        for Told { did, expected, received, cause, look, replay, .. } in told {
            let texts = [did, expected, cause, look, replay].into_iter().chain(received);
            texts.for_each(|text| *text = change(text));
        }
        for gap in [&mut self.open_gap, &mut self.ended_in].into_iter().flatten() {
            gap.place = change(&gap.place);
        }
        self
    }

    /// The same report with all that others have written made harmless: every one that is shown or
    /// handed on has gone through this.
    pub fn harmless(self) -> Report {
        let mut report = self.with_texts(escape::lines);
        let gaps = [&mut report.open_gap, &mut report.ended_in].into_iter().flatten();
        let gaps = gaps.map(|gap| &mut gap.name).chain(&mut report.open_gaps);
        let texts = gaps.chain(&mut report.fences).chain(&mut report.notes);
        let texts = texts.chain(&mut report.look_at).chain([&mut report.subject]);
        texts.for_each(|text| *text = escape::line(text));
        report.fault = report.fault.map(|fault| escape::lines(&fault));
        report.not_built = report.not_built.map(|why| escape::page(&why));
        let told = report.checks.iter_mut().filter_map(|line| line.failure.as_mut());
        for Told { did, expected, received, cause, look, .. } in told {
            let texts = [did, expected, cause, look].into_iter().chain(received);
            texts.for_each(|text| *text = escape::line(text));
        }
        report
    }

    /// The report without the exchanges of checks that have passed.
    pub fn without_wire(mut self) -> Report {
        let passed = |line: &&mut CheckReport| line.failure.is_none();
        self.checks.iter_mut().filter(passed).for_each(|line| line.exchange.clear());
        self
    }

    /// Every check that was tried, with what went over the wire.
    pub fn with_wire(&self, width: usize) -> String {
        if self.not_built.is_some() {
            return String::new();
        }
        let tried = self.checks.iter().filter(|line| line.status != Status::NotReached);
        let told = tried.map(|line| line.in_full(width) + &line.on_the_wire(width));
        told.collect::<String>() + &self.open(width)
    }

    pub fn all_passed(&self) -> bool {
        let tried = self.not_built.is_none() && self.fault.is_none();
        tried && self.fences.is_empty() && self.passed == self.total
    }

    /// Whether there is also no advice to give.
    pub fn is_clean(&self) -> bool {
        let failed = |line: &CheckReport| line.status == Status::Failed;
        self.all_passed() && !self.checks.iter().any(failed)
    }

    /// Whether something here is not the program's fault.
    pub fn could_not_check(&self) -> bool {
        let could_not = |line: &CheckReport| line.status == Status::CouldNotCheck;
        self.fault.is_some() || self.checks.iter().any(could_not)
    }

    /// Whether something here is the program's fault, whatever else could not be checked.
    pub fn has_failed(&self) -> bool {
        let failed = |line: &CheckReport| !line.advice && line.status == Status::Failed;
        let not_whole = self.not_built.is_some() || !self.fences.is_empty();
        not_whole || self.ended_in.is_some() || self.checks.iter().any(failed)
    }

    /// The whole report, as wide as the terminal but not wider than a page.
    pub fn in_full(&self, width: usize) -> String {
        let mut text = self.headline();
        if let Some(why) = &self.not_built {
            let (why, quoted) = why.split_once("\n\n").unwrap_or((why, ""));
            text.push_str(&paragraph(width, "  ", "  ", why));
            if !quoted.is_empty() {
                let _ = writeln!(text, "\n{quoted}"); // a String takes everything
            }
            text.push_str(&self.remarks(width));
            return text;
        }
        if let Some(fault) = &self.fault {
            let sign = format!("{NEXT}?{NEXT:#} ");
            text.push_str(&paragraph(width, &sign, "  ", &format!("could not check: {fault}")));
        }
        for line in &self.checks {
            match line.status {
                Status::Passed if line.advice => {}
                Status::NotReached => {}
                _ if line.because.is_some() => {}
                _ => text.push_str(&line.in_full(width)),
            }
        }
        text.push_str(&self.open_sentence(width));
        for line in &self.checks {
            let because_of_it =
                |other: &&CheckReport| !other.advice && other.because.as_ref() == Some(&line.name);
            text.push_str(&match self.checks.iter().filter(because_of_it).count() {
                0 => continue,
                1 => format!("  {FAINT}1 more check fails because of {}{FAINT:#}\n", line.name),
                n => format!("  {FAINT}{n} more checks fail because of {}{FAINT:#}\n", line.name),
            });
        }
        text + &self.not_reached() + &self.remarks(width)
    }

    /// The gap that is open and what else there is to say of it, with the checks that it keeps away.
    pub fn open(&self, width: usize) -> String {
        self.open_sentence(width) + &self.not_reached()
    }

    fn open_sentence(&self, width: usize) -> String {
        let (Some(gap), Some(end)) = (&self.open_gap, &self.ended_in) else {
            return String::new();
        };
        let said = gap.sentence() + &self.how_far(gap, end);
        paragraph(width, &format!("{NEXT}○{NEXT:#} "), "  ", &said)
    }

    fn not_reached(&self) -> String {
        let not_reached = |line: &&CheckReport| line.status == Status::NotReached && !line.advice;
        let (count, checks, are) = match self.checks.iter().filter(not_reached).count() {
            0 => return String::new(),
            1 => (1, "check", "was"),
            count => (count, "checks", "were"),
        };
        let why = match &self.ended_in {
            Some(gap) => format!("because of gap {}", gap.name),
            None => {
                let failed = |line: &&CheckReport| line.failure.is_some() && !line.advice;
                let failed = self.checks.iter().rev().find(failed);
                failed.map_or_else(String::new, |line| format!("because of {}", line.name))
            }
        };
        format!("  {FAINT}{count} {checks} {are} not reached {why}{FAINT:#}\n")
    }

    /// What else there is to say of open gaps: which came first may depend on threads.
    fn how_far(&self, next: &OpenGap, end: &OpenGap) -> String {
        const BEFORE: &str =
            "The gaps before it ran without an error; whether they are right is checked later";
        if next.name == end.name {
            return if next.number > 1 { format!(". {BEFORE}") } else { String::new() };
        }
        let others = self.open_gaps.iter().filter(|name| **name != next.name);
        let others: Vec<&str> = others.map(String::as_str).collect();
        let are = if others.len() == 1 { "so is" } else { "so are" };
        format!(
            ", and {are} {}. The program reached gap {} first: fill that one next. {BEFORE}",
            others.join(", "),
            end.name
        )
    }

    /// What there is to say besides the checks.
    pub fn remarks(&self, width: usize) -> String {
        let mut text = self.broken_fences(width);
        for note in &self.notes {
            text.push_str(&paragraph(width, &format!("{NEXT}!{NEXT:#} "), "  ", note));
        }
        text
    }

    pub fn broken_fences(&self, width: usize) -> String {
        let mut text = String::new();
        for fence in &self.fences {
            text.push_str(&paragraph(width, &format!("{BAD}✗{BAD:#} "), "  ", fence));
        }
        if !self.fences.is_empty() {
            let remedy = format!(
                "Without its fences a grader finds no gap. Put the lines with ==== back as they \
                 were, or take a fresh skeleton: `make reset LAB={}` (your file is kept)",
                self.program
            );
            text.push_str(&paragraph(width, "  ", "  ", &remedy));
        }
        text
    }

    /// Name, file and score, on one line.
    pub fn headline(&self) -> String {
        let Report { program, subject, .. } = self;
        let style = if self.all_passed() { GOOD } else { NEXT };
        let score = self.score();
        format!("{STRONG}{program}{STRONG:#}  {subject}\n  {style}{score}{style:#}\n")
    }

    pub fn score(&self) -> String {
        let Report { passed, total, points, max_points, .. } = self;
        format!("{passed} of {total} checks passed, {points} of {max_points} points")
    }
}

impl OpenGap {
    pub fn sentence(&self) -> String {
        let OpenGap { name, number, of, place } = self;
        match number {
            0 => format!("gap {name} is still open ({place})"),
            _ => format!("gap {number} of {of} is still open: {name} ({place})"),
        }
    }
}

/// Where a gap is in the student's file; a gap whose fence is gone is looked for by its `todo!`.
pub fn open_gap(subject: &Subject, name: &str) -> OpenGap {
    let gaps = subject.source.map_or(&[][..], |source| &source.gaps);
    let number = gaps.iter().position(|gap| gap.name == name).map_or(0, |index| index + 1);
    let place = match place(subject, name) {
        place if place.is_empty() => subject.name.clone(),
        place => place.split(',').next().unwrap_or_default().to_owned(),
    };
    OpenGap { name: name.to_owned(), number, of: gaps.len(), place }
}

fn place(subject: &Subject, gap: &str) -> String {
    let found = subject.source.and_then(|source| source.gap(gap));
    found.map_or_else(String::new, |gap| format!("{}:{}, gap {}", subject.name, gap.line, gap.name))
}

/// The gap with the line at which a program has panicked, as far as it said so.
fn panicked_in(subject: &Subject, lab: &'static Lab, failure: &Failure) -> Option<&'static str> {
    let line = failure.received.iter().find_map(|said| {
        let (file, rest) = said.split_once("panicked at ")?.1.split_once(".rs:")?;
        let line = rest.split(':').next()?.parse::<usize>().ok();
        line.filter(|_| file.starts_with(lab.name))
    })?;
    let gap = subject.source?.gaps.iter().find(|gap| gap.lines().contains(&line))?;
    lab.checks.iter().map(|check| check.gap).find(|name| *name == gap.name)
}

/// The gap to look at, where that one is still open: the last before it that is filled, and so has run.
fn last_that_ran(subject: &Subject, lab: &'static Lab, gap: &'static str) -> &'static str {
    let gaps = subject.source.map_or(&[][..], |source| &source.gaps);
    let Some(index) = gaps.iter().position(|there| there.name == gap && there.is_open()) else {
        return gap;
    };
    let ran = gaps[..index].iter().rev().find(|gap| !gap.is_open());
    let mut names = lab.checks.iter().map(|check| check.gap);
    ran.and_then(|ran| names.find(|name| *name == ran.name)).unwrap_or(gap)
}

fn cause(found: Option<&str>, check: &Check, lab: &Lab, handout: &Handout) -> String {
    let section = handout.section_of(check.rule);
    let section = section.map_or_else(String::new, |heading| format!(", \"{heading}\""));
    format!("{} ({}{section})", found.unwrap_or(check.rule), lab.handout)
}

impl CheckReport {
    fn of(
        lab: &'static Lab,
        subject: &Subject,
        handout: &Handout,
        checked: &Checked,
    ) -> CheckReport {
        let check = checked.check;
        let mut because = None;
        let is_open = || {
            let gap = subject.source.and_then(|source| source.gap(check.gap));
            gap.is_some_and(Gap::is_open)
        };
        let (status, failure) = match &checked.outcome {
            // What its gap is to do has not been done yet, so nothing has been seen of it.
            Outcome::Passed if is_open() => (Status::NotReached, None),
            Outcome::Passed => (Status::Passed, None),
            Outcome::NotReached => (Status::NotReached, None),
            Outcome::Repeats(first) => {
                because = Some(format!("{}/{first}", lab.name));
                (Status::Failed, None)
            }
            Outcome::Fault(fault) => {
                let told = Told { received: vec![fault.clone()], ..Told::default() };
                (Status::CouldNotCheck, Some(told))
            }
            Outcome::Failed(failure) => {
                (Status::Failed, Some(Told::of(lab, subject, handout, check, failure)))
            }
        };
        let max_points = if checked.advice { 0 } else { check.points };
        CheckReport {
            name: format!("{}/{}", lab.name, check.name),
            title: check.title,
            status,
            advice: checked.advice,
            points: if status == Status::Passed { max_points } else { 0 },
            max_points,
            failure,
            because,
            exchange: checked.rungs.clone(),
        }
    }

    /// What went over the wire, if it was seen.
    pub fn on_the_wire(&self, width: usize) -> String {
        match self.exchange.as_slice() {
            [] => format!("    {FAINT}wire      nothing was seen{FAINT:#}\n"),
            rungs => exchange::ladder(rungs, width, exchange::SCREEN),
        }
    }

    pub fn in_full(&self, width: usize) -> String {
        let failure = self.failure.as_ref();
        self.head(width) + &failure.map_or_else(String::new, |told| told.in_full(width))
    }

    /// Its sign, its name, what it looks at, its points.
    pub fn head(&self, width: usize) -> String {
        let CheckReport { name, title, points, max_points, .. } = self;
        let (sign, style) = match self.status {
            Status::Passed => ("✓", GOOD),
            Status::Failed if self.advice => ("!", NEXT),
            Status::Failed => ("✗", BAD),
            Status::NotReached => ("·", FAINT),
            Status::CouldNotCheck => ("?", NEXT),
        };
        let score =
            if self.advice { "advice".to_owned() } else { format!("{points}/{max_points}") };
        let (name, below) = (format!("{name:<22} "), " ".repeat(23));
        let room = width.saturating_sub(2 + score.len() + 1);
        let mut lines = textwrap::wrap(title, options(room, &name, &below)).into_iter();
        let first = lines.next().unwrap_or_default();
        let mut text = format!("{style}{sign}{style:#} {first:<room$} {score}\n");
        for line in lines {
            let _ = writeln!(text, "  {line}"); // a String takes everything
        }
        text
    }
}

impl Told {
    fn of(
        lab: &'static Lab,
        subject: &Subject,
        handout: &Handout,
        check: &Check,
        failure: &Failure,
    ) -> Told {
        let known = |gap: &&str| subject.source.is_none_or(|s| s.gap(gap).is_some());
        let gap = match panicked_in(subject, lab, failure) {
            Some(gap) => gap,
            None => failure.gap.filter(known).unwrap_or(check.gap),
        };
        let gap = last_that_ran(subject, lab, gap);
        Told {
            gap,
            did: failure.did.clone(),
            expected: failure.expected.clone(),
            received: failure.received.clone(),
            cause: cause(failure.cause.as_deref(), check, lab, handout),
            look: place(subject, gap),
            replay: failure.replay.clone(),
        }
    }

    pub fn in_full(&self, width: usize) -> String {
        let mut text = String::new();
        let mut item = |label: &str, content: &str| {
            if !content.is_empty() {
                let label = format!("    {label:<10}");
                text.push_str(&paragraph(width, &label, &" ".repeat(14), content));
            }
        };
        item("did", &self.did);
        item("expected", &self.expected);
        for (index, line) in self.received.iter().enumerate() {
            item(if index == 0 { "received" } else { "" }, line);
        }
        item("cause", &self.cause);
        item("look", &self.look);
        for (index, line) in self.replay.lines().enumerate() {
            let label = if index == 0 { "replay" } else { "" };
            let _ = writeln!(text, "    {label:<10}{line}"); // whole, to be copied
        }
        text
    }
}

fn without_colour<S: Serializer>(text: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    text.as_ref().map(|text| anstream::adapter::strip_str(text).to_string()).serialize(to)
}
