//! `lab verify --mutants`: do the checks find mistakes that nobody has thought of? Each mutant of the
//! solutions must fail or get advice; who survives stands in tests/mutants/NAME.txt, with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::judge::operators::{self, Mutant};
use crate::judge::report::{Report, Subject};
use crate::judge::{bulk, parallel, run};
use crate::labs::Lab;
use crate::tree::handout::Handout;
use crate::tree::products;
use crate::tree::source::{Gap, Products};
use crate::tree::{Set, Tree};
use crate::trial::Target;

/// What a record says of a survivor that nobody has judged yet.
const OPEN: &str = "open";

pub struct Sampling {
    pub seed: u64,
    /// So many of each program, drawn by the seed; without a number, all.
    pub sample: Option<usize>,
    /// Records the survivors.
    pub bless: bool,
}

/// What came of the mutants of one program.
#[derive(Default)]
pub struct Survey {
    /// Those that compile.
    pub made: usize,
    pub caught: usize,
    pub advised: usize,
    /// Survivors of which the record says why no check can tell them from the solution.
    pub equivalent: usize,
    pub open: usize,
    /// Failures whose look line names the mutant's own gap.
    pub blamed: usize,
    pub problems: Vec<String>,
}

impl Survey {
    /// Of a hundred that are real mistakes, how many were found.
    pub fn found(&self) -> f64 {
        percent(self.caught + self.advised, self.made - self.equivalent)
    }

    /// Of a hundred that were found, how many look lines name the gap that is wrong.
    pub fn blamed(&self) -> f64 {
        percent(self.blamed, self.caught + self.advised)
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// What the checks say of one mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// With the gap that the look line names.
    Caught(String),
    Advised(String),
    Survived,
    CouldNotCheck(String),
}

/// Makes, builds and checks the mutants of the labs.
pub fn survey(
    tree: &Tree,
    labs: &[&'static Lab],
    options: &Sampling,
) -> Result<BTreeMap<&'static str, Survey>, Error> {
    let mut mutants = BTreeMap::new();
    let mut texts = BTreeMap::new();
    for lab in labs {
        let products = products::of(tree, lab.name)?;
        let chosen = sampled(all_of(lab, &products)?, options);
        let text = |mutant: &Mutant| {
            let mutated = |gap: &Gap| gap.name == mutant.gap;
            products.solution.with_bodies(|gap| if mutated(gap) { &mutant.body } else { &gap.body })
        };
        if !chosen.is_empty() {
            texts.insert(lab.name, chosen.iter().map(text).collect());
            mutants.insert(lab.name, chosen);
        }
    }
    let bar = parallel::bar(mutants.values().map(Vec::len).sum()).with_message("mutants built");
    let executables = bulk::build(tree, &texts, |count| bar.inc(count as u64))?;
    bar.finish_and_clear();
    let mut surveys = BTreeMap::new();
    for lab in labs {
        let Some(mutants) = mutants.get(lab.name) else { continue };
        let handout = Handout::read(tree, lab.handout)?;
        let check = |executable: &Option<PathBuf>| {
            executable.as_deref().map(|path| fate(tree, lab, &handout, path, options.seed))
        };
        let fates = parallel::each(&executables[lab.name], |_| lab.name.to_owned(), check);
        surveys.insert(lab.name, judge(tree, lab, mutants, &fates, options)?);
    }
    Ok(surveys)
}

fn all_of(lab: &Lab, products: &Products) -> Result<Vec<Mutant>, Error> {
    let mut mutants = Vec::new();
    for gap in &products.solution.gaps {
        let of_gap = operators::mutants(&gap.name, &gap.body);
        mutants.extend(of_gap.map_err(|error| Error::Fault(format!("{}: {error}", lab.name)))?);
    }
    Ok(mutants)
}

/// The same ones for the same seed, in their order.
fn sampled(mutants: Vec<Mutant>, options: &Sampling) -> Vec<Mutant> {
    let Some(count) = options.sample else { return mutants };
    let mut numbers: Vec<usize> = (0..mutants.len()).collect();
    fastrand::Rng::with_seed(options.seed).shuffle(&mut numbers);
    numbers.truncate(count);
    let chosen = |(number, mutant)| numbers.contains(&number).then_some(mutant);
    mutants.into_iter().enumerate().filter_map(chosen).collect()
}

fn fate(tree: &Tree, lab: &'static Lab, handout: &Handout, executable: &Path, seed: u64) -> Fate {
    let target = Target::of_set(lab.facts(), Set::Skeletons, tree.root(), &[executable.to_owned()]);
    let results = run::run(&target, lab.checks, seed, &|| {});
    let subject = Subject { name: format!("skeletons/{}.rs", lab.name), source: None };
    let report = Report::of(lab, &subject, handout, &results);
    let gap = report.look_at.clone().unwrap_or_default();
    match () {
        () if report.could_not_check() => Fate::CouldNotCheck(report.in_full(80)),
        () if report.is_clean() => Fate::Survived,
        () if report.all_passed() => Fate::Advised(gap),
        () => Fate::Caught(gap),
    }
}

/// Compares who survived with the record.
fn judge(
    tree: &Tree,
    lab: &Lab,
    mutants: &[Mutant],
    fates: &[Option<Fate>],
    options: &Sampling,
) -> Result<Survey, Error> {
    let file = format!("tests/mutants/{}.txt", lab.name);
    let record = Record::parse(&tree.read(&file).unwrap_or_default());
    let mut survey = Survey::default();
    let mut survivors = Vec::new();
    for (mutant, fate) in mutants.iter().zip(fates) {
        let Some(fate) = fate else { continue };
        survey.made += 1;
        match fate {
            Fate::Caught(gap) => {
                survey.caught += 1;
                survey.blamed += usize::from(*gap == mutant.gap);
            }
            Fate::Advised(gap) => {
                survey.advised += 1;
                survey.blamed += usize::from(*gap == mutant.gap);
            }
            Fate::Survived => survivors.push(mutant.key.as_str()),
            Fate::CouldNotCheck(why) => {
                survey.problems.push(format!("{}: could not be checked\n{why}", mutant.key));
            }
        }
    }
    for key in &survivors {
        match record.reasons.get(*key).map(String::as_str) {
            Some(OPEN) => survey.open += 1,
            Some(_) => survey.equivalent += 1,
            None if options.bless => survey.open += 1,
            None => survey.problems.push(format!(
                "{}: survives: write a check that finds it, or its reason into {file}: {key}",
                lab.name
            )),
        }
    }
    if options.bless && options.sample.is_none() {
        tree.write(&file, &record.with(lab.name, &survivors))?;
    } else if options.sample.is_none() {
        let known: BTreeSet<&str> = survivors.iter().copied().collect();
        let gone = record.reasons.keys().filter(|key| !known.contains(key.as_str()));
        survey.problems.extend(gone.map(|key| {
            format!("{file}: is caught now, or is no mutant any more, so take it out: {key}")
        }));
    }
    Ok(survey)
}

/// The survivors that are known: a line for each, and behind it an indented one that says `open`, or
/// why nobody can tell it from the solution.
struct Record {
    reasons: BTreeMap<String, String>,
}

impl Record {
    fn parse(text: &str) -> Record {
        let mut reasons: BTreeMap<String, String> = BTreeMap::new();
        let mut last = None;
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            match (line.strip_prefix("    "), &last) {
                (Some(reason), Some(key)) => {
                    reasons.insert(String::clone(key), reason.trim().to_owned());
                }
                _ => last = Some(line.to_owned()),
            }
        }
        Record { reasons }
    }

    /// The record of these survivors, with the reasons that are known.
    fn with(&self, name: &str, survivors: &[&str]) -> String {
        let mut text = format!(
            "# What survives `lab verify {name} --mutants`, and why no check can tell it from the \
             solution.\n"
        );
        for key in survivors {
            let reason = self.reasons.get(*key).map_or(OPEN, String::as_str);
            text.push_str(&format!("{key}\n    {reason}\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_its_reasons() {
        let text = "# ignored\nbind: a\n    a backlog is not seen\nbind: b\n    open\n";
        let record = Record::parse(text);
        assert_eq!(record.reasons["bind: a"], "a backlog is not seen");
        let written = record.with("x", &["bind: c", "bind: a"]);
        assert!(written.ends_with("bind: c\n    open\nbind: a\n    a backlog is not seen\n"));
    }

    #[test]
    fn a_sample_is_the_same_for_the_same_seed() {
        let mutants = operators::mutants("gap", "f(1, 2);\ng(3, 4);").unwrap();
        let keys = |seed| -> Vec<String> {
            let options = Sampling { seed, sample: Some(4), bless: false };
            sampled(mutants.clone(), &options).into_iter().map(|mutant| mutant.key).collect()
        };
        assert_eq!(keys(1).len(), 4);
        assert_eq!(keys(1), keys(1));
        assert!((2..9).any(|seed| keys(seed) != keys(1)));
    }
}
