//! Submissions that attack the grader. None gains a point, changes another's result or leaves anything:
//! each has a verdict that it must get, whatever it tries.

mod common;
#[path = "grade_class.rs"]
mod grade_class;

use std::fs;
use std::path::Path;

use common::root;
use grade_class::{graded, has_sandbox, place, result, solution, with_gap, write, zipped};
use zip::write::SimpleFileOptions;

/// What an attack must get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// The program is right, and what it tries besides does no harm.
    AllPoints,
    /// As many as a server that sends back what it gets: what it needs to be right, it has not found.
    AnEchos,
    Nothing,
    /// It harms itself, and how much is luck.
    NoMore,
    NotGradable,
}
use Verdict::{AllPoints, AnEchos, NoMore, NotGradable, Nothing};

/// A server that is right if this is true, and an echo if not.
fn right_if(condition: &str) -> String {
    let body = format!(
        "    let modified_message =\n        if {condition} {{ message.to_ascii_uppercase() }} else {{ message.to_vec() }};"
    );
    with_gap(&solution("udpserver"), "uppercase", &body)
}

/// A right server that does something first, once.
fn does(what: &str) -> String {
    let body = format!(
        "    {what}\n    let server_socket = UdpSocket::bind((server_name, server_port))?;"
    );
    with_gap(&solution("udpserver"), "bind", &body)
}

/// What goes in a file of its own: by name, the program, and what is due.
fn programs() -> Vec<(&'static str, String, Verdict)> {
    let root = root().display();
    let there = |path: &str| format!("std::fs::metadata({path:?}).is_ok()");
    let reads = |macro_: &str, path: &str| {
        with_gap(
            &solution("udpserver"),
            "uppercase",
            &format!(
                "    let s = {macro_}!({path:?});\n    let modified_message = message.to_ascii_uppercase();"
            ),
        )
    };
    let secret = format!("{root}/solutions/udpserver.rs");
    let shell = |script: &str| {
        format!("let _ = std::process::Command::new(\"sh\").args([\"-c\", {script:?}]).status();")
    };
    let mut all = while_compiling(&secret, &reads);
    all.extend([
        // What it sees.
        ("sees-solutions", right_if(&there(&format!("{root}/solutions"))), AnEchos),
        ("sees-tests", right_if(&there(&format!("{root}/tests"))), AnEchos),
        ("sees-checks", right_if(&there(&format!("{root}/lab/src/checks"))), AnEchos),
        ("sees-built", right_if(&there(&format!("{root}/target/build/debug"))), AnEchos),
        ("sees-home", right_if(&there("/root")), AnEchos),
        ("sees-homes", right_if(&there("/home")), AnEchos),
        ("sees-passwords", right_if(&there("/etc/shadow")), AnEchos),
        ("sees-environment", right_if("std::env::vars().any(|(k, _)| k.starts_with(\"CARGO\") || k == \"USER\")"), AnEchos),
        ("sees-grader", right_if("std::fs::read(\"/proc/1/environ\").is_ok() || std::fs::read(\"/proc/1/mem\").is_ok()"), AnEchos),
        ("sees-root-of-grader", right_if("std::fs::read_dir(\"/proc/1/root/root\").is_ok()"), AnEchos),
        ("writes-beside-itself", right_if("std::env::current_exe().is_ok_and(|me| std::fs::write(me.with_file_name(\"x\"), \"x\").is_ok())"), AnEchos),
        ("writes-to-root", right_if("std::fs::write(\"/evil\", \"x\").is_ok() || std::fs::write(\"/usr/evil\", \"x\").is_ok()"), AnEchos),
        ("remembers", right_if("{ let f = std::env::temp_dir().join(\"seen\"); let known = f.exists(); let _ = std::fs::write(&f, message); let g = std::path::Path::new(\"/tmp/seen-by-all\"); let before = g.exists(); let _ = std::fs::write(g, message); known && before && std::process::id() == 0 }"), AnEchos),
        // Whom it reaches.
        ("goes-online", right_if("std::net::TcpStream::connect_timeout(&\"192.0.2.1:80\".parse().unwrap(), std::time::Duration::from_millis(200)).is_ok()"), AnEchos),
        ("has-capabilities", right_if("!std::fs::read_to_string(\"/proc/self/status\").unwrap_or_default().contains(\"CapEff:\\t0000000000000000\")"), AnEchos),
        ("makes-namespaces", right_if("std::process::Command::new(\"unshare\").args([\"-U\", \"true\"]).status().is_ok_and(|s| s.success())"), AnEchos),
        ("mounts", right_if("std::process::Command::new(\"mount\").args([\"-t\", \"tmpfs\", \"x\", \"/tmp\"]).status().is_ok_and(|s| s.success())"), AnEchos),
        ("traces-parent", right_if("std::process::Command::new(\"python3\").args([\"-c\", \"import ctypes,os,sys; sys.exit(0 if ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0 and False else 1)\"]).status().is_ok_and(|s| s.success())"), AnEchos),
        // What it leaves or breaks.
        ("daemon", does(&shell("setsid sleep 4242 >/dev/null 2>&1 </dev/null &")), AllPoints),
        ("deaf-daemon", does(&shell("(trap '' TERM HUP INT; exec -a x setsid sleep 4243) >/dev/null 2>&1 </dev/null &")), AllPoints),
        ("fills-its-disk", does("for n in 0..64 { let f = std::env::temp_dir().join(format!(\"{n}\")); if std::fs::write(f, vec![1u8; 8 << 20]).is_err() { break; } }"), AllPoints),
        ("fills-tmp", does("for n in 0..64 { if std::fs::write(format!(\"/tmp/{n}\"), vec![1u8; 8 << 20]).is_err() { break; } }"), AllPoints),
        ("fills-shm", does("for n in 0..64 { if std::fs::write(format!(\"/dev/shm/{n}\"), vec![1u8; 8 << 20]).is_err() { break; } }"), AllPoints),
        ("kills-all", does(&shell("kill -9 -1")), Nothing),
        ("kills-parent", does(&shell("kill -9 $(ps -o ppid= -p $PPID)")), NoMore),
        ("kills-first", does(&shell("kill -9 1; kill -STOP 1")), AllPoints),
        ("stops-parent", does(&shell("kill -STOP $(ps -o ppid= -p $PPID)")), AllPoints),
        ("fork-bomb", does("loop { let _ = std::process::Command::new(std::env::current_exe()?).spawn(); }"), Nothing),
        ("thread-bomb", does("loop { if std::thread::Builder::new().spawn(|| std::thread::park()).is_err() { std::process::exit(1); } }"), Nothing),
        ("memory-bomb", does("let mut all: Vec<Vec<u8>> = vec![]; loop { all.push(vec![1u8; 64 << 20]); }"), Nothing),
        ("stack-bomb", does("fn deep(n: u64) -> u64 { if n == 0 { 0 } else { 1 + deep(n + 1) } } println!(\"{}\", deep(1));"), Nothing),
        ("endless-output", does("loop { println!(\"{}\", \"x\".repeat(1 << 16)); }"), Nothing),
        ("takes-ports", does("let taken: Vec<_> = (20_000..20_500).filter_map(|port| std::net::TcpListener::bind((\"127.0.0.1\", port)).ok()).collect(); std::mem::forget(taken);"), AllPoints),
        // What it says.
        ("exits-at-once", does("std::process::exit(0);"), Nothing),
        ("prints-success", does("println!(\"udpserver  skeletons/udpserver.rs\\n  9 of 9 checks passed, 10 of 10 points\"); std::process::exit(0);"), Nothing),
        ("prints-json", does("println!(\"{{\\\"passed\\\":true,\\\"points\\\":10,\\\"max_points\\\":10,\\\"programs\\\":[]}}\"); std::process::exit(0);"), Nothing),
        ("prints-escapes", does("eprintln!(\"\\x1b[2J\\x1b]0;x\\x07\\u{9b}2J<script>alert(1)</script>\"); std::process::exit(1);"), Nothing),
        ("prints-sandbox-words", does("eprintln!(\"bwrap: Can't find source path\"); std::process::exit(1);"), Nothing),
        ("sleeps", does("std::thread::sleep(std::time::Duration::from_secs(86_400));"), Nothing),
    ]);
    all
}

fn while_compiling(
    secret: &str,
    reads: &dyn Fn(&str, &str) -> String,
) -> Vec<(&'static str, String, Verdict)> {
    vec![
        ("include-str", reads("include_str", secret), Nothing),
        ("include-bytes", reads("include_bytes", secret), Nothing),
        ("include", reads("include", secret), Nothing),
        ("include-other", reads("include_str", "../../../results/honest.json"), Nothing),
        ("include-passwd", reads("include_str", "/etc/shadow"), Nothing),
        ("include-zero", reads("include_bytes", "/dev/zero"), Nothing),
        ("env", reads("env", "HOME_OF_THE_GRADER"), Nothing),
        (
            "option-env",
            right_if("option_env!(\"CARGO\").is_some() || option_env!(\"USER\").is_some()"),
            AnEchos,
        ),
        ("path", does(&format!("#[path = {secret:?}] mod stolen;")), Nothing),
        (
            "global-asm",
            does(&format!("core::arch::global_asm!(\".incbin \\\"{secret}\\\"\");")),
            Nothing,
        ),
        ("unsafe", does("unsafe { std::hint::unreachable_unchecked() }"), Nothing),
        ("no-mangle", does("#[unsafe(no_mangle)] pub extern \"C\" fn malloc() {}"), Nothing),
        (
            "const-loop",
            does("#[allow(long_running_const_eval)] const X: u8 = { loop {} }; let _ = X;"),
            Nothing,
        ),
        (
            "huge-static",
            does(
                "static X: [u64; 1 << 33] = [7; 1 << 33]; println!(\"{}\", X[server_port as usize]);",
            ),
            Nothing,
        ),
        (
            "macro-bomb",
            does("macro_rules! m { ($($t:tt)*) => { m!($($t)* $($t)*) } } m!(a);"),
            Nothing,
        ),
        (
            "deep-brackets",
            does(&format!("let x = {}1{};", "(".repeat(50_000), ")".repeat(50_000))),
            Nothing,
        ),
        ("compile-error", does("compile_error!(\"\\u{1b}[2J 10 of 10 points\");"), Nothing),
        ("closes-brace", does("Ok(()) } fn evil() -> io::Result<()> {"), Nothing),
        ("opens-comment", does("/* "), Nothing),
        ("opens-text", does("let x = r##\"\"#;"), Nothing),
        ("inner-attribute", does("#![allow(unsafe_code)]"), Nothing),
    ]
}

/// A name, the files, and what is due.
type Attack = (&'static str, Vec<(String, Vec<u8>)>, Verdict);

/// What is not a program in a file: names and archives.
fn others() -> Vec<Attack> {
    let right = solution("udpserver").into_bytes();
    let file = |name: &str, bytes: Vec<u8>| vec![(name.to_owned(), bytes)];
    let mut linked = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let secret = root().join("solutions/udpserver.rs");
    let options = SimpleFileOptions::default();
    linked.add_symlink("udpserver.rs", secret.to_str().unwrap(), options).unwrap();
    let linked = linked.finish().unwrap().into_inner();
    let climbs = zipped(&[("../../../../climbed.rs", &right), ("/tmp/climbed.rs", b"x")]);
    let zeros = vec![0; 80 << 20];
    let bomb = zipped(&[("udpserver.rs", &zeros)]);
    let mut nested = zipped(&[("udpserver.rs", &right)]);
    for _ in 0..5 {
        nested = zipped(&[("again.zip", &nested)]);
    }
    vec![
        ("zip-link", file("a.zip", linked), NotGradable),
        ("zip-climbs", file("a.zip", climbs), AllPoints),
        ("zip-bomb", file("a.zip", bomb), NotGradable),
        ("zip-nested", file("a.zip", nested), NotGradable),
        ("name-html", file("<img src=x onerror=alert(1)>.rs", right.clone()), AllPoints),
        ("name-newline", file("udp\nserver.rs", right.clone()), AllPoints),
        ("name-quotes", file("a'b\"c;$(touch x)`.rs", right.clone()), AllPoints),
        ("rar", file("udpserver.rar", b"Rar!\x1a\x07\x00".to_vec()), NotGradable),
        ("too-long", file("udpserver.rs", vec![b'x'; 2 << 20]), NotGradable),
        ("=HYPERLINK(\"http:)", file("udpserver.rs", right.clone()), AllPoints),
        ("..%2Fresults", file("udpserver.rs", right.clone()), AllPoints),
        ("<script>alert(1)<", file("udpserver.rs", right), AllPoints),
    ]
}

/// The processes of this machine that run a command with this in it.
fn running(what: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let commands = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    commands.filter(|line| String::from_utf8_lossy(line).replace('\0', " ").contains(what)).count()
}

/// Everything in a directory, with its contents.
fn files_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn no_submission_gains_a_point_or_harms_another() {
    if !has_sandbox() {
        return;
    }
    let place = place("hostile");
    let class = place.join("class");
    let right = solution("udpserver");
    let echo = with_gap(&right, "uppercase", "    let modified_message = message.to_vec();");
    write(&class, &[("honest/udpserver.rs".to_owned(), right.into_bytes())]);
    write(&class, &[("echo/udpserver.rs".to_owned(), echo.into_bytes())]);
    let only = std::env::var("HOSTILE").ok();
    let chosen = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut due = Vec::new();
    for (name, text, verdict) in programs().into_iter().filter(|it| chosen(it.0)) {
        write(&class, &[(format!("{name}/udpserver.rs"), text.into_bytes())]);
        due.push((name, verdict));
    }
    for (name, files, verdict) in others().into_iter().filter(|it| chosen(it.0)) {
        let files: Vec<_> =
            files.into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)).collect();
        write(&class, &files);
        due.push((name, verdict));
    }
    assert!(only.is_some() || due.len() >= 60, "only {}", due.len());
    let out = place.join("out");
    let said = graded(&[class.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(!said.contains('\u{1b}') || !said.contains("[2J"), "{said}");

    let results: Vec<serde_json::Value> = fs::read_dir(out.join("results"))
        .unwrap()
        .map(|entry| serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap())
        .collect();
    let honest = result(&out, "honest");
    assert_eq!(honest["points"], honest["max_points"], "{honest:#}");
    let echo = result(&out, "echo")["points"].clone();
    let mut wrong = Vec::new();
    for (name, verdict) in due {
        let result = results.iter().find(|result| result["id"] == name);
        let result = result.unwrap_or_else(|| panic!("{name} has no result"));
        let is_so = match verdict {
            AllPoints => result["state"] == "graded" && result["points"] == honest["points"],
            AnEchos => result["state"] == "graded" && result["points"] == echo,
            Nothing => result["state"] == "graded" && result["points"].as_f64() <= Some(1.0),
            NoMore => {
                result["state"] == "graded"
                    && result["points"].as_f64() <= honest["points"].as_f64()
            }
            NotGradable => result["state"] == "not_gradable" && result["points"].is_null(),
        };
        if !is_so {
            wrong.push(format!("{name}: {verdict:?} is due: {result:#}"));
        }
        assert!(
            !result
                .to_string()
                .contains("let modified_message = message.to_ascii_uppercase();\\n    // ==== end"),
            "{name}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for left in ["sleep 4242", "sleep 4243"] {
        assert_eq!(running(left), 0, "{left} still runs");
    }
    for climbed in [Path::new("/tmp/climbed.rs"), Path::new("/evil"), &place.join("climbed.rs")] {
        assert!(!climbed.exists(), "{}", climbed.display());
    }
    let expected = ["cache", "grades.csv", "results", "run.json"];
    let there: Vec<String> = files_in(&out);
    assert!(expected.iter().all(|name| there.contains(&(*name).to_owned())), "{there:?}");
    assert!(!there.contains(&"work".to_owned()), "{there:?}");
}

/// Programs may write to /tmp; grades that are made below it are no less safe.
#[test]
fn what_is_below_tmp_is_not_writable_either() {
    if !has_sandbox() {
        return;
    }
    let place = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
    let (class, out) = (place.path().join("class"), place.path().join("out"));
    let attacks = ["writes-beside-itself", "remembers", "fills-tmp"];
    for (name, text, _) in programs().into_iter().filter(|it| attacks.contains(&it.0)) {
        write(&class, &[(format!("{name}/udpserver.rs"), text.into_bytes())]);
    }
    graded(&[class.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let points = attacks.map(|name| result(&out, name)["points"].as_f64().unwrap());
    let [beside, remembers, fills] = points;
    assert_eq!(beside, remembers, "an echo's points are due");
    assert!(beside < fills, "{points:?}: it has all that are left of its points");
}
