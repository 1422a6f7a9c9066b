//! Compiling lifted programs: by the compiler itself, in a sandbox, against dependencies that cargo
//! has built once from what was handed out.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::{env, fs, thread};

use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};

use crate::error::Error;
use crate::grade::find::Form;
use crate::grade::results::key;
use crate::judge::build::{self, Built, Diagnosis, diagnosis};
use crate::os::limits::{self, Budget, Excess};
use crate::os::output::Screen;
use crate::os::program::{Program, Start};
use crate::os::sandbox::{Enclosure, Sandbox};
use crate::text::escape;
use crate::tree::manifest::{Manifest, TLS};
use crate::tree::{Set, Tree, library};

/// The compiler with all that a lab program needs, built.
pub struct Compiler {
    rustc: PathBuf,
    sysroot: PathBuf,
    /// What `rustc -V` says.
    pub version: String,
    edition: String,
    allowed: Vec<String>,
    /// The crates that programs name.
    externs: Vec<(String, PathBuf)>,
    /// Where those are that the crates need.
    dependencies: PathBuf,
    /// Where the linker looks besides.
    native: Vec<String>,
}

/// What came of compiling one program.
pub enum Compiled {
    /// The compiler's errors, if any, are in `built.errors`.
    Done(Box<Built>),
    /// A fault of ours.
    Fault(String),
}

impl Compiler {
    /// Builds lib.rs and the dependencies, from what was handed out.
    pub fn prepare(tree: &Tree, forms: &[Form]) -> Result<Compiler, Error> {
        let directory = "target/lab/grade/package";
        let manifest = Manifest::read(tree, Set::Skeletons)?;
        let tls = forms.iter().any(|form| manifest.needs_tls(form.lab.name));
        tree.write_changed(&format!("{directory}/lib.rs"), library::PRISTINE)?;
        let text = tree.read("skeletons/Cargo.toml")?;
        let text =
            text.split("[[bin]]").next().unwrap_or_default().to_owned() + &after_programs(&text);
        tree.write_changed(&format!("{directory}/Cargo.toml"), &text)?;
        tree.write_changed(
            &format!("{directory}/Cargo.lock"),
            &tree.read("skeletons/Cargo.lock")?,
        )?;
        let artifacts = build_dependencies(&tree.path(directory), tls)?;
        let named: Vec<String> =
            manifest.dependencies.keys().map(|key| key.replace('-', "_")).collect();
        let is_named = |name: &String| {
            named.contains(name) || Some(name) == manifest.lib.as_ref().map(|lib| &lib.name)
        };
        let externs: Vec<_> =
            artifacts.crates.into_iter().filter(|(name, _)| is_named(name)).collect();
        if externs.is_empty() {
            return Err(Error::Fault("cargo has not said what it built".to_owned()));
        }
        let dependencies = set_apart(tree, &artifacts.files)?;
        let moved = |path: &Path| dependencies.join(path.file_name().unwrap_or_default());
        let externs = externs.into_iter().map(|(name, path)| (name, moved(&path))).collect();
        let (rustc, sysroot, version) = rustc()?;
        let lints = manifest.lints.get("rust").and_then(toml::Value::as_table);
        let allowed = lints.into_iter().flat_map(|lints| lints.keys().cloned()).collect();
        let edition = manifest.package.edition.clone();
        let native = artifacts.native;
        Ok(Compiler { rustc, sysroot, version, edition, allowed, externs, dependencies, native })
    }

    /// Compiles a text to `NAME` in a directory that is made for it.
    pub fn compile(
        &self,
        sandbox: Option<&Sandbox>,
        name: &str,
        text: &str,
        into: &Path,
    ) -> Result<Compiled, Error> {
        let (source, out) = (into.join(format!("{name}.rs")), into.join("out"));
        fs::create_dir_all(&out).map_err(|error| Error::file(&out, &error))?;
        fs::write(&source, text).map_err(|error| Error::file(&source, &error))?;
        let own = into.join("own");
        fs::create_dir_all(&own).map_err(|error| Error::file(&own, &error))?;
        let enclosure = match sandbox {
            None => None,
            Some(sandbox) => {
                sandbox.give(&out).map_err(|error| Error::file(&out, &error))?;
                Some(self.enclosure(sandbox, &source, &out, &own))
            }
        };
        let command = self.words(name, &out);
        let program = Program::start(&Start {
            command: &command,
            directory: into,
            variables: &[],
            screen: Screen::Pipe,
            view: None,
            enclosure,
            budget: Budget::Compiler,
            time: limits::COMPILING,
        })
        .map_err(|error| Error::Fault(format!("cannot start rustc: {error}")))?;
        let status = loop {
            match program.exited() {
                Some(status) => break status,
                None => thread::sleep(std::time::Duration::from_millis(5)),
            }
        };
        let (failed, excess) = (program.sandbox_failed(), program.excess());
        program.end();
        if let Some(failed) = failed {
            return Ok(Compiled::Fault(failed));
        }
        let said = program.stderr.text();
        Ok(told(name, &said, status, excess, out.join(name)))
    }

    fn enclosure(&self, sandbox: &Sandbox, source: &Path, out: &Path, own: &Path) -> Enclosure {
        let mut shown = vec![self.sysroot.clone(), self.dependencies.clone(), source.to_owned()];
        let native = self
            .native
            .iter()
            .filter_map(|flag| flag.split_once('='))
            .map(|it| PathBuf::from(it.1));
        shown.extend(native);
        shown.retain(|path| path.exists() && !path.starts_with("/usr"));
        let inside = |path: &PathBuf, other: &PathBuf| path != other && path.starts_with(other);
        let all = shown.clone();
        shown.retain(|path| !all.iter().any(|other| inside(path, other)));
        shown.dedup();
        Enclosure {
            sandbox: sandbox.clone(),
            shown,
            writable: vec![out.to_owned()],
            hidden: Vec::new(),
            own: own.to_owned(),
            offline: true,
        }
    }

    fn words(&self, name: &str, out: &Path) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![self.rustc.clone().into()];
        let mut add = |some: &[&str]| words.extend(some.iter().map(OsString::from));
        add(&["--crate-type", "bin", "--crate-name", name, "--edition", &self.edition]);
        add(&["-C", "strip=debuginfo"]); // nobody debugs it, and it is quicker linked
        // It would also let a gap bring in assembly, and symbols that others link to.
        add(&["-F", "unsafe_code", "--error-format=json", "--json=diagnostic-rendered-ansi"]);
        for lint in &self.allowed {
            add(&["-A", lint]);
        }
        for flag in &self.native {
            add(&["-L", flag]);
        }
        let of_path = |what: &str, path: &Path| {
            let mut word = OsString::from(format!("{what}="));
            word.push(path);
            word
        };
        words.extend(["-L".into(), of_path("dependency", &self.dependencies)]);
        for (name, path) in &self.externs {
            words.extend(["--extern".into(), of_path(name, path)]);
        }
        words.push("--out-dir".into());
        words.push(out.into());
        words.push(format!("{name}.rs").into());
        words
    }
}

/// What came of the compiler's work.
fn told(
    name: &str,
    said: &str,
    status: ExitStatus,
    excess: Option<Excess>,
    executable: PathBuf,
) -> Compiled {
    let mut built = heard(name, said);
    if status.success() && executable.is_file() {
        built.errors.clear();
        built.executables.insert(name.to_owned(), executable);
    } else if let Some(excess) = excess {
        gave_up(&mut built, name, &Budget::Compiler.said(excess));
    } else if built.errors.is_empty() {
        match (status.signal(), said.contains("memory allocation of")) {
            (None, false) => return Compiled::Fault(format!("rustc: {}", cut(said))),
            _ => gave_up(&mut built, name, "more than the compiler may use"),
        }
    } else if let Some(ours) = first_of_no_line(&built, name) {
        return Compiled::Fault(format!("rustc: {}", cut(&ours)));
    }
    Compiled::Done(Box::new(built))
}

/// The tables of a manifest behind its programs.
fn after_programs(text: &str) -> String {
    let last = text.rfind("[[bin]]").unwrap_or(text.len());
    let rest = text.get(last..).unwrap_or_default();
    rest.find("\n[").and_then(|at| rest.get(at + 1..)).unwrap_or_default().to_owned()
}

#[derive(Default)]
struct Artifacts {
    crates: BTreeMap<String, PathBuf>,
    files: Vec<PathBuf>,
    native: Vec<String>,
}

fn build_dependencies(directory: &Path, tls: bool) -> Result<Artifacts, Error> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "--lib", "--message-format=json"]);
    cargo.arg("--manifest-path").arg(directory.join("Cargo.toml"));
    if tls {
        cargo.args(["--features", if build::without_openssl() { "vendored" } else { TLS }]);
    }
    let output = cargo
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| Error::Fault(format!("cannot start cargo: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Fault(format!("cargo cannot build what programs need:\n{said}")));
    }
    let mut found = Artifacts::default();
    for message in Message::parse_stream(output.stdout.as_slice()).map_while(Result::ok) {
        match message {
            Message::CompilerArtifact(artifact) => {
                let library =
                    artifact.filenames.iter().find(|file| file.as_str().ends_with(".rlib"));
                if let Some(library) = library {
                    let path = library.clone().into_std_path_buf();
                    found.crates.insert(artifact.target.name.replace('-', "_"), path);
                }
                let of_use = |file: &str| file.ends_with(".rlib") || file.ends_with(".so");
                let files = artifact.filenames.into_iter().filter(|file| of_use(file.as_str()));
                found.files.extend(files.map(|file| file.into_std_path_buf()));
            }
            Message::BuildScriptExecuted(script) => {
                found.native.extend(script.linked_paths.iter().map(ToString::to_string));
            }
            _ => {}
        }
    }
    found.native.sort();
    found.native.dedup();
    Ok(found)
}

/// A directory with these files alone: beside them lies what cargo has built besides, solutions among
/// it, and a gap can read what the compiler can.
fn set_apart(tree: &Tree, files: &[PathBuf]) -> Result<PathBuf, Error> {
    let mut state = String::new();
    for file in files {
        let about = fs::metadata(file).map_err(|error| Error::file(file, &error))?;
        let _ = writeln!(state, "{file:?} {} {:?}", about.len(), about.modified());
    }
    let directory = tree.path(&format!("target/lab/grade/libraries-{}", key(&[&state])));
    if directory.is_dir() {
        return Ok(directory);
    }
    let half = directory.with_extension(format!("half-{}", std::process::id()));
    let made = || -> std::io::Result<()> {
        fs::create_dir_all(&half)?;
        for file in files {
            let there = half.join(file.file_name().unwrap_or_default());
            fs::hard_link(file, &there).or_else(|_| fs::copy(file, &there).map(drop))?;
        }
        // Somebody else may have been quicker with the same.
        fs::rename(&half, &directory).or_else(|_| fs::remove_dir_all(&half))
    };
    made().map_err(|error| Error::file(&directory, &error))?;
    Ok(directory)
}

/// The compiler that cargo uses here: not a wrapper that chooses one.
fn rustc() -> Result<(PathBuf, PathBuf, String), Error> {
    let asked = |arguments: &[&str]| -> Result<String, Error> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(rustc).args(arguments).output();
        let output =
            output.map_err(|error| Error::Fault(format!("cannot start rustc: {error}")))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let sysroot = PathBuf::from(asked(&["--print", "sysroot"])?);
    let rustc = sysroot.join("bin/rustc");
    match rustc.is_file() {
        true => Ok((rustc, sysroot, asked(&["-V"])?)),
        false => Err(Error::Fault(format!("there is no rustc in {}", escape::path(sysroot)))),
    }
}

/// What the compiler said, line by line.
fn heard(name: &str, said: &str) -> Built {
    const MOST: usize = 50;
    let mut built = Built::default();
    for line in said.lines() {
        let Ok(diagnostic) = serde_json::from_str::<Diagnostic>(line) else { continue };
        let found = match diagnostic.level {
            _ if diagnostic.message.starts_with("aborting due to") => continue,
            DiagnosticLevel::Error => &mut built.errors,
            DiagnosticLevel::Warning => &mut built.warnings,
            _ => continue,
        };
        let told = found.entry(name.to_owned()).or_default();
        if told.len() < MOST {
            told.push(diagnosis(diagnostic, Path::new("skeletons"), name));
        }
    }
    built
}

/// An error that is about no line of the program: a directory that is not there, a linker that fails.
fn first_of_no_line(built: &Built, name: &str) -> Option<String> {
    let first = built.errors.get(name)?.first()?;
    first.lines.is_empty().then(|| first.message.clone())
}

fn gave_up(built: &mut Built, name: &str, most: &str) {
    let message = format!("the compiler gave up: {name}.rs needed {most}");
    let text = message.clone();
    let (lines, labels, proposals) = (Vec::new(), Vec::new(), Vec::new());
    let why = Diagnosis { lines, labels, proposals, message, text };
    built.errors.insert(name.to_owned(), vec![why]);
}

fn cut(text: &str) -> String {
    text.chars().take(2000).collect()
}
