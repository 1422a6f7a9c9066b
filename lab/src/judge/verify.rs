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

use crate::checks::check::Check;
use crate::error::Error;
use crate::judge::build::{self, Built};
use crate::judge::parity;
use crate::judge::report::{Report, Status, Subject};
use crate::judge::run;
use crate::labs::Lab;
use crate::text::style::{BAD, GOOD};
use crate::tree::handout::Handout;
use crate::tree::products;
use crate::tree::source::{self, Products};
use crate::tree::{self, Set, Tree};
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

/// An unchanged file keeps its time, and cargo what it has made of it.
fn write_changed(tree: &Tree, file: &str, text: &str) -> Result<(), Error> {
    if tree.read(file).is_ok_and(|there| there == text) { Ok(()) } else { tree.write(file, text) }
}

/// All programs as one package, so that cargo has both processors to fill.
fn build_all(tree: &Tree, cases: &[Case]) -> Result<Built, Error> {
    const DIRECTORY: &str = "target/verify";
    let skeletons = tree.read("skeletons/Cargo.toml")?;
    let (head, rest) = skeletons.split_once("\n[[bin]]").expect("generated with programs");
    let (_, tail) = rest.split_once("\n[dependencies]").expect("generated with dependencies");
    let mut manifest = head.replace("socket-labs-skeletons", "socket-labs-verify");
    write_changed(tree, &format!("{DIRECTORY}/lib.rs"), &tree.read(tree::LIBRARY)?)?;
    let mut names = Vec::new();
    for case in cases {
        let Some(text) = &case.text else { continue };
        let name = case.program();
        manifest.push_str(&format!("\n[[bin]]\nname = \"{name}\"\npath = \"{name}.rs\"\n"));
        if build::needs_tls(&skeletons, case.lab.name) {
            manifest.push_str(build::NEEDS_TLS);
        }
        write_changed(tree, &format!("{DIRECTORY}/{name}.rs"), text)?;
        names.push(name);
    }
    // Hundreds of programs that are built once: what makes the next build quick is in the way, and
    // nobody debugs them.
    let tail = tail.replace("[profile.dev]\n", "[profile.dev]\nincremental = false\n");
    manifest.push_str(&format!("\n[dependencies]{tail}"));
    manifest.push_str("\n[profile.dev.package.socket-labs-verify]\ndebug = false\n");
    tree.write(&format!("{DIRECTORY}/Cargo.toml"), &manifest)?;
    let lock = tree.read("skeletons/Cargo.lock")?;
    let lock = lock.replace("socket-labs-skeletons", "socket-labs-verify");
    tree.write(&format!("{DIRECTORY}/Cargo.lock"), &lock)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
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
    let Case { lab, text, .. } = case;
    let name = case.program();
    if let Some(errors) = built.errors.get(&name) {
        let texts: String = errors.iter().map(|error| error.text.as_str()).collect();
        return Ok(Some(format!("does not compile\n{texts}")));
    }
    let warnings =
        built.warnings.get(&name).filter(|_| !matches!(case.expected, Expected::Recorded(_)));
    if let Some(warnings) = warnings {
        return Ok(Some(format!(
            "compiles with warnings\n{}",
            warnings.iter().map(|warning| warning.text.as_str()).collect::<String>()
        )));
    }
    let start: Vec<PathBuf> = match built.executables.get(&name) {
        Some(executable) => vec![executable.clone()],
        None => vec!["python3".into(), tree.path(&format!("tests/twins/{}.py", lab.name))],
    };
    let target = Target::of_set(lab.facts(), Set::Skeletons, &start);
    let results = run::run(&target, lab.checks, options.seed, &|| {});
    let source = text.as_ref().map(|text| source::parse(&name, text).expect("generated"));
    let subject = Subject { name: format!("skeletons/{}.rs", lab.name), source: source.as_ref() };
    let report = Report::of(lab, &subject, &Handout::read(tree, lab.handout)?, &results);
    let changes =
        |text: &str| without_ports(&without_times(&without_ctimes(&text.replace(&name, lab.name))));
    let report = report.with_texts(changes);
    let shown = plain(&report);
    if report.could_not_check() {
        return Ok(Some(format!("could not be checked\n{shown}")));
    }
    match &case.expected {
        // The twins are as the originals are, but what is ours takes the advice, too.
        Expected::Passes if report.is_clean() || (text.is_none() && report.all_passed()) => {
            Ok(None)
        }
        Expected::Passes => Ok(Some(format!("must pass without advice, and does not\n{shown}"))),
        Expected::Open(gap) => {
            Ok(judge_open(&report, lab, gap).map(|why| format!("{why}\n{shown}")))
        }
        Expected::Recorded(_) if report.is_clean() => {
            Ok(Some(format!("must fail, and passes\n{shown}")))
        }
        Expected::Recorded(file) if options.bless => tree.write(file, &shown).map(|()| None),
        Expected::Recorded(file) => {
            let recorded = tree.read(file).unwrap_or_default();
            if recorded == shown {
                return Ok(None);
            }
            let diff = TextDiff::from_lines(&recorded, &shown);
            let diff = diff.unified_diff().header(file, "now").to_string();
            Ok(Some(format!(
                "fails with other words than recorded; if these are better, `make bless` records \
                 them\n{diff}"
            )))
        }
    }
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

/// Ports of the kernel's choice become PORT, thread numbers TID, and the lines of a source LINE.
fn without_ports(text: &str) -> String {
    const FIRST_OF_THE_KERNEL: u32 = 16_384;
    const BEFORE: [&str; 15] = [
        "port ",
        "localhost ",
        "localhost:",
        "127.0.0.1 ",
        "127.0.0.1:",
        "127.0.0.2 ",
        "127.0.0.2:",
        "127.0.0.11 ",
        "127.0.0.11:",
        "127.0.0.12:",
        "127.0.0.13:",
        "0.0.0.0 ",
        "0.0.0.0:",
        ".rs:",
        "(",
    ];
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        out.push_str(before);
        let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (number, after) = digits.split_at(length);
        let value = number.parse().unwrap_or(0);
        let prefix = BEFORE.iter().find(|prefix| out.ends_with(**prefix));
        out.push_str(match prefix {
            Some(&".rs:") => "LINE",
            Some(&"(") if after.starts_with(") panicked") => "TID",
            Some(&"(") | None => number,
            Some(_) if value >= FIRST_OF_THE_KERNEL => "PORT",
            Some(_) => number,
        });
        // A column after a line number goes with it.
        let column = prefix == Some(&".rs:") && after.starts_with(':');
        rest = match column {
            true => after[1..].trim_start_matches(|c: char| c.is_ascii_digit()),
            false => after,
        };
    }
    out + rest
}

/// The digits of dates, of times of day and of times to the microsecond become #.
fn without_times(text: &str) -> String {
    const SHAPES: [(&str, &str); 3] =
        [("0000-00-00", "####-##-##"), ("00:00:00", "##:##:##"), (".000000", ".######")];
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let fits = |text: &str, shape: &str| {
        let like =
            |(byte, like)| if like == b'0' { u8::is_ascii_digit(&byte) } else { byte == like };
        text.len() >= shape.len() && text.bytes().zip(shape.bytes()).all(like)
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let Some((shape, masked)) = SHAPES.iter().find(|(shape, _)| fits(rest, shape)) else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        };
        rest = &rest[shape.len()..];
        if shape.starts_with('.') {
            // The number before the point may have more digits in another run.
            out.truncate(out.trim_end_matches(|c: char| c.is_ascii_digit()).len());
            out.push('#');
        }
        out.push_str(masked);
        if let Some(decimals) = rest.strip_prefix('.') {
            out.push('.');
            rest = decimals;
        }
        out.push_str(&"#".repeat(digits(rest)));
        rest = &rest[digits(rest)..];
    }
    out
}

/// A time as ctime writes it becomes DATE HH:MM:SS YEAR.
fn without_ctimes(text: &str) -> String {
    const SHAPE: &str = "Sun Oct  1 13:33:03 2023";
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let is_ctime = |text: &str| {
        let (Some(text), true) = (text.get(..SHAPE.len()), text.is_ascii()) else { return false };
        let digits = [11, 12, 14, 15, 17, 18, 20, 21, 22, 23];
        MONTHS.contains(&text[4..7])
            && text[13..14] == text[16..17]
            && digits.iter().all(|at| text.as_bytes()[*at].is_ascii_digit())
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if rest.get(..SHAPE.len()).is_some_and(is_ctime) {
            out.push_str("DATE HH:MM:SS YEAR");
            rest = &rest[SHAPE.len()..];
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out
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

#[cfg(test)]
mod tests {
    use super::{without_ctimes, without_ports, without_times};

    #[test]
    fn what_a_clock_shows_is_left_out() {
        assert_eq!(
            without_times("2026-11-20 06:50:01.123456 +05:45, RTT: 12.000123 seconds, 0.047"),
            "####-##-## ##:##:##.###### +05:45, RTT: #.###### seconds, 0.047"
        );
        assert_eq!(without_times("from 06:50:01.123 on"), "from ##:##:##.### on");
    }

    #[test]
    fn a_time_as_ctime_writes_it_is_left_out() {
        assert_eq!(
            without_ctimes("\"Sun Oct  1 13:33:03 2023\\n\", x.rs:12:4: 127.0.0.1:5"),
            "\"DATE HH:MM:SS YEAR\\n\", x.rs:12:4: 127.0.0.1:5"
        );
        assert_eq!(without_ctimes("\"13:33:03\\n\" at 1: 2"), "\"13:33:03\\n\" at 1: 2");
    }

    #[test]
    fn only_what_changes_from_run_to_run_is_left_out() {
        assert_eq!(
            without_ports("`x 0.0.0.0 40123` at 127.0.0.1:50001, port 12000, 2048 bytes"),
            "`x 0.0.0.0 PORT` at 127.0.0.1:PORT, port 12000, 2048 bytes"
        );
        assert_eq!(
            without_ports(
                "thread 'main' (9321) panicked at x.rs:58:20: (os error 98) (65507 bytes)"
            ),
            "thread 'main' (TID) panicked at x.rs:LINE: (os error 98) (65507 bytes)"
        );
    }
}
