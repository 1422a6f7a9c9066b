//! Directories and files for one check, which go with it. A program may have made one hard to remove;
//! and where a check is given up, or the tool is interrupted, nobody drops them: `remove_all` then does it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io, mem};

/// Those that are there now.
static THERE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn there() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    THERE.lock().unwrap_or_else(PoisonError::into_inner) // a panic left it whole
}

/// One of them. Dropping it removes it, with all that is in it.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// An empty directory.
    pub fn directory() -> io::Result<Scratch> {
        let mut there = there();
        let path = named().tempdir()?.keep();
        there.insert(path.clone());
        Ok(Scratch(path))
    }

    /// A file with this in it.
    pub fn file(content: &[u8]) -> io::Result<Scratch> {
        let mut there = there();
        let (_, path) = named().tempfile()?.keep()?;
        there.insert(path.clone());
        drop(there);
        let file = Scratch(path);
        fs::write(&file.0, content)?;
        Ok(file)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.0);
        there().remove(&self.0);
    }
}

/// Removes all of them, and lets none be made any more: this process ends.
pub fn remove_all() {
    let there = there();
    there.iter().for_each(|path| remove(path));
    mem::forget(there); // locked for ever
}

fn named() -> tempfile::Builder<'static, 'static> {
    let mut named = tempfile::Builder::new();
    named.prefix("socket-labs-");
    named
}

/// That it cannot be removed is no reason for another verdict.
fn remove(path: &Path) {
    let gone = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path).is_ok(),
        Ok(_) => fs::remove_file(path).is_ok(),
        Err(_) => true,
    };
    if gone {
        return;
    }
    // Directories that may not be read, or so many inside each other that no process can have all of
    // them open: these two can do it.
    for words in [&["chmod", "-R", "u+rwx"][..], &["rm", "-rf"]] {
        let mut command = Command::new(words.first().copied().unwrap_or_default());
        command.args(words.get(1..).unwrap_or_default()).arg("--").arg(path);
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_cannot_be_read_or_is_very_deep_goes_too() {
        let directory = Scratch::directory().unwrap();
        let path = directory.path().to_owned();
        let script = "import os\nfor _ in range(6000): os.mkdir('d'); os.chdir('d')";
        let made = Command::new("python3").args(["-c", script]).current_dir(&path).status();
        let closed = path.join("closed");
        fs::create_dir_all(closed.join("inside")).unwrap();
        fs::set_permissions(&closed, Permissions::from_mode(0o0)).unwrap();
        drop(directory);
        assert!(!path.exists(), "{made:?}");
    }

    #[test]
    fn a_file_has_its_content_as_long_as_it_is_there() {
        let file = Scratch::file(b"words").unwrap();
        let path = file.path().to_owned();
        assert_eq!(fs::read(&path).unwrap(), b"words");
        drop(file);
        assert!(!path.exists());
    }
}
