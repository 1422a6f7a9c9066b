//! The summary at the end, as ping has one.

use std::time::Duration;

use crate::text::bytes::quote_line;
use crate::trial::{Failure, Stop, Trial, Verdict};

use super::server::{PINGS, PingServer, Run, any, judged};
use super::{fits, times_of};

/// The numbers in a text, in their order.
fn numbers(text: &str) -> Vec<f64> {
    let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    words.filter_map(|word| word.trim_matches('.').parse().ok()).collect()
}

pub(super) fn summary(trial: &Trial) -> Verdict {
    let silent = [any(trial), PINGS];
    let did =
        format!("answered every ping but {} and {}, each a little later", silent[0], silent[1]);
    let answering = |server: &PingServer, number: usize| {
        if !silent.contains(&number) {
            server.sleep(Duration::from_millis(10 * number as u64));
            server.answer(number);
        }
    };
    judged(trial, &did, &answering, |run| {
        let mut rtts = Vec::new();
        for number in (1..PINGS).filter(|number| *number != silent[0]) {
            let (least, most) = times_of(run, number)?;
            let all = run.durations(number);
            let mut seconds = all.iter().flat_map(|(named, _)| named.seconds);
            let Some(rtt) = seconds.find(|it| fits(*it, least, most)) else {
                let failure =
                    run.failure(format!("a round trip of ping {number}, to be summed up"));
                return Err(failure.received("no line with it").into());
            };
            rtts.push(rtt);
        }
        must_sum_up(run, &rtts, trial.target.words_are_free())
    })
}

/// What stands behind the lines of the pings: the counts, and then the smallest, the mean and the
/// largest time.
fn must_sum_up(run: &Run, rtts: &[f64], free: bool) -> Verdict {
    const COUNTS: &str = "10 packets transmitted, 8 received, 20% packet loss";
    let rest = run.behind_the_answers();
    let all: Vec<f64> = rest.iter().flat_map(|line| numbers(line)).collect();
    let counted = match free {
        true => {
            all.contains(&10.0)
                && all.contains(&8.0)
                && [20.0, 2.0, 0.2].iter().any(|it| all.contains(it))
        }
        false => rest.iter().any(|line| line.starts_with(COUNTS)),
    };
    if !counted {
        let failure = run.failure(format!("a line {COUNTS:?} behind the pings"));
        let about = rest.iter().find(|line| line.contains("loss")).or(rest.last());
        return Err(shows(failure, about));
    }
    let times = [
        rtts.iter().copied().fold(f64::INFINITY, f64::min),
        rtts.iter().sum::<f64>() / rtts.len() as f64,
        rtts.iter().copied().fold(0.0, f64::max),
    ];
    let milliseconds = times.map(|seconds| seconds * 1000.0);
    let says = |times: [f64; 3], rounding: f64| {
        let near = |printed: f64, right: f64| (printed - right).abs() <= rounding;
        match free {
            // In any order, perhaps a line each.
            true => times.iter().all(|right| all.iter().any(|printed| near(*printed, *right))),
            false => rest.iter().any(|line| {
                let printed = numbers(line.split_once('=').map_or("", |(_, values)| values));
                printed.len() >= 3 && printed.iter().zip(times).all(|(it, right)| near(*it, right))
            }),
        }
    };
    // More digits than these were not printed with the RTTs, perhaps.
    let rounding = if free { 1.0 } else { 0.01 };
    if says(milliseconds, rounding) || (free && says(times, 0.001)) {
        return Ok(());
    }
    let [min, average, max] = milliseconds;
    let wanted = format!("rtt min/avg/max = {min:.6}/{average:.6}/{max:.6} ms");
    let failure = run.failure(format!("a line like {wanted:?} behind it"));
    Err(shows(failure, rest.last()))
}

fn shows(failure: Failure, line: Option<&String>) -> Stop {
    match line {
        Some(line) => failure.received(format!("the line {}", quote_line(line))),
        None => failure.received("no more lines"),
    }
    .into()
}
