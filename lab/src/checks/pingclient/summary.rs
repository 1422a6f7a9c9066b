//! The summary at the end, as ping has one.

use std::time::Duration;

use crate::text::bytes::quote_line;
use crate::trial::{Failure, Stop, Trial, Verdict};

use super::server::{
    LOST_WORDS, PINGS, PingServer, RECEIVING_WORDS, RTT_WORDS, Run, SENDING_WORDS, any, judged,
    seconds,
};

/// The numbers in a text, in their order.
fn numbers(text: &str) -> Vec<f64> {
    let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    words.filter_map(|word| word.parse().ok()).collect()
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
        let rtts: Vec<f64> = run.lines_of(RTT_WORDS).filter_map(|line| seconds(line)).collect();
        if rtts.len() != PINGS - silent.len() {
            return Ok(()); // another check tells of it
        }
        must_sum_up(run, &rtts)
    })
}

/// What stands behind the lines of the pings: the counts, and then the smallest, the mean and the
/// largest time.
fn must_sum_up(run: &Run, rtts: &[f64]) -> Verdict {
    const COUNTS: &str = "10 packets transmitted, 8 received, 20% packet loss";
    let is_a_ping_s = |line: &&String| {
        let words = [SENDING_WORDS, RECEIVING_WORDS, RTT_WORDS, LOST_WORDS];
        words.iter().any(|words| line.starts_with(words))
    };
    let rest: Vec<&String> = run.lines.iter().skip_while(|line| is_a_ping_s(line)).collect();
    let Some(line) = rest.iter().find(|line| line.starts_with(COUNTS)) else {
        let failure = run.failure(format!("a line {COUNTS:?} behind the pings"));
        let about = rest.iter().find(|line| line.contains("loss")).or(rest.last());
        return Err(shows(failure, about.copied()));
    };
    let behind = rest.iter().skip_while(|other| other != &line);
    let milliseconds = [
        rtts.iter().copied().fold(f64::INFINITY, f64::min),
        rtts.iter().sum::<f64>() / rtts.len() as f64,
        rtts.iter().copied().fold(0.0, f64::max),
    ]
    .map(|seconds| seconds * 1000.0);
    if behind.clone().any(|line| fits(line, milliseconds)) {
        return Ok(());
    }
    let [min, average, max] = milliseconds;
    let wanted = format!("rtt min/avg/max = {min:.6}/{average:.6}/{max:.6} ms");
    let failure = run.failure(format!("a line like {wanted:?} behind it"));
    Err(shows(failure, behind.skip(1).last().copied()))
}

fn fits(line: &str, milliseconds: [f64; 3]) -> bool {
    // More digits than these were not printed with the RTTs, perhaps.
    const ROUNDING: f64 = 0.01;
    let near = |(printed, right): (f64, f64)| (printed - right).abs() <= ROUNDING;
    let printed = numbers(line.split_once('=').map_or("", |(_, values)| values));
    printed.len() >= 3 && printed.into_iter().zip(milliseconds).all(near)
}

fn shows(failure: Failure, line: Option<&String>) -> Stop {
    match line {
        Some(line) => failure.received(format!("the line {}", quote_line(line))),
        None => failure.received("no more lines"),
    }
    .into()
}
