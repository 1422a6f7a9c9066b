//! `lab grade`: a class in every platform's layout, results that outlive an interruption, and views.

mod common;
#[path = "grade_class.rs"]
mod grade_class;

use std::fs;
use std::io::Read;
use std::path::Path;

use common::{root, skip, works};
use grade_class::{
    Due, Export, class, exports, fit_the_schema, graded, has_sandbox, lab_grade, place, result,
    solution, with_gap, write, zipped,
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
        fit_the_schema(&out);
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
    // Nothing around this one is left that could tell where it was.
    let torn = right
        .replace("    // ==== fill in here: receive ====\n", "")
        .replace("        let message = &buffer[..length];\n", "");
    let torn = torn.replace("        // ==== fill in here: receive ====\n", "");
    let open = "        let (length, client_address): (usize, SocketAddr) = todo!(\"receive\");";
    let open = with_gap(&right, "receive", open);
    let other = right.replace("// ==== fill in here: ", "//== Fill in here : ");
    let programs = [
        ("lost", lost),
        ("added", added),
        ("closes", closes),
        ("comment", comment),
        ("torn", torn),
        ("open", open),
        ("other", other),
    ];
    for (name, text) in programs {
        write(&place, &[(format!("class/{name}/udpserver.rs"), text.into_bytes())]);
    }
    let out = place.join("out");
    graded(&[place.join("class").to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let of = |name: &str| result(&out, name)["programs"]["udpserver"].clone();
    for name in ["lost", "other"] {
        let program = of(name);
        assert_eq!(program["points"], program["max_points"], "{program:#}");
        assert_eq!(program["outside"], Value::Null, "{program:#}");
    }
    assert!(of("lost")["notes"].to_string().contains("uppercase"), "{:#}", of("lost"));
    let torn = of("torn");
    assert!(torn["notes"].to_string().contains("gap receive are gone"), "{torn:#}");
    for gap in torn["gaps"].as_array().unwrap() {
        let due = if gap["name"] == "receive" { "gone" } else { "filled" };
        assert_eq!(gap["state"], due, "{gap}");
    }
    assert_eq!(torn["checks"], of("open")["checks"], "as if that gap alone were open");
    let added = of("added");
    assert_eq!(added["points"], added["max_points"], "{added:#}");
    assert!(added["outside"].as_str().unwrap().contains("+fn helper()"), "{added:#}");
    for name in ["closes", "comment"] {
        let program = of(name);
        assert_eq!(program["points"], 0, "{program:#}");
        assert!(program["not_built"].as_str().unwrap().contains("gap uppercase"), "{program:#}");
    }
}

/// The class as Moodle gives it out, unpacked.
fn moodle(into: &Path) -> Export {
    let export = exports(&class()).into_iter().find(|export| export.name == "moodle").unwrap();
    write(into, &export.files);
    export
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn one_process_for_each_submission_gives_the_same_gradebook() {
    if !has_sandbox() {
        return;
    }
    let place = place("one");
    let export = place.join("export");
    moodle(&export);
    let (whole, parts) = (place.join("whole"), place.join("parts"));
    graded(&[export.to_str().unwrap(), "--out", whole.to_str().unwrap()]);
    for (index, entry) in fs::read_dir(&export).unwrap().enumerate() {
        let out = parts.join(format!("results/{index}.json"));
        let one = entry.unwrap().path();
        graded(&["--one", one.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    }
    for _ in 0..2 {
        graded(&["--collect", parts.to_str().unwrap()]);
        assert_eq!(text(&parts.join("grades.csv")), text(&whole.join("grades.csv")));
    }
    fit_the_schema(&parts);
}

#[test]
fn one_process_for_each_identity_gives_the_same_gradebook_of_any_download() {
    if !has_sandbox() {
        return;
    }
    let place = place("ids");
    let mut class = class();
    class.truncate(4);
    // Identities may be anything: a folder for each, with names that no line and no command can hold.
    let strange = ["a b'c\"$(x)", "two\nlines", "-n", "Łu/ó"].map(|id| id.replace('/', "%"));
    let folders: Vec<(String, Vec<u8>)> = class
        .iter()
        .zip(&strange)
        .map(|(it, id)| (format!("{id}/udpserver.rs"), it.files[0].1.clone()))
        .collect();
    write(&place.join("strange"), &folders);
    let canvas = exports(&class).into_iter().find(|export| export.name == "canvas").unwrap();
    fs::write(place.join("canvas.zip"), as_zip(&canvas)).unwrap();
    for (name, wanted) in [("canvas.zip", canvas.ids.clone()), ("strange", strange.to_vec())] {
        let export = place.join(name);
        let export = export.to_str().unwrap();
        let (whole, parts) =
            (place.join(format!("{name} whole")), place.join(format!("{name} parts")));
        graded(&[export, "--out", whole.to_str().unwrap()]);
        let output = lab_grade(&["--list", export]);
        let list = String::from_utf8(output.stdout).unwrap();
        assert_eq!(list.lines().count(), wanted.len(), "{list}");
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "._-%\n".contains(c);
        assert!(list.chars().all(is_safe), "{list}");
        write(&parts, &[("list".to_owned(), list.clone().into_bytes())]);
        let one = |id: &str| {
            let out = parts.join(format!("results/{id}.json"));
            graded(&["--one", export, "--id", id, "--out", out.to_str().unwrap()]);
            fs::metadata(out).unwrap().modified().unwrap()
        };
        let (first, others) = list.split_once('\n').unwrap();
        let written = one(first);
        let output = lab_grade(&["--collect", parts.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "who is missing is told: {said}");
        assert!(others.lines().all(|id| said.contains(id)), "{said}");
        for id in others.lines() {
            one(id);
        }
        graded(&["--collect", parts.to_str().unwrap()]);
        assert_eq!(text(&parts.join("grades.csv")), text(&whole.join("grades.csv")));
        assert_eq!(one(first), written, "what is there already is not done again");
        for id in wanted {
            let there = results(&parts).into_iter().any(|result| result["id"] == id);
            assert!(there, "{id}");
        }
    }
    let nobody = place.join("nobody.json");
    let canvas = place.join("canvas.zip");
    let arguments =
        ["--one", canvas.to_str().unwrap(), "--id", "1", "--out", nobody.to_str().unwrap()];
    let output = lab_grade(&arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--list"), "{output:?}");
}

/// All results in a directory.
fn results(out: &Path) -> Vec<Value> {
    let entries = fs::read_dir(out.join("results")).unwrap().flatten();
    entries.map(|entry| serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap()).collect()
}

/// What a student is given back at this path.
#[track_caller]
fn given_back(out: &Path, path: &str) -> String {
    let archive = fs::File::open(out.join("feedback.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(archive).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| format!("{name:?}")).collect();
    let Ok(mut file) = archive.by_name(path) else { panic!("no {path} in {names:?}") };
    let mut said = String::new();
    file.read_to_string(&mut said).unwrap();
    said
}

#[test]
fn what_cannot_be_read_is_never_nothing() {
    if !has_sandbox() {
        return;
    }
    let place = place("unread");
    let right = solution("udpserver");
    let damaged = {
        let whole = zipped(&[("tcpclient.rs", solution("tcpclient").as_bytes())]);
        whole[..whole.len() - 60].to_vec()
    };
    let without_mark: Vec<u8> = right.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let lines = |text: &str, keep: &dyn Fn(&str) -> bool| -> Vec<u8> {
        let kept = text.lines().filter(|line| keep(line)).map(|line| format!("{line}\n"));
        kept.collect::<String>().into_bytes()
    };
    let no_fence = lines(&right, &|line| {
        !line.contains("====") && !line.trim_start().starts_with("//") && line.trim() != "Ok(())"
    });
    let files = [
        ("both/udpserver.rs", right.clone().into_bytes()),
        ("both/tcpclient.rs", solution("tcpclient").into_bytes()),
        ("rar/udpserver.rs", right.clone().into_bytes()),
        ("rar/rest.rar", b"Rar!\x1a\x07\x00".to_vec()),
        ("damaged/udpserver.rs", right.clone().into_bytes()),
        ("damaged/rest.zip", damaged),
        ("nobrand/my server.rs", without_mark),
        ("picture/udpserver.png", b"\x89PNG\r\n\x1a\n\0\0".to_vec()),
        ("picture/tcpclient.rs", solution("tcpclient").into_bytes()),
        ("nofence/udpserver.rs", no_fence),
        ("absent/udpserver.rs", right.into_bytes()),
    ];
    let files = files.map(|(path, bytes)| (path.to_owned(), bytes));
    write(&place.join("class"), &files);
    write(&place.join("class"), &[("roster.csv".to_owned(), b"a,b\n".to_vec())]);
    let out = place.join("out");
    let said = graded(&[place.join("class").to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(said.contains("nobody's") && said.contains("roster.csv"), "{said}");
    for (id, word) in [
        ("rar", "rest.rar"),
        ("damaged", "rest.zip"),
        ("nobrand", "NUL"),
        ("picture", "udpserver.png"),
        ("nofence", "===="),
    ] {
        let result = result(&out, id);
        is_due(Due::NotGradable, &result, id);
        assert!(result["reason"].to_string().contains(word), "{result:#}");
    }
    is_due(Due::All, &result(&out, "both"), "both");
    is_due(Due::Some, &result(&out, "absent"), "absent");
    assert_eq!(result(&out, "rar")["programs"]["udpserver"]["points"], 10);
    for (path, word) in [
        ("picture/tcpclient.rs", "tcpclient: 10 of 10"),
        ("picture/tcpclient.rs.feedback.txt", "udpserver: "),
        ("nobrand/my server.rs.feedback.txt", "NUL"),
        ("nofence/udpserver.rs", "===="),
    ] {
        let said = given_back(&out, path);
        assert!(said.contains(word), "{path}: {said}");
    }
    fit_the_schema(&out);
}

#[test]
fn a_worse_file_sent_later_counts_and_the_lower_mark_is_told() {
    if !has_sandbox() {
        return;
    }
    let place = place("lower");
    let (export, out) = (place.join("class"), place.join("out"));
    let file = |text: String| [("ann/udpserver.rs".to_owned(), text.into_bytes())];
    write(&export, &file(solution("udpserver")));
    write(&export, &[("bob/udpserver.rs".to_owned(), solution("udpserver").into_bytes())]);
    let arguments = [export.to_str().unwrap(), "--out", out.to_str().unwrap()];
    graded(&arguments);
    let before = result(&out, "ann")["points"].as_f64().unwrap();
    write(&export, &file(grade_class::wrong_server()));
    let said = graded(&arguments);
    let now = result(&out, "ann")["points"].as_f64().unwrap();
    assert!(now < before);
    assert!(said.contains(&format!("ann: {before} before, {now} now")), "{said}");
    assert!(!said.contains("bob: "), "{said}");
}

#[test]
fn a_teacher_s_slips_are_told_before_anything_is_done() {
    if !has_sandbox() {
        return;
    }
    let place = place("slips");
    let (export, out) = (place.join("class"), place.join("out"));
    write(&export, &[("u.1/udpserver.rs".to_owned(), solution("udpserver").into_bytes())]);
    let arguments = [export.to_str().unwrap(), "--out", out.to_str().unwrap()];
    graded(&arguments);
    let kept = |name: &str| fs::read(out.join(name)).unwrap();
    let before = (kept("grades.csv"), kept("results/u.1.json"), kept("run.json"));
    let cases = [
        ("assignment.toml", "labs = [\"udpsrver\"]", "Did you mean udpserver?"),
        ("assignment.toml", "[weights]\nudpsrver = 1", "Did you mean udpserver?"),
        ("assignment.toml", "[weights]\nudpserver = \"two\"", "udpserver = \"two\": a number"),
        ("assignment.toml", "[weights]\nudpserver = -1", "a number from 0 up was expected"),
        ("assignment.toml", "[weights]\nudpserver = nan", "a number from 0 up was expected"),
        ("assignment.toml", "weigths = 1", "weigths"),
        ("overrides.toml", "[u.1]\npoints = 1", "stands in quotes"),
        ("overrides.toml", "[x]\npoints = \"many\"", "points"),
        ("overrides.toml", "[x]\npoint = 3", "or else points, excused or comment"),
        ("overrides.toml", "[x]\npoints = inf", "a number from 0 up was expected"),
        ("overrides.toml", "[x.udpserver.checks.szies]\npoints = 1", "is no check of udpserver"),
        ("overrides.toml", "[x.udpserver]\npoint = 1", "point"),
    ];
    for (file, content, words) in cases {
        write(&out, &[(file.to_owned(), content.into())]);
        let output = lab_grade(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{content}: {said}");
        let tells = [file, words, "Nothing was graded"];
        assert!(tells.iter().all(|word| said.contains(word)), "{content}: {said}");
        let now = (kept("grades.csv"), kept("results/u.1.json"), kept("run.json"));
        assert!(now == before, "{content}");
        fs::remove_file(out.join(file)).unwrap();
    }
    let overrides =
        "[nobody]\npoints = 1\n[\"u.1\".tcpclient]\npoints = 1\n[\"group:x\"]\ncomment = \"c\"\n";
    write(&out, &[("overrides.toml".to_owned(), overrides.into())]);
    let said = graded(&arguments);
    for word in
        ["nobody: nobody in this class", "u.1: tcpclient does not count", "group:x: no group"]
    {
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(kept("grades.csv"), before.0);
}

#[test]
fn a_teacher_s_word_stands_in_every_view_and_no_run_rewrites_it() {
    if !has_sandbox() {
        return;
    }
    let place = place("word");
    let (export, out) = (place.join("export"), place.join("out"));
    moodle(&export);
    let overrides = "[4711]\npoints = 3.5\ncomment = \"seen in person\"\n[4713]\nexcused = true\n\
                     [4714.udpserver.checks.answers]\npoints = 1\ncomment = \"half\"\n[9999]\npoints = 1\n";
    write(&out, &[("overrides.toml".to_owned(), overrides.into())]);
    write(
        &out,
        &[(
            "assignment.toml".to_owned(),
            b"labs = [\"udpserver\"]\n[weights]\nudpserver = 2\n".to_vec(),
        )],
    );
    let worksheet = "Identifier,\"Full name\",Grade,\"Maximum grade\"\r\n\"Participant 4711\",\"A, B\",,100.00\r\n\
                     \"Participant 4713\",C,7,100.00\r\n";
    let file = place.join("worksheet.csv");
    fs::write(&file, worksheet).unwrap();
    let arguments = [
        export.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--fill",
        file.to_str().unwrap(),
    ];
    let said = graded(&arguments);
    assert!(said.contains("9999"), "{said}");
    let first = result(&out, "4711");
    assert_eq!((&first["points"], &first["raw_points"]), (&3.5.into(), &20.into()), "{first:#}");
    assert_eq!(first["max_points"], 20);
    assert_eq!(result(&out, "4713")["points"], Value::Null);
    let of_check = result(&out, "4714");
    assert_eq!(
        of_check["points"].as_f64(),
        of_check["raw_points"].as_f64().map(|raw| raw + 2.0),
        "{of_check:#}"
    );
    let grades = text(&out.join("grades.csv"));
    assert!(grades.starts_with("id,name,state,points,max_points,udpserver,"), "{grades}");
    assert!(grades.contains("4711,Aoife OBrien,graded,3.5,20,20,20,,,seen in person"), "{grades}");
    let filled = text(&out.join("worksheet.csv"));
    assert_eq!(filled, worksheet.replace("\"A, B\",,", "\"A, B\",3.5,"));
    assert_eq!(text(&file), worksheet);
    assert!(text(&out.join("gradescope/4711/results.json")).contains("\"score\": 3.5"));
    assert!(text(&out.join("report/student-4711.html")).contains("seen in person"));
    assert!(!text(&out.join("report/index.html")).contains("Aoife"), "names are hidden");
    assert!(text(&out.join("junit/udpserver.xml")).contains("classname=\"4711.udpserver\""));
    // The same again: nothing is done anew, and nothing is written anew.
    let before = fs::metadata(out.join("results/4711.json")).unwrap().modified().unwrap();
    graded(&arguments);
    assert_eq!(fs::metadata(out.join("results/4711.json")).unwrap().modified().unwrap(), before);
    assert_eq!(text(&out.join("overrides.toml")), overrides);
    // And with names, and without the word.
    fs::remove_file(out.join("overrides.toml")).unwrap();
    let said = graded(&[&arguments[..], &["--names-shown"]].concat());
    assert_eq!(result(&out, "4711")["points"], 20);
    assert!(
        said.contains("4714: ") && said.contains("before"),
        "a mark that went down is listed: {said}"
    );
    assert!(text(&out.join("report/index.html")).contains("Aoife"));
}

#[test]
fn wrong_commands_are_told_what_is_wrong() {
    let place = place("usage");
    let (out, flat) = (place.join("out"), place.join("flat"));
    write(&flat, &[("a_udpserver.rs".to_owned(), solution("udpserver").into())]);
    let nothing = place.join("nothing");
    fs::create_dir_all(&nothing).unwrap();
    let out = out.to_str().unwrap();
    for (arguments, words) in [
        (vec![flat.to_str().unwrap(), "--out", out], "--names"),
        (vec![nothing.to_str().unwrap(), "--out", out], "there is no submission in it"),
        (vec!["/nonexistent.zip", "--out", out], "/nonexistent.zip"),
        (vec![flat.to_str().unwrap(), "--out", out, "--names", "(("], "no regular expression"),
        (vec![flat.to_str().unwrap(), "--out", out, "--names", "x"], "(?<id>"),
        (
            vec![flat.to_str().unwrap(), "--out", out, "--lab", "udpsrver"],
            "Did you mean udpserver?",
        ),
        (vec![flat.to_str().unwrap()], "--out"),
        (vec!["--collect", nothing.to_str().unwrap()], "no results"),
    ] {
        let output = lab_grade(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn answers_about_packets_are_marked_and_a_capture_of_two_is_told() {
    if !has_sandbox() {
        return;
    }
    if !works("tshark", &["--version"]) {
        return skip("tshark is missing");
    }
    let place = place("packets");
    let capture = |name: &str| fs::read(root().join("tests/captures").join(name)).unwrap();
    for (student, name) in
        [("ann", "chatserver.pcap"), ("bob", "chatserver.pcap"), ("eve", "windsor.pcap")]
    {
        write(
            &place,
            &[
                (format!("class/{student}/answers.toml"), b"q3_flags = \"SYN\"\n".to_vec()),
                (format!("class/{student}/{name}"), capture(name)),
            ],
        );
    }
    let out = place.join("out");
    let said = graded(&[place.join("class").to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(said.contains("ann: so did bob") && !said.contains("eve: so did"), "{said}");
    let marks = result(&out, "ann")["packets"].clone();
    assert_eq!(marks["right"], 1, "{marks:#}");
    assert_eq!(marks["also_of"], serde_json::json!(["bob"]));
    fit_the_schema(&out);
}
