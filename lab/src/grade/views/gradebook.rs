//! `grades.csv`: a line per student.

use std::collections::BTreeSet;

use crate::grade::results::{Graded, plain};
use crate::text::escape;

pub fn csv(records: &[Graded]) -> String {
    let programs: BTreeSet<&String> = records.iter().flat_map(|it| it.programs.keys()).collect();
    let programs: Vec<&String> = in_order(programs);
    let mut head: Vec<String> =
        ["id", "name", "state", "points", "max_points"].map(str::to_owned).into();
    head.extend(programs.iter().map(|name| (*name).clone()));
    head.extend(["raw_points", "late", "excused", "comment"].map(str::to_owned));
    let mut text = line(&head);
    for record in records {
        let points = |points: Option<f64>| points.map_or_else(String::new, plain);
        let mut cells = vec![
            record.id.clone(),
            record.name.clone(),
            record.state.name().to_owned(),
            points(record.points),
            plain(record.max_points),
        ];
        let of = |name: &&String| record.programs.get(*name).and_then(|program| program.points);
        cells.extend(programs.iter().map(|name| points(of(name))));
        let yes = |is_so: bool| if is_so { "yes" } else { "" }.to_owned();
        cells.extend([points(record.raw_points), yes(record.late), yes(record.excused)]);
        cells.push(record.comment.clone().unwrap_or_default());
        text.push_str(&line(&cells));
    }
    text
}

/// Programs in the order of the labs.
fn in_order(names: BTreeSet<&String>) -> Vec<&String> {
    let place = |name: &&String| crate::labs::LABS.iter().position(|lab| lab.name == name.as_str());
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_by_key(place);
    names
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    cells.join(",") + "\n"
}

/// A cell that no spreadsheet takes for a formula.
pub fn cell(text: &str) -> String {
    // The last four as some keyboards write them, which a spreadsheet takes for the same.
    const BEGINS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let is_formula = text.trim_start_matches(' ').starts_with(BEGINS);
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
    let text = escape::lines(text);
    let text = if is_formula && !is_number { format!("'{text}") } else { text };
    match text.contains([',', ';', '\t', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula_and_ends_no_cell() {
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(cell("a,b\nc"), "\"a,b\nc\"");
        assert_eq!([cell("-3"), cell("-x"), cell("Łukasz")], ["-3", "'-x", "Łukasz"]);
    }
}
