//! A grader that is killed, or interrupted, loses nothing: whoever starts it again has the gradebook of
//! an undisturbed run. And a submission per process, under the engines of docs/engines, gives the same.

mod common;
#[path = "grade_class.rs"]
mod grade_class;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{root, skip, works};
use grade_class::{
    graded, has_sandbox, place, skeleton, solution, with_gap, write, wrong_server, zipped,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// So many students, of whom some are right, wrong, empty, equal, or do not compile.
fn class(directory: &Path, count: usize) {
    let right = solution("udpserver");
    for number in 0..count {
        let body = match number % 5 {
            0 => right.clone(),
            1 => wrong_server(),
            2 => skeleton("udpserver"),
            3 => with_gap(&right, "bind", &format!("    let x{number} = ;")),
            _ => with_gap(
                &right,
                "uppercase",
                &format!(
                    "    let number_{number} = message.to_ascii_uppercase();\n    let modified_message = number_{number};"
                ),
            ),
        };
        write(
            directory,
            &[(
                format!("An Other {number}_{}_assignsubmission_file/udpserver.rs", 4700 + number),
                body.into_bytes(),
            )],
        );
    }
}

fn start(export: &Path, out: &Path) -> std::process::Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.arg("grade").arg(export).arg("--out").arg(out).current_dir(root());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn grades(out: &Path) -> String {
    fs::read_to_string(out.join("grades.csv")).unwrap()
}

/// Whether anything still runs that was compiled below a directory.
fn still_runs(out: &Path) -> bool {
    let what = out.join("work");
    let what = what.to_str().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut commands = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    commands.any(|line| String::from_utf8_lossy(&line).contains(what))
}

#[track_caller]
fn ends_soon(out: &Path) {
    let asked = Instant::now();
    while still_runs(out) {
        assert!(asked.elapsed() < Duration::from_secs(60), "a program outlives the grader");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn killed_at_twenty_moments_it_comes_to_the_same_gradebook() {
    if !has_sandbox() {
        return;
    }
    let place = place("killed");
    let (export, calm, out) = (place.join("export"), place.join("calm"), place.join("out"));
    class(&export, 15);
    let began = Instant::now();
    graded(&[export.to_str().unwrap(), "--out", calm.to_str().unwrap()]);
    let whole = began.elapsed();
    let mut random = fastrand::Rng::new();
    let mut unfinished = 0;
    for round in 0..20 {
        let mut child = start(&export, &out);
        // A run that goes on from another is shorter: moments are spread over what is left of it.
        thread::sleep(whole.mul_f64(random.f64()) / (1 + round / 4));
        unfinished += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        ends_soon(&out);
        for entry in fs::read_dir(out.join("results")).into_iter().flatten().flatten() {
            let is_whole = entry.path().extension().is_none_or(|end| {
                end != "json"
                    || serde_json::from_slice::<serde_json::Value>(&fs::read(entry.path()).unwrap())
                        .is_ok()
            });
            assert!(is_whole, "{} is not whole", entry.path().display());
        }
        if round == 9 {
            fs::remove_dir_all(out.join("cache")).unwrap(); // the results alone must do, too
        }
    }
    assert!(unfinished >= 5, "only {unfinished} of 20 runs were killed at work");
    graded(&[export.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(grades(&out), grades(&calm));
}

#[test]
fn ctrl_c_ends_it_within_two_seconds_and_leaves_no_program() {
    if !has_sandbox() {
        return;
    }
    let place = place("interrupted");
    let (export, out) = (place.join("export"), place.join("out"));
    class(&export, 15);
    for moment in [1500, 3000, 4500] {
        let mut child = start(&export, &out);
        thread::sleep(Duration::from_millis(moment));
        if child.try_wait().unwrap().is_some() {
            continue; // it was quicker
        }
        let asked = Instant::now();
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
        let status = child.wait().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        assert!(matches!(status.code(), Some(130 | 0)), "{status:?}");
        ends_soon(&out);
    }
    graded(&[export.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(grades(&out).lines().count(), 16);
}

#[test]
fn engines_give_the_same_grades_byte_for_byte() {
    if !has_sandbox() {
        return;
    }
    let place = place("engines");
    let (export, whole) = (place.join("export"), place.join("whole"));
    class(&export, 40);
    graded(&[export.to_str().unwrap(), "--out", whole.to_str().unwrap()]);
    // As it was downloaded, and with all files in one folder: no path says where a submission ends.
    let flat = place.join("flat.zip");
    let files: Vec<(String, Vec<u8>)> = fs::read_dir(&export)
        .unwrap()
        .flatten()
        .map(|folder| {
            let name = folder.file_name().into_string().unwrap();
            (format!("{name}_udpserver.rs"), fs::read(folder.path().join("udpserver.rs")).unwrap())
        })
        .collect();
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    fs::write(&flat, zipped(&files)).unwrap();
    let engines: [(&str, Vec<&str>); 2] =
        [("make", vec!["-f", "docs/engines/Makefile", "-j", "2"]), ("parallel", vec![])];
    for (engine, arguments) in engines {
        if !works(engine, &["--version"]) {
            skip(&format!("{engine} is missing"));
            continue;
        }
        let out = place.join(engine);
        let (flat, out_) = (flat.to_str().unwrap(), out.to_str().unwrap());
        let mut command = match engine {
            "make" => {
                let mut make = Command::new("make");
                make.args(arguments).arg(format!("EXPORT={flat}")).arg(format!("OUT={out_}"));
                make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
                make
            }
            _ => {
                let mut script = Command::new("docs/engines/parallel.sh");
                script.args([flat, out_]);
                script
            }
        };
        let output =
            command.env("LAB", env!("CARGO_BIN_EXE_lab")).current_dir(root()).output().unwrap();
        assert!(output.status.success(), "{engine}: {output:?}");
        assert_eq!(grades(&out), grades(&whole), "{engine}");
    }
}
