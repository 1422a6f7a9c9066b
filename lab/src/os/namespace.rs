//! A PID namespace for a program under check: nothing it starts can leave it, and all in it ends with
//! its first process. That one is a copy of the tool that does nothing but wait for the tool's end.

use std::io::{self, PipeReader, PipeWriter, Read};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
use nix::unistd::{ForkResult, Pid, fork};

use crate::os::processes;
use crate::os::view::View;

static AVAILABLE: AtomicBool = AtomicBool::new(false);

/// Whether programs are started in namespaces: `prepare` in `network` has tried.
pub fn available() -> bool {
    AVAILABLE.load(Ordering::Relaxed)
}

pub fn use_from_now_on() {
    AVAILABLE.store(true, Ordering::Relaxed);
    keep_memory_small();
}

/// Each namespace begins with a copy of the tool, and as long as it is there, whoever writes to a page of
/// memory gets a copy of that, too. By itself glibc keeps what is free in 8 heaps for each processor.
fn keep_memory_small() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it sets a number, before there are threads.
    unsafe {
        const HEAPS: libc::c_int = 2;
        libc::mallopt(libc::M_ARENA_MAX, HEAPS);
    }
}

/// A PID namespace by its first process. Dropping it ends every process in it.
pub struct Namespace {
    first: Pid,
    /// It ends when the other end of this pipe is gone, as after `kill -9` of the tool.
    alive: Option<PipeWriter>,
}

impl Namespace {
    /// Makes one for all that the calling thread starts from now on. A thread can do this once, and
    /// can start no other thread afterwards.
    pub fn enter(view: Option<&View>) -> io::Result<Namespace> {
        unshare(CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS)?;
        // What is mounted here must not appear outside.
        let nothing: Option<&str> = None;
        mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_SLAVE, nothing)?;
        if let Some(view) = view {
            view.apply()?;
        }
        let (wait_for_end, alive) = io::pipe()?;
        let (mut is_ready, ready) = io::pipe()?;
        let number = number().to_string();
        // SAFETY: the child makes system calls, and neither allocates nor takes a lock.
        let first = match unsafe { fork() }? {
            ForkResult::Child => be_the_first(&wait_for_end, &ready, &number),
            ForkResult::Parent { child } => child,
        };
        let namespace = Namespace { first, alive: Some(alive) };
        drop(ready);
        is_ready.read_exact(&mut [0])?;
        Ok(namespace)
    }

    /// The processes whose parents have ended: the first process takes them in. `None` where the
    /// kernel keeps no lists of children.
    pub fn orphans(&self) -> Option<Vec<i32>> {
        processes::children_of_first_thread(self.first.as_raw())
    }

    /// Whether a process is in it.
    pub fn has(&self, pid: i32) -> bool {
        pid != self.first.as_raw()
            && processes::namespace(pid)
                .is_some_and(|theirs| Some(theirs) == processes::namespace(self.first.as_raw()))
    }

    /// Sends KILL to every process in it.
    pub fn kill(&self) {
        let _ = kill(self.first, Signal::SIGKILL); // it may have ended by itself
    }

    /// Waits until every process in it has ended. The first one is the last; those that are children
    /// of the tool must have been waited for.
    pub fn wait(&self) {
        // An error means that it was waited for before.
        let _ = waitid(Id::Pid(self.first), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        self.alive.take();
        self.kill();
        let _ = waitpid(self.first, None); // somebody else may have waited for it
    }
}

/// The number that the next process of a namespace gets. Each has others, though it could begin with 2:
/// Java's machine keeps a file for each number in a directory that all share, and prints a warning on
/// standard output where another one has it.
fn number() -> u32 {
    const FIRST: u32 = 300; // where a system begins again, too
    const RANGE: u32 = 30_000; // below the smallest limit that systems have
    const STEP: u32 = 32;
    static BEGIN: OnceLock<u32> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let begin = BEGIN.get_or_init(|| fastrand::u32(..RANGE));
    let count = COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(STEP);
    FIRST + begin.wrapping_add(count) % RANGE
}

/// Waits for the end of the tool. Orphans are nobody's concern here: the kernel lets them go.
fn be_the_first(wait_for_end: &PipeReader, ready: &PipeWriter, number: &str) -> ! {
    let (wait_for_end, ready) = (wait_for_end.as_raw_fd(), ready.as_raw_fd());
    // SAFETY: system calls on numbers and on memory of this function.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::sigprocmask(libc::SIG_SETMASK, &all, std::ptr::null_mut());
        libc::signal(libc::SIGCHLD, libc::SIG_IGN);
        libc::setsid();
        // Its own /proc: the program sees itself and nobody else. A container may forbid that.
        libc::mount(
            c"proc".as_ptr(),
            c"/proc".as_ptr(),
            c"proc".as_ptr(),
            libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC,
            std::ptr::null(),
        );
        // Where it may not be said which number comes next, the next one comes.
        let next = libc::open(c"/proc/sys/kernel/ns_last_pid".as_ptr(), libc::O_WRONLY);
        libc::write(next, number.as_ptr().cast(), number.len());
        libc::write(ready, c"".as_ptr().cast(), 1);
        close_all_but(wait_for_end);
        let mut byte = 0u8;
        while libc::read(wait_for_end, (&raw mut byte).cast(), 1) < 0
            && *libc::__errno_location() == libc::EINTR
        {}
        libc::_exit(0)
    }
}

/// What the tool has open, a program's ends of its pipes among them, must not stay open here.
unsafe fn close_all_but(descriptor: RawFd) {
    let descriptor = descriptor as libc::c_uint;
    let close = |first: libc::c_uint, last: libc::c_uint| unsafe {
        libc::syscall(libc::SYS_close_range, first, last, 0)
    };
    let below = if descriptor > 0 { close(0, descriptor - 1) } else { 0 };
    let above = close(descriptor + 1, libc::c_uint::MAX);
    if below < 0 || above < 0 {
        // A kernel older than 5.9.
        for other in (0..4096).filter(|other| *other != descriptor) {
            unsafe { libc::close(other as RawFd) };
        }
    }
}
