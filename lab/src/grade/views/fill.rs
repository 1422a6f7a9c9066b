//! `--fill`: the platform's own file with one column filled in, and every other byte as it was.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use crate::error::Error;
use crate::grade::results::{Graded, plain};
use crate::text::escape;

/// A filled file, and what there is to say of it.
pub struct Filled {
    pub bytes: Vec<u8>,
    pub rows: usize,
    pub notes: Vec<String>,
}

/// A file of comma-separated values, by the places of its cells.
struct Cells<'t> {
    text: &'t str,
    rows: Vec<Vec<Range<usize>>>,
}

impl<'t> Cells<'t> {
    fn of(text: &'t str) -> Cells<'t> {
        let begin = text.len() - text.trim_start_matches('\u{feff}').len();
        let first = text.lines().next().unwrap_or_default();
        let count = |c: char| first.matches(c).count();
        let delimiter = [',', ';', '\t'].into_iter().max_by_key(|c| count(*c)).unwrap_or(',');
        let (mut rows, mut row) = (Vec::new(), Vec::new());
        let (mut start, mut quoted) = (begin, false);
        for (at, c) in text.char_indices().filter(|(at, _)| *at >= begin) {
            match c {
                '"' => quoted = !quoted,
                '\n' if !quoted => {
                    let before = at.saturating_sub(1);
                    let is_cr = text.as_bytes().get(before) == Some(&b'\r');
                    let end = if is_cr { before } else { at };
                    row.push(start..end.max(start));
                    rows.push(std::mem::take(&mut row));
                    start = at + 1;
                }
                c if c == delimiter && !quoted => {
                    row.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
        }
        if start < text.len() {
            row.push(start..text.len());
            rows.push(row);
        }
        Cells { text, rows }
    }

    fn raw(&self, row: usize, column: usize) -> &'t str {
        let range = self.rows.get(row).and_then(|cells| cells.get(column));
        range.and_then(|range| self.text.get(range.clone())).unwrap_or_default()
    }

    fn cell(&self, row: usize, column: usize) -> String {
        let raw = self.raw(row, column).trim();
        match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inside) => inside.replace("\"\"", "\""),
            None => raw.to_owned(),
        }
    }

    fn columns(&self) -> Vec<String> {
        (0..self.rows.first().map_or(0, Vec::len)).map(|column| self.cell(0, column)).collect()
    }
}

/// What kind of file it is, and what in it is to be filled.
struct Worksheet {
    column: usize,
    id: fn(&str) -> &str,
    id_column: usize,
    excused: &'static str,
    most: Option<usize>,
    /// Where the student's and the group's names are.
    name: Option<usize>,
    group: Option<usize>,
}

impl Worksheet {
    /// Whose result a row gets. A group's download has the group's number, and a worksheet has its
    /// members': the group's name says who they are.
    fn record<'r>(&self, cells: &Cells, row: usize, records: &'r [Graded]) -> Option<&'r Graded> {
        let id = cells.cell(row, self.id_column);
        let id = (self.id)(&id);
        let by_id = records.iter().find(|record| record.id == id && !id.is_empty());
        let name = self.name.map(|column| cells.cell(row, column)).unwrap_or_default();
        if let Some(record) = by_id.filter(|record| is_same_name(&record.name, &name)) {
            return Some(record);
        }
        let group = |row| self.group.map(|column| cells.cell(row, column)).unwrap_or_default();
        // A group's number may be a student's, too.
        let is_group = |record: &&Graded| {
            (1..cells.rows.len()).any(|row| is_same_name(&record.name, &group(row)))
        };
        let by_id = by_id.filter(|record| !is_group(record));
        let group = group(row);
        let mut of_group = records.iter().filter(|record| is_same_name(&record.name, &group));
        match (of_group.next(), of_group.next()) {
            (Some(only), None) if !group.is_empty() => Some(only),
            _ => by_id,
        }
    }
}

/// Whether a name in a download is this one: some characters are left out there.
fn is_same_name(there: &str, name: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    !letters(name).is_empty() && letters(there) == letters(name)
}

/// Fills in a worksheet of Moodle's or a gradebook of Canvas's.
pub fn fill(path: &Path, column: Option<&str>, records: &[Graded]) -> Result<Filled, Error> {
    let bytes = std::fs::read(path).map_err(|error| Error::file(path, &error))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::Usage(format!("{} is no UTF-8 text", escape::path(path))))?;
    let cells = Cells::of(&text);
    let sheet = sheet(path, &cells.columns(), column)?;
    let mut filled = Filled { bytes: Vec::new(), rows: 0, notes: Vec::new() };
    let comma = (1..cells.rows.len())
        .any(|row| is_with_comma(&cells.cell(row, sheet.most.unwrap_or(usize::MAX))));
    let mut written = 0;
    let mut met: BTreeSet<&str> = BTreeSet::new();
    for row in 1..cells.rows.len() {
        let Some(record) = sheet.record(&cells, row, records) else { continue };
        let id = record.id.as_str();
        met.insert(id);
        let points = match (record.excused, record.points) {
            (true, ..) if sheet.excused.is_empty() => continue, // the platform has no word for it
            (true, ..) => sheet.excused.to_owned(),
            (false, Some(points)) => plain(points),
            (false, None) => continue,
        };
        let most = sheet.most.map(|column| cells.cell(row, column).replace(',', "."));
        if let (Some(points), Some(most)) =
            (record.points, most.and_then(|most| most.parse::<f64>().ok()))
            && points > most
        {
            filled.notes.push(format!(
                "{id} has {} points, and {} are the most there: the platform will not take it",
                plain(points),
                plain(most)
            ));
        }
        let points = if comma { points.replace('.', ",") } else { points };
        let Some(place) = cells.rows.get(row).and_then(|row| row.get(sheet.column)) else {
            continue;
        };
        let is_quoted =
            cells.raw(row, sheet.column).starts_with('"') || (comma && points.contains(','));
        filled.bytes.extend(text.as_bytes().get(written..place.start).unwrap_or_default());
        filled.bytes.extend(if is_quoted { format!("\"{points}\"") } else { points }.as_bytes());
        written = place.end;
        filled.rows += 1;
    }
    filled.bytes.extend(text.as_bytes().get(written..).unwrap_or_default());
    let absent = records.iter().map(|record| record.id.as_str()).filter(|id| !met.contains(id));
    let absent: Vec<&str> = absent.collect();
    if !absent.is_empty() {
        filled.notes.push(format!("in no row of it, so not filled in: {}", absent.join(", ")));
    }
    Ok(filled)
}

/// Whether a number has a comma for its decimal sign.
fn is_with_comma(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    cell.split_once(',').is_some_and(|(whole, part)| digits(whole) && digits(part))
}

// Moodle's headings are in the site's language; the one before the most that there can be is ours.
const GRADE: [&str; 12] = [
    "Grade",
    "Bewertung",
    "Note",
    "Calificación",
    "Nota",
    "Cijfer",
    "Karakter",
    "Betyg",
    "Valutazione",
    "Classificação",
    "Ocena",
    "Arvosana",
];
const GROUP: [&str; 10] =
    ["Group", "Gruppe", "Groupe", "Grupo", "Gruppo", "Groep", "Grupp", "Grupa", "Ryhmä", "Skupina"];

fn sheet(path: &Path, columns: &[String], named: Option<&str>) -> Result<Worksheet, Error> {
    let wrong = |what: &str| {
        let there = columns.join(", ");
        Error::Usage(format!("{}: {what}. Its columns: {there}", escape::path(path)))
    };
    let place = |name: &str| columns.iter().position(|column| column == name);
    let named = named
        .map(|name| place(name).ok_or_else(|| wrong(&format!("there is no column {name:?}"))))
        .transpose()?;
    if columns.first().is_some_and(|first| first == "Student" || first == "LastName") {
        let id_column =
            place("ID").ok_or_else(|| wrong("a gradebook of Canvas's has a column ID"))?;
        let is_assignment = |column: &String| {
            let number = column.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
            number.is_some_and(|(_, number)| {
                number.bytes().all(|byte| byte.is_ascii_digit()) && !number.is_empty()
            })
        };
        let found: Vec<usize> = (0..)
            .zip(columns)
            .filter(|(_, it)| is_assignment(it))
            .map(|(index, _)| index)
            .collect();
        let column = match (named, found.as_slice()) {
            (Some(column), _) => column,
            (None, [only]) => *only,
            (None, _) => return Err(wrong("say with --column which assignment is to be filled")),
        };
        let (name, group) = (None, None);
        return Ok(Worksheet {
            column,
            id: whole,
            id_column,
            excused: "EX",
            most: None,
            name,
            group,
        });
    }
    let column =
        named.or_else(|| columns.iter().position(|column| GRADE.contains(&column.as_str())));
    let column = column.ok_or_else(|| wrong("say with --column which one has the grades"))?;
    let group = columns.iter().position(|column| GROUP.contains(&column.as_str()));
    let (id, most, name) = (last_number, Some(column + 1), (column > 1).then_some(1));
    Ok(Worksheet { column, id, id_column: 0, excused: "", most, name, group })
}

fn whole(cell: &str) -> &str {
    cell
}

/// The number in "Participant 4711", in whatever language.
fn last_number(cell: &str) -> &str {
    let begin = cell.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    cell.get(begin..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str, column: Option<&str>) -> Result<String, Error> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("worksheet.csv");
        std::fs::write(&path, text).unwrap();
        let record = |id: &str, points: Option<f64>, excused: bool| Graded {
            id: id.to_owned(),
            points,
            excused,
            ..Graded::default()
        };
        let records = [
            record("4711", Some(7.5), false),
            record("4712", None, false),
            record("4713", None, true),
        ];
        fill(&path, column, &records).map(|filled| String::from_utf8(filled.bytes).unwrap())
    }

    #[test]
    fn one_column_of_moodle_s_worksheet_is_changed_and_no_other_byte() {
        let before = "\u{feff}Identifier,\"Full name\",Grade,\"Maximum grade\",\"Last modified (grade)\"\r\n\
                      \"Participant 4711\",\"O'Brien, \"\"A\"\"\",,10.00,-\r\n\
                      \"Participant 4712\",X,3,10.00,-\r\n\"Participant 9\",Y,\"\",10.00,-\r\n";
        let after = before.replace("\"O'Brien, \"\"A\"\"\",,", "\"O'Brien, \"\"A\"\"\",7.5,");
        assert_eq!(filled(before, None).unwrap(), after);
        let german = "ID;Name;Bewertung;Bestwertung\nTeilnehmer/in4711;X;;10,00\n";
        assert_eq!(filled(german, None).unwrap(), german.replace("X;;", "X;\"7,5\";"));
    }

    #[test]
    fn a_group_s_points_are_its_members_and_who_is_in_no_row_is_told() {
        let before = "Identifier,\"Full name\",Status,Group,Grade,\"Maximum grade\"\n\
                      Participant 88,A,Submitted,Team 8,,10\nParticipant 90,D,Submitted,,,10\nParticipant 12,B,Submitted,Team: 7,,10\n\
                      Participant 13,C,Submitted,\"Team: 7\",,10\n";
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("worksheet.csv");
        std::fs::write(&path, before).unwrap();
        let record = |id: &str, name: &str, points: f64| Graded {
            id: id.to_owned(),
            name: name.to_owned(),
            points: Some(points),
            ..Graded::default()
        };
        let records =
            [record("88", "Team 7", 5.0), record("90", "Team 8", 6.0), record("91", "X", 1.0)];
        let filled = fill(&path, None, &records).unwrap();
        let after = before.replace("Team 8,,", "Team 8,6,").replace("Team: 7,,", "Team: 7,5,");
        let after = after.replace("\"Team: 7\",,", "\"Team: 7\",5,");
        assert_eq!(String::from_utf8(filled.bytes).unwrap(), after);
        assert_eq!(filled.notes, ["in no row of it, so not filled in: 91"]);
    }

    #[test]
    fn the_one_assignment_of_canvas_s_gradebook_is_filled() {
        let before = "Student,ID,SIS Login ID,Section,Lab 1 (88),Final Score\n    Points Possible,,,,10,(read only)\n\
                      \"Berg, A\",4711,a,S,,\n\"X, Y\",4713,b,S,2,1\n";
        let after = before.replace("4711,a,S,,", "4711,a,S,7.5,").replace("b,S,2,", "b,S,EX,");
        assert_eq!(filled(before, None).unwrap(), after);
        assert!(filled("Student,ID,Section,A (1),B (2)\n", None).is_err());
        assert!(filled("Student,ID,Section,A (1),B (2)\n", Some("A (1)")).is_ok());
        assert!(filled("a,b\n1,2\n", None).is_err());
    }
}
