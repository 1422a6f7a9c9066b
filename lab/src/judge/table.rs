//! The table at the end of `lab verify`: how many programs were tried in each way, and with what success.

use std::fmt;

use crate::judge::mutants::Survey;

/// How many came out as they should, of how many.
#[derive(Clone, Copy, Default)]
pub struct Score {
    pub good: usize,
    pub all: usize,
}

impl Score {
    pub fn count(&mut self, good: bool) {
        self.all += 1;
        self.good += usize::from(good);
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let text = match (self.good, self.all) {
            (_, 0) => "-".to_owned(),
            (good, all) if good == all => all.to_string(),
            (good, all) => format!("{good}/{all}"),
        };
        f.pad(&text)
    }
}

/// What was seen of one program.
#[derive(Default)]
pub struct Tally {
    pub program: &'static str,
    pub gaps: usize,
    pub checks: usize,
    /// Each gap reopened alone, and the wrong answers: they must fail.
    pub reopened: Score,
    pub wrong: Score,
    /// Answers of other shapes, and programs of others, here the twin: they must pass.
    pub right: Score,
    pub strangers: Score,
    pub survey: Option<Survey>,
}

impl Tally {
    /// Right programs that were told that they are wrong.
    fn false_alarms(&self) -> usize {
        [self.right, self.strangers].iter().map(|score| score.all - score.good).sum()
    }
}

/// A line for each program, and a head. What was not tried is a dash.
pub fn table(rows: &[Tally]) -> String {
    let with_mutants = rows.iter().any(|row| row.survey.is_some());
    let mut text =
        format!("{:<16} {:>4} {:>6} {:>8} {:>6}", "program", "gaps", "checks", "reopened", "wrong");
    if with_mutants {
        text += &format!(
            " {:>7} {:>6} {:>7} {:>10} {:>4} {:>6} {:>6}",
            "mutants", "caught", "advised", "equivalent", "open", "found", "blamed"
        );
    }
    text += &format!(" {:>5} {:>9} {:>12}\n", "right", "strangers", "false alarms");
    for row in rows {
        let Tally { program, gaps, checks, reopened, wrong, right, strangers, survey } = row;
        text += &format!("{program:<16} {gaps:>4} {checks:>6} {reopened:>8} {wrong:>6}");
        if with_mutants {
            text += &mutants(survey.as_ref());
        }
        text += &format!(" {right:>5} {strangers:>9} {:>12}\n", row.false_alarms());
    }
    text
}

fn mutants(survey: Option<&Survey>) -> String {
    let Some(survey) = survey else {
        return format!(
            " {:>7} {:>6} {:>7} {:>10} {:>4} {:>6} {:>6}",
            "-", "-", "-", "-", "-", "-", "-"
        );
    };
    let Survey { made, caught, advised, equivalent, open, .. } = survey;
    let (found, blamed) = (survey.found(), survey.blamed());
    format!(
        " {made:>7} {caught:>6} {advised:>7} {equivalent:>10} {open:>4} {found:>5.1}% {blamed:>5.1}%"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_tried_is_a_dash_and_what_went_wrong_is_counted() {
        let right = Score { good: 2, all: 3 };
        let rows = [Tally { program: "x", gaps: 4, right, ..Tally::default() }];
        let text = table(&rows);
        assert_eq!(
            text.lines().nth(1).unwrap().split_whitespace().collect::<Vec<_>>(),
            ["x", "4", "0", "-", "-", "2/3", "-", "1"]
        );
    }
}
