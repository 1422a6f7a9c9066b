//! `lab verify`: are the checks right? Every solution, every right answer and every Python twin
//! passes; every skeleton stops at its first gap; each gap reopened alone, and every wrong
//! answer, fails, and with the words that are written down for it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::{fs, thread};

use indicatif::{ProgressBar, ProgressStyle};
use similar::TextDiff;
use toml::Table;

use crate::checks::check::Check;
use crate::error::Error;
use crate::judge::build::{self, Built, Diagnosis};
use crate::judge::masks::masked;
use crate::judge::parity;
use crate::judge::report::{Report, Status, Subject};
use crate::judge::run;
use crate::labs::Lab;
use crate::text::style::{BAD, GOOD};
use crate::tree::handout::Handout;
use crate::tree::manifest::{Binary, Manifest};
use crate::tree::products;
use crate::tree::source::{self, Products};
use crate::tree::{Set, Tree, library};
use crate::trial::Target;

pub struct Options {
    /// Writes down the messages of wrong answers as they are now.
    pub bless: bool,
    /// How many times solutions are checked; twins and slow labs a tenth of that, slow twins once.
    pub repeat: u32,
    /// Leaves out the answers in tests/right and tests/wrong.
    pub quick: bool,
    /// Keeps all processors busy meanwhile.
    pub load: bool,
    pub seed: u64,
}

/// A program that must pass or fail in a known way.
struct Case {
    lab: &'static Lab,
    /// Unique within its lab: `solution`, `wrong--adds-a-newline`.
    name: String,
    expected: Expected,
    /// Its Rust source, unless it is a twin.
    text: Option<String>,
}

enum Expected {
    Passes,
    /// Runs into this gap.
    Open(String),
    /// Fails, or is given advice, and the report reads as in this file.
    Recorded(String),
}

impl Case {
    fn program(&self) -> String {
        format!("{}--{}", self.lab.name, self.name)
    }
}

/// Verifies the checks of the given labs. Prints what is wrong as it is found.
pub fn verify(tree: &Tree, labs: &[&'static Lab], options: &Options) -> Result<(), Error> {
    let mut cases = Vec::new();
    for lab in labs {
        cases.extend(of(tree, lab, options.quick)?);
    }
    let mut problems = parities(tree, labs)?;
    let built = build_all(tree, &cases)?;
    anstream::println!("{} programs built in {:.1} s", cases.len(), built.took.as_secs_f64());
    problems.extend(with_load(options.load, || run_all(tree, &cases, &built, options))?);
    if problems.is_empty() {
        anstream::println!("{GOOD}✓{GOOD:#} all {} behave as they should", cases.len());
        return Ok(());
    }
    for problem in &problems {
        anstream::println!("{BAD}✗{BAD:#} {problem}\n");
    }
    Err(Error::Failed(format!(
        "{} of {} do not behave as they should",
        problems.len(),
        cases.len()
    )))
}

/// Prints how much of its Python each program quotes; gives back what is missing.
fn parities(tree: &Tree, labs: &[&'static Lab]) -> Result<Vec<String>, Error> {
    let mut problems = Vec::new();
    for lab in labs {
        let parity = parity::of(tree, lab)?;
        anstream::println!("parity: {parity}");
        if !parity::NOT_YET.contains(&lab.name) {
            problems.extend(parity.problems);
        }
    }
    Ok(problems)
}

/// All cases of one lab.
fn of(tree: &Tree, lab: &'static Lab, quick: bool) -> Result<Vec<Case>, Error> {
    let products = products::of(tree, lab.name)?;
    let case = |name: &str, expected, text| Case { lab, name: name.to_owned(), expected, text };
    let skeleton = products::text(lab.name, &products, Set::Skeletons);
    let solution = products::text(lab.name, &products, Set::Solutions);
    let mut cases = vec![
        case("solution", Expected::Passes, Some(solution)),
        case("twin", Expected::Passes, None),
    ];
    let Some(first) = products.skeleton.gaps.first() else {
        return Ok(cases); // given complete: nobody answers anything
    };
    cases.push(case("skeleton", Expected::Open(first.name.clone()), Some(skeleton)));
    for gap in &products.skeleton.gaps {
        let only = BTreeMap::from([(gap.name.clone(), gap.body.clone())]);
        let expected = Expected::Open(gap.name.clone());
        let text = filled(&products, &only);
        cases.push(case(&format!("open--{}", gap.name), expected, Some(text)));
    }
    let kinds: &[&str] = if quick { &[] } else { &["right", "wrong"] };
    for kind in kinds {
        for (name, bodies) in answers(tree, lab, kind)? {
            if let Some(unknown) = bodies.keys().find(|gap| products.skeleton.gap(gap).is_none()) {
                return Err(Error::Failed(format!(
                    "tests/{kind}/{}/{name}.rs fills gap {unknown}, which is not there",
                    lab.name
                )));
            }
            let expected = match *kind {
                "right" => Expected::Passes,
                _ => Expected::Recorded(format!("tests/wrong/{}/{name}.txt", lab.name)),
            };
            let text = filled(&products, &bodies);
            cases.push(case(&format!("{kind}--{name}"), expected, Some(text)));
        }
    }
    Ok(cases)
}

/// The solution with some gaps filled in another way.
fn filled(products: &Products, bodies: &BTreeMap<String, String>) -> String {
    products.solution.with_bodies(|gap| bodies.get(&gap.name).unwrap_or(&gap.body))
}

/// The answers in tests/KIND/LAB/*.rs: by name, the gaps each fills in its own way.
fn answers(
    tree: &Tree,
    lab: &Lab,
    kind: &str,
) -> Result<BTreeMap<String, BTreeMap<String, String>>, Error> {
    let directory = format!("tests/{kind}/{}", lab.name);
    let entries = fs::read_dir(tree.path(&directory))
        .map_err(|error| Error::file(&tree.path(&directory), &error))?;
    let mut answers = BTreeMap::new();
    for entry in entries.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let Some(name) = file.strip_suffix(".rs") else { continue };
        let path = format!("{directory}/{file}");
        let source = source::parse(&path, &tree.read(&path)?).map_err(|errors| {
            Error::Failed(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?;
        let bodies = source.gaps.into_iter().map(|gap| (gap.name, gap.body)).collect();
        answers.insert(name.to_owned(), bodies);
    }
    Ok(answers)
}

/// All programs as one package, so that cargo has both processors to fill.
fn build_all(tree: &Tree, cases: &[Case]) -> Result<Built, Error> {
    const DIRECTORY: &str = "target/verify";
    const NAME: &str = "socket-labs-verify";
    let mut manifest = Manifest::read(tree, Set::Skeletons)?;
    let skeletons = std::mem::replace(&mut manifest.package.name, NAME.to_owned());
    tree.write_changed(&format!("{DIRECTORY}/lib.rs"), library::PRISTINE)?;
    let mut programs = Vec::new();
    for case in cases {
        let Some(text) = &case.text else { continue };
        let name = case.program();
        tree.write_changed(&format!("{DIRECTORY}/{name}.rs"), text)?;
        let required_features = manifest.features_of(case.lab.name).to_vec();
        programs.push(Binary { path: format!("{name}.rs"), name, required_features });
    }
    manifest.bin = programs;
    // Hundreds of programs that are built once: what makes the next build quick is in the way, and
    // nobody debugs them.
    let dev = &mut manifest.profile.dev;
    dev.settings.insert("incremental".to_owned(), false.into());
    let without = Table::from_iter([("debug".to_owned(), false.into())]);
    dev.package.insert(NAME.to_owned(), without);
    tree.write(&format!("{DIRECTORY}/Cargo.toml"), &manifest.to_string())?;
    let lock = tree.read("skeletons/Cargo.lock")?;
    let lock = lock.replace(&skeletons, NAME);
    tree.write(&format!("{DIRECTORY}/Cargo.lock"), &lock)?;
    let names: Vec<&str> = manifest.bin.iter().map(|program| program.name.as_str()).collect();
    build::build(&tree.path(DIRECTORY), &names)
}

fn run_all(
    tree: &Tree,
    cases: &[Case],
    built: &Built,
    options: &Options,
) -> Result<Vec<String>, Error> {
    let mut work: Vec<&Case> = Vec::new();
    for round in 0..options.repeat.max(1) {
        // What takes long, and the twins, which are not ours, are repeated less often or not at all.
        const SELDOM: u32 = 10;
        let again = |case: &&Case| match case.name.as_str() {
            _ if round == 0 => true,
            "solution" => !case.lab.slow || round % SELDOM == 0,
            "twin" => !case.lab.slow && round % SELDOM == 0,
            _ => false,
        };
        work.extend(cases.iter().filter(again));
    }
    let bar = ProgressBar::new(work.len() as u64);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
    bar.set_style(style.expect("a template that indicatif knows"));
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(2, |cores| 2 * cores.get());
    let worker = || -> Result<(), Error> {
        while let Some(case) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            bar.set_message(case.program());
            if let Some(problem) = judge(tree, case, built, options)? {
                let problem = format!("{}: {problem}", case.program());
                problems.lock().expect("no worker panics while it holds this").push(problem);
            }
            bar.inc(1);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        running.into_iter().try_for_each(|thread| match thread.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    bar.finish_and_clear();
    let mut problems = problems.into_inner().expect("no worker panics while it holds this");
    problems.sort();
    Ok(problems)
}

/// What is wrong with one case, if anything.
fn judge(
    tree: &Tree,
    case: &Case,
    built: &Built,
    options: &Options,
) -> Result<Option<String>, Error> {
    if let Some(problem) = said_by_the_compiler(case, built) {
        return Ok(Some(problem));
    }
    let report = report(tree, case, built, options.seed)?;
    let shown = plain(&report);
    if report.could_not_check() {
        return Ok(Some(format!("could not be checked\n{shown}")));
    }
    match &case.expected {
        // The twins are as the originals are, but what is ours takes the advice, too.
        Expected::Passes if report.is_clean() || (case.text.is_none() && report.all_passed()) => {
            Ok(None)
        }
        Expected::Passes => Ok(Some(format!("must pass without advice, and does not\n{shown}"))),
        Expected::Open(gap) => {
            Ok(judge_open(&report, case.lab, gap).map(|why| format!("{why}\n{shown}")))
        }
        Expected::Recorded(_) if report.is_clean() => {
            Ok(Some(format!("must fail, and passes\n{shown}")))
        }
        Expected::Recorded(file) if options.bless => tree.write(file, &shown).map(|()| None),
        Expected::Recorded(file) => {
            Ok(in_other_words(&tree.read(file).unwrap_or_default(), &shown, file))
        }
    }
}

/// Every case compiles, and all but a wrong answer without a warning.
fn said_by_the_compiler(case: &Case, built: &Built) -> Option<String> {
    let name = case.program();
    let texts = |said: &[Diagnosis]| said.iter().map(|one| one.text.as_str()).collect::<String>();
    if let Some(errors) = built.errors.get(&name) {
        return Some(format!("does not compile\n{}", texts(errors)));
    }
    let may_warn = matches!(case.expected, Expected::Recorded(_));
    let warnings = built.warnings.get(&name).filter(|_| !may_warn)?;
    Some(format!("compiles with warnings\n{}", texts(warnings)))
}

/// The report on one case, without what changes from run to run.
fn report(tree: &Tree, case: &Case, built: &Built, seed: u64) -> Result<Report, Error> {
    let Case { lab, text, .. } = case;
    let name = case.program();
    let start: Vec<PathBuf> = match built.executables.get(&name) {
        Some(executable) => vec![executable.clone()],
        None => vec!["python3".into(), tree.path(&format!("tests/twins/{}.py", lab.name))],
    };
    let target = Target::of_set(lab.facts(), Set::Skeletons, &start);
    let results = run::run(&target, lab.checks, seed, &|| {});
    let source = text.as_ref().map(|text| source::parse(&name, text).expect("generated"));
    let subject = Subject { name: format!("skeletons/{}.rs", lab.name), source: source.as_ref() };
    let report = Report::of(lab, &subject, &Handout::read(tree, lab.handout)?, &results);
    Ok(report.with_texts(|text| masked(&text.replace(&name, lab.name))))
}

/// How a report differs from the one that was recorded, if it does.
fn in_other_words(recorded: &str, shown: &str, file: &str) -> Option<String> {
    if recorded == shown {
        return None;
    }
    let diff = TextDiff::from_lines(recorded, shown);
    let diff = diff.unified_diff().header(file, "now").to_string();
    Some(format!(
        "fails with other words than recorded; if these are better, `make bless` records them\n{diff}"
    ))
}

/// A gap that is open must be named, and must cost a check of its own; an optional gap costs advice.
fn judge_open(report: &Report, lab: &Lab, gap: &str) -> Option<String> {
    let named = report.open_gap.as_ref().map(|open| open.name.as_str());
    if named != Some(gap) {
        return Some(format!("gap {gap} is open, but {named:?} is reported"));
    }
    let of_gap = |check: &&Check| check.gap == gap;
    let optional = lab.checks.iter().filter(of_gap).all(Check::is_advice);
    let own =
        |index: usize| lab.checks[index].gap == gap && (lab.checks[index].points > 0 || optional);
    let lost = |index: usize| report.checks[index].status != Status::Passed;
    if (0..lab.checks.len()).any(|index| own(index) && lost(index)) {
        return None;
    }
    Some(format!("gap {gap} is open, and no check of its own fails"))
}

/// A report as it is written down: without colour.
fn plain(report: &Report) -> String {
    const WIDTH: usize = 80;
    anstream::adapter::strip_str(&report.in_full(WIDTH)).to_string()
}

/// Runs something while every processor has other work to do as well.
fn with_load<T>(load: bool, work: impl FnOnce() -> T) -> T {
    let stop = AtomicBool::new(!load);
    let threads = if load { thread::available_parallelism().map_or(2, |n| 2 * n.get()) } else { 0 };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let done = work();
        stop.store(true, Ordering::Relaxed);
        done
    })
}
