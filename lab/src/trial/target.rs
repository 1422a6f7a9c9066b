//! The program under check, and how it is started.

use std::ffi::{OsStr, OsString};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf, absolute};
use std::{env, fmt, fs, io};

use crate::os::sandbox::{Enclosure, Sandbox};
use crate::os::view::View;
use crate::tree::Set;
use crate::trial::Facts;

/// Where the program under check comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Set(Set),
    /// A command of the caller's, in whatever language.
    Command,
}

/// Whether what a program says to people is to be said in the words of our handouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Words {
    /// As the handout has them, to the letter.
    Exact,
    /// In any words, if a person can read there what is to be said.
    Free,
}

/// The address of a client that has to have one of its own.
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);

/// The program under check and how to start it.
#[derive(Clone)]
pub struct Target {
    pub facts: Facts,
    pub origin: Origin,
    pub words: Words,
    /// `{address}`, `{client}` and `{port}` are replaced in every word that is not the path of a file.
    pub command: Vec<OsString>,
    /// What a program of a set is not to see: the checkout, and where its executable was built.
    pub hidden: Vec<PathBuf>,
    /// What it runs in, if nobody has read it.
    pub sandbox: Option<Sandbox>,
    /// Checks that wait long are done even where another one has failed: somebody is graded.
    pub slow_too: bool,
    /// Where the check plays the server of a client that cannot be told an address.
    pub server: Ipv4Addr,
}

impl Target {
    /// A program of a set in this checkout, or its twin: started by these words, with the arguments of
    /// its lab.
    pub fn of_set(facts: Facts, set: Set, checkout: &Path, start: &[PathBuf]) -> Target {
        let is_path = |word: &&PathBuf| word.components().count() > 1;
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let start: Vec<PathBuf> = start
            .iter()
            .map(|word| if is_path(&word) { real(word) } else { word.clone() })
            .collect();
        let built = start.iter().filter(is_path).filter_map(|path| path.parent());
        let checkout = real(checkout);
        let built = built.filter(|path| !path.starts_with(&checkout)).map(Path::to_owned);
        let hidden = [checkout.clone()].into_iter().chain(built).collect();
        let arguments = facts.arguments.iter().map(OsString::from);
        let command = start.iter().map(OsString::from).chain(arguments).collect();
        let (origin, words) = (Origin::Set(set), Words::Exact);
        let (sandbox, slow_too, server) = (None, false, Ipv4Addr::LOCALHOST);
        Target { facts, origin, words, command, hidden, sandbox, slow_too, server }
    }

    /// A command of the caller's.
    pub fn of_command(facts: Facts, words: Words, command: Vec<OsString>) -> Target {
        let (origin, hidden) = (Origin::Command, Vec::new());
        let (sandbox, slow_too, server) = (None, false, Ipv4Addr::LOCALHOST);
        Target { facts, origin, words, command, hidden, sandbox, slow_too, server }
    }

    /// What the program sees, with a directory of its own and perhaps one more that it works in. A
    /// command of the caller's sees what its caller sees.
    pub(super) fn view(&self, own: &Path, writable: Option<&Path>) -> View {
        let words = self.command.iter().map(PathBuf::from);
        let mut shown: Vec<PathBuf> = words.filter(|path| path.is_absolute()).collect();
        // A script of Python's may import its neighbours.
        let is_script = |path: &&PathBuf| path.extension().is_some_and(|end| end == "py");
        let beside = shown.iter().filter(is_script).filter_map(|path| path.parent());
        let beside: Vec<PathBuf> = beside.map(Path::to_owned).collect();
        shown.extend(beside);
        shown.extend(fs::canonicalize(env::temp_dir())); // the checks keep their files there
        shown.retain(|path| path.exists());
        let writable = writable.map(Path::to_owned);
        View { hidden: self.hidden.clone(), shown, own: own.to_owned(), writable }
    }

    /// What the program sees in a sandbox: the same, and of the checks' files only those that it is
    /// told of.
    pub(super) fn enclosure(
        &self,
        own: &Path,
        writable: Option<&Path>,
        variables: &[(&str, &OsStr)],
    ) -> io::Result<Enclosure> {
        let sandbox = self.sandbox.clone().ok_or_else(|| io::Error::other("no sandbox"))?;
        if let Some(writable) = writable {
            sandbox.give(writable)?;
        }
        let told = variables.iter().map(|(_, value)| PathBuf::from(value));
        let words = self.command.iter().map(PathBuf::from);
        let mut shown: Vec<PathBuf> = words.chain(told).collect();
        shown.retain(|path| path.is_absolute() && path.exists());
        shown.retain(|path| !writable.is_some_and(|writable| path.starts_with(writable)));
        let writable = writable.map(Path::to_owned).into_iter().collect();
        let hidden = self.hidden.clone();
        Ok(Enclosure { sandbox, shown, writable, hidden, own: own.to_owned(), offline: false })
    }

    pub fn words_are_free(&self) -> bool {
        self.words == Words::Free
    }

    /// Whether the program cannot be told its port and takes the lab's own.
    pub fn port_is_fixed(&self) -> bool {
        !self.is_told("{port}")
    }

    /// Whether the program cannot be told its address.
    pub fn address_is_fixed(&self) -> bool {
        !self.is_told("{address}")
    }

    /// Whether the program, a client, cannot be told which address is its own.
    pub fn client_is_fixed(&self) -> bool {
        !self.is_told("{client}")
    }

    fn is_told(&self, what: &str) -> bool {
        self.command.iter().filter_map(|word| blank(word)).any(|word| word.contains(what))
    }

    /// The command line for this address and port.
    pub(super) fn words(&self, address: impl fmt::Display, port: u16) -> Vec<OsString> {
        let fill = |word: &OsString| match blank(word) {
            None => word.clone(),
            Some(blank) => {
                let word = blank.replace("{address}", &address.to_string());
                let word = word.replace("{client}", &CLIENT.to_string());
                word.replace("{port}", &port.to_string()).into()
            }
        };
        self.command.iter().map(fill).collect()
    }
}

/// A word in which something may have to be filled in. The path of a file is used as it stands.
pub(super) fn blank(word: &OsString) -> Option<&str> {
    word.to_str().filter(|text| text.contains('{') && !Path::new(text).is_file())
}

/// The same words, with the files they name copied into a directory: for a program that takes the
/// directory of its own file for the one it was started in.
pub(super) fn brought(words: Vec<OsString>, directory: &Path) -> io::Result<Vec<OsString>> {
    let (program, arguments) = words.split_at(1);
    let mut command = program.to_vec();
    for word in arguments {
        let name = Path::new(word).file_name().filter(|_| Path::new(word).is_file());
        command.push(match name {
            Some(name) => {
                let copy = directory.join(name);
                fs::copy(word, &copy)?;
                copy.into()
            }
            None => word.clone(),
        });
    }
    Ok(command)
}

/// The words of a command that is started elsewhere than its author stands: files, and where Java is
/// to look for classes, are named by their whole paths.
pub(super) fn from_anywhere(words: &[OsString]) -> Vec<OsString> {
    const CLASSES: [&str; 3] = ["-cp", "-classpath", "--class-path"];
    let mut of_classes = false;
    let mut command = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let is_java = command.first().is_some_and(|first| Path::new(first).ends_with("java"));
        if index == 1 && is_java && env::var_os("CLASSPATH").is_none() {
            // It looks where it stands, unless a word behind this says otherwise.
            let here = absolute(".").unwrap_or_else(|_| PathBuf::from("."));
            command.extend([OsString::from("-cp"), here.into()]);
        }
        // The shell looks for a command without a slash in PATH alone.
        let is_path = index > 0 || word.as_encoded_bytes().contains(&b'/');
        command.push(match absolute(word) {
            _ if of_classes => {
                let paths = env::split_paths(word).map(|path| absolute(&path).unwrap_or(path));
                env::join_paths(paths).unwrap_or_else(|_| word.clone())
            }
            Ok(path) if is_path && path.is_file() => path.into(),
            _ => word.clone(),
        });
        of_classes = CLASSES.iter().any(|option| word == option);
    }
    command
}
