//! What keeps running programs within their limits, and ends them for sure: each by itself, and all of them
//! at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError};
use std::time::Duration;
use std::{process, thread};

use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::os::limits::{Budget, Excess};
use crate::os::namespace::Namespace;
use crate::os::processes;

/// The programs that are running now, by process group.
pub(super) static LIVE: Mutex<BTreeMap<i32, Arc<Bounds>>> = Mutex::new(BTreeMap::new());

/// What holds the processes of a program together, wherever they move, and what has become of its
/// limits.
pub(super) struct Bounds {
    pub(super) group: i32,
    pub(super) kind: Kind,
    pub(super) budget: Budget,
    /// Whether the first process is not the program, but bubblewrap, which waits for it.
    pub(super) in_sandbox: bool,
    /// Time that it may still run.
    pub(super) left: Mutex<Duration>,
    pub(super) excess: OnceLock<Excess>,
}

pub(super) enum Kind {
    Namespace(Namespace),
    /// Where the kernel gives none: this variable in the environment of each.
    Mark(String),
}

impl Bounds {
    /// All processes that run now. They are below the first one or below an orphan; where the kernel
    /// keeps no lists of children, everybody's processes need a look.
    pub(super) fn processes(&self) -> Vec<i32> {
        let is_ours = |pid: &i32| match &self.kind {
            Kind::Namespace(namespace) => namespace.has(*pid),
            Kind::Mark(mark) => processes::belongs(*pid, self.group, mark),
        };
        let orphans = match &self.kind {
            Kind::Namespace(namespace) => namespace.orphans(),
            Kind::Mark(_) if !ORPHANS_COME_TO_US.load(Ordering::Relaxed) => None,
            Kind::Mark(_) => {
                processes::taken_in().map(|all| all.into_iter().filter(is_ours).collect())
            }
        };
        let mut found = match orphans {
            Some(orphans) => {
                orphans.into_iter().chain([self.group]).flat_map(processes::below).collect()
            }
            None => processes::all().filter(is_ours).collect::<Vec<_>>(),
        };
        found.sort_unstable();
        found.dedup();
        found.retain(|pid| !self.in_sandbox || *pid != self.group);
        found
    }

    /// Ends every process at once. The first one of the group must not have been waited for yet.
    pub(super) fn kill(&self) {
        let _ = killpg(Pid::from_raw(self.group), Signal::SIGKILL); // most often nobody is left
        match &self.kind {
            Kind::Namespace(namespace) => namespace.kill(),
            Kind::Mark(mark) => end_marked(mark),
        }
    }

    /// Counts this much time more, and ends the program if that, or anything else, is too much.
    pub(super) fn look(&self, time: Duration) {
        let left = {
            let mut left = lock(&self.left);
            *left = left.saturating_sub(time);
            *left
        };
        let time = left.is_zero().then_some(Excess::Time);
        let Some(excess) = time.or_else(|| self.budget.exceeded(&self.processes())) else { return };
        // Whoever is not there any more has been waited for.
        let live = lock(&LIVE);
        if live.contains_key(&self.group) {
            self.excess.get_or_init(|| excess);
            self.kill();
        }
    }
}

/// The looks at what the programs use, so far.
static LOOKS: AtomicU32 = AtomicU32::new(0);

/// Looks after the limits of all running programs, from the first one on.
pub(super) fn watch() {
    static WATCH: Once = Once::new();
    let looks = || loop {
        // Time is counted in looks: who could not look has not seen that a program took long.
        thread::sleep(LOOK);
        let live: Vec<Arc<Bounds>> = lock(&LIVE).values().map(Arc::clone).collect();
        live.iter().for_each(|bounds| bounds.look(LOOK));
        LOOKS.fetch_add(1, Ordering::Relaxed);
    };
    WATCH.call_once(|| {
        thread::spawn(looks);
    });
}

/// The time between two looks.
pub const LOOK: Duration = Duration::from_millis(100);

/// How long the programs have been looked after: the time that counts for them, and so for whoever waits
/// for what they do.
pub fn looked_after() -> Duration {
    watch();
    LOOK * LOOKS.load(Ordering::Relaxed)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner) // a check that panicked left it whole
}

/// Ends every running program, and lets none be started any more.
pub fn end_all() -> usize {
    let live = lock(&LIVE);
    live.values().for_each(|bounds| bounds.kill());
    let count = live.len();
    std::mem::forget(live); // locked for ever
    end_orphans();
    count
}

/// Goes on if nothing is being ended; else never. For who sees that a child of his has been killed,
/// and would say so before this process has ended, too.
pub fn go_on_unless_interrupted() {
    drop(lock(&LIVE));
}

/// Ends whoever left a program's group for one of his own: he still carries the mark.
pub(super) fn end_marked(mark: &str) {
    // One that is ended may have started another in the meantime.
    loop {
        let left = processes::marked(mark);
        if left.is_empty() {
            return;
        }
        left.into_iter().for_each(processes::end);
        thread::yield_now();
    }
}

static ORPHANS_COME_TO_US: AtomicBool = AtomicBool::new(false);

/// Takes in the processes whose parents end, so that `end_orphans` finds them.
pub fn adopt_orphans() {
    // An old kernel: the mark has to do.
    let adopts = nix::sys::prctl::set_child_subreaper(true).is_ok();
    ORPHANS_COME_TO_US.store(adopts, Ordering::Relaxed);
}

/// Ends what is left when no program is being checked any more: a process that has cleared its
/// environment and left its group. To be called when nothing else of ours runs.
pub fn end_orphans() {
    loop {
        let left = processes::children(process::id());
        if left.is_empty() {
            return;
        }
        for pid in left {
            processes::end(pid);
            // Not waited for: the first process of a namespace ends after all others in it. Somebody
            // else may have waited for it, too.
            let _ = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
        }
        thread::yield_now();
    }
}
