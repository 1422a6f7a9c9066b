//! `gradescope/ID/results.json`: what Gradescope's autograder would have left.

use serde_json::{Value, json};

use crate::grade::results::{Graded, GradedProgram};

/// What Gradescope shows of one check is not longer.
const LONGEST: usize = 8 << 10;

pub fn results(record: &Graded) -> Value {
    let tests: Vec<Value> = record.programs.iter().flat_map(|(name, it)| tests(name, it)).collect();
    let mut results = json!({
        "output": outline(record),
        "output_format": "text",
        "test_output_format": "text",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": { "seed": record.seed, "sandbox": record.sandbox, "state": record.state.name() },
    });
    // Without a score it is not graded, and not 0.
    if let (Some(points), Some(results)) = (record.points, results.as_object_mut()) {
        results.insert("score".to_owned(), json!(points));
    }
    results
}

fn outline(record: &Graded) -> String {
    let mut lines: Vec<String> = record.reason.iter().chain(&record.comment).cloned().collect();
    for (name, program) in &record.programs {
        lines.extend(program.comment.iter().map(|comment| format!("{name}: {comment}")));
        lines.extend(program.not_built.iter().cloned());
    }
    super::cut(&super::plain_text(&lines.join("\n")), LONGEST)
}

fn tests(name: &str, program: &GradedProgram) -> Vec<Value> {
    let number = |index: usize| format!("{name}.{}", index + 1);
    let checks = program.checks.iter().enumerate().map(|(index, check)| {
        let (points, most) = super::points(check);
        let is_passed = check["status"] == "passed";
        let mut test = json!({
            "name": format!("{}: {}", super::text(check, "name"), super::text(check, "title")),
            "number": number(index),
            "status": if is_passed { "passed" } else { "failed" },
            "output": super::cut(&super::story(check), LONGEST),
            "visibility": "visible",
        });
        // What has no points is said, and not scored.
        if let (true, Some(test)) = (most > 0.0, test.as_object_mut()) {
            test.insert("score".to_owned(), json!(points));
            test.insert("max_score".to_owned(), json!(most));
        }
        test
    });
    checks.collect()
}
