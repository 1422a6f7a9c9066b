//! The command line: who is asked for what. `make help` shows the targets that lead here.

use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs, io, thread};

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand, ValueEnum};
use serde::Serialize;

use crate::error::Error;
use crate::extra::{certificate, mailserver};
use crate::judge::examine::examine;
use crate::judge::report::{Report, Subject};
use crate::judge::{build, panics, run};
use crate::labs::{self, LABS, Lab, find};
use crate::os::network::{self, Network};
use crate::os::{self, bounds, can_be_started, scratch, sockets};
use crate::packets::questions::Sheet;
use crate::student::board::board;
use crate::student::verdict::{Wish, verdict};
use crate::student::{diff, generate, hints, kit, submit, watch};
use crate::text::escape;
use crate::text::progress::with_progress;
use crate::text::say::{self, warn};
use crate::text::style::{FAINT, paragraph, width};
use crate::tree::handout::Handout;
use crate::tree::manifest::Manifest;
use crate::tree::{Set, Tree, library, product};
use crate::trial::{Facts, Target, Words};
use crate::wire::certificates::Certificate;
use crate::wire::smtp::{self, Script, Step, Trouble};

#[cfg(feature = "grade")]
mod grading;
mod pictures;
mod upkeep;

use self::pictures::{exchange, packets, round_trips};
use self::upkeep::VerifyArguments;

/// Checks, compares and generates the socket-programming labs.
///
/// Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3 could not check.
#[derive(Parser)]
#[command(name = "lab", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build and check the programs in skeletons/, or any program over the wire
    Check(CheckArguments),
    /// Write what a course hands out to its students: no sources, no solutions, no answers
    Handout {
        /// The labs in it, by program or number; without one, all but lab 8, which has the chat of lab 7
        labs: Vec<String>,
        /// A directory that is not there yet
        #[arg(long, value_name = "DIR")]
        into: PathBuf,
        /// A tool that is built already travels in the place of its source
        #[arg(long, value_name = "FILE")]
        tool: Option<PathBuf>,
        /// Packet questions are marked there, and the right answers not shown
        #[arg(long)]
        withhold_answers: bool,
    },
    /// Check a program whenever it is saved, on one screen
    Watch {
        /// The programs, by name or by their lab's number; without one, all of them
        labs: Vec<String>,
    },
    /// Pack what you hand in, and say what is in it
    Submit {
        /// The labs in it, by program or number; without one, all of them
        labs: Vec<String>,
        /// A file that your course asks for besides, such as a capture
        #[arg(long, value_name = "FILE")]
        with: Vec<PathBuf>,
    },
    /// Grade a class: exports of learning platforms, folders, clones, archives
    #[cfg(feature = "grade")]
    Grade(grading::GradeArguments),
    /// Show the board: gaps open, checks passed, what comes next
    List,
    /// Show the next gap's hint; once more shows one more
    Hint {
        #[arg(value_parser = names())]
        lab: String,
    },
    /// Give back the skeleton; the file that was there is kept and named
    Reset {
        #[arg(value_parser = names_and_library())]
        lab: String,
    },
    /// Compare a program with its solution, gap by gap
    Diff {
        #[arg(value_parser = names_and_library())]
        lab: String,
        /// The program's file, if it is not the one in skeletons/
        file: Option<PathBuf>,
    },
    /// Take round trips over UDP and TCP on this host, compare them and draw them
    Rtt {
        /// How many in each way
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        rounds: u32,
        /// Where the picture goes, if not into the handout
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
    /// Answer the packet questions from captures, mark a student's answers, or draw a capture
    Packets(PacketsArguments),
    /// Run a mail server on this host that shows what it is told, well-behaved or not
    Mail(MailArguments),
    /// Make a certificate for the chat server, and an issuer that clients can trust, in chat/
    Certificate {
        /// Another directory than chat/ in the checkout
        #[arg(long, value_name = "DIR")]
        directory: Option<PathBuf>,
        /// What clients call the server; without one, all names that this host has
        names: Vec<String>,
    },
    /// Generate skeletons/ and solutions/ from src/bin/ (for maintainers)
    Gen {
        /// Change nothing; fail where something is stale
        #[arg(long)]
        check: bool,
    },
    /// Check the checks with solutions, twins, right and wrong answers (for maintainers)
    Verify(VerifyArguments),
}

#[derive(clap::Args)]
struct CheckArguments {
    /// The programs, by name or by their lab's number; without one, all of them
    labs: Vec<String>,
    /// Show every failure, whole; and do the checks that wait long even where another one has failed
    #[arg(long)]
    all: bool,
    /// Show all that the compiler says
    #[arg(long)]
    full: bool,
    /// Draw what went over the wire, of checks that pass, too; to a file, if one is named
    #[arg(long, value_name = "FILE.svg", num_args = 0..=1, default_missing_value = "")]
    wire: Option<String>,
    /// Whose programs
    #[arg(long, value_enum, default_value_t = Set::Skeletons)]
    set: Set,
    /// Repeat the inputs of an earlier run
    #[arg(long)]
    seed: Option<u64>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Whether what the command says to people must have the words of our handout
    #[arg(long, value_enum, default_value_t = Words::Free, requires = "command")]
    words: Words,
    /// The port that is written in a program that cannot be told any; by default the lab's own, or
    /// whichever a server is seen to open
    #[arg(long, requires = "command")]
    port: Option<u16>,
    /// Any program in any language instead; {address}, {port} and {client} are replaced in it
    #[arg(last = true)]
    command: Vec<OsString>,
}

impl CheckArguments {
    /// `--wire NAME` names a program, `--wire FILE.svg` a picture.
    fn with_wire(mut self) -> CheckArguments {
        let is_program = |word: &mut String| !word.is_empty() && !word.ends_with(".svg");
        if let Some(program) = self.wire.take_if(is_program) {
            self.labs.insert(0, program);
            self.wire = Some(String::new());
        }
        self
    }
}

#[derive(clap::Args)]
struct MailArguments {
    /// Where it listens; 0 lets the kernel choose
    #[arg(long, default_value_t = 2525)]
    port: u16,
    /// Demand EHLO again after TLS, no AUTH before TLS, CR LF only, dots doubled
    #[arg(long)]
    strict: bool,
    /// Do not offer TLS
    #[arg(long)]
    no_starttls: bool,
    #[arg(long, value_enum, default_value_t = Certificate::Fine)]
    certificate: Certificate,
    /// Send replies byte by byte
    #[arg(long)]
    bytes: bool,
    /// Give every reply several lines
    #[arg(long)]
    lines: bool,
    /// Repeat the password in the reply to it
    #[arg(long)]
    echo: bool,
    /// Send a line in clear behind the reply to STARTTLS
    #[arg(long)]
    inject: bool,
    /// Make trouble at this step
    #[arg(long, value_enum, value_name = "STEP", requires = "trouble")]
    at: Option<Step>,
    #[command(flatten)]
    trouble: TroubleWords,
}

#[derive(clap::Args)]
struct PacketsArguments {
    /// What tcpdump has written: any number of files, in any order
    #[arg(required_unless_present = "template", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Mark the answers in this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["template", "ladder"])]
    answers: Option<PathBuf>,
    /// Print a file for the answers, with none in it yet
    #[arg(long, conflicts_with_all = ["files", "ladder"])]
    template: bool,
    /// Draw the conversation of one capture
    #[arg(long)]
    ladder: bool,
    /// Where the drawing goes; a file that is there is kept
    #[arg(short, long, value_name = "FILE.svg", requires = "ladder")]
    output: Option<PathBuf>,
    /// Only the questions of this sheet, and all of them
    #[arg(long, value_enum)]
    sheet: Vec<Sheet>,
    /// The chat server's address, if it is not to be found in the captures
    #[arg(long)]
    server: Option<Ipv4Addr>,
    /// The client's address; client1 of the lab network is preferred
    #[arg(long)]
    client: Option<Ipv4Addr>,
    /// The address of the other client, to which datagrams go
    #[arg(long)]
    peer: Option<Ipv4Addr>,
    /// The chat's port, of TCP and UDP
    #[arg(long, default_value_t = 5000)]
    port: u16,
    /// The conversation to take: its tcp.stream in Wireshark
    #[arg(long)]
    stream: Option<u64>,
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with_all = ["template", "ladder"])]
    format: Format,
}

/// The trouble at the step that --at names.
#[derive(clap::Args)]
#[group(id = "trouble", multiple = false, requires = "at")]
struct TroubleWords {
    /// Reply with this code
    #[arg(long, value_name = "CODE", value_parser = clap::value_parser!(u16).range(200..=599))]
    reply: Option<u16>,
    /// Close without a reply
    #[arg(long)]
    close: bool,
    /// Close in the middle of the reply
    #[arg(long)]
    cut: bool,
    /// Say nothing more
    #[arg(long)]
    silent: bool,
    /// Send 10 MB without an end of line
    #[arg(long)]
    endless: bool,
}

impl MailArguments {
    fn script(&self) -> Script {
        let TroubleWords { reply, close, cut, silent, endless } = self.trouble;
        let trouble = match reply {
            Some(code) => Some(Trouble::Reply(code)),
            None if close => Some(Trouble::Close),
            None if cut => Some(Trouble::Cut),
            None if silent => Some(Trouble::Silence),
            None => endless.then_some(Trouble::Endless),
        };
        Script {
            strict: self.strict,
            certificate: self.certificate,
            offers_starttls: !self.no_starttls,
            in_bytes: self.bytes,
            in_lines: self.lines,
            trouble: self.at.zip(trouble),
            injected: if self.inject { smtp::INJECTED } else { "" },
            echoes: self.echo,
            by_hand: Some(32 << 20), // with an attachment
            ..Script::default()
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(LABS.iter().map(|lab| lab.name))
}

fn names_and_library() -> PossibleValuesParser {
    PossibleValuesParser::new(LABS.iter().map(|lab| lab.name).chain([library::NAME]))
}

pub fn run() -> ExitCode {
    panics::tell();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help) => {
            // It repeats the words of the command: made harmless, they are wrong in the same way.
            let words = env::args_os().map(|word| escape::path(PathBuf::from(word)));
            return told_how_to(&Arguments::try_parse_from(words).err().unwrap_or(help));
        }
    };
    // A process can ask for private networks only while it has a single thread.
    if runs_checks(&arguments.command) {
        network::prepare();
    }
    bounds::adopt_orphans();
    let ended = obey(arguments.command);
    bounds::end_orphans();
    scratch::remove_all();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // No error has colours of ours, and so none at all.
            let said = escape::lines(&error.to_string());
            if !said.is_empty() {
                warn(&format!("lab: {said}"));
            }
            ExitCode::from(error.exit_code())
        }
    }
}

/// What is said instead of a command: help, or what is wrong with the words, which it repeats.
fn told_how_to(help: &clap::Error) -> ExitCode {
    let said = help.render().ansi().to_string();
    match help.use_stderr() {
        true => warn(said.trim_end()),
        false => say::say(&said),
    }
    u8::try_from(help.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn runs_checks(command: &Command) -> bool {
    #[cfg(feature = "grade")]
    if matches!(command, Command::Grade(_)) {
        return true;
    }
    matches!(command, Command::Check(_) | Command::Verify(_))
}

fn obey(command: Command) -> Result<(), Error> {
    if runs_checks(&command) && !sockets::visible() {
        return Err(Error::Fault(
            "checks look at programs and their sockets in /proc and /proc/net, which are not there: \
             mount them, or use a container that has them"
                .to_owned(),
        ));
    }
    let tree = Tree::find()?;
    ctrlc::set_handler(interrupted)
        .map_err(|error| Error::Fault(format!("cannot listen to Ctrl-C: {error}")))?;
    match command {
        Command::Check(check) => self::check(&tree, &check.with_wire()),
        Command::Handout { labs, into, tool, withhold_answers } => {
            let mut chosen = labs::named(&tree, &labs)?;
            if labs.is_empty() {
                chosen.retain(|lab| !kit::answers_another(lab));
            }
            let count = kit::write(&tree, &chosen, &into, tool.as_deref())?;
            if withhold_answers {
                kit::withhold_answers(&into)?;
            }
            say(&format!("written  {}  {count} files\n", escape::path(&into)))
        }
        Command::Watch { labs } => watch::watch(&tree, &labs::named(&tree, &labs)?),
        Command::Submit { labs, with } => {
            let labs = labs::named(&tree, &labs)?;
            say(&submit::submit(&tree, &labs, &with, chrono::Local::now())?)
        }
        #[cfg(feature = "grade")]
        Command::Grade(grade) => grading::grade(&tree, grade),
        Command::List => say(&board(&tree)),
        Command::Hint { lab } => say(&hints::hint(&tree, known(&lab))?),
        Command::Reset { lab } if lab == library::NAME => say(&hints::reset_library(&tree)?),
        Command::Diff { lab, file: None } if lab == library::NAME => say(&diff::library(&tree)?),
        Command::Reset { lab } => say(&hints::reset(&tree, known(&lab))?),
        Command::Diff { lab, file } => diff(&tree, known(&lab), file),
        Command::Rtt { rounds, svg } => round_trips(&tree, rounds as usize, svg),
        Command::Packets(packets) => self::packets(&tree, &packets),
        Command::Mail(mail) => mailserver::serve(&tree, mail.port, mail.script()),
        Command::Certificate { directory, names } => {
            say(&(certificate::write(&tree, directory, names)?.join("\n") + "\n"))
        }
        Command::Gen { check: true } => generate::check(&tree),
        Command::Gen { check: false } => match generate::write(&tree)? {
            0 => say("skeletons/ and solutions/ are up to date\n"),
            _ => Ok(()),
        },
        Command::Verify(verify) => verify.run(&tree),
    }
}

/// Ended by Ctrl-C, as shells say it.
const INTERRUPTED: i32 = 130;

/// Ctrl-C: nothing that was started stays behind. Where somebody cannot give way, since nobody reads what
/// is being printed or the machine has no time, the kernel ends with this process what it has started.
fn interrupted() {
    const PATIENCE: Duration = Duration::from_millis(1500);
    let _ = thread::Builder::new().spawn(|| {
        thread::sleep(PATIENCE);
        os::end_at_once(INTERRUPTED)
    });
    watch::give_back_the_terminal();
    let stopped = match bounds::end_all() {
        0 => "nothing was running".to_owned(),
        1 => "the program that was being checked is stopped".to_owned(),
        count => format!("the {count} programs that were being checked are stopped"),
    };
    scratch::remove_all();
    #[cfg(feature = "grade")]
    let stopped = crate::grade::progress::interrupted().unwrap_or(stopped);
    warn(&format!("\nlab: interrupted; {stopped}"));
    std::process::exit(INTERRUPTED);
}

/// Prints what a command gives back, which is all that it does.
fn say(text: &str) -> Result<(), Error> {
    say::say(text);
    Ok(())
}

fn known(name: &str) -> &'static Lab {
    find(name).expect("clap takes no other name")
}

fn diff(tree: &Tree, lab: &'static Lab, file: Option<PathBuf>) -> Result<(), Error> {
    let (name, path) = match file {
        Some(path) => (escape::path(&path), path),
        None => (product(Set::Skeletons, lab.name), tree.path(&product(Set::Skeletons, lab.name))),
    };
    let text = fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => hints::missing(&name, lab),
        _ => Error::Failed(format!("{name}: {error}")),
    })?;
    say(&diff::diff(tree, lab, &name, &String::from_utf8_lossy(&text))?)
}

/// All reports of one run, as `--format json` prints them.
#[derive(Serialize)]
struct Reports {
    passed: bool,
    seed: u64,
    built_seconds: f64,
    checked_seconds: f64,
    programs: Vec<Report>,
}

fn check(tree: &Tree, arguments: &CheckArguments) -> Result<(), Error> {
    let mut labs = labs::named(tree, &arguments.labs)?;
    if arguments.labs.is_empty() && build::without_openssl() {
        let manifest = Manifest::read(tree, arguments.set)?;
        for lab in labs.extract_if(.., |lab| manifest.needs_tls(lab.name)) {
            warn(&format!(
                "{0} is left out, since OpenSSL's headers are missing. On Debian: sudo apt-get \
                 install libssl-dev pkg-config; or `make check LAB={0}`, which builds OpenSSL from \
                 source and takes a minute or two.",
                lab.name
            ));
        }
    }
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let start = std::time::Instant::now();
    let (programs, built) = if arguments.command.is_empty() {
        let checks = labs.iter().map(|lab| lab.checks.len()).sum();
        let (set, all) = (arguments.set, arguments.all);
        with_progress("checking", checks, |done| examine(tree, set, &labs, seed, all, done))?
    } else {
        (vec![check_command(tree, &labs, arguments, seed)?], Duration::ZERO)
    };
    let reports = Reports {
        passed: programs.iter().all(Report::all_passed),
        seed,
        built_seconds: built.as_secs_f64(),
        checked_seconds: start.elapsed().saturating_sub(built).as_secs_f64(),
        programs: match arguments.wire {
            Some(_) => programs,
            None => programs.into_iter().map(Report::without_wire).collect(),
        },
    };
    match arguments.format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&reports).expect("maps of plain values");
            say::say_json(&json);
        }
        Format::Text => say::say(&told(tree, arguments, &labs, &reports)),
    }
    if let Some(file) = arguments.wire.as_deref().filter(|file| !file.is_empty()) {
        exchange(tree, &reports.programs, Path::new(file))?;
    }
    // A failure stays one, whatever else could not be looked at.
    if reports.programs.iter().any(Report::has_failed) {
        Err(Error::Failed(String::new()))
    } else if reports.programs.iter().any(Report::could_not_check) {
        Err(Error::Fault(
            "some checks could not be carried out, for the reasons given above".into(),
        ))
    } else if reports.passed {
        Ok(())
    } else {
        Err(Error::Failed(String::new()))
    }
}

/// The reports for a person.
fn told(
    tree: &Tree,
    arguments: &CheckArguments,
    labs: &[&'static Lab],
    reports: &Reports,
) -> String {
    let seed = if env::var_os("MAKELEVEL").is_some() { "SEED=" } else { "--seed " };
    let took = format!(
        "{FAINT}built in {:.1} s, checked in {:.1} s; {seed}{} gives the same inputs again{FAINT:#}",
        reports.built_seconds, reports.checked_seconds, reports.seed
    );
    let asked = Wish {
        last: labs.last().copied().filter(|_| !arguments.labs.is_empty()),
        set: arguments.set,
        command: !arguments.command.is_empty(),
        all: arguments.all,
        full: arguments.full,
        wire: arguments.wire.is_some(),
    };
    paragraph(width(), "", "", &took) + &verdict(tree, &reports.programs, &asked)
}

fn check_command(
    tree: &Tree,
    labs: &[&'static Lab],
    arguments: &CheckArguments,
    seed: u64,
) -> Result<Report, Error> {
    let ([lab], [program, ..]) = (labs, arguments.command.as_slice()) else {
        return Err(Error::Usage("name the one lab whose checks the command is to pass".into()));
    };
    if !can_be_started(program) {
        return Err(Error::Usage(format!(
            "{} is not a program that can be started: check its spelling, give its \
             path, or make it executable",
            escape::path(program)
        )));
    }
    let command = arguments.command.clone();
    let facts = lab.facts();
    let facts = Facts { port: arguments.port.unwrap_or(facts.port), ..facts };
    let mut target = Target::of_command(facts, arguments.words, command);
    target.slow_too = arguments.all;
    if target.port_is_fixed() && network::available() == Network::Host {
        warn(&format!(
            "No private network can be made here, so the checks take turns at port {} of this \
             machine; a {{port}} in the command lets them run at once.",
            facts.port
        ));
    }
    let words: Vec<_> = arguments.command.iter().map(|word| word.to_string_lossy()).collect();
    let subject = Subject { name: words.join(" "), source: None };
    let results = with_progress("checking", lab.checks.len(), |done| {
        run::run(&target, lab.checks, seed, done)
    });
    Ok(Report::of(lab, &subject, &Handout::read(tree, lab.handout)?, &results).harmless())
}
