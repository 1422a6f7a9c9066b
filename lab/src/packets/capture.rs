//! Captured packets, as tshark reads them: row by row, in memory that a long file does not fill.
#![warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{AccessFlags, access};

use crate::error::Error;
use crate::os::bounds::go_on_unless_interrupted;
use crate::os::program::ends_with_this_thread;
use crate::text::escape;
use crate::text::say::warn;

/// The first version with the raw sequence number, `tcp.seq_raw`.
const OLDEST: (u32, u32) = (3, 2);
/// What tshark may use for its data, in bytes. Without analysis it takes about 160 MB however long
/// a file is (tests/packets_big.py); with it, up to 300 bytes more for each TCP segment: a million
/// of them, or 1 GB, is about 450 MB.
const MEMORY: u64 = 1 << 30;
/// Port 5000 is also that of a protocol called TAPA, for which Wireshark takes short messages of the chat.
const PLAIN: &str = "udp.port==5000,data";
/// From how many bytes on a file is said to take a while.
const LONG: u64 = 50_000_000;
const INSTALL: &str = "On Debian: sudo apt-get install tshark";

/// A file that a student has captured.
pub struct Capture {
    path: PathBuf,
    /// As it was named.
    pub name: String,
}

impl Capture {
    /// Opens the files; one that is named twice is read once. What is no capture at all is noticed
    /// when it is read.
    pub fn open_all(paths: &[PathBuf]) -> Result<Vec<Capture>, Error> {
        let mut captures: Vec<Capture> = Vec::new();
        let mut seen = Vec::new();
        for path in paths {
            let capture = Capture::open(path)?;
            let real = fs::canonicalize(path).map_err(|error| Error::file(path, &error))?;
            if seen.contains(&real) {
                warn(&format!("{} was named before, and is read once", capture.name));
                continue;
            }
            seen.push(real);
            captures.push(capture);
        }
        Ok(captures)
    }

    fn open(path: &Path) -> Result<Capture, Error> {
        let name = escape::path(path);
        let about = match fs::metadata(path) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Usage(format!("{name}: there is no such file")));
            }
            Err(error) => return Err(Error::file(path, &error)),
        };
        if !about.is_file() {
            return Err(Error::Usage(format!(
                "{name} is no file: name the file that tcpdump wrote with -w"
            )));
        }
        access(path, AccessFlags::R_OK).map_err(|error| {
            Error::Fault(format!(
                "{name}: {}. tcpdump was run as root? Then: sudo chown \"$USER\" {}",
                io::Error::from(error),
                shell(path.as_os_str())
            ))
        })?;
        if about.len() == 0 {
            return Err(Error::Failed(format!(
                "{name} is empty: tcpdump has written nothing. End it with Ctrl-C, not with \
                 Ctrl-Z or by closing its window, and then copy the file"
            )));
        }
        if about.len() > LONG {
            warn(&format!("{name} has {} MB, which takes a while", about.len() / 1_000_000));
        }
        Ok(Capture { path: path.to_owned(), name })
    }

    /// What to say of a file for which tshark's share of memory is not enough.
    pub fn too_long(&self) -> String {
        format!(
            "{} is too long: tshark needs more than {} MB for it. Name its first million packets \
             instead: editcap -r {} short.pcap 1-1000000",
            self.name,
            MEMORY >> 20,
            shell(self.path.as_os_str())
        )
    }

    /// A command that shows packets of this file, to be pasted into a shell.
    pub fn see(&self, filter: &str, fields: &[&str]) -> String {
        let filter = shlex::try_quote(filter).expect("a filter has no NUL in it");
        let plain =
            if fields.contains(&"data.len") { format!(" -d {PLAIN}") } else { String::new() };
        let mut command = format!("tshark -r {}{plain} -Y {filter}", shell(self.path.as_os_str()));
        command.push_str(" -T fields -E header=y -e frame.number");
        for field in fields {
            let _ = write!(command, " -e {field}"); // a String takes everything
        }
        command
    }
}

/// A file's name for a shell, whatever bytes it has.
fn shell(name: &OsStr) -> String {
    match name.to_str().map(shlex::try_quote) {
        Some(Ok(quoted)) => quoted.into_owned(),
        _ => {
            let escaped = name.as_bytes().iter().map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'/' | b'_' | b'-' => {
                    char::from(*byte).to_string()
                }
                _ => format!("\\x{byte:02x}"),
            });
            format!("$'{}'", escaped.collect::<String>()) // bash's
        }
    }
}

/// One packet: the fields that were asked for.
pub struct Row<'a> {
    fields: &'a [&'static str],
    cells: Vec<&'a str>,
}

impl<'a> Row<'a> {
    pub fn new(fields: &'a [&'static str], cells: Vec<&'a str>) -> Row<'a> {
        Row { fields, cells }
    }

    /// What stands in a field, where the packet has it: all occurrences, the outermost first.
    pub fn all(&self, field: &str) -> impl Iterator<Item = &str> {
        let column = self.fields.iter().position(|name| *name == field);
        let column = column.expect("only fields that were asked for are looked at");
        let cell = self.cells.get(column).copied().unwrap_or_default();
        cell.split(',').filter(|value| !value.is_empty())
    }

    /// The outermost of what stands in a field.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.all(field).next()
    }

    /// Whether the packet has the field.
    pub fn has(&self, field: &str) -> bool {
        self.text(field).is_some()
    }

    /// A number, which tshark writes in decimal or as 0x….
    pub fn number(&self, field: &str) -> Option<u64> {
        let text = self.text(field)?;
        match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        }
    }

    /// An address of the Internet Protocol, or whatever else can be parsed.
    pub fn parse<T: std::str::FromStr>(&self, field: &str) -> Option<T> {
        self.text(field)?.parse().ok()
    }
}

/// Whether a file was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Whole,
    /// Its last packet is not all there, or what follows is damaged: what tshark said.
    Broken(String),
    /// tshark needed more than its share of memory, and was stopped on the way.
    TooLong,
}

/// Whether tshark follows TCP connections, for which it remembers every segment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Analysis {
    Without,
    With,
}

/// A tshark that is there and new enough.
pub struct Tshark(());

impl Tshark {
    /// Errors: there is none, or it is too old; with the remedy.
    pub fn find() -> Result<Tshark, Error> {
        let output = match tshark().arg("--version").output() {
            Ok(output) => output,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Fault(format!("tshark is missing. {INSTALL}")));
            }
            Err(error) => return Err(Error::Fault(format!("tshark cannot be started: {error}"))),
        };
        let said = String::from_utf8_lossy(&output.stdout);
        match version(&said) {
            Some(found) if found >= OLDEST => Ok(Tshark(())),
            Some((major, minor)) => Err(Error::Fault(format!(
                "this tshark has version {major}.{minor}, which does not know raw sequence \
                 numbers; version {}.{} or newer is needed. {INSTALL}",
                OLDEST.0, OLDEST.1
            ))),
            None => Err(Error::Fault(format!(
                "`tshark --version` did not say its version; it said: {}",
                String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim()
            ))),
        }
    }

    /// Goes through the packets that the filter lets pass, with these fields of each.
    ///
    /// Errors: a file that is no capture; a tshark that fails.
    pub fn read(
        &self,
        capture: &Capture,
        filter: &str,
        fields: &'static [&'static str],
        analysis: Analysis,
        mut each: impl FnMut(&Row),
    ) -> Result<Ending, Error> {
        let mut child = start(capture, filter, fields, analysis)
            .map_err(|error| Error::Fault(format!("tshark cannot be started: {error}")))?;
        let complaints = complaints(&mut child);
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = Vec::new();
        let broken = |error: io::Error| Error::Fault(format!("tshark: {error}"));
        while lines.read_until(b'\n', &mut line).map_err(broken)? > 0 {
            let text = String::from_utf8_lossy(&line);
            let cells = text.trim_end_matches('\n').split('\t').collect();
            each(&Row::new(fields, cells));
            line.clear();
        }
        let status = child.wait().map_err(broken)?;
        go_on_unless_interrupted(); // else half of a file would look like all of it
        let said = complaints.join().unwrap_or_default();
        match (status.success(), status.signal()) {
            (true, _) => Ok(Ending::Whole),
            (false, Some(_)) if said.contains("failed to allocate") => Ok(Ending::TooLong),
            (false, Some(signal)) => {
                Err(Error::Fault(format!("tshark was ended by signal {signal}: {said}")))
            }
            (false, None) => unreadable(capture, &said),
        }
    }
}

/// tshark, as it is for somebody who has set nothing up.
fn tshark() -> Command {
    let mut command = Command::new("tshark");
    command.env("LC_ALL", "C.UTF-8").env("WIRESHARK_CONFIG_DIR", "/nonexistent");
    command
}

fn start(
    capture: &Capture,
    filter: &str,
    fields: &[&str],
    analysis: Analysis,
) -> io::Result<Child> {
    let mut command = tshark();
    let analyze = match analysis {
        Analysis::With => "tcp.analyze_sequence_numbers:TRUE",
        Analysis::Without => "tcp.analyze_sequence_numbers:FALSE",
    };
    // What is put together from several packets, and what is remembered of each, is not needed.
    let spared = [
        "tcp.calculate_timestamps:FALSE",
        "tcp.track_bytes_in_flight:FALSE",
        "tcp.desegment_tcp_streams:FALSE",
        "ip.defragment:FALSE",
    ];
    command.arg("-n");
    for preference in spared.iter().chain([&analyze]) {
        command.args(["-o", preference]);
    }
    // A file may be called "-", which tshark takes for its standard input.
    let path = if capture.path == Path::new("-") { Path::new("./-") } else { &capture.path };
    command.arg("-r").arg(path).args(["-d", PLAIN, "-Y", filter]);
    command.args(["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]);
    for field in fields {
        command.args(["-e", field]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0); // Ctrl-C is for us; tshark would end as if the file did
    ends_with_this_thread(&mut command);
    let (_, allowed) = getrlimit(Resource::RLIMIT_DATA)?;
    let most = MEMORY.min(allowed);
    let limit = move || Ok(setrlimit(Resource::RLIMIT_DATA, most, most)?);
    // SAFETY: between fork and exec there is one system call, which allocates nothing.
    unsafe { command.pre_exec(limit) };
    command.spawn()
}

/// Listens to what tshark says on its standard error, while its standard output is read.
fn complaints(child: &mut Child) -> JoinHandle<String> {
    const MOST: u64 = 64 * 1024;
    let mut stderr = child.stderr.take().expect("it is piped");
    thread::spawn(move || {
        let mut said = Vec::new();
        let _ = stderr.by_ref().take(MOST).read_to_end(&mut said); // what came is told
        let _ = io::copy(&mut stderr, &mut io::sink()); // so that it does not wait for us
        let said = String::from_utf8_lossy(&said);
        let matters = |line: &&str| !line.starts_with("Running as user") && !line.is_empty();
        said.lines().filter(matters).collect::<Vec<_>>().join("\n")
    })
}

/// What it means that tshark has given up on a file.
fn unreadable(capture: &Capture, said: &str) -> Result<Ending, Error> {
    let name = &capture.name;
    if said.contains("isn't a capture file") || is_cut_in_its_header(&capture.path) {
        return Err(Error::Failed(format!(
            "{name} is no capture: neither pcap nor pcapng. It has to be the file that `tcpdump -w \
             FILE` wrote, not what tcpdump prints, and not a screenshot"
        )));
    }
    // "… appears to have been cut short …", "… appears to be damaged or corrupt …" and the like
    if said.contains("The file \"") {
        let said = said.strip_prefix("tshark: ").unwrap_or(said);
        return Ok(Ending::Broken(said.replace('\n', " ")));
    }
    Err(Error::Fault(format!("tshark cannot read {name}: {said}")))
}

/// Whether a file ends before its first packet could begin.
fn is_cut_in_its_header(path: &Path) -> bool {
    const HEADER: u64 = 24; // a pcap file's; a pcapng file's is longer
    File::open(path).and_then(|file| file.metadata()).is_ok_and(|about| about.len() < HEADER)
}

/// The major and minor number in "TShark (Wireshark) 4.0.17 (Git …" or "TShark 2.6.20 …".
fn version(said: &str) -> Option<(u32, u32)> {
    let first = said.lines().find(|line| line.starts_with("TShark"))?;
    first.split_whitespace().find_map(|word| {
        let mut numbers = word.split('.').map_while(|number| number.parse().ok());
        Some((numbers.next()?, numbers.next()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_every_wording() {
        assert_eq!(version("TShark (Wireshark) 4.0.17 (Git v4.0.17 packaged)."), Some((4, 0)));
        assert_eq!(version("TShark (Wireshark) 4.2.0.\n"), Some((4, 2)));
        assert_eq!(version("TShark 2.6.20 (Git v2.6.20)\n"), Some((2, 6)));
        assert_eq!(version("Running as root\nTShark 3.10.1"), Some((3, 10)));
        assert_eq!(version("tshark: no"), None);
    }

    #[test]
    fn a_row_has_the_outermost_value_first() {
        let cells = "7\t10.0.0.1,10.0.0.2\t0x0806\t".split('\t').collect();
        let row = Row::new(&["frame.number", "ip.src", "eth.type", "tcp.seq_raw"], cells);
        assert_eq!(row.number("frame.number"), Some(7));
        assert_eq!(row.text("ip.src"), Some("10.0.0.1"));
        assert_eq!(row.number("eth.type"), Some(0x0806));
        assert!(!row.has("tcp.seq_raw"));
    }

    #[test]
    fn a_name_of_any_bytes_can_be_pasted_into_a_shell() {
        assert_eq!(shell(OsStr::new("a.pcap")), "a.pcap");
        assert_eq!(shell(OsStr::new("my file.pcap")), "'my file.pcap'");
        assert_eq!(shell(OsStr::from_bytes(b"a'\xff b")), r"$'a\x27\xff\x20b'");
    }
}
