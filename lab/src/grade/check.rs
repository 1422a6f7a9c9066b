//! What the checks say of a lifted program: compiled and run in the sandbox, each failure looked at
//! once more.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::Error;
use crate::grade::compile::{Compiled, Compiler};
use crate::grade::find::Form;
use crate::grade::results::{GradeState, GradedProgram};
use crate::judge::build::Built;
use crate::judge::examine;
use crate::judge::report::{Report, Status, Subject};
use crate::judge::run;
use crate::os::sandbox::Sandbox;
use crate::tree::handout::Handout;
use crate::tree::source::{self, Source};
use crate::tree::{Set, Tree};
use crate::trial::Target;

/// A program to be checked, whoever has handed it in.
pub struct Work<'a> {
    pub form: &'a Form,
    pub key: String,
    pub text: String,
}

/// How programs are checked.
pub struct Bench<'a> {
    pub tree: &'a Tree,
    pub compiler: &'a Compiler,
    pub sandbox: Option<Sandbox>,
    pub seed: u64,
    /// Where programs are compiled.
    pub place: PathBuf,
}

/// A program that is compiled, or why not.
pub struct Ready<'a> {
    work: &'a Work<'a>,
    compiled: Compiled,
}

/// A program that was checked.
pub struct Judged<'a> {
    pub work: &'a Work<'a>,
    built: Built,
    report: Report,
    unsteady: Vec<String>,
}

impl Ready<'_> {
    /// An error if it is not compiled.
    pub fn must_be_built(&self) -> Result<(), Error> {
        let name = self.work.form.lab.name;
        let why = match &self.compiled {
            Compiled::Fault(fault) => fault,
            Compiled::Done(built) => match built.errors.get(name).and_then(|errors| errors.first())
            {
                Some(error) => &error.message,
                None => return Ok(()),
            },
        };
        Err(Error::Fault(format!("{name} does not compile as it was handed out: {why}")))
    }
}

impl<'a> Bench<'a> {
    pub fn compile(&self, work: &'a Work<'a>) -> Ready<'a> {
        let name = work.form.lab.name;
        let into = self.place.join(&work.key);
        let compiled = self.compiler.compile(self.sandbox.as_ref(), name, &work.text, &into);
        let compiled = compiled.unwrap_or_else(|error| Compiled::Fault(error.to_string()));
        Ready { work, compiled }
    }

    /// Runs all checks.
    pub fn check(&self, ready: Ready<'a>) -> Result<Judged<'a>, Error> {
        let (work, lab) = (ready.work, ready.work.form.lab);
        let parsed = parsed(work);
        let subject = subject(work, parsed.as_ref());
        let built = match ready.compiled {
            Compiled::Done(built) => *built,
            Compiled::Fault(fault) => {
                let report = Report::not_checked(lab, &subject, fault);
                let built = Built::default();
                return Ok(Judged { work, built, report, unsteady: Vec::new() });
            }
        };
        let report = match examine::why_not_built(self.tree, lab, &subject, &[], &built)? {
            Some((why, gap)) => Report::not_built(lab, &subject, why, gap),
            None => self.run(work, &subject, &built)?,
        };
        Ok(Judged { work, built, report, unsteady: Vec::new() })
    }

    fn run(&self, work: &Work, subject: &Subject, built: &Built) -> Result<Report, Error> {
        let lab = work.form.lab;
        let results = run::run(&self.target(work, built), lab.checks, self.seed, &|| {});
        Ok(Report::of(lab, subject, &Handout::read(self.tree, lab.handout)?, &results))
    }

    fn target(&self, work: &Work, built: &Built) -> Target {
        let lab = work.form.lab;
        let executable = built.executables.get(lab.name).cloned().unwrap_or_default();
        let root = self.tree.root();
        let mut target = Target::of_set(lab.facts(), Set::Skeletons, root, &[executable]);
        target.sandbox.clone_from(&self.sandbox);
        target.slow_too = true;
        target
    }

    /// Looks once more, on a machine that has time, and with the same inputs, at what has failed. If any
    /// of it passes now, all is done once more, and what differs is unsteady.
    pub fn confirm(&self, mut judged: Judged<'a>) -> Result<Judged<'a>, Error> {
        let (work, lab) = (judged.work, judged.work.form.lab);
        let failed: Vec<String> = failed(&judged.report);
        if failed.is_empty() {
            return Ok(judged);
        }
        let target = self.target(work, &judged.built);
        let name = |full: &String| full.rsplit('/').next().unwrap_or_default().to_owned();
        let names: Vec<String> = failed.iter().map(name).collect();
        if !run::any_passes(&target, lab.checks, &names, self.seed) {
            return Ok(judged);
        }
        let parsed = parsed(work);
        let again = self.run(work, &subject(work, parsed.as_ref()), &judged.built)?;
        let still = self::failed(&again);
        judged.unsteady = failed.into_iter().filter(|name| !still.contains(name)).collect();
        if again.points >= judged.report.points {
            judged.report = again;
        }
        Ok(judged)
    }

    /// The result, without what is special to one student. What was compiled goes.
    pub fn record(&self, judged: Judged) -> Result<GradedProgram, Error> {
        let Judged { work, built, mut report, unsteady } = judged;
        let parsed = parsed(work);
        let subject = subject(work, parsed.as_ref());
        report.notes = examine::notes(self.tree, work.form.lab, &subject, &built)?;
        let report = report.harmless();
        let _ = fs::remove_dir_all(self.place.join(&work.key)); // the next run would do it
        let (state, reason) = match (&report.fault, report.could_not_check()) {
            (Some(fault), _) => (GradeState::CouldNotCheck, Some(fault.clone())),
            (None, true) => (GradeState::CouldNotCheck, Some(first_fault(&report))),
            (None, false) => (GradeState::Graded, None),
        };
        let mut checks = serde_json::to_value(&report.checks).expect("maps of plain values");
        for check in checks.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            if check.get("status").and_then(Value::as_str) == Some("passed") {
                check.remove("exchange"); // nobody asks for it, and it is most of all that is written
            }
        }
        let not_built = serde_json::to_value(&report).ok();
        let not_built = not_built.and_then(|it| it.get("not_built")?.as_str().map(str::to_owned));
        let points = (state == GradeState::Graded).then_some(f64::from(report.points));
        Ok(GradedProgram {
            state,
            reason,
            points,
            raw_points: points,
            max_points: f64::from(report.max_points),
            checks: checks.as_array().cloned().unwrap_or_default(),
            notes: report.notes,
            not_built,
            unsteady,
            key: work.key.clone(),
            ..GradedProgram::default()
        })
    }
}

fn parsed(work: &Work) -> Option<Source> {
    source::parse(&format!("{}.rs", work.form.lab.name), &work.text).ok()
}

fn subject<'a>(work: &Work, parsed: Option<&'a Source>) -> Subject<'a> {
    Subject { name: format!("skeletons/{}.rs", work.form.lab.name), source: parsed }
}

fn failed(report: &Report) -> Vec<String> {
    let failed = |line: &&crate::judge::report::CheckReport| line.status == Status::Failed;
    report.checks.iter().filter(failed).map(|line| line.name.clone()).collect()
}

fn first_fault(report: &Report) -> String {
    let fault = report.checks.iter().find(|line| line.status == Status::CouldNotCheck);
    let said = fault.and_then(|line| {
        let what = line.failure.as_ref()?.received.first()?;
        Some(format!("{}: {what}", line.name))
    });
    said.unwrap_or_else(|| "a check could not be carried out".to_owned())
}

/// A report's check whose name is this, in a result.
pub fn named<'v>(checks: &'v mut [Value], name: &str) -> Option<&'v mut Value> {
    let is_it = |check: &&mut Value| {
        let full = check.get("name").and_then(Value::as_str).unwrap_or_default();
        full == name || full.rsplit('/').next() == Some(name)
    };
    checks.iter_mut().find(is_it)
}

/// Removes what an earlier run left of its compiling.
pub fn clear(place: &Path) {
    let _ = fs::remove_dir_all(place); // most often there is nothing
}
