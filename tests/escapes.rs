//! What others have written, on every way out of the tool: no terminal obeys it, no spreadsheet counts with it,
//! and JSON, XML and HTML stay what they are. Colours are on, since without them a pipe gets none of ours and
//! would hide whose they are.

mod common;
#[path = "grade_class.rs"]
mod grade_class;

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Ended, Running, Tree, root, skip, until, works};
use serde_json::Value;
use tempfile::TempDir;

/// A colour that the tool does not have, what a terminal obeys, letters that are not seen, and what ends a
/// text of HTML, XML, JSON and CSV.
const NASTY: &str =
    "\u{1b}[35m\u{1b}[2J\u{1b}]0;t\u{7}\r\u{9b}2J\u{202e}\u{2066}\u{200b}<script>]]>\"'&";
const COLOUR: &str = "\u{1b}[35m";

/// The same as a name of a file, which is also a formula and a line of its own.
fn nasty_name() -> String {
    format!("=HYPERLINK({NASTY})\nlab: all is well")
}

/// Whether a terminal shows all of a text, and does nothing else, but for colours.
#[track_caller]
fn assert_tame(what: &str, text: &str) {
    assert!(!text.contains(COLOUR), "{what} has somebody else's colour:\n{text:?}");
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default();
    let plain = pieces.map(|piece| {
        let codes = piece.strip_prefix('[').and_then(|piece| piece.split_once('m'));
        let (codes, behind) = codes.unwrap_or_else(|| panic!("{what}: no colour:\n{text:?}"));
        let is_code = |code: &str| code.len() < 4 && code.bytes().all(|byte| byte.is_ascii_digit());
        assert!(codes.split(';').all(is_code), "{what}: no colour:\n{text:?}");
        behind
    });
    for c in [first].into_iter().chain(plain).flat_map(str::chars) {
        let is_shown = "\n\t\"'\\".contains(c) || c.escape_debug().count() == 1;
        assert!(is_shown, "{what} has {c:?} in it:\n{text:?}");
    }
    let forged = text.lines().any(|line| line.starts_with("lab: all is well"));
    assert!(!forged, "{what} has a line that somebody else wrote:\n{text}");
}

/// Runs the tool with colours; what it says must be tame.
#[track_caller]
fn said(command: &mut Command) -> Ended {
    let what = format!("{command:?}");
    let ended = Running::start(command.env("CLICOLOR_FORCE", "1")).end();
    assert_tame(&what, &ended.stdout);
    assert_tame(&what, &ended.stderr);
    ended
}

/// The same of a document of JSON, which is also tame, and is one.
#[track_caller]
fn json(command: &mut Command) -> Value {
    let ended = said(command);
    assert!(!ended.stdout.contains('\u{1b}'), "{}", ended.stdout);
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

/// Looks at documents with parsers that somebody else has written.
#[track_caller]
fn assert_sound(files: &[PathBuf]) {
    const LOOK: &str = r##"
import csv, html.parser, json, re, sys, xml.dom.minidom, zipfile
TAGS = set("""html head body meta title style h1 h2 h3 p a nav main table thead tbody tr th td span div details
summary pre code strong""".split())
class Page(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        assert tag in TAGS, tag
        for name, value in attributes:
            assert not name.startswith("on"), name
            assert name != "href" or re.fullmatch(r"#\w+|[\w.%-]+\.html", value), value
def look(name):
    if name.endswith((".xml", ".svg")):
        assert "script" not in {node.tagName for node in xml.dom.minidom.parse(name).getElementsByTagName("*")}
    elif name.endswith(".html"):
        Page().feed(open(name, encoding="utf-8").read())
    elif name.endswith(".csv"):
        rows = list(csv.reader(open(name, encoding="utf-8", newline="")))
        assert len({len(row) for row in rows}) == 1, rows
        for cell in sum(rows, []):
            assert not re.match(r"[=+\-@\t\r\n]", cell) or re.fullmatch(r"-?[0-9.]+", cell), cell
    elif name.endswith(".zip"):
        for member in zipfile.ZipFile(name).namelist():
            assert not member.startswith("/") and ".." not in member.split("/"), member
    else:
        json.load(open(name, encoding="utf-8"))
for name in sys.argv[1:]:
    try: look(name)
    except Exception as error: sys.exit(f"{ascii(name)}: {type(error).__name__}: {ascii(str(error))}")
"##;
    let looked = Command::new("python3").arg("-c").arg(LOOK).args(files).output().unwrap();
    assert!(looked.status.success(), "{}", String::from_utf8_lossy(&looked.stderr));
    for file in files.iter().filter(|file| file.extension().is_none_or(|end| end != "zip")) {
        let (name, text) = (file.to_string_lossy(), fs::read_to_string(file).unwrap());
        assert_tame(&name, &text);
        assert!(!text.contains('\u{1b}'), "{name}:\n{text:?}");
    }
}

fn python() -> bool {
    let there = works("python3", &["--version"]);
    if !there {
        skip("python3 is missing");
    }
    there
}

/// A directory with a nasty name, in one of ours.
fn nasty_place() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().expect("a disk with room");
    let inside = place.path().join(nasty_name());
    fs::create_dir(&inside).expect("a name may have any bytes");
    (place, inside)
}

/// Answers every datagram with what nobody asked for, and says so.
const SERVER: &str = r#"
import os, socket, sys
nasty = os.fsencode(sys.argv[3]) + b"\0\xff\x9b2J\x1b[35m\n"
for stream in (1, 2):
    os.write(stream, nasty)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], int(sys.argv[2])))
for _ in range(3):
    server.sendto(nasty, server.recvfrom(65535)[1])
os.write(2, nasty)
sys.exit(1)
"#;

#[test]
fn a_program_its_words_and_its_place() {
    if !python() {
        return;
    }
    let tree = Tree::new();
    let (_place, inside) = nasty_place();
    let script = inside.join("server.py");
    fs::write(&script, SERVER).unwrap();
    let check = |options: &[&str]| {
        let mut command = tree.command(&["check", "udpserver"]);
        command.args(options).arg("--").arg("python3").arg(&script);
        command.args(["{address}", "{port}", NASTY]);
        command
    };
    let picture = inside.join("wire.svg");
    let told = said(&mut check(&["--all", &format!("--wire={}", picture.display())]));
    assert!(told.stdout.contains("\\u{9b}") && told.stdout.contains("\\u{202e}"), "{told:?}");
    if picture.exists() {
        assert_sound(&[picture]); // where checks have a network of their own
    }
    let report = json(&mut check(&["--format", "json"])).to_string();
    assert!(report.contains("HYPERLINK"), "{report}");
}

/// A student's file whose gap, comments and errors are nasty; a bare CR is no Rust.
fn nasty_source(tree: &Tree) -> String {
    let nasty = NASTY.replace('\r', "").replace('"', "\\\"");
    tree.answer(
        "udpserver",
        "uppercase",
        &format!("    // {nasty}\n    compile_error!(\"{nasty}\");"),
    );
    tree.read("skeletons/udpserver.rs") + &format!("// {nasty}\n")
}

#[test]
fn a_student_s_file_and_its_name() {
    let tree = Tree::new();
    let text = nasty_source(&tree);
    tree.write("skeletons/udpserver.rs", &text);
    let told = said(&mut tree.command(&["check", "udpserver", "--full"]));
    assert!(told.stdout.contains("does not compile"), "{told:?}");
    assert!(json(&mut tree.command(&["check", "udpserver", "--format", "json"])).is_object());
    for words in [&["list"][..], &["hint", "udpserver"], &["diff", "udpserver"]] {
        said(&mut tree.command(words));
    }
    let mut watch = tree.command(&["watch", "udpserver"]);
    let watch = Running::start(watch.env("CLICOLOR_FORCE", "1"));
    until("what watch shows", || watch.stdout().contains("does not compile").then_some(()));
    watch.interrupt();
    let shown = watch.end();
    assert_tame("watch", &(shown.stdout + &shown.stderr));
    // Fences are repeated where they are wrong.
    let stray = format!("{text}// ==== fill in here: {NASTY} ====\n//| {NASTY}\n");
    tree.write("skeletons/udpserver.rs", &stray);
    let (place, inside) = nasty_place();
    let elsewhere = inside.join("other.rs");
    fs::write(&elsewhere, &text).unwrap();
    let attached = inside.join("more.txt");
    fs::write(&attached, NASTY).unwrap();
    for words in
        [&["check", "udpserver"][..], &["list"], &["hint", "udpserver"], &["diff", "udpserver"]]
    {
        said(&mut tree.command(words));
    }
    said(tree.command(&["diff", "udpserver"]).arg(&elsewhere));
    said(tree.command(&["submit", "udpserver", "--with"]).arg(&attached));
    let archives = fs::read_dir(tree.path("")).unwrap().flatten();
    for archive in archives.filter(|it| it.file_name().to_string_lossy().starts_with("submission-"))
    {
        fs::remove_file(archive.path()).unwrap();
    }
    // What a maintainer sees of a source.
    let source = tree.read("src/bin/udpserver.rs");
    tree.write("src/bin/udpserver.rs", &(source + &stray));
    said(&mut tree.command(&["gen", "--check"]));
    drop(place);
}

#[test]
fn what_is_wrong_with_a_command() {
    let tree = Tree::new();
    let (_place, inside) = nasty_place();
    let name = nasty_name();
    let missing = inside.join("missing");
    let odd = inside.join(OsString::from_vec(b"\xff\x1b[35m".to_vec()));
    fs::write(&odd, b"\xff\x1b[35m").unwrap();
    let names: [&[&str]; 9] = [
        &["check", &name],
        &["hint", &name],
        &["diff", &name],
        &[&name],
        &["watch", &name],
        &["submit", &name],
        &["packets", "--server", &name],
        &["check", "udpserver", "--set", &name],
        &["check", "udpserver", "--format", "json", "--", &name],
    ];
    for words in names {
        assert_eq!(said(&mut tree.command(words)).code, Some(2), "{words:?}");
    }
    said(tree.command(&["diff", "udpserver"]).arg(&odd));
    said(tree.command(&["packets"]).arg(&odd)); // which tshark may take for a capture
    let keys = inside.join(OsString::from_vec(b"keys\xff\x1b[35m".to_vec()));
    for _ in 0..2 {
        said(tree.command(&["certificate", "--directory"]).arg(&odd)); // which is a file
        let made = said(tree.command(&["certificate", "--directory"]).arg(&keys)); // at last, some are kept
        assert_eq!(made.code, Some(0), "{made:?}");
    }
    for file in ["ca.pem", "server.pem", "server-key.pem", "server-key.pem.kept-1"] {
        assert!(keys.join(file).is_file(), "{file} is not where it was to be");
    }
    let out = inside.join("out").to_string_lossy().into_owned();
    let files: [(&[&str], &Path); 6] = [
        (&["diff", "udpserver"], &missing),
        (&["submit", "udpserver", "--with"], &missing),
        (&["handout", "--into"], &inside),
        (&["packets"], &missing),
        (&["packets", "x", "--answers"], &odd),
        (&["grade", "--out", &out], &missing),
    ];
    for (words, path) in files {
        let ended = said(tree.command(words).arg(path));
        assert!(ended.code.is_some_and(|code| code > 0), "{words:?}: {ended:?}");
        assert!(ended.stderr.contains("HYPERLINK"), "{words:?}: {ended:?}");
    }
}

/// Answers that lie under nasty names, and are nasty, too.
#[test]
fn what_the_makers_of_checks_are_told() {
    let tree = Tree::new();
    let name = nasty_name();
    for words in [["verify", &name], ["verify", "--repeat"], ["verify", "--bless"]] {
        let wrong = said(tree.command(&words).arg(&name));
        assert_eq!(wrong.code, Some(2), "{wrong:?}");
    }
    let comment = NASTY.replace('\r', "");
    let file = name.replace('/', "");
    tree.write(
        &format!("tests/wrong/timeserver/{file}.rs"),
        &format!("//! {comment}\n{comment}\n"),
    );
    tree.write(&format!("tests/right/timeserver/{file}.rs"), &format!("//! {comment}\n"));
    let wrong = said(&mut tree.command(&["verify", "timeserver"]));
    assert!(wrong.code.is_some_and(|code| code > 0), "{wrong:?}");
    assert!(wrong.stderr.contains("HYPERLINK") || wrong.stdout.contains("HYPERLINK"), "{wrong:?}");
}

/// It prints what the commands of this machine say of themselves.
#[test]
fn what_this_machine_has() {
    let (_place, inside) = nasty_place();
    for command in
        ["cargo", "cc", "make", "python3", "tshark", "docker", "uname", "bwrap", "pkg-config"]
    {
        let path = inside.join(command);
        fs::write(&path, format!("#!/bin/sh\ncat <<'END'\n{NASTY}\nlab: all is well\nEND\n"))
            .unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", inside.display(), std::env::var("PATH").unwrap_or_default());
    let mut doctor = Command::new("sh");
    doctor.arg(root().join("lab/kit/doctor.sh")).current_dir(&inside);
    doctor
        .env("PATH", path)
        .env("HOME", &inside)
        .env("TMPDIR", &inside)
        .env("LANG", NASTY)
        .env("TERM", NASTY);
    let ended = Running::start(&mut doctor).end();
    assert_tame("doctor", &ended.stdout);
    assert_tame("doctor", &ended.stderr);
}

#[test]
fn a_visit_to_the_mail_server() {
    let tree = Tree::new();
    let mut command = tree.command(&["mail", "--port", "0", "--no-starttls"]);
    let server = Running::start(command.env("CLICOLOR_FORCE", "1"));
    let port: u16 = until("its port", || {
        let said = server.stdout();
        said.split_once("port ")?.1.split_once('.')?.0.parse().ok()
    });
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut replies = BufReader::new(stream.try_clone().unwrap());
    let mut hears = |line: &str| {
        let mut reply = String::new();
        while replies.read_line(&mut reply).is_ok_and(|length| length > 0) {
            let last = reply.lines().next_back().unwrap_or_default();
            if last.get(3..4) == Some(" ") {
                return;
            }
        }
        panic!("no reply to {line:?}: {reply:?}");
    };
    hears("");
    let nasty = NASTY.replace('\r', "");
    let account = ["YWxpY2VAZXhhbXBsZS5jb20=", "dHIwdWI0ZG9yICYgMw=="];
    let lines = [
        format!("EHLO {nasty}"),
        format!("{nasty}\u{1b}"),
        "AUTH LOGIN".to_owned(),
        account[0].to_owned(),
        account[1].to_owned(),
        format!("MAIL FROM:<{nasty}@example.com>"),
        format!("RCPT TO:<{nasty}@example.com>"),
        "DATA".to_owned(),
        format!("Subject: {nasty}\r\n{nasty}: =?utf-8?B?G1szNW0=?=\r\n\r\n{nasty}\r\n."),
        "QUIT".to_owned(),
    ];
    for line in &lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        hears(line);
    }
    drop((stream, replies));
    until("the end of the visit", || server.stdout().contains("has closed").then_some(()));
    server.interrupt();
    let shown = server.end();
    assert!(shown.stdout.contains("\\u{9b}"), "{shown:?}");
    assert_tame("mail", &(shown.stdout + &shown.stderr));
}

/// A capture of a chat in which somebody says something nasty, and asks for a nasty name.
fn nasty_capture() -> Vec<u8> {
    let mut capture = fs::read(root().join("tests/captures/chatserver.pcap")).unwrap();
    let (words, nasty) = (b"hello, all", "\u{1b}[2J\u{202e}<&]".as_bytes());
    assert_eq!(words.len(), nasty.len());
    let places: Vec<usize> =
        (0..capture.len() - 10).filter(|at| capture[*at..].starts_with(words)).collect();
    assert!(!places.is_empty(), "somebody says it");
    places.iter().for_each(|at| capture[*at..*at + 10].copy_from_slice(nasty));
    let label = &NASTY.as_bytes()[..NASTY.len().min(63)];
    let mut dns = b"\x12\x34\x01\x00\0\x01\0\0\0\0\0\0".to_vec();
    dns.push(u8::try_from(label.len()).unwrap());
    dns.extend_from_slice(label);
    dns.extend_from_slice(b"\0\0\x01\0\x01");
    let length = |more: usize| u16::try_from(dns.len() + more).unwrap().to_be_bytes();
    let mut frame = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0\x45\0".to_vec();
    frame.extend(length(28));
    frame.extend(b"\0\x01\0\0\x40\x11\0\0\x0a\x14\x1e\x0b\x0a\x14\x1e\x03\x13\x88\0\x35");
    frame.extend(length(8));
    frame.extend(b"\0\0");
    frame.extend(&dns);
    let size = u32::try_from(frame.len()).unwrap().to_le_bytes();
    let time: [u8; 8] = capture[24..32].try_into().unwrap(); // of the first packet
    capture.extend([&time[..], &size, &size, &frame].concat());
    capture
}

#[test]
fn a_capture_its_name_and_the_answers() {
    if !python() || !works("tshark", &["--version"]) {
        return skip("python3 or tshark is missing");
    }
    let tree = Tree::new();
    let (_place, inside) = nasty_place();
    let (capture, answers, picture) =
        (inside.join("chat.pcap"), inside.join("answers.toml"), inside.join("ladder.svg"));
    fs::write(&capture, nasty_capture()).unwrap();
    let key = serde_json::to_string(&format!("x{NASTY}")).unwrap();
    let own = serde_json::to_string(NASTY).unwrap();
    fs::write(&answers, format!("q3_flags = {own}\nq3_sequence = {own}\n{key} = {own}\n")).unwrap();
    let marked = |format: &str| {
        let mut command = tree.command(&["packets", "--format", format, "--answers"]);
        command.arg(&answers).arg(&capture);
        command
    };
    let told = said(&mut marked("text"));
    assert!(told.stdout.contains("\\u{9b}"), "{told:?}");
    assert!(json(&mut marked("json")).to_string().contains("HYPERLINK"));
    said(tree.command(&["packets"]).arg(&capture));
    said(tree.command(&["packets"]).args([&capture, &capture]));
    let drawn = said(tree.command(&["packets", "--ladder", "-o"]).args([&picture, &capture]));
    assert_eq!(drawn.code, Some(0), "{drawn:?}");
    said(tree.command(&["packets", "--ladder", "-o"]).args([&picture, &capture])); // one is kept
    let text = fs::read_to_string(&picture).unwrap();
    assert!(text.contains("\\u{202e}&lt;&amp;"), "{text}");
    assert_sound(&[picture]);
    fs::write(&answers, format!("q3_flags = \"{NASTY}\n")).unwrap(); // no TOML
    assert_eq!(said(&mut marked("text")).code, Some(1));
}

/// A gap whose program says what it must not, on the wire and on stderr.
const SPEAKS: &str = r#"
    eprintln!("\u{1b}[35m\u{202e}\u{9b}2J");
    let modified_message = [&message.to_ascii_lowercase()[..], b"\x1b[35m\x9b2J\xff<script>"].concat();
"#;

#[test]
fn a_class_its_names_and_its_files() {
    if !python() {
        return;
    }
    let place = grade_class::place("escapes");
    let (export, out) = (place.join("export"), place.join("out"));
    let right = grade_class::solution("udpserver");
    let nasty = NASTY.replace('\r', "");
    let literal = nasty.replace('"', "\\\"");
    let folder = |number: u32| format!("={NASTY} Ann_{number}_assignsubmission_file");
    let error =
        grade_class::with_gap(&right, "uppercase", &format!("    compile_error!(\"{literal}\");"));
    let changed =
        format!("// {nasty}\n{}", right.replace("fn main()", &format!("// {nasty}\nfn main()")));
    let speaks = grade_class::with_gap(&changed, "uppercase", SPEAKS);
    let packed = grade_class::zipped(&[
        (&format!("={NASTY}/../../{NASTY}.rs"), error.as_bytes()),
        (&format!("{NASTY}.bin"), b"\0\xff"),
    ]);
    let answers = format!("q3_flags = {}\n", serde_json::to_string(NASTY).unwrap());
    let file = |number: u32, name: &str, bytes: &[u8]| {
        (format!("{}/{name}", folder(number)), bytes.to_vec())
    };
    grade_class::write(
        &export,
        &[
            file(1, &format!("={NASTY}.rs"), speaks.as_bytes()),
            file(2, &format!("={NASTY}.zip"), &packed),
            file(3, "udpserver.rs", error.as_bytes()),
            file(4, &format!("@{NASTY}"), b"PK\x03\x04 no archive"),
            file(5, "answers.toml", answers.as_bytes()),
            file(5, "chat.pcap", &nasty_capture()),
        ],
    );
    let comment = serde_json::to_string(&format!("={NASTY}")).unwrap();
    let overrides = format!("[1]\ncomment = {comment}\n[{comment}]\npoints = 1\n");
    grade_class::write(&out, &[("overrides.toml".to_owned(), overrides.into_bytes())]);
    let (sheet, wrong) =
        (place.join(format!("{NASTY}.csv")), place.join(format!("wrong{NASTY}.csv")));
    let cell = nasty.replace('"', "\"\"");
    let row = |number: u32| format!("Participant {number},\"'={cell}\",,1\n");
    fs::write(&sheet, format!("Identifier,Name,Grade,Maximum grade\n{}{}", row(1), row(2)))
        .unwrap();
    fs::write(&wrong, format!("Identifier,\"{cell}\"\n{}", row(1))).unwrap();
    let grade = |more: &[&std::ffi::OsStr]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command.arg("grade").arg(&export).arg("--out").arg(&out).current_dir(root());
        command.args(["--names-shown", "--seed", "7"]).args(more);
        if !works("bwrap", &["--version"]) {
            command.arg("--without-sandbox");
        }
        command
    };
    let told = said(&mut grade(&["--fill".as_ref(), sheet.as_ref()]));
    assert!(told.stdout.contains("filled"), "{told:?}");
    assert_eq!(said(&mut grade(&["--fill".as_ref(), wrong.as_ref()])).code, Some(2));
    assert_eq!(said(&mut grade(&["--names".as_ref(), "(\u{1b}[35m".as_ref()])).code, Some(2));
    let mut files = Vec::new();
    every_file(&out, &mut files);
    files.retain(|file| {
        let end = file.extension().unwrap_or_default();
        ["json", "csv", "xml", "html", "zip"].iter().any(|known| end == *known)
            && file.file_name() != sheet.file_name() // the platform's own
    });
    let result = fs::read_to_string(out.join("results/2.json")).unwrap();
    assert!(
        result.contains("\\u202e") && result.contains("does not") | result.contains("error"),
        "{result}"
    );
    assert!(files.len() > 15, "{files:?}");
    assert_sound(&files);
    assert_given_back(&out.join("feedback.zip"));
}

/// What is given back in an archive is a text that no terminal obeys either.
fn assert_given_back(path: &Path) {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    assert!(!archive.is_empty());
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut member, &mut text).unwrap();
        assert_tame("feedback", &text);
    }
}

fn every_file(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap().flatten() {
        match entry.path().is_dir() {
            true => every_file(&entry.path(), found),
            false => found.push(entry.path()),
        }
    }
}
