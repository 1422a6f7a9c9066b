//! `lab grade`: a class in every platform's layout, results that outlive an interruption, and views.

mod common;
#[path = "grade_class.rs"]
mod grade_class;

use std::fs;
use std::path::Path;

use grade_class::{
    Due, Export, class, exports, graded, has_sandbox, place, result, solution, with_gap, write,
    zipped,
};
use serde_json::Value;

const SEED: [&str; 2] = ["--seed", "7"];

/// Whether a result is what is due.
#[track_caller]
fn is_due(due: Due, result: &Value, what: &str) {
    let state = result["state"].as_str().unwrap();
    let (points, max) = (result["points"].as_f64(), result["max_points"].as_f64().unwrap());
    let as_due = match due {
        Due::All => state == "graded" && points == Some(max) && max > 0.0,
        Due::Some => state == "graded" && points.is_some_and(|points| points < max),
        Due::Nothing => state == "graded" && points == Some(0.0),
        Due::NotGradable => state == "not_gradable" && points.is_none(),
    };
    assert!(as_due, "{what}: {due:?} is due: {result:#}");
}

fn as_zip(export: &Export) -> Vec<u8> {
    let files: Vec<(&str, &[u8])> =
        export.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    zipped(&files)
}

#[test]
fn every_layout_gives_every_student_what_is_due() {
    if !has_sandbox() {
        return;
    }
    let class = class();
    let place = place("layouts");
    let cache = place.join("cache");
    for export in exports(&class) {
        // What was compiled for one export is not compiled for the next.
        let out = place.join(format!("{} out", export.name));
        if cache.is_dir() {
            copy_all(&cache, &out.join("cache"));
        }
        let packed = place.join(format!("{}.zip", export.name));
        let unpacked = place.join(export.name);
        let is_clones = export.name == "lab1-submissions";
        let input = match is_clones || export.name == "folders" {
            true => {
                write(&unpacked, &export.files);
                &unpacked
            }
            false => {
                fs::write(&packed, as_zip(&export)).unwrap();
                &packed
            }
        };
        let mut arguments = vec![input.to_str().unwrap(), "--out", out.to_str().unwrap()];
        arguments.extend(SEED);
        arguments.extend(&export.options);
        graded(&arguments);
        for (student, id) in class.iter().zip(&export.ids) {
            let what = format!("{} {}", export.name, student.first);
            let result = result(&out, id);
            is_due(student.due, &result, &what);
            assert_eq!(result["id"], id.as_str());
        }
        let found = fs::read_dir(out.join("results")).unwrap().count();
        assert_eq!(found, class.len(), "{}: other results than those of the class", export.name);
        copy_all(&out.join("cache"), &cache);
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn broken_fences_take_one_gap_and_edits_outside_are_shown_and_not_compiled() {
    if !has_sandbox() {
        return;
    }
    let place = place("fences");
    let right = solution("udpserver");
    let lost = right.replace("// ==== end: uppercase ====", "");
    let added = right.replace("fn main()", "fn helper() { not rust at all }\nfn main()");
    let closes = with_gap(&right, "uppercase", "    } fn evil() {");
    let comment = with_gap(&right, "uppercase", "    /* never closed");
    for (name, text) in [("lost", lost), ("added", added), ("closes", closes), ("comment", comment)]
    {
        write(&place, &[(format!("class/{name}/udpserver.rs"), text.into_bytes())]);
    }
    let out = place.join("out");
    graded(&[place.join("class").to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let of = |name: &str| result(&out, name)["programs"]["udpserver"].clone();
    let lost = of("lost");
    assert!(lost["points"].as_f64().unwrap() > 0.0, "{lost:#}");
    assert!(lost["notes"].to_string().contains("uppercase"), "{lost:#}");
    let added = of("added");
    assert_eq!(added["points"], added["max_points"], "{added:#}");
    assert!(added["outside"].as_str().unwrap().contains("+fn helper()"), "{added:#}");
    for name in ["closes", "comment"] {
        let program = of(name);
        assert_eq!(program["points"], 0, "{program:#}");
        assert!(program["not_built"].as_str().unwrap().contains("gap uppercase"), "{program:#}");
    }
}
