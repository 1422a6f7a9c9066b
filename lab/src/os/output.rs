//! What a program prints: on a pipe, or on a terminal of its own.

use std::io;
use std::os::fd::{AsFd, FromRawFd, IntoRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::stat::Mode;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

/// Output is kept up to this, from its beginning and from its end; the rest is counted.
const KEPT: usize = 64 * 1024;

/// Where a program's standard output goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    #[default]
    Pipe,
    /// A C program sends each line to a terminal at once, and keeps it back from a pipe. Nothing is
    /// translated on the way.
    Terminal,
}

impl Screen {
    /// Both ends: the one that is read here, and the program's.
    pub fn open(self) -> io::Result<(OwnedFd, OwnedFd)> {
        match self {
            Screen::Terminal => terminal().or_else(|_| pipe()), // a container without /dev/pts
            Screen::Pipe => pipe(),
        }
    }
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) = io::pipe()?;
    Ok((ours.into(), theirs.into()))
}

fn terminal() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let ours = posix_openpt(flags)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let theirs = open(ptsname_r(&ours)?.as_str(), flags, Mode::empty())?;
    let mut settings = tcgetattr(&theirs)?;
    cfmakeraw(&mut settings);
    tcsetattr(&theirs, SetArg::TCSANOW, &settings)?;
    // SAFETY: it is an open descriptor that nobody else closes.
    let ours = unsafe { OwnedFd::from_raw_fd(ours.into_raw_fd()) };
    Ok((ours, theirs))
}

/// What a program prints on one of its outputs, read as it comes.
pub struct Output {
    pipe: OwnedFd,
    heard: Mutex<Heard>,
    closed: AtomicBool,
}

#[derive(Default)]
struct Heard {
    begin: Vec<u8>,
    /// What came after `begin` was full; the newest part of it.
    end: Vec<u8>,
    total: u64,
    finished: bool,
}

impl Output {
    pub fn of(pipe: OwnedFd) -> Arc<Output> {
        let heard = Mutex::new(Heard::default());
        Arc::new(Output { pipe, heard, closed: AtomicBool::new(false) })
    }

    /// Reads what comes from now on, until `close`.
    pub fn listen(self: &Arc<Output>) -> io::Result<()> {
        fcntl(&self.pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let reader = Arc::clone(self);
        let read = move || {
            let patience = PollTimeout::try_from(50).expect("it is small");
            while !reader.closed.load(Ordering::Relaxed) {
                let mut ready = [PollFd::new(reader.pipe.as_fd(), PollFlags::POLLIN)];
                let _ = poll(&mut ready, patience); // an interrupted wait is just a short one
                if reader.catch_up() {
                    break;
                }
            }
        };
        thread::Builder::new().spawn(read)?;
        Ok(())
    }

    /// Reads what is there, and stops listening.
    pub fn close(&self) {
        self.catch_up();
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Takes in what has been written up to now, and says whether that was the last of it. Read
    /// and kept under one lock: what a program wrote before it closed a socket is here as soon as
    /// somebody who saw that calls this.
    pub fn catch_up(&self) -> bool {
        let mut heard = self.heard();
        let mut piece = [0; KEPT];
        for _ in 0..64 {
            match nix::unistd::read(&self.pipe, &mut piece) {
                Ok(0) => heard.finished = true,
                Ok(length) => {
                    heard.take(piece.get(..length).unwrap_or(&piece));
                    continue;
                }
                // A terminal that no program has open any more.
                Err(Errno::EIO) => heard.finished = true,
                Err(_) => {} // nothing more for now
            }
            break;
        }
        heard.finished
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner) // a panic left it whole
    }

    /// The bytes printed up to now; of a very long text its beginning and its end.
    pub fn bytes(&self) -> Vec<u8> {
        self.catch_up();
        let heard = self.heard();
        [heard.begin.as_slice(), heard.end.as_slice()].concat()
    }

    /// Leaves out what was printed up to now from what is shown later.
    pub fn forget(&self) {
        self.catch_up();
        let mut heard = self.heard();
        heard.begin.clear();
        heard.end.clear();
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// How many bytes were printed up to now.
    pub fn total(&self) -> u64 {
        self.catch_up();
        self.heard().total
    }
}

impl Heard {
    fn take(&mut self, piece: &[u8]) {
        self.total += piece.len() as u64;
        let room = KEPT - self.begin.len();
        let (first, rest) = piece.split_at(room.min(piece.len()));
        self.begin.extend_from_slice(first);
        self.end.extend_from_slice(rest);
        let surplus = self.end.len().saturating_sub(KEPT);
        self.end.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::Write;
    use std::process::{Command, Stdio};

    /// What a shell's script prints.
    fn printed(screen: Screen, script: &str) -> String {
        let (ours, theirs) = screen.open().unwrap();
        let output = Output::of(ours);
        output.listen().unwrap();
        let status =
            Command::new("sh").args(["-c", script]).stdout(Stdio::from(theirs)).status().unwrap();
        assert!(status.success());
        while !output.catch_up() {
            thread::yield_now();
        }
        output.text()
    }

    #[test]
    fn a_program_finds_a_terminal_where_it_is_to_have_one() {
        let script = "if test -t 1; then echo terminal; else echo none; fi";
        assert_eq!(printed(Screen::Terminal, script), "terminal\n");
        assert_eq!(printed(Screen::Pipe, script), "none\n");
    }

    #[test]
    fn what_was_written_is_there_at_once() {
        for screen in [Screen::Pipe, Screen::Terminal] {
            let (ours, theirs) = screen.open().unwrap();
            let output = Output::of(ours);
            output.listen().unwrap();
            let mut theirs = File::from(theirs);
            for count in 1..=2000 {
                theirs.write_all(b"A line of some length.\n").unwrap();
                assert_eq!(output.total(), count * 23, "{screen:?}");
            }
        }
    }
}
