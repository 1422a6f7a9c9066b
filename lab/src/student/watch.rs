//! `lab watch`: checks a program whenever it is saved, and shows one screen: where the student is, the
//! first thing that is wrong, and what comes next. Files are looked at four times a second, which works
//! on every mount; a check under way is given up when the file changes again.

use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use std::{env, fs, thread};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use nix::unistd::Pid;

use crate::error::Error;
use crate::labs::Lab;
use crate::text::say::{paint, say};
use crate::text::style::{FAINT, STRONG};
use crate::tree::memory::Memory;
use crate::tree::{self, Set, Tree};

const LOOK: Duration = Duration::from_millis(250);
const KEYS: &str = "h hint · n next · p previous · l board · w wire · r reset · d diff · q quit";

/// Watches the programs, beginning with the first that is not done.
pub fn watch(tree: &Tree, labs: &[&'static Lab]) -> Result<(), Error> {
    let fault = |error: io::Error| Error::Fault(format!("cannot watch: {error}"));
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let raw = if terminal { Some(Raw::enter().map_err(fault)?) } else { None };
    let mut watch = Watch::new(tree, labs, terminal);
    loop {
        if raw.as_ref().is_some_and(Raw::again) {
            watch.draw("").map_err(fault)?;
        }
        let turn = watch.turn().map_err(fault)?;
        if turn == Turn::Quit {
            watch.give_up();
            return Ok(());
        }
    }
}

/// Keys come one by one, and are not shown; Ctrl-C and Ctrl-Z do what they always do. Dropping it gives the
/// terminal back as it was.
struct Raw(Termios);

impl Raw {
    fn enter() -> io::Result<Raw> {
        let before = tcgetattr(io::stdin())?;
        *SAVED.lock().unwrap_or_else(PoisonError::into_inner) = Some(before.clone());
        let raw = Raw(before);
        raw.again();
        Ok(raw)
    }

    /// Takes the terminal, where it is not ours, as after Ctrl-Z and `fg`; says whether it was not.
    fn again(&self) -> bool {
        let keys = LocalFlags::ICANON | LocalFlags::ECHO;
        let Ok(mut now) = tcgetattr(io::stdin()) else { return false };
        let taken = !now.local_flags.intersects(keys);
        now.local_flags.remove(keys);
        !taken && tcsetattr(io::stdin(), SetArg::TCSANOW, &now).is_ok()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &self.0); // it may be gone
    }
}

/// How the terminal was, for who ends the whole process.
static SAVED: Mutex<Option<Termios>> = Mutex::new(None);

/// Gives the terminal back, where it was taken. For Ctrl-C.
pub fn give_back_the_terminal() {
    let saved = SAVED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = saved.as_ref() {
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, before); // it may be gone
    }
}

#[derive(PartialEq, Eq)]
enum Turn {
    GoOn,
    Quit,
}

/// A check under way, in a process of its own, and where what it says will come.
struct Running {
    child: Child,
    said: Receiver<String>,
}

struct Watch<'a> {
    tree: &'a Tree,
    labs: &'a [&'static Lab],
    index: usize,
    terminal: bool,
    /// When the file was saved, as it was last seen.
    saved: Option<SystemTime>,
    running: Option<Running>,
    /// What the last check said.
    shown: String,
    /// A reset was asked for, and has to be confirmed.
    asked: bool,
}

impl<'a> Watch<'a> {
    fn new(tree: &'a Tree, labs: &'a [&'static Lab], terminal: bool) -> Watch<'a> {
        let mut watch = Watch {
            tree,
            labs,
            index: 0,
            terminal,
            saved: None,
            running: None,
            shown: String::new(),
            asked: false,
        };
        watch.index = labs.iter().position(|lab| !watch.is_done(lab)).unwrap_or(0);
        watch
    }

    fn lab(&self) -> &'static Lab {
        self.labs[self.index]
    }

    fn is_done(&self, lab: &Lab) -> bool {
        let text = self.tree.read_any(&tree::product(Set::Skeletons, lab.name)).unwrap_or_default();
        Memory::load(self.tree).recall(lab.name, &text).is_some_and(|had| had.all_passed())
    }

    /// Looks once at the file, the check and the keys.
    fn turn(&mut self) -> io::Result<Turn> {
        let file = self.tree.path(&tree::product(Set::Skeletons, self.lab().name));
        let saved = fs::metadata(file).and_then(|file| file.modified()).ok();
        if saved != self.saved {
            self.saved = saved;
            self.start()?;
        }
        let said = self.running.as_ref().and_then(|check| check.said.try_recv().ok());
        if let Some(said) = said {
            self.give_up();
            self.shown = said;
            self.draw("")?;
        }
        self.key()
    }

    /// Starts the check anew.
    fn start(&mut self) -> io::Result<()> {
        self.give_up();
        let mut child = self.tool(&["check", self.lab().name]).spawn()?;
        let mut pipe = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
        let (sender, said) = channel();
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = pipe.read_to_end(&mut text); // what came before an error is shown
            let _ = sender.send(String::from_utf8_lossy(&text).into_owned()); // nobody may wait
        });
        self.running = Some(Running { child, said });
        match self.terminal {
            true => self.draw("checking …"),
            false => Ok(()),
        }
    }

    /// Ends a check that nobody needs any more, and all that it has started.
    fn give_up(&mut self) {
        if let Some(Running { mut child, .. }) = self.running.take() {
            let _ = kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT); // it may have ended
            let _ = child.wait(); // see above
        }
    }

    /// This tool, as wide as the terminal and as colourful.
    fn tool(&self, arguments: &[&str]) -> Command {
        let mut tool = Command::new(env::current_exe().unwrap_or_else(|_| "lab".into()));
        tool.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        tool.env("COLUMNS", size().1.to_string()).env("MAKELEVEL", "1");
        if self.terminal && env::var_os("NO_COLOR").is_none() {
            tool.env("CLICOLOR_FORCE", "1");
        }
        tool
    }

    /// Waits for a key for as long as a look takes, and does what it asks for.
    fn key(&mut self) -> io::Result<Turn> {
        let stdin = io::stdin();
        let mut ready = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(LOOK).unwrap_or(PollTimeout::ZERO);
        if !self.terminal {
            thread::sleep(LOOK);
            return Ok(Turn::GoOn);
        }
        if !matches!(poll(&mut ready, timeout), Ok(1..)) {
            return Ok(Turn::GoOn);
        }
        let mut key = [0];
        if stdin.lock().read(&mut key)? == 0 {
            return Ok(Turn::Quit);
        }
        let asked = std::mem::take(&mut self.asked);
        let name = self.lab().name;
        match key[0] {
            b'q' => return Ok(Turn::Quit),
            b'y' if asked => self.tell(&["reset", name])?,
            b'h' => self.tell(&["hint", name])?,
            b'l' => self.tell(&["list"])?,
            b'w' => self.tell(&["check", name, "--wire"])?,
            b'd' if self.is_done(self.lab()) || self.tree.is_kit() => self.tell(&["diff", name])?,
            b'd' => self.draw("The diff with the solution is shown when all checks pass.")?,
            b'r' => {
                self.asked = true;
                self.draw(
                    "Reset this program? Your file is kept. y resets, any other key does not.",
                )?;
            }
            b'n' => self.go(1)?,
            b'p' => self.go(self.labs.len() - 1)?,
            _ => self.draw("")?,
        }
        Ok(Turn::GoOn)
    }

    fn go(&mut self, steps: usize) -> io::Result<()> {
        self.index = (self.index + steps) % self.labs.len();
        self.saved = None;
        self.shown.clear();
        self.draw("")
    }

    /// Shows what another command says, until a key is pressed or the file is saved.
    fn tell(&mut self, arguments: &[&str]) -> io::Result<()> {
        let output = self.tool(arguments).stderr(Stdio::piped()).output()?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        paint(&screen(&self.head(), &said, "any key goes back", size()))
    }

    fn head(&self) -> String {
        let done = self.labs.iter().filter(|lab| self.is_done(lab)).count();
        let (lab, all) = (self.lab().name, self.labs.len());
        format!("{STRONG}{lab}{STRONG:#}  {done} of {all} programs are done")
    }

    /// Draws the screen; without a terminal, prints what was said.
    fn draw(&self, note: &str) -> io::Result<()> {
        if !self.terminal {
            say(&self.shown);
            return Ok(());
        }
        let note = if note.is_empty() { KEYS } else { note };
        paint(&screen(&self.head(), &self.shown, note, size()))
    }
}

/// The lines of one screen: the head, what was said, and the note last. Where it does not fit, the middle
/// of what was said is left out: it begins with the failure and ends with the verdict.
fn screen(head: &str, said: &str, note: &str, (rows, columns): (usize, usize)) -> String {
    // The head, two rules, the note, and the line in which the cursor waits.
    let room = rows.saturating_sub(5 + note.chars().count() / columns.max(1)).max(4);
    let lines: Vec<&str> = said.trim_end().lines().collect();
    let rule = format!("{FAINT}{}{FAINT:#}", "─".repeat(columns));
    let mut text = format!("{head}\n{rule}\n");
    // A line that is wider than the terminal, as after it was made smaller, takes several rows.
    let rows_of = |line: &str| {
        let plain = anstream::adapter::strip_str(line).to_string();
        plain.chars().count().div_ceil(columns.max(1)).max(1)
    };
    let fitting = |lines: &mut dyn Iterator<Item = &str>, room: usize| {
        let mut taken = 0;
        let fits = |line: &&str| {
            taken += rows_of(line);
            taken <= room
        };
        lines.take_while(fits).count()
    };
    if fitting(&mut lines.iter().copied(), room) == lines.len() {
        text.push_str(&lines.join("\n"));
    } else {
        let end = fitting(&mut lines.iter().rev().copied(), room / 2);
        let begin = fitting(&mut lines.iter().copied(), room - room / 2 - 1);
        let left_out = lines.len() - begin - end;
        text.push_str(&lines[..begin].join("\n"));
        text.push_str(&format!("\n{FAINT}… {left_out} lines left out{FAINT:#}\n"));
        text.push_str(&lines[lines.len() - end..].join("\n"));
    }
    format!("{text}\n{rule}\n{FAINT}{note}{FAINT:#}")
}

/// Rows and columns of the terminal.
fn size() -> (usize, usize) {
    let said = Command::new("stty").arg("size").stdin(Stdio::inherit()).output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let said = said.unwrap_or_default();
    let mut numbers = said.split_whitespace().filter_map(|word| word.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(rows @ 1..), Some(columns @ 1..)) => (rows, columns),
        _ => (24, 80),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_never_higher_than_the_terminal_and_ends_with_the_verdict() {
        let said: String = (0..60).map(|n| format!("line {n}\n")).collect();
        for (rows, columns) in [(24, 80), (20, 60), (10, 40)] {
            let drawn = screen("head", &said, KEYS, (rows, columns));
            let heights = drawn.lines().map(|line| {
                let plain = anstream::adapter::strip_str(line).to_string();
                plain.chars().count().div_ceil(columns).max(1)
            });
            assert!(heights.sum::<usize>() < rows, "{rows}x{columns}:\n{drawn}");
            assert!(drawn.contains("line 0") && drawn.contains("line 59"), "{drawn}");
            assert!(drawn.contains("lines left out"), "{drawn}");
        }
        assert!(!screen("head", "one\n", KEYS, (24, 80)).contains("left out"));
    }
}
