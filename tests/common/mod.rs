//! What the tests share: programs that end with their test, the solutions, a copy of the tree.
#![allow(dead_code)] // every test file compiles all of this and uses a part

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{env, fs};

use lab::{LABS, Lab, Set, product, source};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// How long a test waits for what must happen. It costs this time only where it does not happen.
pub const PATIENCE: Duration = Duration::from_secs(180);

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("lab/ lies in the root")
}

/// Says what was not tested and why: on stderr itself, since the test runner captures `eprintln!`.
pub fn skip(why: &str) {
    let _ = writeln!(io::stderr(), "SKIPPED, {}: {why}", thread::current().name().unwrap_or("?"));
}

/// Whether a command can be started and succeeds.
pub fn works(command: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(command);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Waits until there is something to give back.
#[track_caller]
pub fn until<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// An address that no other test and no other run has: programs that take their port from the
/// kernel get a higher one, and those of other test processes have another host number.
pub fn own_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(20_000);
    let host = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + std::process::id());
    (host, NEXT.fetch_add(1, Ordering::Relaxed)).into()
}

// ---- Programs ----

/// A program that runs, in a process group of its own. Dropping it ends the whole group.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Heard,
    stderr: Heard,
    readers: Vec<JoinHandle<()>>,
    started: Instant,
}

/// What a program has printed up to now.
type Heard = Arc<Mutex<Vec<u8>>>;

/// What came of a program that has ended.
#[derive(Debug)]
pub struct Ended {
    /// None: ended by a signal.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Running {
    #[track_caller]
    pub fn start(command: &mut Command) -> Running {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = match command.process_group(0).spawn() {
            Ok(child) => child,
            Err(error) => panic!("{command:?}: {error}"),
        };
        let (stdout, stderr) = (Heard::default(), Heard::default());
        let readers = vec![
            listen(child.stdout.take().expect("it is piped"), &stdout),
            listen(child.stderr.take().expect("it is piped"), &stderr),
        ];
        let stdin = child.stdin.take();
        Running { child, stdin, stdout, stderr, readers, started: Instant::now() }
    }

    pub fn types(&mut self, text: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_mut().expect("the input has not ended");
        let _ = stdin.write_all(text.as_ref()); // a program may end before it asks
    }

    pub fn input_ends(&mut self) {
        self.stdin = None;
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    pub fn interrupt(&self) {
        kill(self.pid(), Signal::SIGINT).expect("it has not been waited for");
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_some()
    }

    pub fn stdout(&self) -> String {
        text(&self.stdout)
    }

    pub fn stderr(&self) -> String {
        text(&self.stderr)
    }

    /// Waits for these words on its stderr.
    #[track_caller]
    pub fn complains(&self, words: &str) {
        until(words, || self.stderr().contains(words).then_some(()));
    }

    /// Waits for the end, with no more input.
    #[track_caller]
    pub fn end(self) -> Ended {
        let ended = self.end_in_any_way();
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
        ended
    }

    /// The same of a program that may have panicked.
    #[track_caller]
    pub fn end_in_any_way(mut self) -> Ended {
        self.input_ends();
        let status = until("its end", || self.child.try_wait().expect("it is our child"));
        let took = self.started.elapsed();
        for reader in self.readers.drain(..) {
            reader.join().expect("a reader does not panic");
        }
        let (stdout, stderr) = (self.stdout(), self.stderr());
        Ended { code: status.code(), stdout, stderr, took }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = killpg(self.pid(), Signal::SIGKILL); // most often nobody is left
        let _ = self.child.wait(); // reaped, here or before
    }
}

fn listen(mut pipe: impl Read + Send + 'static, heard: &Heard) -> JoinHandle<()> {
    let heard = Arc::clone(heard);
    thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = pipe.read(&mut piece) {
            heard.lock().expect("nobody panics with it").extend_from_slice(&piece[..length]);
        }
    })
}

fn text(heard: &Heard) -> String {
    String::from_utf8_lossy(&heard.lock().expect("nobody panics with it")).into_owned()
}

// ---- The solutions ----

/// The feature that programs with TLS need.
pub fn tls() -> &'static str {
    if lab::build::without_openssl() { "vendored" } else { "tls" }
}

/// A program of solutions/, built once.
pub fn solution(name: &str) -> Command {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--locked", "--manifest-path", "solutions/Cargo.toml"]);
        cargo.args(["--features", tls()]);
        cargo.args(["--target-dir", "solutions/target"]).current_dir(root());
        assert!(cargo.status().is_ok_and(|status| status.success()), "solutions/ does not build");
    });
    let mut command = Command::new(root().join("solutions/target/debug").join(name));
    command.env("RES_OPTIONS", "timeout:1 attempts:1"); // glibc: a name server may be out of reach
    with_mail(&mut command);
    command
}

/// The password that mailclient is given, and the same in base64.
pub const PASSWORD: [&str; 2] = ["tr0ub4dor & 3", "dHIwdWI0ZG9yICYgMw=="];

/// What mailclient is told to send, and as whom.
fn with_mail(command: &mut Command) {
    for name in ["MAIL_FROM", "MAIL_SUBJECT", "MAIL_BODY", "MAIL_ATTACHMENT", "MAIL_CA"] {
        command.env_remove(name);
    }
    command.env("MAIL_USER", "alice@example.com").env("MAIL_TO", "bob@example.com");
    command.env("MAIL_PASSWORD", PASSWORD[0]);
}

/// Starts a program of solutions/.
pub fn start(name: &str, arguments: &[impl AsRef<OsStr>]) -> Running {
    Running::start(solution(name).args(arguments))
}

/// Starts a client of solutions/.
pub fn client(name: &str, server: SocketAddr) -> Running {
    start(name, &[server.ip().to_string(), server.port().to_string()])
}

/// What servers print when they are ready.
const READY: [&str; 3] =
    ["The server is ready to receive\n", "Ready to serve...\n", "Waiting for connection...\n"];

/// A server that is ready.
pub struct Server {
    pub running: Running,
    pub address: SocketAddr,
}

impl Server {
    /// Starts a server of solutions/ at a port of the kernel's choice.
    #[track_caller]
    pub fn start(name: &str) -> Server {
        let running = start(name, &["127.0.0.1", "0"]);
        let port = until("the chosen port", || {
            let said = running.stderr();
            said.split_once("the kernel chose port ")?.1.strip_suffix('\n')?.parse().ok()
        });
        Server { running, address: (Ipv4Addr::LOCALHOST, port).into() }
    }

    /// Starts a server at this address: one of solutions/, or a command that takes the same
    /// arguments.
    #[track_caller]
    pub fn at(address: SocketAddr, command: Command) -> Server {
        Server::with(address, command, &[])
    }

    /// The same, with more arguments.
    #[track_caller]
    pub fn with(address: SocketAddr, mut command: Command, more: &[&str]) -> Server {
        command.args([address.ip().to_string(), address.port().to_string()]).args(more);
        let mut running = Running::start(&mut command);
        until("a server that is ready", || {
            assert!(!running.has_ended(), "{}", running.stderr());
            READY.iter().any(|line| running.stdout().contains(line)).then_some(())
        });
        Server { running, address }
    }
}

/// The Python twin of a program; `None` where there is no Python, which is said.
pub fn twin(name: &str) -> Option<Command> {
    if !works("python3", &["--version"]) {
        skip("python3 is missing");
        return None;
    }
    let mut command = Command::new("python3");
    command.arg(root().join(format!("tests/twins/{name}.py"))).env("PYTHONUTF8", "1");
    with_mail(&mut command);
    Some(command)
}

// ---- What the clients print ----

/// The words with which a client asks.
pub fn prompt(name: &str) -> &'static str {
    if name.ends_with("_rtt") { "Enter your name " } else { "Input lowercase sentence:" }
}

/// All that a client has printed when this reply has come, as `without_times` leaves it.
pub fn shows(name: &str, reply: &str) -> String {
    let words = if name == "tcpclient" { "From Server: " } else { "" };
    let moment = "####-##-## ##:##:##.######+##:##\n";
    let times = match name {
        "udpclient_rtt" | "tcpclient_rtt" => {
            format!("Request sent:   {moment}Reply received: {moment}RTT: #.######seconds\n")
        }
        _ => String::new(),
    };
    let connect = if name == "tcpclient_rtt" { "Connect: #.######seconds\n" } else { "" };
    format!("{}{words}{reply}\n{times}{connect}", prompt(name))
}

/// What a client has printed, with # for the digits of its times. East or west, and a space before
/// that, are the same.
pub fn without_times(printed: &str) -> String {
    let (reply, times) = match printed.split_once("\nRequest sent:") {
        Some((reply, _)) => printed.split_at(reply.len()),
        None => (printed, ""),
    };
    let times = times.replace(|c: char| c.is_ascii_digit(), "#").replace("###### ", "######");
    format!("{reply}{}", times.replace("######-", "######+"))
}

// ---- A copy of the tree ----

/// What `lab hint` shows in a copy of the tree.
const HANDOUT: &str = "# Upper case\n\n## tcpserver\n\n### bind\nThe first hint.\n\n\
                       The second hint.\n\nThe third hint.\n";

/// What the tests' own surroundings would change about the tool and cargo.
const FROM_OUTSIDE: [&str; 6] = [
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_BUILD_DIR",
    "MAKELEVEL",
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
];

/// A copy of this checkout for one test at a time. Later tests, and later runs, use it again: its
/// dependencies are compiled once. It has a build directory of its own, since cargo does not tell
/// the same package in two places apart.
pub struct Tree {
    root: PathBuf,
    _lock: fs::File,
}

impl Tree {
    /// The tree as a student gets it.
    pub fn new() -> Tree {
        for number in 0.. {
            let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tree-{number}"));
            fs::create_dir_all(&root).expect("target/ can be written to");
            let lock = fs::File::create(root.with_extension("lock")).expect("see above");
            if lock.try_lock().is_err() {
                continue; // another test has it
            }
            let _ = fs::remove_dir_all(root.join("target/lab")); // what `lab` remembered, if anything
            for part in ["Cargo.toml", "Cargo.lock", ".cargo", "src", "skeletons", "solutions"] {
                copy(&self::root().join(part), &root.join(part));
            }
            let tree = Tree { root, _lock: lock };
            for handout in LABS.iter().map(|lab| lab.handout) {
                let text = fs::read_to_string(self::root().join(handout)).expect("it is there");
                tree.write(handout, &text);
            }
            tree.write("docs/01-uppercase.md", HANDOUT);
            tree.write("docs/02-time.md", "# The time\n");
            return tree;
        }
        unreachable!("there is always one more number")
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    #[track_caller]
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a file lies in a directory")).expect("ours");
        fs::write(path, text).expect("the copy is ours");
    }

    /// The line of a file that contains a text, counted from 1.
    #[track_caller]
    pub fn line(&self, file: &str, text: &str) -> usize {
        let position = self.read(file).lines().position(|line| line.contains(text));
        position.unwrap_or_else(|| panic!("{file} has no line with {text:?}")) + 1
    }

    /// A student who has done everything right, except that this gap holds this code.
    pub fn answer(&self, name: &str, gap: &str, body: &str) {
        let (file, text) = (format!("skeletons/{name}.rs"), self.read(&solution_file(name)));
        let source = source::parse(&file, &text).expect("the solutions' fences are sound");
        assert!(source.gap(gap).is_some(), "{name} has no gap {gap}");
        let body = format!("{body}\n");
        self.write(
            &file,
            &source.with_bodies(|there| if there.name == gap { &body } else { &there.body }),
        );
    }

    /// A student who has done everything right.
    pub fn solve(&self, name: &str) {
        self.write(&format!("skeletons/{name}.rs"), &self.read(&solution_file(name)));
    }

    /// The tool, as a student runs it in this tree without a terminal.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command.args(arguments);
        self.place(&mut command);
        command
    }

    /// Lets a command start here, with nothing of the tests' own surroundings.
    pub fn place(&self, command: &mut Command) {
        command.current_dir(&self.root);
        for variable in FROM_OUTSIDE {
            command.env_remove(variable);
        }
    }

    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }

    #[track_caller]
    pub fn lab(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).end()
    }

    /// The student's programs that still run, wherever they have moved: their process ids.
    pub fn programs(&self) -> Vec<i32> {
        let all = fs::read_dir("/proc").expect("this is Linux").flatten();
        let is_ours = |pid: &i32| {
            let executable = fs::read_link(format!("/proc/{pid}/exe"));
            executable.is_ok_and(|path| path.starts_with(self.path("skeletons")))
        };
        let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(is_ours).collect()
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        self.programs().into_iter().for_each(lab::processes::end); // there are some in a failed test
    }
}

fn solution_file(name: &str) -> String {
    let lab: &Lab = LABS.iter().find(|lab| lab.name == name).expect("a lab of that name");
    product(Set::Solutions, lab.name)
}

/// Makes `to` like `from` where it is not, without what was built and what was kept.
pub fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        let text = fs::read(from).expect("it is there");
        if fs::read(to).ok().as_ref() != Some(&text) {
            fs::write(to, text).expect("the copy is ours");
        }
        return;
    }
    fs::create_dir_all(to).expect("the copy is ours");
    let built = |name: &OsStr| name == "target";
    let kept = |name: &OsStr| name.to_string_lossy().contains(".kept-");
    for entry in fs::read_dir(to).expect("it is there now").flatten() {
        let name = entry.file_name();
        if !built(&name) && (kept(&name) || !from.join(&name).exists()) {
            let path = entry.path();
            let removed =
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.expect("the copy is ours");
        }
    }
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let name = entry.file_name();
        if !built(&name) && !kept(&name) {
            copy(&entry.path(), &to.join(name));
        }
    }
}
