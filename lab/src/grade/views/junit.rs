//! `junit/PROGRAM.xml`: a case for each student and check. Readers tell cases apart by `classname` and
//! `name` alone, so the first has the student and the program in it.

use std::fmt::Write;

use crate::grade::results::{GradeState, Graded};
use crate::text::escape;

/// What is said of one case is not longer.
const LONGEST: usize = 8 << 10;

pub fn xml(program: &str, records: &[Graded]) -> String {
    let mut cases = String::new();
    let (mut tests, mut failures, mut skipped, mut errors) = (0, 0, 0, 0);
    for record in records {
        let Some(of_program) = record.programs.get(program) else { continue };
        let class = escaped(&format!("{}.{program}", record.id));
        let mut case = |name: &str, inside: &str| {
            let name = escaped(name);
            let _ = writeln!(
                cases,
                "    <testcase classname=\"{class}\" name=\"{name}\">{inside}</testcase>"
            ); // a String takes everything
        };
        if of_program.state != GradeState::Graded {
            tests += 1;
            errors += 1;
            let why = escaped(&of_program.reason.clone().unwrap_or_default());
            case(of_program.state.name(), &format!("<error message=\"{why}\"/>"));
            continue;
        }
        if let Some(why) = &of_program.not_built {
            tests += 1;
            failures += 1;
            let why = escaped(&super::cut(&super::plain_text(why), LONGEST));
            case("compiles", &format!("<failure message=\"it does not compile\">{why}</failure>"));
        }
        for check in &of_program.checks {
            tests += 1;
            let name = super::text(check, "name");
            let name = name.rsplit('/').next().unwrap_or_default();
            let story = escaped(&super::cut(&super::story(check), LONGEST));
            match check["status"].as_str().unwrap_or_default() {
                "passed" => case(name, ""),
                "failed" if check["advice"] != true => {
                    failures += 1;
                    let title = escaped(super::text(check, "title"));
                    case(name, &format!("<failure message=\"{title}\">{story}</failure>"));
                }
                status => {
                    skipped += 1;
                    case(name, &format!("<skipped message=\"{}\"/>", escaped(status)));
                }
            }
        }
    }
    let program = escaped(program);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{program}\" tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"{errors}\">\n  <testsuite name=\"{program}\" tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// What XML 1.0 can hold, with what has a meaning in it written out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape::lines(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c)); // a String takes everything
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_xml_cannot_hold_is_written_out() {
        assert_eq!(
            super::escaped("a<b>&\"\u{1b}[2J\u{0}\n"),
            "a&lt;b&gt;&amp;&quot;\\u{1b}[2J\\0&#10;"
        );
    }
}
