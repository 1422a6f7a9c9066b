//! The documents say what is true: hints for every gap, rules word for word, experiments that come
//! out as printed, commands and files that exist.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{skip, works};
use lab::Handout;
use lab::build;
use lab::parity;
use lab::{LABS, Tree, annotated, products};

fn tree() -> Tree {
    Tree::at(Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("lab/ has a parent"))
}

/// All Markdown files of the project, by their paths from the root.
fn documents() -> Vec<String> {
    let tree = tree();
    let mut found = Vec::new();
    for directory in ["", "docs/", "solutions/"] {
        let entries = fs::read_dir(tree.path(directory)).expect("a directory of the project");
        for entry in entries.flatten() {
            let name = entry.file_name().into_string().expect("a plain name");
            if name.ends_with(".md") {
                found.push(format!("{directory}{name}"));
            }
        }
    }
    found
}

/// The blocks between ``` fences whose first line names this language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if name == language {
            found.push(block.join("\n") + "\n");
        }
    }
    found
}

#[test]
fn every_gap_has_one_to_three_hints() {
    for lab in LABS {
        let handout = Handout::read(&tree(), lab.handout).unwrap();
        for gap in products::of(&tree(), lab.name).unwrap().skeleton.gaps {
            let hints = handout.hints(lab.name, &gap.name);
            let place = format!("{}, ## {}, ### {}", lab.handout, lab.name, gap.name);
            assert!((1..=3).contains(&hints.len()), "{place}: {} hints", hints.len());
        }
    }
}

#[test]
fn every_check_enforces_a_sentence_of_its_handout() {
    for lab in LABS {
        let handout = Handout::read(&tree(), lab.handout).unwrap();
        for check in lab.checks {
            let place = format!("{}/{}", lab.name, check.name);
            assert!(handout.section_of(check.rule).is_some(), "{place}: {:?}", check.rule);
        }
    }
}

#[test]
fn every_check_has_its_own_name_and_a_gap_that_exists() {
    for lab in LABS {
        let skeleton = products::of(&tree(), lab.name).unwrap().skeleton;
        let names: BTreeSet<&str> = lab.checks.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), lab.checks.len(), "{} has two checks of one name", lab.name);
        let first = lab.checks.first().expect("every lab has checks");
        assert_eq!(
            first.after, [None; 3],
            "{}: a failure is told before what follows from it",
            lab.name
        );
        for check in lab.checks {
            let found = skeleton.gap(check.gap).is_some();
            // Advice may be about what is given.
            let given = check.gap.is_empty() && (skeleton.is_given() || check.is_advice());
            assert!(found || given, "{}/{}: no gap {}", lab.name, check.name, check.gap);
        }
    }
}

#[test]
fn every_line_of_a_twin_is_quoted_in_order_or_said_in_the_same_words() {
    let mut problems = Vec::new();
    for lab in LABS {
        let parity = parity::of(&tree(), lab).unwrap();
        println!("{parity}");
        problems.extend(parity.problems);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_python_line_of_a_table_is_in_a_twin_and_every_call_in_a_program() {
    let read_all = |files: Vec<String>| -> String {
        files.iter().map(|file| tree().read(file).unwrap()).collect()
    };
    let twins = read_all(LABS.iter().map(|lab| format!("tests/twins/{}.py", lab.name)).collect());
    let programs = read_all(LABS.iter().map(|lab| annotated(lab.name)).collect());
    // What Python has built in, Rust programs have from the library.
    let programs = programs + &tree().read("src/lib.rs").unwrap();
    let handouts: BTreeSet<&str> = LABS.iter().map(|lab| lab.handout).collect();
    let mut rows = 0;
    for handout in handouts {
        let text = tree().read(handout).unwrap();
        let table = text.split("\n| Python |").nth(1).expect("a table of Python and Rust");
        for row in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
            let cells: Vec<&str> = row.split('|').collect();
            for (cell, place) in [(cells[1], &twins), (cells[2], &programs)] {
                for code in cell.split('`').skip(1).step_by(2) {
                    assert!(place.contains(code), "{handout}: {code} is nowhere");
                }
            }
            rows += 1;
        }
    }
    assert!(rows >= LABS.len(), "only {rows} rows");
}

#[test]
fn every_make_target_that_a_document_names_exists() {
    let makefile = tree().read("Makefile").unwrap() + &tree().read("lab/kit/Makefile").unwrap();
    for document in documents() {
        let text = tree().read(&document).unwrap();
        for (_, rest) in text.match_indices("make ").map(|(at, _)| text[at..].split_at(5)) {
            let before = &text[..text.len() - rest.len() - 5];
            if !before.ends_with(['`', '\n']) {
                continue; // the verb
            }
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '-');
            let end = end.unwrap_or(rest.len());
            let target = &rest[..end];
            assert!(makefile.contains(&format!("\n{target}:")), "{document}: make {target}");
        }
    }
}

#[test]
fn every_link_leads_to_a_file() {
    for document in documents() {
        let text = tree().read(&document).unwrap();
        let directory = Path::new(&document).parent().expect("a relative path").to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !target.starts_with("https://") {
                let (file, heading) = target.split_once('#').unwrap_or((target, ""));
                let path = match file {
                    "" => tree().path(&document),
                    file => tree().path("").join(&directory).join(file),
                };
                assert!(path.exists(), "{document}: {target}");
                let is_there = heading.is_empty() || anchors(&path).contains(heading);
                assert!(is_there, "{document}: {target}: no such heading");
            }
        }
    }
}

/// The headings of a document, as a link names them.
fn anchors(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn the_readme_lists_every_lab_with_its_port_and_handout() {
    let readme = tree().read("README.md").unwrap();
    for lab in LABS {
        let program = format!("`{}`", lab.name);
        let row = readme.lines().find(|line| line.starts_with('|') && line.contains(&program));
        let row = row.unwrap_or_else(|| panic!("README.md has no row for {}", lab.name));
        let port = format!("{} {}", lab.transport.name(), lab.port);
        assert!(row.contains(&port), "{}: {port} is expected in {row}", lab.name);
        assert!(row.contains(lab.handout), "{}: {} is expected in {row}", lab.name, lab.handout);
    }
}

/// `lab gen --check` compares each with what was recorded; this one says that they are marked.
#[test]
fn every_screen_is_marked_as_one_that_is_recorded() {
    let mut screens = 0;
    for document in documents() {
        let text = tree().read(&document).unwrap();
        let mut before = "";
        let mut in_block = false;
        for line in text.lines() {
            if line.starts_with("```") {
                in_block = !in_block;
            }
            let opens = in_block && line == "```";
            screens += usize::from(opens && before.starts_with("<!-- screen: "));
            let is_a_screen = in_block && line.starts_with(['✗', '✓']);
            assert!(!is_a_screen || text.contains("<!-- screen: "), "{document}: {line}");
            before = line;
        }
    }
    assert!(screens >= 2, "README.md and docs/students.md show one each");
}

#[test]
fn the_page_on_handing_out_works_as_printed() {
    if !works("git", &["--version"]) || !works("python3", &["--version"]) {
        return skip("git or python3 is missing");
    }
    let place = tempfile::tempdir().expect("there is room for temporary files");
    let kit = place.path().join("socket-labs-students");
    let page = tree().read("docs/handing-out.md").unwrap();
    let steps = blocks(&page, "sh").concat();
    assert!(steps.contains("git clone") && steps.contains("rev-list"), "{steps}");
    let script = format!(
        "set -eu\n\"$LAB\" handout 01 02 --into \"$PLACE\"\npython3 \"$PACK\" \"$PLACE\"\nmkdir work\n\
         cd work\n{steps}\ntest -f collected/student-7/skeletons/udpserver.rs\n"
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(place.path())
        .env("LAB", env!("CARGO_BIN_EXE_lab"))
        .env("PLACE", &kit)
        .env("PACK", tree().path("lab/kit/pack.py"))
        .env("KIT", kit.with_extension("tar.gz"))
        .env("DEADLINE", "2090-01-01")
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "student")))
        .envs(
            ["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "student@example.com")),
        )
        .output()
        .expect("bash is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_check_that_a_document_names_exists() {
    let mut named = 0;
    for document in documents() {
        let text = tree().read(&document).unwrap();
        for lab in LABS {
            for (at, found) in text.match_indices(&format!("{}/", lab.name)) {
                let is_word = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
                if text[..at].ends_with(is_word) {
                    continue; // the end of another name, or of a path
                }
                let rest = &text[at + found.len()..];
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                let name = &rest[..end.unwrap_or(rest.len())];
                let exists = lab.checks.iter().any(|check| check.name == name);
                assert!(exists, "{document}: there is no check {}/{name}", lab.name);
                named += 1;
            }
        }
    }
    assert!(named > 2, "only {named} found: does this test still read them?");
}

#[test]
fn the_code_in_contributing_is_the_project_s_own() {
    let text = tree().read("CONTRIBUTING.md").unwrap();
    let checks = tree().read("lab/src/checks/udpserver.rs").unwrap();
    let shown: Vec<String> =
        blocks(&text, "rust").into_iter().filter(|block| block.contains("bytes")).collect();
    assert_eq!(shown.len(), 2, "a check's record and its function");
    for block in shown {
        assert!(checks.contains(&block), "CONTRIBUTING.md shows what is no more:\n{block}");
    }
}

#[test]
fn every_experiment_of_an_answer_key_comes_out_as_printed() {
    let solutions = tree().path("solutions");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet", "--manifest-path"])
        .arg(solutions.join("Cargo.toml"))
        .args(["--features", if build::without_openssl() { "vendored" } else { "tls" }])
        .arg("--target-dir")
        .arg(solutions.join("target"))
        .status();
    assert!(built.is_ok_and(|status| status.success()), "the solutions do not build");
    let experiments: Vec<(String, String)> = experiments()
        .into_iter()
        .filter(|(_, experiment)| !looks_at_a_capture(experiment))
        .collect();
    assert!(!experiments.is_empty());
    // Some wait for 5 s, so all run at once.
    let ports = free_ports(2 * experiments.len());
    std::thread::scope(|scope| {
        for ((key, experiment), ports) in experiments.iter().zip(ports.chunks(2)) {
            let programs = solutions.join("target/debug");
            scope.spawn(move || {
                // Else the host's network, where somebody may take a port that is free now.
                let _ = lab::network::enter();
                let printed = conduct(experiment, &programs, (ports[0], ports[1]));
                assert_eq!(&printed, experiment, "{key}: an experiment comes out otherwise");
            });
        }
    });
}

#[test]
fn every_experiment_on_a_capture_comes_out_as_printed() {
    if !works("tshark", &["--version"]) {
        return skip("tshark is missing");
    }
    let experiments = experiments();
    let experiments = experiments.iter().filter(|(_, experiment)| looks_at_a_capture(experiment));
    let mut count = 0;
    for (key, experiment) in experiments {
        // One after the other: those of the other test must not be kept waiting.
        let printed = conduct(experiment, Path::new("/nonexistent"), (0, 0));
        assert_eq!(&printed, experiment, "{key}: an experiment comes out otherwise");
        count += 1;
    }
    assert!(count > 0);
}

/// The console blocks of all answer keys, each with the key that it is from.
fn experiments() -> Vec<(String, String)> {
    let keys = documents().into_iter().filter(|document| document.ends_with("-answers.md"));
    keys.flat_map(|key| {
        let text = tree().read(&key).unwrap();
        blocks(&text, "console").into_iter().map(move |block| (key.clone(), block))
    })
    .collect()
}

fn looks_at_a_capture(experiment: &str) -> bool {
    experiment.contains("$CAPTURES")
}

/// Runs the commands of a console block in one bash, and gives back the block with what they
/// printed. `$ ` begins a command, `> ` goes on with it.
fn conduct(experiment: &str, programs: &Path, (port, other): (u16, u16)) -> String {
    const END: &str = "---- end of a command ----";
    let end_of_last = |commands: &[String]| match commands {
        [] => String::new(),
        _ => format!("echo '{END}'\n"),
    };
    let mut script = String::new();
    let mut commands: Vec<String> = Vec::new();
    for line in experiment.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            script.push_str(&end_of_last(&commands));
            script.push_str(&format!("{command}\n"));
            commands.push(format!("{line}\n"));
        } else if let Some(more) = line.strip_prefix("> ") {
            script.push_str(&format!("{more}\n"));
            commands.last_mut().expect("a command before").push_str(&format!("{line}\n"));
        }
    }
    script.push_str(&end_of_last(&commands));
    let directory = tempfile::tempdir().expect("a directory for what the experiment writes");
    let path = std::env::var("PATH").unwrap_or_default();
    let tool = Path::new(env!("CARGO_BIN_EXE_lab")).parent().expect("it lies in a directory");
    let mut child = Command::new("bash")
        .args(["-c", &format!("exec 2>&1\n{script}")])
        .current_dir(directory.path())
        .env("PATH", format!("{}:{}:{path}", programs.display(), tool.display()))
        .envs([("PORT", port.to_string()), ("OTHER", other.to_string())])
        .env("CAPTURES", tree().path("tests/captures"))
        .env("PYTHONUNBUFFERED", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("bash is there");
    let group = nix::unistd::Pid::from_raw(child.id().try_into().expect("a process id"));
    let mut output = String::new();
    let mut pipe = child.stdout.take().expect("it is piped");
    // Servers in the background hold the pipe open: read up to the end of the last command.
    let mut piece = [0; 4096];
    loop {
        let length = std::io::Read::read(&mut pipe, &mut piece).expect("a pipe can be read");
        output.push_str(&String::from_utf8_lossy(&piece[..length]));
        if length == 0 || output.matches(END).count() == commands.len() {
            break;
        }
    }
    let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL); // servers
    child.wait().expect("bash ends when it is killed");
    if experiment.contains("$PORT") {
        output = output.replace(&port.to_string(), "12000").replace(&other.to_string(), "12001");
    }
    let end = format!("{END}\n");
    let printed = output.split(&end);
    commands.iter().zip(printed).map(|(command, printed)| format!("{command}{printed}")).collect()
}

/// Ports that are free for UDP and TCP, and whose next is free, no two of them the same.
fn free_ports(count: usize) -> Vec<u16> {
    let mut held = Vec::new();
    while held.len() < count {
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = tcp.local_addr().expect("it is bound");
        let next = TcpListener::bind((address.ip(), address.port().wrapping_add(1)));
        if let (Ok(udp), Ok(next)) = (UdpSocket::bind(address), next) {
            held.push((address.port(), tcp, udp, next));
        }
    }
    held.iter().map(|(port, ..)| *port).collect()
}

#[test]
fn the_plan_of_the_house_has_every_room() {
    let plan = tree().read("docs/architecture.md").unwrap();
    let mut rooms = 0;
    for floor in fs::read_dir(tree().path("lab/src")).unwrap() {
        let floor = floor.unwrap().path();
        let files = match floor.is_dir() {
            true => fs::read_dir(&floor).unwrap().map(|file| file.unwrap().path()).collect(),
            false => vec![floor],
        };
        for file in files {
            let room = file.file_stem().unwrap().to_str().unwrap();
            let is_a_lab_s = LABS.iter().any(|lab| lab.name == room);
            let named = is_a_lab_s || ["lib", "mod"].contains(&room);
            assert!(
                named || plan.contains(&format!("`{room}`")),
                "the plan says nothing of {room}"
            );
            rooms += 1;
        }
    }
    assert!(rooms > 40, "{rooms}");
}

#[test]
fn no_document_names_a_path_of_somebody_s_machine() {
    let mut files: Vec<PathBuf> = documents().iter().map(|file| tree().path(file)).collect();
    files.extend(["Makefile", "lab/kit/Makefile"].map(|file| tree().path(file)));
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for path in ["/home/", "/root/", "/Users/"] {
            assert!(!text.contains(path), "{}: {path}", file.display());
        }
    }
}
