//! A program under check: started in a process group of its own, listened to, and ended for sure.

use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use std::{fmt, process, thread};

use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::os::bounds::{Bounds, Kind, LIVE, LOOK, end_marked, lock, watch};
use crate::os::limits::{self, Excess};
use crate::os::namespace::{self, Namespace};
use crate::os::output::{Output, Screen};
use crate::os::processes::{self, Activity};
use crate::os::sandbox::{Account, Enclosure};
pub use crate::os::start::Start;

/// How long a program is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long nothing at all may happen inside a sleeping program before it counts as waiting for
    /// something that will not come. Time during which it is kept from running does not count.
    pub idle: Duration,
    /// CPU time a program may use before the next thing expected of it.
    pub busy: Duration,
    /// How long it may stay awake off and on, with pauses, before that.
    pub late: Duration,
}

impl Patience {
    /// For what a lab program does at once.
    pub const SHORT: Patience =
        Patience { idle: Duration::from_secs(1), busy: Duration::from_secs(5), late: LATE };
    /// For the start of any program: some compile themselves first.
    pub const LONG: Patience =
        Patience { idle: Duration::from_secs(5), busy: Duration::from_secs(30), late: LATE };
}

/// How long a thread may rest, in a call of sleep, before the program counts as idle: slow is not
/// silent.
const PAUSE: Duration = Duration::from_secs(3);
/// How long a lab program may be at one thing, with pauses.
const LATE: Duration = Duration::from_secs(20);
/// What is kept of what a program sends over one connection. No lab has as much to say.
pub const MOST: usize = 1 << 20;
/// How long a program may take to end after SIGTERM.
const GRACE: Duration = Duration::from_millis(500);

/// Why waiting for a program came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Exited(ExitStatus),
    Idle,
    Busy(Duration),
    Late(Duration),
    /// The same, and one of its threads was in a call of sleep for most of it.
    Pauses(Duration),
    /// It sends, and goes on sending.
    Flood,
    /// The same, in so many lines.
    Lines(usize),
    /// The same, a little at a time.
    Trickle(Duration),
    /// It was ended, since it took too much of something.
    Excess(Excess),
}

impl Event {
    /// Whether the program was still at it when it was given up.
    pub fn is_busy(&self) -> bool {
        !matches!(self, Event::Exited(_) | Event::Idle)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Event::Exited(status) => f.write_str(&said(*status)),
            Event::Idle => f.write_str("the program is running, but asleep"),
            Event::Busy(time) => write!(
                f,
                "the program is still running and has used {} s of CPU time: a loop without end?",
                time.as_secs()
            ),
            Event::Late(time) => write!(
                f,
                "the program is still running after {} s, and wakes up again and again",
                time.as_secs()
            ),
            Event::Pauses(time) => write!(
                f,
                "the program is still running after {} s, most of which a thread of it has spent in \
                 sleep: the pauses are too long for so many clients or messages",
                time.as_secs()
            ),
            Event::Lines(count) => write!(f, "it sent more than {count} lines and did not end"),
            Event::Flood => write!(f, "it sent more than {} MB and did not end", MOST >> 20),
            Event::Trickle(time) => write!(
                f,
                "it is still sending after {} s, a little now and then, and does not end",
                time.as_secs()
            ),
            Event::Excess(excess) => write!(f, "{}, and was ended for that", excess.said()),
        }
    }
}

/// "the program ended with status 1", "the program was ended by SIGSEGV".
pub fn said(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("the program ended with status {code}"),
        (None, Some(number)) => match Signal::try_from(number) {
            Ok(Signal::SIGXCPU) => {
                format!("the program was ended: it used more than {} s of CPU time", limits::CPU)
            }
            Ok(Signal::SIGXFSZ) => {
                format!("the program was ended: it wrote a file of {} MB", limits::FILE_MB)
            }
            Ok(signal) => format!("the program was ended by {signal}"),
            Err(_) => format!("the program was ended by signal {number}"),
        },
        (None, None) => "the program ended".to_owned(),
    }
}

/// Starts a command in a PID namespace of its own. That begins with the next child of the thread that
/// asks for it, so a thread is made for this alone.
fn spawn_in_namespace(mut command: Command, start: &Start) -> io::Result<(Child, Kind)> {
    let (view, enclosure) = match &start.enclosure {
        Some(enclosure) => (None, Some(enclosure)),
        None => (start.view.as_ref(), None),
    };
    thread::scope(|scope| {
        let starter = thread::Builder::new().spawn_scoped(scope, move || {
            let namespace = Namespace::enter(view)?;
            enclosure.map_or(Ok(()), Enclosure::stage)?;
            if view.is_some() {
                limits::drop_capabilities(&mut command);
            }
            Ok((command.spawn()?, Kind::Namespace(namespace)))
        })?;
        starter.join().unwrap_or_else(|_| Err(io::Error::other("the starting thread panicked")))
    })
}

/// A started program. As with a person at a keyboard, its standard input stays open, and silent
/// until something is typed. Dropping it ends it and everything it started.
pub struct Program {
    child: Mutex<Child>,
    ended: Mutex<Option<ExitStatus>>,
    stdin: Mutex<Option<ChildStdin>>,
    group: i32,
    bounds: Arc<Bounds>,
    /// Why it is not waited for any more.
    given_up: OnceLock<Event>,
    /// What its sandbox says, if it is in one.
    account: Mutex<Option<Account>>,
    pub stdout: Arc<Output>,
    pub stderr: Arc<Output>,
}

impl Program {
    /// Starts a command.
    pub fn start(start: &Start) -> io::Result<Program> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        const MARK: &str = "SOCKET_LABS_CHECK";
        let mark = format!("{}.{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut live = lock(&LIVE);
        let (stdout, their_stdout) = start.screen.open()?;
        let (stderr, their_stderr) = Screen::Pipe.open()?;
        let (mut command, mut account) = start.command()?;
        command.env(MARK, &mark).stdin(Stdio::piped()).stdout(their_stdout).stderr(their_stderr);
        let (mut child, kind) = match namespace::available() {
            true => spawn_in_namespace(command, start)?,
            false if start.enclosure.is_some() => {
                return Err(io::Error::other("there is no sandbox without PID namespaces"));
            }
            false => {
                ends_with_this_thread(&mut command);
                (command.spawn()?, Kind::Mark(format!("{MARK}={mark}")))
            }
        };
        let group = i32::try_from(child.id()).expect("a process id is a positive i32");
        let (left, excess) = (Mutex::new(start.time), OnceLock::new());
        if let Some(account) = &mut account {
            account.started();
        }
        let (budget, in_sandbox) = (start.budget, account.is_some());
        let bounds = Arc::new(Bounds { group, kind, budget, in_sandbox, left, excess });
        live.insert(group, Arc::clone(&bounds));
        drop(live);
        watch();
        let stdin = Mutex::new(child.stdin.take());
        let (child, ended) = (Mutex::new(child), Mutex::new(None));
        let (stdout, stderr) = (Output::of(stdout), Output::of(stderr));
        let (given_up, account) = (OnceLock::new(), Mutex::new(account));
        let program =
            Program { child, ended, stdin, group, bounds, given_up, account, stdout, stderr };
        // Whatever goes wrong from here on ends it.
        program.stdout.listen()?;
        program.stderr.listen()?;
        Ok(program)
    }

    /// Says that it sends without end: nothing is waited for any more.
    pub fn give_up(&self, event: Event) {
        self.given_up.get_or_init(|| event);
    }

    /// Why it is not waited for any more, if so.
    pub fn given_up(&self) -> Option<Event> {
        self.given_up.get().copied().or(self.excess().map(Event::Excess))
    }

    /// Types a line. A program that has closed its standard input does not hear it.
    pub fn type_line(&self, line: &[u8]) {
        if let Some(stdin) = lock(&self.stdin).as_mut() {
            let _ = stdin.write_all(&[line, b"\n"].concat()); // what it does next will show
        }
    }

    /// Ends its standard input, as Ctrl-D does.
    pub fn end_input(&self) {
        drop(lock(&self.stdin).take());
    }

    /// Its status, once it has ended. Its number is not given away before `end`, so that no signal
    /// can reach somebody else.
    pub fn exited(&self) -> Option<ExitStatus> {
        const SIGNAL: i32 = 128;
        let status = self.first_exited()?;
        // In a sandbox the first process has waited for the program, and says it as a shell does.
        let signal = status.code().filter(|code| self.bounds.in_sandbox && *code > SIGNAL);
        Some(signal.map_or(status, |code| ExitStatus::from_raw(code - SIGNAL)))
    }

    /// What the sandbox says, if it has ended without the program having been started.
    pub fn sandbox_failed(&self) -> Option<String> {
        let status = self.first_exited()?;
        let mut account = lock(&self.account);
        let failed = !status.success() && status.code().is_some() && !account.as_mut()?.has_end();
        failed.then(|| format!("the sandbox failed: {}", self.stderr.text().trim()))
    }

    fn first_exited(&self) -> Option<ExitStatus> {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        match waitid(Id::Pid(Pid::from_raw(self.group)), flags) {
            Ok(WaitStatus::Exited(_, code)) => Some(ExitStatus::from_raw(code << 8)),
            Ok(WaitStatus::Signaled(_, signal, _)) => Some(ExitStatus::from_raw(signal as i32)),
            _ => *lock(&self.ended),
        }
    }

    /// The process that was started.
    pub fn leader(&self) -> i32 {
        match self.bounds.in_sandbox {
            true => processes::below(self.group).get(1).copied().unwrap_or(self.group),
            false => self.group,
        }
    }

    /// All of its processes that run now.
    pub fn processes(&self) -> Vec<i32> {
        self.bounds.processes()
    }

    /// The limit that it was ended for, if any.
    pub fn excess(&self) -> Option<Excess> {
        self.bounds.excess.get().copied()
    }

    /// Waits until `ready` gives something. Gives up when the program ends, sleeps undisturbed,
    /// or is busy with something else; none of this depends on how fast the machine is today.
    pub fn until<T>(&self, ready: impl FnMut() -> Option<T>) -> Result<T, Event> {
        self.patiently(Patience::SHORT, ready)
    }

    /// The same, for as long as the caller says.
    pub fn patiently<T>(
        &self,
        patience: Patience,
        mut ready: impl FnMut() -> Option<T>,
    ) -> Result<T, Event> {
        // Looked for often at first, then at every fiftieth of the time waited: some looks read all
        // of /proc/net/tcp, and the program needs the processor, too.
        const TURN: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(20)];
        let start = Instant::now();
        let mut cpu_at_first = None;
        let mut last: Option<Activity> = None;
        let [mut asleep, mut paused, mut rested] = [Duration::ZERO; 3];
        let mut looked = start;
        loop {
            if let Some(found) = ready() {
                return Ok(found);
            }
            if let Some(status) = self.exited() {
                // What it sent just before its end may have come between the two looks.
                return ready().ok_or(Event::Exited(status));
            }
            if let Some(event) = self.given_up() {
                return Err(event);
            }
            if looked.elapsed() < LOOK {
                thread::sleep((start.elapsed() / 50).clamp(TURN[0], TURN[1]));
                continue;
            }
            let processes = self.processes();
            let now = Activity::of(&processes);
            looked = Instant::now();
            // A look counts for the time between two, however late it comes: who could not look has
            // not seen that nothing happened.
            let undisturbed = now.sleeping && last.as_ref() == Some(&now);
            asleep = if undisturbed { asleep + LOOK } else { Duration::ZERO };
            paused += if now.sleeping { LOOK } else { Duration::ZERO };
            let rests = now.sleeping && processes::pauses(&processes);
            rested += if rests { LOOK } else { Duration::ZERO };
            // The time used by a process that it started goes when that one ends.
            let cpu = now.cpu().saturating_sub(*cpu_at_first.get_or_insert(now.cpu()));
            last = Some(now);
            // What is said is the limit: what was measured differs from run to run.
            let may_pause = patience.idle >= Patience::SHORT.idle && asleep < PAUSE;
            let event = if asleep >= patience.idle && !(may_pause && processes::pauses(&processes))
            {
                Event::Idle
            } else if cpu >= patience.busy {
                Event::Busy(patience.busy)
            } else if paused >= patience.late && rested * 2 > paused {
                Event::Pauses(patience.late)
            } else if paused >= patience.late {
                Event::Late(patience.late)
            } else {
                continue;
            };
            return ready().ok_or(event);
        }
    }

    /// Lets the program finish what it is doing, until it sleeps or has worked for a while, and says
    /// whether it has ended.
    pub fn settle(&self) -> Option<ExitStatus> {
        const LOOK: Duration = Duration::from_millis(50);
        const WHILE: Duration = Duration::from_millis(200);
        let start = Activity::of(&self.processes()).cpu();
        let mut asleep = 0;
        loop {
            if let Some(status) = self.exited() {
                return Some(status);
            }
            let now = Activity::of(&self.processes());
            asleep = if now.sleeping { asleep + 1 } else { 0 };
            // Asleep twice in a row: what ends is a sleeper too, for a moment.
            if asleep > 1 || now.cpu().saturating_sub(start) >= WHILE {
                return self.exited();
            }
            thread::sleep(LOOK);
        }
    }

    /// Waits for the end of the program.
    pub fn wait(&self) -> Result<ExitStatus, Event> {
        self.until(|| self.exited())
    }

    /// Ends the program and all it has started: asks first, then does not ask.
    pub fn end(&self) {
        let group = Pid::from_raw(self.group);
        if lock(&self.ended).is_some() {
            return; // done before
        }
        if killpg(group, Signal::SIGTERM).is_ok() {
            let asked = Instant::now();
            while self.exited().is_none() && asked.elapsed() < GRACE {
                thread::sleep(Duration::from_millis(1));
            }
        }
        self.bounds.kill();
        lock(&LIVE).remove(&self.group);
        if let Ok(status) = lock(&self.child).wait() {
            lock(&self.ended).get_or_insert(status);
        }
        match &self.bounds.kind {
            Kind::Namespace(namespace) => namespace.wait(),
            Kind::Mark(mark) => end_marked(mark),
        }
        self.stdout.close();
        self.stderr.close();
    }
}

/// Lets a child be killed when this thread ends, and the tool with it, in whatever way.
pub fn ends_with_this_thread(command: &mut Command) {
    let die = || Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?);
    // SAFETY: between fork and exec there is one system call, which allocates nothing.
    unsafe { command.pre_exec(die) };
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::limits::Budget;
    use std::path::Path;

    fn start(script: &str, time: Duration) -> Program {
        let command = ["sh".into(), "-c".into(), script.into()];
        Program::start(&Start {
            command: &command,
            directory: Path::new("/"),
            variables: &[],
            screen: Screen::Pipe,
            view: None,
            enclosure: None,
            budget: Budget::Program,
            time,
        })
        .unwrap()
    }

    #[test]
    fn a_program_that_is_always_about_to_do_something_is_ended() {
        let program = start("while sleep 0.01; do echo; done", Duration::from_millis(500));
        while program.exited().is_none() {
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(program.excess(), Some(Excess::Time));
    }

    #[test]
    fn a_program_that_ends_in_time_has_kept_its_limits() {
        let program = start("exit 3", Duration::from_secs(60));
        assert_eq!(program.wait().unwrap().code(), Some(3));
        program.end();
        assert_eq!(program.excess(), None);
    }
}
