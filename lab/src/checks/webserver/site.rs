//! A directory to serve, with what nobody may see beside it.

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::os::scratch::Scratch;
use crate::trial::{Server, Stop, Trial, Verdict};

/// A directory to serve, with something beside it that nobody may see.
pub(super) struct Site {
    pub(super) directory: Scratch,
    /// A word that stands in every file outside the root.
    pub(super) secret: String,
}

impl Site {
    pub(super) fn new(trial: &Trial) -> Result<Site, Stop> {
        let secret = String::from_utf8_lossy(&trial.letters(24)).into_owned();
        let made = Scratch::directory().and_then(|directory| {
            let site = Site { directory, secret };
            fs::create_dir_all(site.root().join("sub"))?;
            site.furnish()?;
            Ok(site)
        });
        made.map_err(fault)
    }

    pub(super) fn root(&self) -> PathBuf {
        self.directory.path().join("www")
    }

    fn furnish(&self) -> io::Result<()> {
        let (root, outside) = (self.root(), self.directory.path());
        fs::write(outside.join("secret.txt"), &self.secret)?;
        fs::create_dir(outside.join("www-else"))?; // its name begins as the root's does
        fs::write(outside.join("www-else/secret.txt"), &self.secret)?;
        symlink("../secret.txt", root.join("link.txt"))?;
        symlink(outside.join("secret.txt"), root.join("absolute-link.txt"))?;
        symlink("..", root.join("up"))?;
        symlink("/dev/zero", root.join("zero"))?;
        symlink("loop", root.join("loop"))?;
        mkfifo(&root.join("fifo"), Mode::S_IRWXU)?;
        Ok(())
    }

    pub(super) fn write(&self, name: &str, content: &[u8]) -> Verdict {
        fs::write(self.root().join(name), content).map_err(fault)
    }

    /// Starts the program in the root, which is there for as long as the program runs.
    pub(super) fn server<'t>(&'t self, trial: &'t Trial) -> Result<Server<'t>, Stop> {
        trial.work_in(&self.root());
        trial.server()
    }

    /// The same, at one address of this host.
    pub(super) fn server_at<'t>(
        &'t self,
        trial: &'t Trial,
        address: Ipv4Addr,
    ) -> Result<Server<'t>, Stop> {
        trial.work_in(&self.root());
        trial.server_at(address)
    }
}

pub(super) fn fault(error: io::Error) -> Stop {
    Stop::Fault(format!("the check cannot make the files that are to be served: {error}"))
}

/// A path as it stands in a request, without the slash in front.
pub(super) fn encoded(path: &Path) -> String {
    let letter = |byte: &u8| match byte {
        b'/' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let path = path.as_os_str().as_bytes();
    path.strip_prefix(b"/").unwrap_or(path).iter().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_a_request_has_no_blank_in_it() {
        assert_eq!(encoded(Path::new("/sp ace/\u{e9}%.txt")), "sp%20ace/%C3%A9%25.txt");
    }
}
