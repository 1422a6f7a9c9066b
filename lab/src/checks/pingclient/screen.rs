//! What a client's screen says of its pings, in whatever words.

use std::collections::BTreeSet;

use crate::text::bytes::quote_line;
use crate::text::times::{self, Named};
use crate::trial::{Failure, Verdict};

use super::server::{PINGS, Ping, Run, pong};

/// What a line says besides its numbers: lines of one kind are the same in this.
fn kind(line: &str) -> String {
    line.chars().filter(|c| !c.is_ascii_digit()).collect::<String>().trim().to_owned()
}

fn is_answered(ping: &&Ping) -> bool {
    ping.answered.is_some()
}

impl Run {
    /// The text of the right answer to a ping that has come.
    fn answer(&self, number: usize) -> Option<String> {
        let pong = String::from_utf8_lossy(&pong(self.pings.get(number - 1)?)).into_owned();
        Some(pong.trim().to_owned()).filter(|pong| !pong.is_empty())
    }

    /// Where the answer to a ping stands on the screen.
    fn shows(&self, number: usize) -> Vec<usize> {
        let Some(answer) = self.answer(number) else { return Vec::new() };
        let lines = self.lines.iter().enumerate();
        // PING 1 is no part of PING 10.
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit());
        let has = |line: &str| line.split(answer.as_str()).skip(1).any(ends);
        let shown: Vec<usize> =
            lines.filter(|(_, line)| has(line)).map(|(index, _)| index).collect();
        // Of pings that are all the same, the answers stand there one after the other.
        let same = |other: &&Ping| Some(other.datagram.as_slice()) == self.datagram(number);
        let before = self.pings.iter().take(number - 1).filter(same).filter(is_answered).count();
        match self.pings.iter().filter(same).filter(is_answered).count() {
            ..=1 => shown,
            _ if !self.pings.get(number - 1).is_some_and(|ping| is_answered(&ping)) => Vec::new(),
            count => {
                let each = (shown.len() / count).max(1);
                shown.chunks(each).nth(before).unwrap_or_default().to_vec()
            }
        }
    }

    fn datagram(&self, number: usize) -> Option<&[u8]> {
        Some(&self.pings.get(number - 1)?.datagram)
    }

    /// The lines between the answer before a ping's and the one behind it.
    fn about(&self, number: usize) -> &[String] {
        let before = (1..number).rev().find_map(|number| self.shows(number).last().copied());
        let after = (number + 1..=PINGS).find_map(|number| self.shows(number).first().copied());
        let from = before.map_or(0, |index| index + 1);
        let to = after.unwrap_or(self.lines.len());
        self.lines.get(from..to.max(from)).unwrap_or_default()
    }

    /// Demands that the answers to all pings but some are on the screen, once each, and no others.
    pub(super) fn must_receive_all_but(&self, lost: &[usize]) -> Verdict {
        self.must_receive(PINGS, lost)
    }

    /// The same of the pings that have come: whether there are ten is another check's business.
    pub(super) fn must_receive_what_was_sent(&self) -> Verdict {
        self.must_receive(self.pings.len().clamp(1, PINGS), &[])
    }

    fn must_receive(&self, count: usize, lost: &[usize]) -> Verdict {
        let usual = self.shows((1..).find(|number| !lost.contains(number)).unwrap_or(1)).len();
        for number in 1..=count {
            let lines = self.shows(number);
            let wanted = if lost.contains(&number) { 0 } else { usual.max(1) };
            let answer = self.answer(number).unwrap_or_else(|| format!("PING {number} ..."));
            let rest = lines.first().and_then(|index| self.lines.get(*index)?.split_once(&answer));
            if rest.is_some_and(|(_, rest)| rest.starts_with('\0')) {
                return Err(self
                    .failure(format!("the answer to ping {number}, {answer:?}"))
                    .received("the same and the NUL bytes behind it in the buffer")
                    .cause("print as many bytes as have come, not all of the buffer")
                    .into());
            }
            if lines.len() != wanted {
                return Err(self.wrongly_shown(number, &answer, lines.len(), wanted).into());
            }
        }
        Ok(())
    }

    fn wrongly_shown(&self, number: usize, answer: &str, seen: usize, wanted: usize) -> Failure {
        if wanted == 0 {
            let failure = self.failure(format!("no answer to ping {number} on the screen"));
            return failure
                .received(format!("{answer:?}, which is not the answer to another ping"));
        }
        if seen > wanted {
            let failure = self.failure(format!("the answer to ping {number} once"));
            return failure.received(format!("{answer:?} {seen} times"));
        }
        let failure = self.failure(format!("the answer to ping {number}, {answer:?}"));
        let near = self.about(number).iter().find(|line| !line.trim().is_empty());
        let failure = match near {
            Some(line) => failure.received(format!("not that; the line {}", quote_line(line))),
            None => failure.received("no such line"),
        };
        failure.lines(self.said.iter().skip(1).cloned()).lines(self.ended.clone())
    }

    /// The durations that are printed about a ping, with their lines: first those at its answer and
    /// behind it.
    pub(super) fn durations(&self, number: usize) -> Vec<(Named, String)> {
        let texts = [self.answer(number), self.sent(number), self.sent(number + 1)];
        let bare = |line: &String| {
            let line = line.replace('\0', "");
            texts.iter().flatten().fold(line, |line, text| line.replace(text, ""))
        };
        let lines = self.about(number);
        let answer =
            lines.iter().position(|line| texts[0].as_ref().is_some_and(|it| line.contains(it)));
        let (before, behind) = lines.split_at(answer.unwrap_or(0));
        let found = behind.iter().chain(before).flat_map(|line| {
            times::named(&bare(line)).into_iter().map(move |named| (named, line.clone()))
        });
        found.collect()
    }

    /// The text of a ping that has come.
    fn sent(&self, number: usize) -> Option<String> {
        let ping = self.pings.get(number - 1)?;
        let text = String::from_utf8_lossy(&ping.datagram).trim().to_owned();
        Some(text).filter(|text| !text.is_empty())
    }

    /// The lines behind the last answer.
    pub(super) fn behind_the_answers(&self) -> &[String] {
        let last = (1..=PINGS).rev().find_map(|number| self.shows(number).last().copied());
        self.lines.get(last.map_or(0, |index| index + 1)..).unwrap_or_default()
    }

    /// The kinds of lines that are printed about a ping.
    fn kinds(&self, number: usize) -> BTreeSet<String> {
        let texts = [self.answer(number), self.sent(number), self.sent(number + 1)];
        let lines = self.about(number).iter();
        let lines = lines.filter(|line| !texts.iter().flatten().any(|text| line.contains(text)));
        lines.map(|line| kind(line)).filter(|kind| !kind.is_empty()).collect()
    }

    /// Demands that something is said about each of these pings that is not said about the others.
    pub(super) fn must_lose(&self, lost: &[usize]) -> Verdict {
        let near = |number: &usize| lost.iter().any(|lost| lost.abs_diff(*number) < 2);
        let others: BTreeSet<String> = (1..=PINGS)
            .filter(|number| !near(number))
            .flat_map(|number| self.kinds(number))
            .collect();
        let mut said: Vec<BTreeSet<String>> =
            lost.iter().map(|number| &self.kinds(*number) - &others).collect();
        let common = said.iter().cloned().reduce(|all, kinds| &all & &kinds).unwrap_or_default();
        if !common.is_empty() || self.is_said_on_stderr(lost.len()) {
            return Ok(());
        }
        let first = said.iter().position(BTreeSet::is_empty).unwrap_or(0);
        let number = lost.get(first).copied().unwrap_or_default();
        let failure = self.failure(format!("a line that says that ping {number} is lost"));
        said.retain(|kinds| !kinds.is_empty());
        let near = self.about(number).iter().find(|line| !line.trim().is_empty());
        Err(match near {
            Some(line) => failure.received(format!("no such line; there is {}", quote_line(line))),
            None => failure.received("no such line"),
        }
        .lines(self.said.iter().skip(1).cloned())
        .lines(self.ended.clone())
        .into())
    }

    /// Demands that something is said of every ping that a run in which none was lost did not say.
    pub(super) fn must_lose_all(&self, quiet: &Run) -> Verdict {
        let usual: BTreeSet<String> = quiet.lines.iter().map(|line| kind(line)).collect();
        let said = self.lines.iter().chain(&self.stderr).map(|line| kind(line));
        let said: Vec<String> = said.filter(|it| !it.is_empty() && !usual.contains(it)).collect();
        let times = |kind: &String| said.iter().filter(|other| other == &kind).count();
        let most = said.iter().map(times).max().unwrap_or(0);
        let all = quiet.pings.len().clamp(2, PINGS);
        if most >= all {
            return Ok(());
        }
        let failure = self.failure(format!("{all} lines that say that a ping is lost"));
        let failure = failure.received(match most {
            0 => "no such line".to_owned(),
            1 => "one such line".to_owned(),
            more => format!("{more} such lines"),
        });
        Err(failure.lines(self.said.iter().skip(1).cloned()).lines(self.ended.clone()).into())
    }

    /// Whether one kind of line stands on stderr so many times.
    fn is_said_on_stderr(&self, count: usize) -> bool {
        let kinds: Vec<String> = self.stderr.iter().map(|line| kind(line)).collect();
        let times = |kind: &String| kinds.iter().filter(|other| other == &kind).count();
        kinds.iter().any(|kind| !kind.is_empty() && times(kind) == count)
    }
}
