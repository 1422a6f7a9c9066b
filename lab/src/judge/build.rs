//! Building lab programs with cargo, and what the compiler said of each.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, thread};

use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};
use cargo_metadata::{CompilerMessage, Message};

use crate::error::Error;
use crate::os::limits;
use crate::os::program::ends_with_this_thread;
use crate::text::escape;
use crate::text::say::warn;
use crate::tree::manifest::{Manifest, TLS};

/// What came of building some programs of one package.
#[derive(Debug, Default)]
pub struct Built {
    pub executables: BTreeMap<String, PathBuf>,
    /// The compiler's errors, by program.
    pub errors: BTreeMap<String, Vec<Diagnosis>>,
    pub warnings: BTreeMap<String, Vec<Diagnosis>>,
    /// Programs that cargo has neither built nor found fault with, and what it says.
    pub faults: BTreeMap<String, String>,
    pub took: Duration,
}

/// What the compiler has against a program.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The lines it points at, the one that matters most first. Empty where no line is wrong.
    pub lines: Vec<usize>,
    /// What it says at a line.
    pub labels: Vec<(usize, String)>,
    /// What it would write into a line instead.
    pub proposals: Vec<(usize, String)>,
    /// In one sentence.
    pub message: String,
    /// As the compiler prints it, in colour.
    pub text: String,
}

/// Builds the named programs of the package in `directory`. A program that does not compile does
/// not stop the others. Work of more than a second is shown on stderr.
pub fn build(directory: &Path, names: &[&str]) -> Result<Built, Error> {
    let start = Instant::now();
    let manifest = directory.join("Cargo.toml");
    renew(directory, names);
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--locked", "--keep-going"])
        .arg("--message-format=json-diagnostic-rendered-ansi")
        .arg("--manifest-path")
        .arg(&manifest)
        .args(names.iter().flat_map(|name| ["--bin", name]))
        .args(features(&manifest, names))
        .envs(flags_that_keep_warnings(|name| env::var(name).ok()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    ends_with_this_thread(&mut cargo);
    limits::limit_compiler(&mut cargo);
    let mut child = cargo.spawn().map_err(|error| {
        Error::Fault(format!("cannot start cargo: {error}. Install Rust: https://rustup.rs"))
    })?;
    let stderr = child.stderr.take().expect("it is piped");
    let progress = thread::spawn(move || progress(stderr, start));
    let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut built = Built::default();
    for message in Message::parse_stream(stdout).map_while(Result::ok) {
        built.hear(message, directory);
    }
    let status = child.wait().map_err(|error| Error::Fault(format!("cargo: {error}")))?;
    let said = progress.join().unwrap_or_default();
    for name in names.iter().filter(|name| !built.accounts_for(name)).collect::<Vec<_>>() {
        if let Some(why) = gave_up(&said, name) {
            built.errors.insert((*name).to_owned(), vec![why]);
        }
    }
    let accounted = |name: &&str| built.accounts_for(name);
    if !status.success() && !names.iter().all(accounted) {
        let fault =
            format!("cargo cannot build {}:\n{said}{}", escape::path(directory), remedy(&said));
        if !names.iter().any(accounted) {
            return Err(Error::Fault(fault));
        }
        let left = names.iter().filter(|name| !accounted(name));
        built.faults = left.map(|name| ((*name).to_owned(), fault.clone())).collect();
    }
    built.took = start.elapsed();
    Ok(built)
}

/// What to do about a disk that takes nothing.
fn remedy(said: &str) -> &'static str {
    if said.contains("os error 30") {
        "This directory cannot be written to: work in a copy of it, or set CARGO_TARGET_DIR to a \
         directory of your own."
    } else if said.contains("os error 28") || said.contains("No space left") {
        "The disk is full: make room on it, then check again."
    } else {
        ""
    }
}

/// Cargo goes by the times of files, and an archive or `cp -p` keeps old ones: then it takes what it has
/// built of another file for this one. So a source that is not the one that was built last, and is older
/// than that, counts as written now. Nothing else of it is changed, and of no other its time.
fn renew(directory: &Path, names: &[&str]) {
    let last = directory.join("target/lab-sources");
    for name in names.iter().chain(&["lib"]) {
        let (source, built) =
            (directory.join(name).with_extension("rs"), last.join(name).with_extension("rs"));
        let Ok(text) = fs::read(&source) else { continue };
        if fs::read(&built).is_ok_and(|built| built == text) {
            continue;
        }
        let time = |file: &Path| fs::metadata(file).and_then(|data| data.modified()).ok();
        let renewed = match time(&built) {
            Some(built) if time(&source).is_some_and(|saved| saved <= built) => File::options()
                .append(true)
                .open(&source)
                .and_then(|file| file.set_modified(SystemTime::now())),
            _ => Ok(()), // cargo sees that by itself
        };
        // Where nothing can be written, cargo says so itself.
        if renewed.is_ok() && fs::create_dir_all(&last).is_ok() {
            let _ = fs::write(&built, text); // else the same is done once more
        }
    }
}

/// A user's flags may make errors of warnings, and so of what is advice here. Flags that do not are
/// left alone: others would compile every dependency anew.
fn flags_that_keep_warnings(
    variable: impl Fn(&str) -> Option<String>,
) -> Option<(&'static str, String)> {
    // In this order cargo looks for them, and takes the first.
    const VARIABLES: [(&str, &str); 3] =
        [("CARGO_ENCODED_RUSTFLAGS", "\x1f"), ("RUSTFLAGS", " "), ("CARGO_BUILD_RUSTFLAGS", " ")];
    const STRICT: [&str; 4] = ["-D", "-F", "--deny", "--forbid"];
    let (name, between, flags) =
        VARIABLES.into_iter().find_map(|(name, between)| Some((name, between, variable(name)?)))?;
    let strict = |flag: &str| STRICT.iter().any(|begin| flag.starts_with(begin));
    let any = flags.split(between).any(strict);
    any.then(|| (name, format!("{flags}{between}--cap-lints=warn")))
}

/// Reads what cargo says for people, and shows of it what takes long.
fn progress(stderr: ChildStderr, start: Instant) -> String {
    const QUICK: Duration = Duration::from_secs(1);
    const AT_WORK: [&str; 4] = ["Compiling", "Downloading", "Downloaded", "Blocking"];
    let mut said = String::new();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if start.elapsed() > QUICK && AT_WORK.iter().any(|word| line.contains(word)) {
            warn(&line);
        }
        if said.len() < LENGTH {
            said.push_str(&line);
            said.push('\n');
        }
    }
    said
}

/// So many errors of a program are kept, and so many warnings, each up to this length: a macro can
/// make any number of both.
const MOST: usize = 50;
const LENGTH: usize = 20_000;

impl Built {
    fn accounts_for(&self, name: &str) -> bool {
        self.executables.contains_key(name) || self.errors.contains_key(name)
    }

    fn hear(&mut self, message: Message, directory: &Path) {
        match message {
            Message::CompilerArtifact(artifact) => {
                if let Some(executable) = artifact.executable {
                    self.executables.insert(artifact.target.name, executable.into());
                }
            }
            // The closing "aborting due to …" says nothing new.
            Message::CompilerMessage(CompilerMessage { message, target, .. })
                if !message.message.starts_with("aborting due to") =>
            {
                let found = match message.level {
                    DiagnosticLevel::Error => &mut self.errors,
                    DiagnosticLevel::Warning => &mut self.warnings,
                    _ => return,
                };
                let diagnosis = diagnosis(message, directory, &target.name);
                let told = found.entry(target.name).or_default();
                if told.len() < MOST {
                    told.push(diagnosis);
                }
            }
            _ => {}
        }
    }
}

/// The line of the program itself to which a span belongs; what is wrong may stand inside of
/// `format!`.
fn line_in(span: &DiagnosticSpan, file: &str) -> Option<usize> {
    match &span.expansion {
        _ if span.file_name.ends_with(file) => Some(span.line_start),
        Some(expansion) => line_in(&expansion.span, file),
        None => None,
    }
}

/// What a program did to the compiler, by cargo's words about that one's end, or by those of a wrapper
/// such as sccache.
fn gave_up(said: &str, name: &str) -> Option<Diagnosis> {
    if !said.contains(&format!("(bin \"{name}\")")) {
        return None;
    }
    let ended_by = |name: &str, number: u8| {
        said.contains(&format!("{name}: ")) || said.contains(&format!("by signal {number}\n"))
    };
    let limit = if ended_by("SIGXCPU", 24) || ended_by("SIGKILL", 9) {
        format!("{} s of CPU time", limits::COMPILER_CPU)
    } else if said.contains("memory allocation of ") {
        format!("{} GB of memory", limits::COMPILER_MEMORY >> 30)
    } else if ended_by("SIGXFSZ", 25) {
        format!("a file of {} GB", limits::COMPILER_FILE >> 30)
    } else {
        return None;
    };
    let message = format!("the compiler gave up: {name}.rs needed more than {limit}");
    let text = message.clone();
    Some(Diagnosis { lines: vec![], labels: vec![], proposals: vec![], message, text })
}

/// What the compiler says of a program in this directory, as it is told here.
pub fn diagnosis(diagnostic: Diagnostic, directory: &Path, program: &str) -> Diagnosis {
    let (first, rest): (Vec<DiagnosticSpan>, Vec<DiagnosticSpan>) =
        diagnostic.spans.into_iter().partition(|span| span.is_primary);
    let source = format!("{program}.rs");
    let lines = first.iter().chain(&rest).filter_map(|span| line_in(span, &source));
    let lines = lines.filter(|line| *line > 0).collect(); // 0 stands for the whole file
    let at_its_line =
        |span: &DiagnosticSpan, text: &Option<String>| line_in(span, &source).zip(text.clone());
    let labels = first.iter().chain(&rest).filter_map(|span| at_its_line(span, &span.label));
    let labels = labels.collect();
    let proposals = diagnostic.children.iter().flat_map(|child| &child.spans);
    let proposals = proposals.filter_map(|span| at_its_line(span, &span.suggested_replacement));
    let proposals = proposals.collect();
    // The compiler works in the package's directory, whoever reads this does not.
    let file = format!("{source}:");
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let text = diagnostic.rendered.unwrap_or_default();
    let text = text.replace(&file, &format!("{name}/{file}"));
    let text = match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}… and more", text.get(..end).unwrap_or_default()),
        None => text,
    };
    Diagnosis { lines, labels, proposals, message: diagnostic.message, text }
}

/// The Makefile says that OpenSSL's headers are missing.
pub fn without_openssl() -> bool {
    env::var_os("OPENSSL_VENDORED").is_some()
}

/// Who builds no program with TLS is spared the packages for it. Of a manifest that cannot be read
/// cargo will say what is wrong.
fn features(manifest: &Path, names: &[&str]) -> &'static [&'static str] {
    let manifest = Manifest::at(manifest);
    match manifest.is_some_and(|manifest| names.iter().any(|name| manifest.needs_tls(name))) {
        true if without_openssl() => &["--features", "vendored"],
        true => &["--features", TLS],
        false => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_counts_as_written_now_however_old_it_is() {
        let place = tempfile::tempdir().unwrap();
        let source = place.path().join("udpserver.rs");
        let old = SystemTime::now() - Duration::from_secs(86_400);
        let unpack = |text: &str| {
            fs::write(&source, text).unwrap();
            File::options().append(true).open(&source).unwrap().set_modified(old).unwrap();
            renew(place.path(), &["udpserver"]);
            fs::metadata(&source).unwrap().modified().unwrap() > old
        };
        assert!(!unpack("one student's"), "nothing was built yet");
        assert!(!unpack("one student's"), "it is what was built");
        assert!(unpack("another's"), "it is older than what was built");
        assert_eq!(fs::read_to_string(&source).unwrap(), "another's");
    }

    #[test]
    fn only_flags_that_make_errors_of_warnings_are_changed() {
        let with = |name: &'static str, flags: &'static str| {
            flags_that_keep_warnings(move |asked| (asked == name).then(|| flags.to_owned()))
        };
        assert_eq!(with("RUSTFLAGS", "-C debuginfo=0"), None);
        let changed = ("RUSTFLAGS", "-C debuginfo=0 -Dwarnings --cap-lints=warn".to_owned());
        assert_eq!(with("RUSTFLAGS", "-C debuginfo=0 -Dwarnings"), Some(changed));
        let changed = ("CARGO_ENCODED_RUSTFLAGS", "-D\x1fwarnings\x1f--cap-lints=warn".to_owned());
        assert_eq!(with("CARGO_ENCODED_RUSTFLAGS", "-D\x1fwarnings"), Some(changed));
    }

    #[test]
    fn a_program_that_is_too_much_for_the_compiler_is_told_so() {
        let of = |cause: &str| {
            let said = format!("error: could not compile `skeletons` (bin \"a\")\n\n{cause}\n");
            (gave_up(&said, "a").map(|why| why.message), gave_up(&said, "b").is_none())
        };
        let said = |limit: &str| {
            (Some(format!("the compiler gave up: a.rs needed more than {limit}")), true)
        };
        let exit = "process didn't exit successfully: `rustc` (signal: 24, SIGXCPU: CPU time)";
        assert_eq!(of(exit), said("120 s of CPU time"));
        assert_eq!(of("sccache: Compile terminated by signal 9"), said("120 s of CPU time"));
        assert_eq!(of("memory allocation of 9 bytes failed"), said("8 GB of memory"));
        assert_eq!(of("exit status: 1"), (None, true));
    }
}
