//! `make`, as somebody runs it whose checkout lies at an awkward place and whose cargo has settings of
//! its own.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;

use common::{copy, root, skip, works};

/// A clone whose path has spaces and letters outside ASCII. It is kept for the next run: its
/// dependencies are compiled once.
struct Clone {
    root: PathBuf,
    settings: Vec<(&'static str, String)>,
}

impl Clone {
    fn new() -> Clone {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("Netz (Übung) 1");
        fs::create_dir_all(&root).expect("target/ can be written to");
        for part in ["Cargo.toml", "Cargo.lock", "Makefile", ".cargo", "src", "lab", "docs", "www"]
            .into_iter()
            .chain(["skeletons", "solutions"])
        {
            copy(&self::root().join(part), &root.join(part));
        }
        let _ = fs::remove_dir_all(root.join("target/lab")); // what the tool remembered, if anything
        Clone { root, settings: Vec::new() }
    }

    fn make(&self, arguments: &[&str]) -> Output {
        let mut make = Command::new("make");
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_") || name.starts_with("MAKE") || name.ends_with("FLAGS") {
                make.env_remove(&*name);
            }
        }
        // Cargo's home is where the crates are.
        make.envs(std::env::var_os("CARGO_HOME").map(|home| ("CARGO_HOME", home)));
        make.args(arguments).current_dir(&self.root).envs(self.settings.iter().cloned());
        make.output().expect("make is there")
    }

    /// Demands an exit code, and gives back what was said.
    #[track_caller]
    fn says(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let output = self.make(arguments);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stdout}{stderr}");
        (stdout, stderr)
    }

    /// When each file below src/ was written.
    fn source(&self) -> BTreeMap<PathBuf, SystemTime> {
        let entries = fs::read_dir(self.root.join("src")).expect("it is there").flatten();
        let more = fs::read_dir(self.root.join("src/bin")).expect("it is there").flatten();
        let written = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
        entries
            .chain(more)
            .map(|entry| (entry.path(), written(&entry.path()).expect("it is there")))
            .collect()
    }

    /// A tool of old, which would say that all is well.
    fn plant_an_old_tool(&self) {
        let old = self.root.join("target/debug/lab");
        fs::create_dir_all(old.parent().expect("it has one")).expect("ours");
        fs::write(&old, "#!/bin/sh\necho I AM OLD\n").expect("ours");
        fs::set_permissions(&old, fs::Permissions::from_mode(0o755)).expect("ours");
    }
}

#[test]
fn make_works_at_any_place_and_with_the_settings_of_cargo() {
    if !works("make", &["--version"]) {
        return skip("make is missing");
    }
    let mut clone = Clone::new();
    let before = clone.source();
    clone.settings = vec![
        ("CARGO_TARGET_DIR", clone.root.join("Gebautes (2)").display().to_string()),
        ("RUSTFLAGS", "-D warnings".to_owned()),
    ];
    clone.plant_an_old_tool();

    // What has not passed yet is told by the exit code, and looks like no crash.
    let (stdout, stderr) = clone.says(1, &["check", "LAB=udpserver"]);
    assert!(stdout.contains("gap 1 of 4 is still open: bind"), "{stdout}");
    assert!(!stdout.contains("I AM OLD"), "{stdout}");
    assert!(!stderr.contains("make") && !stderr.contains("Error"), "{stderr}");
    let (_, stderr) = clone.says(2, &["check", "LAB=nonsense"]);
    assert!(stderr.contains("invalid value 'nonsense'"), "{stderr}");
    let (stdout, _) = clone.says(0, &["run", "LAB=udpserver", "ARGS=-h"]);
    assert!(stdout.starts_with("usage: udpserver"), "{stdout}");

    // A warning is advice, whatever RUSTFLAGS make of it.
    let solution = fs::read_to_string(clone.root.join("solutions/udpserver.rs")).expect("text");
    let careless = solution.replacen("client_address)?;", "client_address);", 1);
    assert_ne!(careless, solution);
    fs::write(clone.root.join("skeletons/udpserver.rs"), careless).expect("ours");
    let (stdout, _) = clone.says(0, &["check", "LAB=udpserver"]);
    assert!(stdout.contains("10 of 10 points"), "{stdout}");
    assert!(stdout.contains("unused `Result`"), "{stdout}");

    // The same setting as one writes it into a configuration file.
    clone.settings[0] = ("CARGO_BUILD_TARGET_DIR", "elsewhere".to_owned());
    let (stdout, _) = clone.says(0, &["check", "LAB=udpserver"]);
    assert!(stdout.contains("10 of 10 points"), "{stdout}");
    let (stdout, _) = clone.says(0, &["diff", "LAB=udpserver"]);
    assert!(!stdout.contains("I AM OLD") && stdout.contains("as the solution"), "{stdout}");
    assert_eq!(clone.source(), before, "src/ is only read");
}
