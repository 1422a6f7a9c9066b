//! `lab verify`: are the checks right? Every solution, every right answer and every Python twin
//! passes; every skeleton stops at its first gap; each gap reopened alone, and every wrong
//! answer, fails, and with the words that are written down for it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fmt, thread};

use similar::TextDiff;

use crate::checks::check::Check;
use crate::error::Error;
use crate::judge::answer::{self, Attempt, MISLED};
use crate::judge::build::{self, Built, Diagnosis};
use crate::judge::masks::masked;
use crate::judge::report::{Report, Status, Subject};
use crate::judge::screen::Wire;
use crate::judge::table::{self, Tally};
use crate::judge::{bulk, mutants, parallel, parity, run, slips};
use crate::labs::Lab;
use crate::text::say::say;
use crate::text::style::{BAD, GOOD};
use crate::tree::handout::Handout;
use crate::tree::products;
use crate::tree::source::{self, Products};
use crate::tree::{Set, Tree};
use crate::trial::Target;

/// How wide reports are recorded.
const WIDTH: usize = 80;

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
    /// With how many seeds wrong answers are checked: each must tell them the same.
    pub seeds: u64,
    /// Mutants are checked, too; with `quick`, these alone.
    pub mutants: Option<mutants::Sampling>,
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
    /// Fails, or is given advice, the report reads as in ANSWER.txt, and its look line names one of
    /// these gaps.
    Recorded {
        answer: String,
        to_blame: Vec<String>,
    },
}

impl Case {
    fn program(&self) -> String {
        format!("{}--{}", self.lab.name, self.name)
    }
}

/// A program that does not behave as it should.
struct Problem {
    program: String,
    text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}: {}", self.program, self.text)
    }
}

/// Verifies the checks of the given labs. Prints what is wrong as it is found.
pub fn verify(tree: &Tree, labs: &[&'static Lab], options: &Options) -> Result<(), Error> {
    let mut cases = Vec::new();
    for lab in labs.iter().filter(|_| options.mutants.is_none() || !options.quick) {
        cases.extend(of(tree, lab, options.quick)?);
    }
    let mut problems = parities(tree, labs)?;
    let built = match cases.is_empty() {
        true => Built::default(),
        false => build_all(tree, &cases)?,
    };
    say(&format!("{} programs built in {:.1} s\n", cases.len(), built.took.as_secs_f64()));
    let found = with_load(options.load, || run_all(tree, &cases, &built, options))?;
    let mut rows = rows(tree, labs, &cases, &found)?;
    problems.extend(found.iter().map(Problem::to_string));
    if options.seeds > 1 {
        let lucky = luck(tree, &cases, &built, options.seeds)?;
        problems.extend(lucky.iter().map(Problem::to_string));
    }
    if let Some(mutants) = &options.mutants {
        let mut surveys = mutants::survey(tree, labs, mutants)?;
        for row in &mut rows {
            row.survey = surveys.remove(row.program);
            problems.extend(row.survey.iter().flat_map(|survey| survey.problems.clone()));
        }
    }
    say(&table::table(&rows));
    if problems.is_empty() {
        say(&format!("{GOOD}✓{GOOD:#} all behave as they should\n"));
        return Ok(());
    }
    for problem in &problems {
        say(&format!("{BAD}✗{BAD:#} {problem}\n\n"));
    }
    Err(Error::Failed(format!("{} problems, see above", problems.len())))
}

/// Whether the cure is named of mistakes of one character.
pub fn slips(tree: &Tree, labs: &[&'static Lab]) -> Result<(), Error> {
    let vague = slips::count(tree, labs)?;
    for said in &vague {
        say(&format!("{BAD}✗{BAD:#} {said}\n\n"));
    }
    match vague.len() {
        0 => Ok(()),
        count => {
            Err(Error::Failed(format!("of {count} mistakes the cure is not named, see above")))
        }
    }
}

/// A line of the closing table for each lab.
fn rows(
    tree: &Tree,
    labs: &[&'static Lab],
    cases: &[Case],
    problems: &[Problem],
) -> Result<Vec<Tally>, Error> {
    let mut rows = Vec::new();
    for lab in labs {
        let gaps = products::of(tree, lab.name)?.skeleton.gaps.len();
        let mut row =
            Tally { program: lab.name, gaps, checks: lab.checks.len(), ..Tally::default() };
        for case in cases.iter().filter(|case| case.lab.name == lab.name) {
            let good = !problems.iter().any(|problem| problem.program == case.program());
            match (&case.expected, &case.text) {
                (Expected::Open(_), _) => row.reopened.count(good),
                (Expected::Recorded { .. }, _) => row.wrong.count(good),
                (Expected::Passes, Some(_)) => row.right.count(good),
                (Expected::Passes, None) => row.strangers.count(good),
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Prints how much of its Python each program quotes; gives back what is missing.
fn parities(tree: &Tree, labs: &[&'static Lab]) -> Result<Vec<String>, Error> {
    let mut problems = Vec::new();
    for lab in labs {
        let parity = parity::of(tree, lab)?;
        say(&format!("parity: {parity}\n"));
        problems.extend(parity.problems);
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
        for Attempt { name, bodies, to_blame } in answer::all(tree, lab.name, kind)? {
            if let Some(unknown) = bodies.keys().find(|gap| products.skeleton.gap(gap).is_none()) {
                return Err(Error::Failed(format!(
                    "tests/{kind}/{}/{name}.rs fills gap {unknown}, which is not there",
                    lab.name
                )));
            }
            let expected = match *kind {
                "right" => Expected::Passes,
                _ => Expected::Recorded {
                    answer: format!("tests/wrong/{}/{name}", lab.name),
                    to_blame,
                },
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

/// All programs as one package, so that cargo has both processors to fill.
fn build_all(tree: &Tree, cases: &[Case]) -> Result<Built, Error> {
    const DIRECTORY: &str = "target/verify";
    let mut programs = Vec::new();
    for case in cases {
        let Some(text) = &case.text else { continue };
        let name = case.program();
        tree.write_changed(&format!("{DIRECTORY}/{name}.rs"), text)?;
        programs.push((name, case.lab.name));
    }
    bulk::write_package(tree, DIRECTORY, "socket-labs-verify", &programs)?;
    let names: Vec<&str> = programs.iter().map(|(name, _)| name.as_str()).collect();
    build::build(&tree.path(DIRECTORY), &names)
}

fn run_all(
    tree: &Tree,
    cases: &[Case],
    built: &Built,
    options: &Options,
) -> Result<Vec<Problem>, Error> {
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
    let judged =
        parallel::each(&work, |case| case.program(), |case| judge(tree, case, built, options));
    let mut problems = Vec::new();
    for (case, judged) in work.iter().zip(judged) {
        problems.extend(judged?.map(|text| Problem { program: case.program(), text }));
    }
    problems.sort_by_key(Problem::to_string);
    Ok(problems)
}

/// Which wrong answers are told one thing with one seed and another with the next.
fn luck(tree: &Tree, cases: &[Case], built: &Built, seeds: u64) -> Result<Vec<Problem>, Error> {
    let wrong = |case: &&Case| matches!(case.expected, Expected::Recorded { .. });
    let work: Vec<(&Case, u64)> = cases
        .iter()
        .filter(wrong)
        .flat_map(|case| (1..=seeds).map(move |seed| (case, seed)))
        .collect();
    let verdict = |(case, seed): &(&Case, u64)| -> Result<String, Error> {
        let report = report(tree, case, built, *seed)?;
        let failed = report.checks.iter().filter(|line| line.status == Status::Failed);
        let failed: Vec<&str> = failed.map(|line| line.name.as_str()).collect();
        Ok(format!("{}, gap {}", failed.join(" "), report.look_at.unwrap_or_default()))
    };
    let verdicts = parallel::each(&work, |(case, _)| case.program(), verdict);
    let mut of_case: BTreeMap<String, BTreeMap<String, Vec<u64>>> = BTreeMap::new();
    for ((case, seed), verdict) in work.iter().zip(verdicts) {
        let verdicts = of_case.entry(case.program()).or_default();
        verdicts.entry(verdict?).or_default().push(*seed);
    }
    let both_ways = of_case.into_iter().filter(|(_, verdicts)| verdicts.len() > 1);
    let problem = |(program, verdicts): (String, BTreeMap<String, Vec<u64>>)| {
        let lines = verdicts.iter().map(|(told, seeds)| format!("\n  seeds {seeds:?}: {told}"));
        Problem {
            program,
            text: format!("the verdict depends on the seed{}", lines.collect::<String>()),
        }
    };
    Ok(both_ways.map(problem).collect())
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
        Expected::Recorded { .. } if report.is_clean() => {
            Ok(Some(format!("must fail, and passes\n{shown}")))
        }
        Expected::Recorded { answer, to_blame } => {
            if let Some(why) = too_long(&report) {
                return Ok(Some(why));
            }
            let mut problem = compare(tree, &format!("{answer}.txt"), &shown, options.bless)?;
            // Where a document shows the screen, it is recorded, too.
            let screen = format!("{answer}.screen");
            if tree.path(&screen).is_file() {
                let now = on_screen(&report);
                problem = problem.or(compare(tree, &screen, &now, options.bless)?);
            }
            match options.bless {
                true => Ok(problem),
                false => Ok(problem.or_else(|| judge_look(&report, answer, to_blame))),
            }
        }
    }
}

/// The interpreter itself: `python3` may be a script that looks for it, each time anew.
static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    let asked = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let said = asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.ok().filter(|path| !path.is_empty()).unwrap_or_else(|| "python3".to_owned()).into()
});

/// Every case compiles, and all but a wrong answer without a warning.
fn said_by_the_compiler(case: &Case, built: &Built) -> Option<String> {
    let name = case.program();
    let texts = |said: &[Diagnosis]| said.iter().map(|one| one.text.as_str()).collect::<String>();
    if let Some(errors) = built.errors.get(&name) {
        return Some(format!("does not compile\n{}", texts(errors)));
    }
    let may_warn = matches!(case.expected, Expected::Recorded { .. });
    let warnings = built.warnings.get(&name).filter(|_| !may_warn)?;
    Some(format!("compiles with warnings\n{}", texts(warnings)))
}

/// The report on one case, without what changes from run to run.
fn report(tree: &Tree, case: &Case, built: &Built, seed: u64) -> Result<Report, Error> {
    let Case { lab, text, .. } = case;
    let name = case.program();
    let start: Vec<PathBuf> = match built.executables.get(&name) {
        Some(executable) => vec![executable.clone()],
        None => vec![PYTHON.clone(), tree.path(&format!("tests/twins/{}.py", lab.name))],
    };
    let target = Target::of_set(lab.facts(), Set::Skeletons, tree.root(), &start);
    let results = run::run(&target, lab.checks, seed, &|| {});
    let source = text.as_ref().map(|text| source::parse(&name, text).expect("generated"));
    let subject = Subject { name: format!("skeletons/{}.rs", lab.name), source: source.as_ref() };
    let report = Report::of(lab, &subject, &Handout::read(tree, lab.handout)?, &results);
    Ok(report.with_texts(|text| masked(&text.replace(&name, lab.name))))
}

/// What is wrong with a screen: no failure may push another off it.
fn too_long(report: &Report) -> Option<String> {
    const LINES: usize = 20;
    let mut longest = report.checks.iter().filter(|line| line.failure.is_some());
    let line = longest.find(|line| line.in_short(WIDTH).lines().count() > LINES)?;
    Some(format!("{} takes more than {LINES} lines\n{}", line.name, line.in_short(WIDTH)))
}

/// Compares with what is recorded in a file, or records it.
fn compare(tree: &Tree, file: &str, shown: &str, bless: bool) -> Result<Option<String>, Error> {
    if bless {
        return tree.write(file, shown).map(|()| None);
    }
    let recorded = tree.read(file).unwrap_or_default();
    if recorded == shown {
        return Ok(None);
    }
    let diff = TextDiff::from_lines(recorded.as_str(), shown);
    let diff = diff.unified_diff().header(file, "now").to_string();
    Ok(Some(format!(
        "fails with other words than recorded; if these are better, `make bless` records them\n\
         {diff}"
    )))
}

/// A student is sent to the gap that is wrong.
fn judge_look(report: &Report, answer: &str, to_blame: &[String]) -> Option<String> {
    let look = report.look_at.as_deref().unwrap_or_default();
    let misled = MISLED.iter().any(|name| answer.ends_with(name));
    if misled || to_blame.iter().any(|gap| gap == look) {
        return None;
    }
    Some(format!(
        "sends the student to gap {look}, but gap {} is wrong: let the check look there, or, where \
         nobody can tell from outside, say why in {answer}.rs: //! looks like: {look}, WHY",
        to_blame.join(" or ")
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
    anstream::adapter::strip_str(&report.in_full(WIDTH)).to_string()
}

/// The same as a student sees it first.
fn on_screen(report: &Report) -> String {
    anstream::adapter::strip_str(&report.in_short(WIDTH, false, Wire::No)).to_string()
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
