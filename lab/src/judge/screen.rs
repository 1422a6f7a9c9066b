//! A report on one screen: the first thing that is wrong, whole, and the verdict last, where the eye is.

use std::fmt::Write;

use crate::judge::exchange;
use crate::judge::report::{CheckReport, Report, Status, Told};
use crate::text::style::{BAD, FAINT, GOOD, NEXT, STRONG, paragraph};

/// How many lines one failure has at most.
const FAILURE: usize = 20;
/// How many lines of the compiler's first words are shown, and of its help.
const SNIPPET: usize = 12;
const HELP: usize = 6;

/// Whether what went over the wire is drawn below a failure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    No,
    /// If it fits what one failure may have.
    IfThereIsRoom,
    Whole,
}

impl Report {
    /// What a student sees: with `full`, all that the compiler says; and what went over the wire.
    pub fn in_short(&self, width: usize, full: bool, wire: Wire) -> String {
        let mut text = format!("{STRONG}{}{STRONG:#}  {}\n", self.program, self.subject);
        if let Some(why) = &self.not_built {
            let (why, quoted) = why.split_once("\n\n").unwrap_or((why, ""));
            if !quoted.is_empty() {
                let quoted = if full { quoted.to_owned() } else { cut(quoted) };
                let _ = writeln!(text, "\n{quoted}\n"); // a String takes everything
            }
            text.push_str(&self.remarks(width));
            text.push_str(&paragraph(width, "", "", why));
            return text;
        }
        if let Some(fault) = &self.fault {
            let sign = format!("{NEXT}?{NEXT:#} ");
            text.push_str(&paragraph(width, &sign, "  ", &format!("could not check: {fault}")));
        }
        let failed = self.first_failure();
        if let Some(line) = failed {
            let told = line.in_short(width);
            let room = FAILURE.saturating_sub(told.lines().count() + 1);
            text.push_str(&told);
            text.push_str(&match wire {
                Wire::Whole => line.on_the_wire(width),
                Wire::IfThereIsRoom if room >= exchange::LEAST && !line.exchange.is_empty() => {
                    exchange::ladder(&line.exchange, width, room)
                }
                Wire::IfThereIsRoom | Wire::No => String::new(),
            });
        }
        text.push_str(&self.left_out(failed));
        text.push_str(&self.open(width));
        text.push_str(&match failed {
            // Where there is nothing to fill in, what was changed is the likely cause.
            Some(_) if self.gaps == 0 => self.remarks(width),
            Some(_) => self.broken_fences(width),
            None => self.advice(width) + &self.remarks(width),
        });
        let style = if self.all_passed() { GOOD } else { NEXT };
        let _ = writeln!(text, "{}  {style}{}{style:#}", self.strip(), self.score());
        if let Some(told) = failed.and_then(|line| line.failure.as_ref())
            && !told.gap.is_empty()
        {
            let next = format!("mend gap {}, then `make check LAB={}`", told.gap, self.program);
            text.push_str(&paragraph(width, &format!("{NEXT}next{NEXT:#}  "), "      ", &next));
        }
        text
    }

    /// The failure to begin with: one that costs points, where there is one.
    pub fn first_failure(&self) -> Option<&CheckReport> {
        let told = |line: &&CheckReport| line.failure.is_some() && !line.advice;
        self.checks.iter().find(told)
    }

    /// All checks that count as a row of marks, in their order.
    pub fn strip(&self) -> String {
        let marks = self.checks.iter().filter(|line| !line.advice).map(|line| match line.status {
            Status::Passed => format!("{GOOD}✓{GOOD:#}"),
            Status::Failed => format!("{BAD}✗{BAD:#}"),
            Status::NotReached => format!("{FAINT}·{FAINT:#}"),
            Status::CouldNotCheck => format!("{NEXT}?{NEXT:#}"),
        });
        marks.collect()
    }

    /// How many failures are not shown, and the command that shows them.
    fn left_out(&self, shown: Option<&CheckReport>) -> String {
        let Some(shown) = shown else { return String::new() };
        let others =
            self.checks.iter().filter(|line| !line.advice && line.status == Status::Failed);
        let others: Vec<&CheckReport> = others.filter(|line| line.name != shown.name).collect();
        let because =
            others.iter().filter(|line| line.because.as_ref() == Some(&shown.name)).count();
        let mut text = match because {
            0 => String::new(),
            1 => format!("  {FAINT}1 more check fails because of {}{FAINT:#}\n", shown.name),
            n => format!("  {FAINT}{n} more checks fail because of {}{FAINT:#}\n", shown.name),
        };
        let rest = others.len() - because;
        let (checks, them) =
            if rest == 1 { ("check fails", "it") } else { ("checks fail", "them") };
        if rest > 0 {
            let _ = writeln!(text, "  {FAINT}{rest} more {checks}: ALL=1 shows {them}{FAINT:#}");
        }
        text
    }

    fn advice(&self, width: usize) -> String {
        let told = |line: &&CheckReport| line.failure.is_some() && line.advice;
        self.checks.iter().filter(told).map(|line| line.in_short(width)).collect()
    }
}

impl CheckReport {
    /// The same, of at most so many lines.
    pub fn in_short(&self, width: usize) -> String {
        let whole = self.in_full(width);
        if whole.lines().count() <= FAILURE {
            return whole;
        }
        let Some(told) = &self.failure else { return whole };
        let rest = Told { received: Vec::new(), replay: first_line(&told.replay), ..told.clone() };
        let head = self.head(width);
        let around = head.lines().count() + rest.in_full(width).lines().count();
        let room = FAILURE.saturating_sub(around + 1).max(2);
        head + &Told { received: middle_left_out(&told.received, room), ..rest }.in_full(width)
    }
}

/// A command of several lines by its first, which stands for all.
fn first_line(replay: &str) -> String {
    match replay.split_once('\n') {
        Some((first, _)) => format!("{first}\n… ALL=1 shows the rest"),
        None => replay.to_owned(),
    }
}

/// Lines of which the middle is left out and counted: both ends matter.
fn middle_left_out(lines: &[String], room: usize) -> Vec<String> {
    if lines.len() <= room {
        return lines.to_vec();
    }
    let end = room / 2;
    let begin = room - end - 1;
    let left_out = lines.len() - begin - end;
    let between = format!("… {left_out} lines left out, ALL=1 shows them");
    let (first, last) = (&lines[..begin], &lines[lines.len() - end..]);
    [first, std::slice::from_ref(&between), last].concat()
}

/// The compiler's message up to its first snippet, and its help. Help that leads astray in these labs
/// stays out.
fn cut(text: &str) -> String {
    let plain = |line: &str| anstream::adapter::strip_str(line).to_string();
    let starts = |line: &str| {
        let plain = plain(line);
        let said = plain.trim_start().trim_start_matches("= ");
        said.starts_with("help:") || said.starts_with("note:")
    };
    let mut parts: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines() {
        if starts(line) {
            parts.push(Vec::new());
        }
        parts.last_mut().expect("never empty").push(line);
    }
    let astray = |part: &[&str]| part.iter().any(|line| plain(line).contains("remove the extra"));
    let is_help = |part: &&Vec<&str>| plain(part[0]).contains("help:") && !astray(part);
    let mut kept: Vec<&str> = parts[0].iter().take(SNIPPET).copied().collect();
    let help = parts[1..].iter().find(is_help);
    kept.extend(help.into_iter().flat_map(|part| part.iter().take(HELP).copied()));
    while kept.last().is_some_and(|line| matches!(plain(line).trim(), "" | "|")) {
        kept.pop();
    }
    let left_out = text.lines().count() - kept.len();
    let mut said = kept.join("\n");
    if left_out > 2 {
        let _ = write!(said, "\n{FAINT}… FULL=1 shows the {left_out} lines left out{FAINT:#}");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_received_both_ends_stay() {
        let lines: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let kept = middle_left_out(&lines, 7);
        let said = ["0", "1", "2", "… 34 lines left out, ALL=1 shows them", "37", "38", "39"];
        assert_eq!(kept, said);
        assert_eq!(middle_left_out(&lines[..7], 7), lines[..7]);
    }

    #[test]
    fn the_compiler_s_words_are_cut_to_the_snippet_and_the_help() {
        let text = "error[E0061]: this function takes 1 argument but 2 arguments were supplied\n \
                    --> a.rs:3:1\n  |\n3 |     bind(a, b)\n  |     ^^^^\nnote: defined here\n \
                    --> std.rs:1\n  |\n1 | fn bind\nhelp: remove the extra argument\n  |\n3 - x\n";
        let said = cut(text);
        assert!(said.contains("E0061") && said.contains("3 |     bind"), "{said}");
        assert!(!said.contains("std.rs") && !said.contains("remove the extra"), "{said}");
        assert!(said.contains("FULL=1 shows the 7 lines left out"), "{said}");
        let text = "error: x\n --> a.rs:3:1\n  = note: y\n  = help: use z\n";
        assert_eq!(cut(text), "error: x\n --> a.rs:3:1\n  = help: use z");
    }
}
