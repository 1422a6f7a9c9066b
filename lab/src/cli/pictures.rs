//! The commands that measure or read packets, and draw.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::extra::rtt;
use crate::judge;
use crate::judge::report::{CheckReport, Report};
use crate::packets::answers::{self, Answers};
use crate::packets::capture::{Capture, Tshark};
use crate::packets::evidence::{self, Wanted};
use crate::packets::labnet::{LabNet, Names};
use crate::packets::ladder;
use crate::packets::marks::{self, Found};
use crate::student::kit;
use crate::text::style::width;
use crate::text::{escape, say};
use crate::tree::{self, Tree};

use super::{Format, PacketsArguments, with_progress};

/// Measures, prints and draws.
pub(super) fn round_trips(tree: &Tree, rounds: usize, svg: Option<PathBuf>) -> Result<(), Error> {
    const PICTURE: &str = "target/lab/rtt.svg";
    let series = with_progress("round trips", 3 * rounds, |done| rtt::measure(rounds, done))
        .map_err(|error| Error::Fault(format!("a round trip over the loopback failed: {error}")))?;
    say::say(&rtt::table(&series));
    drawn(tree, &rtt::picture(&series, rounds), PICTURE, svg.as_deref())
}

/// Writes a picture to the file that was named, or to one of ours, and says so. What was in a file of
/// somebody's own is kept. What XML cannot hold is written out.
fn drawn(tree: &Tree, picture: &str, ours: &str, named: Option<&Path>) -> Result<(), Error> {
    let picture = &escape::lines(picture);
    let shown = match named {
        Some(file) => {
            if let Some(kept) = tree::write_and_keep(file, picture)? {
                let (kept, file) = (escape::path(&kept), escape::path(file));
                say::say(&format!("kept: {kept}, what {file} was\n"));
            }
            escape::path(file)
        }
        None => {
            tree.write(ours, picture)?;
            ours.to_owned()
        }
    };
    say::say(&format!("drawn: {shown}, which a browser shows\n"));
    Ok(())
}

/// Draws what went over the wire in the check that failed first; where none did, in the first one.
pub(super) fn exchange(tree: &Tree, reports: &[Report], file: &Path) -> Result<(), Error> {
    let checks = || reports.iter().flat_map(|report| &report.checks);
    let drawable = |check: &&CheckReport| !check.exchange.is_empty();
    let failed = checks().filter(drawable).find(|check| check.failure.is_some() && !check.advice);
    let Some(check) = failed.or_else(|| checks().find(drawable)) else {
        return Err(Error::Failed(format!(
            "{}: not drawn, since nothing went over the wire, or checks have no network of their own \
             here",
            escape::path(file)
        )));
    };
    let title = format!("{}: {}", check.name, check.title);
    drawn(tree, &judge::exchange::picture(&title, &check.exchange), "", Some(file))
}

/// Answers, marks or draws.
pub(super) fn packets(tree: &Tree, arguments: &PacketsArguments) -> Result<(), Error> {
    if arguments.template {
        say::say(&answers::template());
        return Ok(());
    }
    let withheld = kit::answers_are_withheld(tree);
    if withheld && arguments.answers.is_none() && !arguments.ladder {
        return Err(Error::Usage(
            "your course shows no answers to the packet questions: have yours marked, with \
             ANSWERS=answers.toml (`lab packets --template` makes such a file)"
                .to_owned(),
        ));
    }
    let answers = arguments.answers.as_deref().map(Answers::read).transpose()?;
    let captures = Capture::open_all(&arguments.files)?;
    let tshark = Tshark::find()?;
    let PacketsArguments { server, client, peer, port, stream, .. } = *arguments;
    let captured = tree.path("captures");
    let beside = arguments.files.iter().filter_map(|file| file.parent());
    let net = LabNet::of(beside.chain([captured.as_path()]));
    let who = Wanted { server, client, peer, port, stream, usual: net.usual() };
    if arguments.ladder {
        let names = net.names(&tree.path("docker/hosts"));
        return ladder(tree, &tshark, &captures, &who, &names, arguments.output.as_deref());
    }
    let evidence = evidence::gather(&tshark, &captures, &who)?;
    let mut found = Found { captures: &captures, evidence, who: &who };
    let mut report = match &answers {
        Some(answers) => marks::mark(&mut found, answers, &arguments.sheet),
        None => marks::compute(&found, &arguments.sheet),
    };
    report = report.harmless();
    if withheld {
        for line in &mut report.lines {
            (line.expected, line.why, line.see) = (None, None, None);
        }
    }
    match arguments.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&report).expect("maps of plain values");
            say::say_json(&json);
        }
        Format::Text => say::say(&report.in_full(width())),
    }
    if report.passed { Ok(()) } else { Err(Error::Failed(String::new())) }
}

/// Draws the one capture.
fn ladder(
    tree: &Tree,
    tshark: &Tshark,
    captures: &[Capture],
    who: &Wanted,
    names: &Names,
    output: Option<&Path>,
) -> Result<(), Error> {
    const PICTURE: &str = "target/lab/ladder.svg";
    let [capture] = captures else {
        return Err(Error::Usage("name one capture: a drawing shows one".into()));
    };
    drawn(tree, &ladder::draw(tshark, capture, who, names)?, PICTURE, output)
}
