//! What a student's program sees of this machine's files: it reads what everybody reads, writes into a
//! directory of its own, and finds the checkout empty, with its solutions and its tests.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::libc;
use nix::mount::{MsFlags, mount};

const NOTHING: Option<&str> = None;

/// All paths are absolute, and none leads over a symbolic link.
#[derive(Debug, Default)]
pub struct View {
    /// Directories that are empty, but for what is shown.
    pub hidden: Vec<PathBuf>,
    /// Files and directories inside of those.
    pub shown: Vec<PathBuf>,
    /// The one directory that the program may fill, up to `OWN_SIZE`, and that ends with it.
    pub own: PathBuf,
    /// One more that it may write to.
    pub writable: Option<PathBuf>,
}

const OWN_SIZE: &str = "mode=0700,size=256m";

impl View {
    /// Arranges the mounts of the calling thread, which must have a mount namespace of its own.
    pub fn apply(&self) -> io::Result<()> {
        let is_hidden = |path: &Path| self.hidden.iter().any(|hidden| path.starts_with(hidden));
        let shown: Vec<&PathBuf> = self.shown.iter().filter(|path| is_hidden(path)).collect();
        let open =
            |path: &&PathBuf| OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(path);
        let doors = shown.iter().map(open).collect::<io::Result<Vec<File>>>()?;
        for hidden in &self.hidden {
            tmpfs(hidden, "mode=0755,size=1m")?;
        }
        for (path, door) in shown.iter().zip(&doors) {
            let source = format!("/proc/self/fd/{}", door.as_raw_fd());
            match door.metadata()?.is_dir() {
                true => fs::create_dir_all(path)?,
                false => {
                    fs::create_dir_all(path.parent().unwrap_or(path))?;
                    File::create(path)?;
                }
            }
            bind(Path::new(&source), path)?;
        }
        tmpfs(&self.own, OWN_SIZE)?;
        if let Some(writable) = &self.writable {
            bind(writable, writable)?;
        }
        // Only a kernel older than 5.12 cannot do this, and then leaves the files' owner his rights.
        if set_read_only(Path::new("/"), true).is_ok() {
            for writable in self.writable.iter().chain([&self.own]) {
                set_read_only(writable, false)?;
            }
        }
        Ok(())
    }
}

fn tmpfs(directory: &Path, options: &str) -> io::Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    Ok(mount(Some("tmpfs"), directory, Some("tmpfs"), flags, Some(options))?)
}

fn bind(from: &Path, to: &Path) -> io::Result<()> {
    Ok(mount(Some(from), to, NOTHING, MsFlags::MS_BIND | MsFlags::MS_REC, NOTHING)?)
}

/// Lets nobody write to a mount and those below it; or to one mount everybody who else may.
fn set_read_only(path: &Path, read_only: bool) -> io::Result<()> {
    // `struct mount_attr` of mount_setattr(2): what to set, what to clear, and two more things.
    const READ_ONLY: u64 = 1;
    let (attributes, flags): ([u64; 4], libc::c_int) = match read_only {
        true => ([READ_ONLY, 0, 0, 0], libc::AT_RECURSIVE),
        false => ([0, READ_ONLY, 0, 0], 0),
    };
    let path = [path.as_os_str().as_bytes(), b"\0"].concat();
    // SAFETY: the path ends in a NUL, and both it and the attributes outlive the call.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            attributes.as_ptr(),
            size_of_val(&attributes),
        )
    };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
