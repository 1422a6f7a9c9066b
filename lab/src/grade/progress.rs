//! How far the night is: one line that says what is done, what failed, what is left, and how long.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::text::say::warn;

static DONE: AtomicUsize = AtomicUsize::new(0);
static ALL: AtomicUsize = AtomicUsize::new(0);

pub struct Progress {
    bar: ProgressBar,
    begun: Instant,
    /// Submissions whose result was there already, which say nothing of the pace.
    kept: AtomicUsize,
    failed: AtomicUsize,
    said: Mutex<Instant>,
}

impl Progress {
    pub fn of(all: usize) -> Progress {
        ALL.store(all, Ordering::Relaxed);
        let style = ProgressStyle::with_template("{bar:20} {msg}");
        let bar = ProgressBar::new(all as u64);
        bar.set_style(style.expect("a template that indicatif knows"));
        let (kept, failed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Progress { bar, begun: Instant::now(), kept, failed, said: Mutex::new(Instant::now()) }
    }

    pub fn kept(&self) {
        self.kept.fetch_add(1, Ordering::Relaxed);
        self.count();
    }

    pub fn done(&self, passed: bool) {
        self.failed.fetch_add(usize::from(!passed), Ordering::Relaxed);
        self.count();
    }

    fn count(&self) {
        DONE.fetch_add(1, Ordering::Relaxed);
        self.bar.inc(1);
        self.say("");
    }

    /// Shows the line, with what is being done now.
    pub fn say(&self, now: &str) {
        const OFTEN: Duration = Duration::from_secs(30);
        let line = self.line(now);
        if stderr().is_terminal() {
            return self.bar.set_message(line);
        }
        let mut said = self.said.lock().expect("nobody panics while it is held");
        if said.elapsed() > OFTEN {
            *said = Instant::now();
            warn(&line);
        }
    }

    fn line(&self, now: &str) -> String {
        let (done, all) = (DONE.load(Ordering::Relaxed), ALL.load(Ordering::Relaxed));
        let failed = self.failed.load(Ordering::Relaxed);
        let fresh = done.saturating_sub(self.kept.load(Ordering::Relaxed));
        let left = all.saturating_sub(done);
        let time = match u32::try_from(fresh) {
            Ok(fresh @ 1..) if left > 0 => {
                let each = self.begun.elapsed() / fresh;
                let seconds = (each * u32::try_from(left).unwrap_or(u32::MAX)).as_secs();
                format!(", {} to go", duration(seconds))
            }
            _ => String::new(),
        };
        let now = if now.is_empty() { String::new() } else { format!("  {now}") };
        format!("{done} of {all} done, {failed} with failures, {left} left{time}{now}")
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// What is said when the night is interrupted, if one is under way.
pub fn interrupted() -> Option<String> {
    let (done, all) = (DONE.load(Ordering::Relaxed), ALL.load(Ordering::Relaxed));
    (all > 0).then(|| {
        format!(
            "{done} of {all} submissions have their results; the same command goes on from there"
        )
    })
}
