//! A sandbox for programs that nobody has read: bubblewrap. It gives them user, IPC and mount namespaces
//! of their own, beside the PID namespace of every program and the network of every check, and shows
//! them the system's programs and libraries, what they are told to see, and nothing else.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::unistd::getuid;

use crate::os::limits;
use crate::os::namespace;
use crate::os::network::{self, Network};
use crate::os::on_path;

/// Whom a program becomes that root has started: nobody.
const NOBODY: u32 = 65534;
/// Where root prepares what a program is to see, in the program's own mount namespace: everybody can
/// look into it, whoever may look at where the files come from.
const STAGE: &str = "/mnt";
const OWN_SIZE: &str = "268435456";
const TMP_SIZE: &str = "67108864";

/// What of /etc a program needs that resolves names, speaks TLS and tells the time.
const SETTINGS: [&str; 10] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
];

/// A sandbox that this machine has been seen to make.
#[derive(Clone, Debug)]
pub struct Sandbox {
    bwrap: PathBuf,
    prlimit: PathBuf,
    /// "bubblewrap 0.8.0"
    pub name: String,
    becomes_nobody: bool,
}

/// What one program sees.
#[derive(Clone, Debug)]
pub struct Enclosure {
    pub sandbox: Sandbox,
    /// Files and directories, at their own paths, that it can read.
    pub shown: Vec<PathBuf>,
    /// Directories that it may write to, besides its own.
    pub writable: Vec<PathBuf>,
    /// What it does not see, even where that lies in a directory of the system's.
    pub hidden: Vec<PathBuf>,
    /// The directory that is its own, up to a size, and that ends with it.
    pub own: PathBuf,
    /// Whether it has no network at all, and not the one of whoever starts it.
    pub offline: bool,
}

impl Sandbox {
    /// Tries it; where it cannot be had, says what to do about that on this machine.
    pub fn find() -> Result<Sandbox, String> {
        let found = |name: &str, package: &str| {
            let missing = format!("{name} is missing. On Debian: sudo apt-get install {package}");
            on_path(OsStr::new(name)).ok_or(missing)
        };
        let bwrap = found("bwrap", "bubblewrap")?;
        let prlimit = found("prlimit", "util-linux")?;
        let said = |option: &str| {
            let output = Command::new(&bwrap).arg(option).output();
            let output = output.map_err(|error| format!("cannot start bwrap: {error}"))?;
            Ok::<_, String>(String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let name = said("--version")?.trim().to_owned();
        let help = said("--help")?;
        if ["--size", "--disable-userns"].iter().any(|option| !help.contains(option)) {
            return Err(format!("{name} is too old: version 0.8 or newer is needed"));
        }
        let becomes_nobody = getuid().is_root();
        let sandbox = Sandbox { bwrap, prlimit, name, becomes_nobody };
        sandbox.try_plainly()?;
        if network::available() != Network::Private || !namespace::available() {
            return Err(format!(
                "this machine lets bwrap make namespaces, and not this program. {}",
                remedy("")
            ));
        }
        Ok(sandbox)
    }

    fn try_plainly(&self) -> Result<(), String> {
        let mut command = Command::new(&self.bwrap);
        command.args(["--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]);
        command.args(["--", "true"]).current_dir("/");
        self.become_nobody(&mut command);
        let output = command.output().map_err(|error| format!("cannot start bwrap: {error}"))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or_default();
        match output.status.success() {
            true => Ok(()),
            false => Err(format!("bubblewrap cannot make one here ({said}). {}", remedy(said))),
        }
    }

    fn become_nobody(&self, command: &mut Command) {
        if self.becomes_nobody {
            command.uid(NOBODY).gid(NOBODY); // std clears the other groups where root asks for this
        }
    }

    /// Gives a directory with all in it to whom programs become.
    pub fn give(&self, directory: &Path) -> io::Result<()> {
        if !self.becomes_nobody {
            return Ok(());
        }
        lchown(directory, Some(NOBODY), Some(NOBODY))?;
        if directory.symlink_metadata()?.is_dir() {
            for entry in fs::read_dir(directory)? {
                self.give(&entry?.path())?;
            }
        }
        Ok(())
    }
}

/// What to do on this machine about namespaces that it does not give.
fn remedy(said: &str) -> String {
    let setting = |name: &str| fs::read_to_string(format!("/proc/sys/{name}")).unwrap_or_default();
    if Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists() {
        return "This is a container: start it with --security-opt seccomp=unconfined \
                --security-opt apparmor=unconfined --security-opt systempaths=unconfined"
            .to_owned();
    }
    let setting_is = |name, value: &str| setting(name).trim() == value;
    if setting_is("kernel/apparmor_restrict_unprivileged_userns", "1") {
        return "AppArmor forbids it: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, \
                or a profile as docs/graders.md has it"
            .to_owned();
    }
    if setting_is("kernel/unprivileged_userns_clone", "0") {
        return "User namespaces are switched off: sudo sysctl kernel.unprivileged_userns_clone=1"
            .to_owned();
    }
    if setting_is("user/max_user_namespaces", "0") {
        return "User namespaces are switched off: sudo sysctl user.max_user_namespaces=10000"
            .to_owned();
    }
    match said.contains("proc") {
        true => "Something is mounted over parts of /proc, as containers do: start it with \
                 --security-opt systempaths=unconfined"
            .to_owned(),
        false => "The kernel, or the container that this is, forbids user namespaces: allow them \
                  as docs/graders.md has it"
            .to_owned(),
    }
}

/// What bubblewrap says of its own work, apart from what the program says.
pub struct Account {
    read: PipeReader,
    write: Option<PipeWriter>,
}

impl Account {
    fn open() -> io::Result<Account> {
        let (read, write) = io::pipe()?;
        fcntl(&read, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok(Account { read, write: Some(write) })
    }

    /// To be called when the program has started: its end is not ours to keep open.
    pub fn started(&mut self) {
        self.write = None;
    }

    /// Whether the program itself was started and has ended.
    pub fn has_end(&mut self) -> bool {
        let mut said = Vec::new();
        let _ = (&self.read).take(4096).read_to_end(&mut said); // what is there is enough
        String::from_utf8_lossy(&said).contains("exit-code")
    }
}

impl Enclosure {
    /// The command that starts these words in the enclosure, in this directory. Nothing of the caller's
    /// environment is in it.
    pub fn command(&self, words: &[OsString], at: &Path) -> io::Result<(Command, Account)> {
        let account = Account::open()?;
        let status = account.write.as_ref().expect("it is open").as_raw_fd();
        let mut command = Command::new(&self.sandbox.bwrap);
        // Not --die-with-parent: the kernel takes the thread that starts it for its parent. The PID
        // namespace ends all that is in it.
        command.args(["--unshare-user", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]);
        command.args(["--disable-userns", "--json-status-fd"]);
        command.arg(status.to_string());
        if self.offline {
            command.arg("--unshare-net");
        }
        system(&mut command);
        command.args(["--ro-bind", "/proc", "/proc", "--dev", "/dev"]);
        command.args(["--size", "16777216", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]);
        command.args(["--size", TMP_SIZE, "--tmpfs", "/tmp"]);
        for hidden in self.hidden.iter().filter(|hidden| hidden.starts_with("/usr")) {
            command.arg("--tmpfs").arg(hidden);
        }
        for around in self.around() {
            command.args(["--size", TMP_SIZE, "--tmpfs"]).arg(around);
        }
        command.args(["--size", OWN_SIZE, "--tmpfs"]).arg(&self.own);
        for (index, path) in self.paths().enumerate() {
            let bind = if index < self.shown.len() { "--ro-bind" } else { "--bind" };
            command.arg(bind).arg(self.source(index, path)).arg(path);
        }
        for around in self.around() {
            command.arg("--remount-ro").arg(around);
        }
        command.args(["--remount-ro", "/", "--chdir"]).arg(at).arg("--");
        command.arg(&self.sandbox.prlimit).arg(format!("--nproc={}", limits::PROCESSES)).arg("--");
        command.args(words);
        command.current_dir("/").env_clear();
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("HOME", &self.own).env("TMPDIR", &self.own);
        self.sandbox.become_nobody(&mut command);
        apart(&mut command, status);
        Ok((command, account))
    }

    /// The directories below /tmp that what it can read stands in: it may write to /tmp, and not there.
    fn around(&self) -> BTreeSet<&Path> {
        let is_seen = |path: &Path| path == self.own || self.paths().any(|it| path.starts_with(it));
        let parents = self.shown.iter().filter_map(|path| path.parent());
        parents
            .filter(|parent| parent.starts_with("/tmp") && *parent != "/tmp" && !is_seen(parent))
            .collect()
    }

    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.shown.iter().chain(&self.writable)
    }

    fn source(&self, index: usize, path: &Path) -> PathBuf {
        match self.sandbox.becomes_nobody {
            true => Path::new(STAGE).join(index.to_string()),
            false => path.to_owned(),
        }
    }

    /// Lets nobody reach what he is to see. To be called in a mount namespace of the program's own.
    pub fn stage(&self) -> io::Result<()> {
        if !self.sandbox.becomes_nobody {
            return Ok(());
        }
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount(Some("tmpfs"), STAGE, Some("tmpfs"), flags, Some("mode=0755"))?;
        for (index, path) in self.paths().enumerate() {
            let (there, about) = (self.source(index, path), fs::metadata(path)?);
            if about.is_dir() {
                fs::create_dir(&there)?;
            } else if about.mode() & 0o004 == 0 {
                fs::copy(path, &there)?; // a certificate for a check, which its maker alone may read
                fs::set_permissions(&there, fs::Permissions::from_mode(0o444))?;
                continue;
            } else {
                File::create(&there)?;
            }
            let (bind, nothing) = (MsFlags::MS_BIND | MsFlags::MS_REC, None::<&str>);
            mount(Some(path), &there, nothing, bind, nothing)?;
        }
        Ok(())
    }
}

/// The system's programs and libraries, where this system has them.
fn system(command: &mut Command) {
    command.args(["--ro-bind", "/usr", "/usr"]);
    for name in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
        match fs::read_link(name) {
            Ok(target) => command.arg("--symlink").arg(target).arg(name),
            Err(_) => command.args(["--ro-bind-try", name, name]),
        };
    }
    for name in SETTINGS {
        command.args(["--ro-bind-try", name, name]);
    }
}

/// A session of its own, so that no terminal of the caller's is the program's; and the one descriptor
/// that bubblewrap is to have.
fn apart(command: &mut Command, status: RawFd) {
    let apart = move || -> io::Result<()> {
        // SAFETY: system calls on numbers.
        unsafe {
            libc::setsid();
            if libc::fcntl(status, libc::F_SETFD, FdFlag::empty().bits()) < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: between fork and exec there are system calls, which allocate nothing.
    unsafe { command.pre_exec(apart) };
}
