//! `lab verify --points`: what each recorded wrong answer costs. One fault costs no more than a third of
//! a program's points, unless nothing works.

use std::fmt::Write;

use crate::error::Error;
use crate::judge::answer;
use crate::labs::{LABS, Lab};
use crate::tree::Tree;

/// Where one fault leaves nothing that works: a program, the check that fails first or one answer, and
/// why no more can be seen of it.
const NOTHING_WORKS: [(&str, &str, &str); 20] = [
    ("udpserver", "answers", "no sentence is answered in capitals, in whatever way it is asked"),
    ("tcpserver", "answers", "no sentence is answered in capitals, in whatever way it is asked"),
    ("webserver", "serves", "no file comes, in whatever way it is asked for"),
    ("chatserver", "serves-one-client", "nobody else comes in: there is nobody to chat with"),
    ("chatserver", "waits-for-a-full-buffer", "nobody comes in"),
    ("chatserver", "waits-for-the-end-of-the-name", "nobody comes in before he has left"),
    ("chatserver", "takes-the-whole-buffer-for-a-name", "nobody is known by his name"),
    ("chatserver", "waits-for-a-newline", "nobody comes in: a name ends with no newline"),
    ("chatserver", "joins-each-client", "nobody else comes in before the first one has left"),
    ("timeserver", "time", "no command is answered as long as the client is there"),
    ("udpclient", "reaches", "nothing is sent to its server"),
    ("udpclient_rtt", "reaches", "nothing is sent to its server"),
    ("pingclient", "reaches", "nothing is sent to its server"),
    ("pingclient", "does-not-wait", "no answer is waited for: there is no round trip"),
    ("pingclient", "expects-small-letters", "no answer is taken for one: there is no round trip"),
    (
        "pingclient",
        "sends-the-newline",
        "no answer is taken for one: it looks for its ping without it",
    ),
    ("chatclient", "connects", "it never comes to its server"),
    ("chatclient_auth", "knocks", "it never comes to its server"),
    ("mailclient", "greeting", "no reply is ever read to its end: the dialogue does not begin"),
    ("mailclient", "password", "the login never succeeds: no mail is sent"),
];

/// Answers with one fault that cost more than a third, and should not. This list only gets shorter.
const DEBTS: [&str; 15] = [
    "chatclient/listens-everywhere",
    "chatclient/reads-to-the-end",
    "chatclient/waits-for-a-full-buffer",
    "chatclient_auth/sends-the-name-alone",
    "chatclient_auth/sends-the-password-before-tls",
    "chatclient_auth/sends-the-ticket-alone",
    "chatserver/accepts-one-in-two",
    "chatserver_auth/forgets-the-ticket",
    "mailclient/does-not-wait-after-data",
    "tcpclient/closes-before-the-answer",
    "tcpclient/does-not-wait",
    "timeserver/does-not-see-the-end",
    "timeserver/drops-every-other-client",
    "udpclient/shouts-itself",
    "udpclient/waits-for-two",
];

/// A recorded wrong answer, and the points that its program has left.
struct Share {
    /// PROGRAM/ANSWER.
    name: String,
    left: u32,
    most: u32,
    /// The check that fails first.
    check: String,
    /// Of how many gaps it says that they are wrong.
    faults: usize,
}

impl Share {
    fn answer(&self) -> &str {
        self.name.split_once('/').map_or("", |(_, answer)| answer)
    }

    fn lost(&self) -> u32 {
        self.most.saturating_sub(self.left)
    }

    fn is_over_a_third(&self) -> bool {
        self.lost() * 3 > self.most
    }

    fn per_cent(&self) -> u32 {
        self.lost() * 100 / self.most.max(1)
    }

    fn why_nothing_works(&self, lab: &str) -> Option<&'static str> {
        let answer = self.answer();
        let is_this = |known: &&(&str, &str, &str)| {
            known.0 == lab && (known.1 == self.check || known.1 == answer)
        };
        NOTHING_WORKS.iter().find(is_this).map(|(_, _, why)| *why)
    }
}

/// The recorded wrong answers of a program; those that cost most come first.
fn of(tree: &Tree, lab: &Lab) -> Result<Vec<Share>, Error> {
    let mut shares = Vec::new();
    if !tree.path(&format!("tests/wrong/{}", lab.name)).is_dir() {
        return Ok(shares); // given complete
    }
    for attempt in answer::all(tree, lab.name, "wrong")? {
        let name = format!("{}/{}", lab.name, attempt.name);
        let file = format!("tests/wrong/{name}.txt");
        let text = tree.read(&file)?;
        let Some((left, most)) = points(&text) else {
            return Err(Error::Failed(format!("{file} does not say how many points are left")));
        };
        // What may also be named there, since it looks the same, is no second fault.
        let faults =
            attempt.to_blame.iter().filter(|gap| attempt.bodies.contains_key(*gap)).count();
        shares.push(Share { name, left, most, check: first_failure(&text, lab), faults });
    }
    shares.sort_by_key(|share| (std::cmp::Reverse(share.lost()), share.name.clone()));
    Ok(shares)
}

/// "…, 7 of 10 points", on the second line.
fn points(report: &str) -> Option<(u32, u32)> {
    let line = report.lines().nth(1)?.strip_suffix(" points")?;
    let (left, most) = line.rsplit_once(", ")?.1.split_once(" of ")?;
    Some((left.parse().ok()?, most.parse().ok()?))
}

fn first_failure(report: &str, lab: &Lab) -> String {
    let named = report.lines().find_map(|line| line.strip_prefix("✗ "));
    let name = named.and_then(|line| line.split_whitespace().next()).unwrap_or_default();
    name.trim_start_matches(lab.name).trim_start_matches('/').to_owned()
}

/// Every answer of these programs.
pub fn screen(tree: &Tree, labs: &[&'static Lab]) -> Result<String, Error> {
    let mut text = String::new();
    for lab in labs {
        let shares = of(tree, lab)?;
        if shares.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}  {} points", lab.name, lab.points()); // a String takes everything
        for share in &shares {
            let answer = share.answer();
            let debt = || match DEBTS.contains(&share.name.as_str()) {
                true => "more than a third: a debt",
                false if share.faults > 1 => "more than a third, for more than one fault",
                false => "more than a third",
            };
            let why = match share.is_over_a_third() {
                true => share.why_nothing_works(lab.name).unwrap_or_else(debt),
                false => "",
            };
            let line = format!(
                "  {:>2} left {:>4} %  {answer:<40} {:<10} {why}",
                share.left,
                share.per_cent(),
                share.check
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    Ok(text)
}

/// A line for each program: how many answers there are, what one costs at the median and at most, and
/// what it is where nothing works.
pub fn table(tree: &Tree) -> Result<String, Error> {
    let mut text =
        "| program | points | wrong answers | half of them lose at most | the most lost | \
                    nothing works |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for lab in &LABS.iter().collect::<Vec<_>>() {
        let shares = of(tree, lab)?;
        let works = |share: &&Share| {
            !(share.is_over_a_third() && share.why_nothing_works(lab.name).is_some())
        };
        let some: Vec<&Share> = shares.iter().filter(works).collect();
        let (Some(most), Some(median)) = (some.first(), some.get(some.len() / 2)) else { continue };
        let answer = most.answer();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {}: {answer} | {} |",
            lab.name,
            lab.points(),
            shares.len(),
            median.lost(),
            most.lost(),
            shares.len() - some.len()
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn one_fault_costs_no_more_than_a_third_unless_nothing_works() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let tree = Tree::at(root);
        let (mut problems, mut used) = (Vec::new(), Vec::new());
        for lab in LABS {
            for share in of(&tree, lab).unwrap().iter().filter(|share| share.faults == 1) {
                let why = share.why_nothing_works(lab.name);
                let known = why.is_some() || DEBTS.contains(&share.name.as_str());
                let Share { name, left, most, check, .. } = share;
                match (share.is_over_a_third(), known) {
                    (true, false) => {
                        problems
                            .push(format!("{name} has {left} of {most} left, for {check} alone"));
                    }
                    (true, true) => {
                        used.push((lab.name, check.clone()));
                        used.push((lab.name, share.answer().to_owned()));
                    }
                    (false, _) if DEBTS.contains(&name.as_str()) => {
                        problems.push(format!("{name} costs no more than a third any more"));
                    }
                    _ => {}
                }
            }
        }
        for (program, check, _) in NOTHING_WORKS {
            if !used.contains(&(program, check.to_owned())) {
                problems.push(format!("{program}/{check} costs no more than a third any more"));
            }
        }
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn points_are_read_as_they_are_recorded() {
        let report =
            "x  skeletons/x.rs\n  6 of 9 checks passed, 6 of 10 points\n✓ x/a  1/1\n✗ x/b  0/2\n";
        assert_eq!(points(report), Some((6, 10)));
        assert_eq!(points("x\n  no points\n"), None);
    }
}
