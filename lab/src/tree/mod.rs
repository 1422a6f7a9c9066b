//! Where everything lies, and how files are written without losing any.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::error::Error;

pub mod handout;
pub mod library;
pub mod manifest;
pub mod memory;
pub mod products;
pub mod source;

/// The two products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Set {
    Skeletons,
    Solutions,
}

impl Set {
    pub fn directory(self) -> &'static str {
        match self {
            Set::Skeletons => "skeletons",
            Set::Solutions => "solutions",
        }
    }
}

/// A checkout of socket-labs.
#[derive(Clone, Debug)]
pub struct Tree {
    root: PathBuf,
}

impl Tree {
    /// The checkout around the working directory; else the one this tool was built in.
    pub fn find() -> Result<Tree, Error> {
        let here = env::current_dir().map_err(|error| Error::Fault(format!("{error}")))?;
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.ancestors()
            .chain(built_in.ancestors())
            .map(Tree::at)
            .find(|tree| tree.path("docs").is_dir() && (tree.has_sources() || tree.is_kit()))
            .ok_or_else(|| {
                Error::Usage("no socket-labs checkout here: change to its directory first".into())
            })
    }

    fn has_sources(&self) -> bool {
        self.path("src/bin").is_dir()
    }

    /// Whether this is what a course has handed out: the skeletons, and nothing they are made from.
    pub fn is_kit(&self) -> bool {
        !self.has_sources() && self.path(HANDED_OUT).is_dir()
    }

    pub fn at(root: &Path) -> Tree {
        Tree { root: root.to_owned() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file, named from the root.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    pub fn read(&self, relative: &str) -> Result<String, Error> {
        let path = self.path(relative);
        fs::read_to_string(&path).map_err(|error| Error::file(Path::new(relative), &error))
    }

    /// Reads a student's file, which may hold anything.
    pub fn read_any(&self, relative: &str) -> Result<String, Error> {
        let bytes = fs::read(self.path(relative));
        bytes
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .map_err(|error| Error::file(Path::new(relative), &error))
    }

    /// Waits until nobody else has the turn to change a file, and has it until it is dropped.
    pub fn turn(&self, relative: &str) -> Result<fs::File, Error> {
        let path = self.path(&format!("{relative}.turn"));
        let turn = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::File::create(&path))
            .and_then(|file| file.lock().map(|()| file));
        turn.map_err(|error| Error::file(&path, &error))
    }

    /// Writes a file whole or not at all.
    pub fn write(&self, relative: &str, text: &str) -> Result<(), Error> {
        self.write_with_mode(relative, text, 0o666)
    }

    /// The same; nobody can read it before it has its mode.
    pub fn write_with_mode(
        &self,
        relative: impl AsRef<Path>,
        text: &str,
        mode: u32,
    ) -> Result<(), Error> {
        let path = self.root.join(&relative);
        let directory = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = directory.and_then(|()| write_whole(&path, text.as_bytes(), mode));
        written.map_err(|error| Error::file(relative.as_ref(), &error))
    }

    /// The same; an unchanged file keeps its time, and cargo what it has made of it.
    pub fn write_changed(&self, relative: &str, text: &str) -> Result<(), Error> {
        match self.read(relative) {
            Ok(there) if there == text => Ok(()),
            _ => self.write(relative, text),
        }
    }

    /// Copies a file to `NAME.kept-N` beside it, N one that is free; gives back that name.
    pub fn keep(&self, relative: impl AsRef<Path>) -> Result<PathBuf, Error> {
        let number = keep(&self.root.join(&relative))?;
        Ok(with_ending(relative.as_ref(), &format!(".kept-{number}")))
    }
}

/// Writes a file that somebody has named, whole or not at all. What was there and is something else
/// is kept; gives back where.
pub fn write_and_keep(path: &Path, text: &str) -> Result<Option<PathBuf>, Error> {
    write_bytes_and_keep(path, text.as_bytes())
}

/// The same of bytes.
pub fn write_bytes_and_keep(path: &Path, text: &[u8]) -> Result<Option<PathBuf>, Error> {
    let there = match fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::file(path, &error)),
    };
    if there.as_deref() == Some(text) {
        return Ok(None);
    }
    let kept = match there {
        Some(_) => Some(with_ending(path, &format!(".kept-{}", keep(path)?))),
        None => None,
    };
    write_whole(path, text, 0o666).map_err(|error| Error::file(path, &error))?;
    Ok(kept)
}

fn write_whole(path: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let half = with_ending(path, &format!(".half-{}", std::process::id()));
    let _ = fs::remove_file(&half); // of a run that was killed, and had this number
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&half)?;
    file.write_all(text)?;
    fs::rename(&half, path)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Copies a file to `NAME.kept-N` beside it; gives back N.
fn keep(from: &Path) -> Result<u32, Error> {
    for number in 1.. {
        let kept = with_ending(from, &format!(".kept-{number}"));
        // `create_new` makes sure that two at once do not take the same name.
        match fs::File::create_new(&kept) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Error::file(&kept, &error)),
            Ok(_) => {
                let copied = fs::copy(from, &kept);
                return copied.map(|_| number).map_err(|error| Error::file(from, &error));
            }
        }
    }
    unreachable!("there is always one more number")
}

/// Where a student's kit has the skeletons as they were handed out.
pub const HANDED_OUT: &str = "lab/skeletons";

/// `lab/skeletons/NAME.rs`, in a student's kit.
pub fn handed_out(name: &str) -> String {
    format!("{HANDED_OUT}/{name}.rs")
}

/// `src/bin/NAME.rs`: the annotated program.
pub fn annotated(name: &str) -> String {
    format!("src/bin/{name}.rs")
}

/// `skeletons/NAME.rs` or `solutions/NAME.rs`.
pub fn product(set: Set, name: &str) -> String {
    format!("{}/{name}.rs", set.directory())
}
