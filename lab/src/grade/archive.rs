//! Files as they are handed in: in directories, and in archives, which are read and never unpacked.
//! Only regular files count, and nothing is read without a bound.
#![warn(clippy::arithmetic_side_effects)] // others wrote what is read here

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::Utf8Chunk;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::GzDecoder;
use zip::ZipArchive;

use crate::grade::results::key_of_bytes;

/// One file, and no archive inside one, is longer than this.
pub const LONGEST: u64 = 64 << 20;
/// All files of one archive inside an export together.
const ARCHIVE: u64 = 256 << 20;
/// So many files are looked at in one place.
const MOST: usize = 200_000;
/// An archive in an archive is opened, and no further.
const DEPTH: usize = 2;

/// One file of an export.
#[derive(Clone)]
pub struct Item {
    /// Its path in the export, with `/` between names, as the export has it.
    pub path: String,
    pub size: u64,
    /// When it was changed last, in a form that sorts; empty where that is not known.
    pub modified: String,
    place: Whereabouts,
}

#[derive(Clone)]
enum Whereabouts {
    Disk(PathBuf),
    Zip(Arc<Mutex<ZipArchive<File>>>, usize),
    Memory(Arc<Vec<u8>>),
}

/// What an archive or a directory holds, and what in it was passed over, and why.
#[derive(Default)]
pub struct Listing {
    pub items: Vec<Item>,
    pub passed_over: Vec<String>,
}

impl Item {
    /// What tells whether it has changed, without reading it.
    pub fn state(&self) -> String {
        let sum = match &self.place {
            Whereabouts::Zip(archive, index) => {
                let mut archive = archive.lock().unwrap_or_else(PoisonError::into_inner);
                archive.by_index_raw(*index).map_or(0, |entry| entry.crc32())
            }
            Whereabouts::Disk(_) => 0,
            Whereabouts::Memory(bytes) => return key_of_bytes(bytes),
        };
        format!("{} {} {sum}", self.size, self.modified)
    }

    /// Its bytes, if there are no more of them than `most`.
    pub fn read(&self, most: u64) -> Result<Vec<u8>, String> {
        let bytes = match &self.place {
            Whereabouts::Disk(path) => File::open(path).and_then(|file| bounded(file, most)),
            Whereabouts::Zip(archive, index) => {
                let mut archive = archive.lock().unwrap_or_else(PoisonError::into_inner);
                let entry = archive.by_index(*index).map_err(|error| error.to_string())?;
                bounded(entry, most)
            }
            Whereabouts::Memory(bytes) => bounded(bytes.as_slice(), most),
        };
        bytes.map_err(|error| error.to_string())
    }
}

fn bounded(file: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(io::Error::other(format!("it is longer than {} KB", most >> 10))),
        false => Ok(bytes),
    }
}

/// Whether a file is none that anybody has written, but what a system leaves beside those.
pub fn is_litter(path: &str) -> bool {
    const NAMES: [&str; 8] = [
        "__MACOSX",
        ".DS_Store",
        ".git",
        "target",
        "Thumbs.db",
        "desktop.ini",
        "node_modules",
        "__pycache__",
    ];
    path.split('/').any(|part| NAMES.contains(&part) || part.starts_with("._"))
}

impl Item {
    /// One that is in memory already.
    pub fn of_bytes(path: String, bytes: Vec<u8>) -> Item {
        let size = bytes.len() as u64;
        Item { path, size, modified: String::new(), place: Whereabouts::Memory(Arc::new(bytes)) }
    }
}

/// What kind of archive begins like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed {
    Zip,
    Tar,
    GzippedTar,
    /// Known, and not opened here.
    Other(&'static str),
}

/// Whether these bytes begin an archive: what its name says is not asked.
pub fn packed(begin: &[u8]) -> Option<Packed> {
    const MAGIC: [(&[u8], Packed); 7] = [
        (b"PK\x03\x04", Packed::Zip),
        (b"PK\x05\x06", Packed::Zip),
        (b"\x1f\x8b", Packed::GzippedTar),
        (b"Rar!", Packed::Other("rar")),
        (b"7z\xbc\xaf\x27\x1c", Packed::Other("7z")),
        (b"\xfd7zXZ\0", Packed::Other("xz")),
        (b"BZh", Packed::Other("bzip2")),
    ];
    let found = MAGIC.iter().find(|(magic, _)| begin.starts_with(magic)).map(|(_, kind)| *kind);
    found.or_else(|| (begin.get(257..262) == Some(b"ustar")).then_some(Packed::Tar))
}

/// What there is at a path that somebody has named: a directory or an archive.
pub fn open(path: &Path) -> Result<Listing, String> {
    if path.is_dir() {
        let mut listing = Listing::default();
        walk(path, "", &mut listing)?;
        listing.items.sort_by(|a, b| a.path.cmp(&b.path));
        return Ok(listing);
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut begin = Vec::new();
    (&file).take(512).read_to_end(&mut begin).map_err(|error| error.to_string())?;
    match packed(&begin) {
        Some(Packed::Zip) => of_zip(file),
        Some(kind @ (Packed::Tar | Packed::GzippedTar)) => {
            let file = File::open(path).map_err(|error| error.to_string())?;
            of_tar(kind, file, 8 * ARCHIVE)
        }
        Some(Packed::Other(kind)) => Err(format!("{kind} archives are not opened; unpack it")),
        None => Err("it is no directory, and no zip or tar archive".to_owned()),
    }
}

/// A name as text. Bytes that are none are written out: two names that differ in them alone stay two.
fn name_of(name: &[u8]) -> String {
    let piece = |chunk: Utf8Chunk| {
        let invalid = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
        chunk.valid().to_owned() + &invalid.collect::<String>()
    };
    name.utf8_chunks().map(piece).collect()
}

/// One folder or file of an export, with its own name at the begin of every path.
pub fn open_one(path: &Path) -> Result<Listing, String> {
    let full = fs::canonicalize(path).map_err(|error| error.to_string())?;
    let name = name_of(full.file_name().unwrap_or_default().as_bytes());
    let mut listing = Listing::default();
    match full.is_dir() {
        true => walk(&full, &name, &mut listing)?,
        false => {
            let size = full.metadata().map_err(|error| error.to_string())?.len();
            let (modified, place) = (String::new(), Whereabouts::Disk(full));
            listing.items.push(Item { path: name, size, modified, place });
        }
    }
    listing.items.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(listing)
}

fn walk(directory: &Path, prefix: &str, listing: &mut Listing) -> Result<(), String> {
    let entries = fs::read_dir(directory).map_err(|error| format!("{prefix}: {error}"))?;
    for entry in entries.flatten() {
        let name = name_of(entry.file_name().as_bytes());
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let Ok(about) = entry.metadata() else { continue };
        if is_litter(&path) {
            continue;
        }
        if about.is_dir() {
            walk(&entry.path(), &path, listing)?;
        } else if about.is_file() {
            let modified = about.modified().map(chrono::DateTime::<chrono::Utc>::from);
            let modified = modified.map(|time| time.format("%Y-%m-%d %H:%M:%S.%f").to_string());
            let (size, modified) = (about.len(), modified.unwrap_or_default());
            listing.items.push(Item {
                path,
                size,
                modified,
                place: Whereabouts::Disk(entry.path()),
            });
        } else {
            listing.passed_over.push(format!("{path} is no regular file"));
        }
        if listing.items.len() > MOST {
            return Err(format!("more than {MOST} files"));
        }
    }
    Ok(())
}

fn of_zip(file: File) -> Result<Listing, String> {
    let mut archive = ZipArchive::new(file).map_err(|error| error.to_string())?;
    let mut listing = Listing::default();
    let mut found = Vec::new();
    each_in_zip(&mut archive, &mut listing.passed_over, &mut |index, path, size, modified, _| {
        found.push((index, path, size, modified));
        Ok(())
    })?;
    let archive = Arc::new(Mutex::new(archive));
    for (index, path, size, modified) in found {
        let place = Whereabouts::Zip(Arc::clone(&archive), index);
        listing.items.push(Item { path, size, modified, place });
    }
    Ok(listing)
}

type Seen<'a> = &'a mut dyn FnMut(usize, String, u64, String, &mut dyn Read) -> Result<(), String>;

/// Calls `see` for each regular file of a zip.
fn each_in_zip<R: Read + io::Seek>(
    archive: &mut ZipArchive<R>,
    passed_over: &mut Vec<String>,
    see: Seen,
) -> Result<(), String> {
    const KIND: u32 = 0o170_000;
    const REGULAR: u32 = 0o100_000;
    if archive.len() > MOST {
        return Err(format!("more than {MOST} files"));
    }
    for index in 0..archive.len() {
        let mut entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(error) => {
                passed_over.push(format!("file {index} of the archive: {error}"));
                continue;
            }
        };
        let path = match entry.name() {
            Ok(path) => path.replace('\\', "/"),
            Err(error) => {
                passed_over.push(format!("file {index} of the archive: {error}"));
                continue;
            }
        };
        if entry.is_dir() || is_litter(&path) {
            continue;
        }
        let kind = entry.unix_mode().map_or(0, |mode| mode & KIND);
        if entry.is_symlink() || (kind != 0 && kind != REGULAR) {
            passed_over.push(format!("{path} is no regular file"));
            continue;
        }
        let modified = entry.last_modified().map_or_else(String::new, |time| {
            format!(
                "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
                time.year(),
                time.month(),
                time.day(),
                time.hour(),
                time.minute(),
                time.second()
            )
        });
        let size = entry.size();
        see(index, path, size, modified, &mut entry)?;
    }
    Ok(())
}

fn of_tar(kind: Packed, file: impl Read, most: u64) -> Result<Listing, String> {
    let inside: Box<dyn Read> = match kind {
        Packed::GzippedTar => Box::new(GzDecoder::new(file)),
        _ => Box::new(file),
    };
    // Names and padding are read, too.
    let mut archive = tar::Archive::new(inside.take(most.saturating_add(most >> 2)));
    let mut listing = Listing::default();
    let mut total = 0;
    for entry in archive.entries().map_err(|error| error.to_string())? {
        let mut entry = entry.map_err(|error| error.to_string())?;
        let path = name_of(&entry.path_bytes());
        let path = path.trim_start_matches("./").to_owned(); // as `tar -c .` writes them
        let kind = entry.header().entry_type();
        if kind.is_dir() || is_litter(&path) {
            continue;
        }
        if !kind.is_file() {
            listing.passed_over.push(format!("{path} is no regular file"));
            continue;
        }
        let time = entry.header().mtime().ok().and_then(|seconds| i64::try_from(seconds).ok());
        let time = time.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
        let modified = time.map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string());
        let bytes = match bounded(&mut entry, LONGEST) {
            Ok(bytes) => bytes,
            Err(error) => {
                listing.passed_over.push(format!("{path}: {error}"));
                continue;
            }
        };
        keep(&mut listing, path, modified.unwrap_or_default(), bytes, &mut total, most)?;
    }
    Ok(listing)
}

fn keep(
    listing: &mut Listing,
    path: String,
    modified: String,
    bytes: Vec<u8>,
    total: &mut u64,
    most: u64,
) -> Result<(), String> {
    *total = total.saturating_add(bytes.len() as u64);
    if *total > most || listing.items.len() >= MOST {
        return Err(format!("what is in it is more than {} MB", most >> 20));
    }
    listing.items.push(Item { modified, ..Item::of_bytes(path, bytes) });
    Ok(())
}

/// The files of a student, with what is in his archives in the place of those.
pub fn expanded(items: &[Item]) -> Listing {
    let mut listing = Listing::default();
    let mut left = ARCHIVE;
    for item in items {
        expand(item, DEPTH, &mut left, &mut listing);
    }
    listing
}

fn expand(item: &Item, depth: usize, left: &mut u64, into: &mut Listing) {
    // An archive is known by its first bytes, which a long file has, too.
    let bytes = match item.size <= LONGEST {
        true => item.read(LONGEST),
        false => Err(format!("it is longer than {} MB", LONGEST >> 20)),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(why) => return into.passed_over.push(format!("{}: {why}", item.path)),
    };
    let opened = match packed(&bytes) {
        None => return into.items.push(item.clone()),
        Some(Packed::Other(kind)) => Err(format!("{kind} archives are not opened")),
        Some(_) if depth == 0 => Err("an archive so deep inside others is not opened".to_owned()),
        Some(Packed::Zip) => inside_zip(&bytes, *left),
        Some(kind) => of_tar(kind, bytes.as_slice(), *left),
    };
    match opened {
        Err(why) => into.passed_over.push(format!("{}: {why}", item.path)),
        Ok(inner) => {
            let total: u64 = inner.items.iter().map(|item| item.size).sum();
            *left = left.saturating_sub(total);
            into.passed_over
                .extend(inner.passed_over.into_iter().map(|what| format!("{}: {what}", item.path)));
            for mut inside in inner.items {
                inside.path = format!("{}/{}", item.path, inside.path);
                expand(&inside, depth.saturating_sub(1), left, into);
            }
        }
    }
}

fn inside_zip(bytes: &[u8], most: u64) -> Result<Listing, String> {
    let mut archive = ZipArchive::new(io::Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let (mut listing, mut passed_over) = (Listing::default(), Vec::new());
    let mut too_long = Vec::new();
    let mut total = 0;
    each_in_zip(&mut archive, &mut passed_over, &mut |_, path, _, modified, entry| match bounded(
        entry,
        LONGEST.min(most.saturating_sub(total)),
    ) {
        Ok(bytes) => keep(&mut listing, path, modified, bytes, &mut total, most),
        Err(error) => {
            too_long.push(format!("{path}: {error}"));
            match too_long.len() > 3 {
                true => Err("more in it than can be read".to_owned()),
                false => Ok(()),
            }
        }
    })?;
    listing.passed_over = passed_over.into_iter().chain(too_long).collect();
    Ok(listing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn item(path: &str, bytes: Vec<u8>) -> Item {
        Item::of_bytes(path.to_owned(), bytes)
    }

    #[test]
    fn names_that_differ_in_bytes_that_are_no_text_stay_two() {
        let place = tempfile::tempdir().unwrap();
        for student in [&b"\xe9va"[..], b"\xe8va", "\u{e9}va".as_bytes()] {
            let folder = place.path().join(std::ffi::OsStr::from_bytes(student));
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("udpserver.rs"), "").unwrap();
        }
        let found: Vec<String> =
            open(place.path()).unwrap().items.into_iter().map(|it| it.path).collect();
        let expected = ["\\xe8va/udpserver.rs", "\\xe9va/udpserver.rs", "\u{e9}va/udpserver.rs"];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_archive_in_an_archive_is_opened_and_no_further() {
        let inner = zipped(&[("a.rs", b"a"), ("__MACOSX/._a.rs", b"x")]);
        let middle = zipped(&[("inner.zip", &inner)]);
        let found = expanded(&[item("middle.txt", middle.clone())]);
        let paths: Vec<&str> = found.items.iter().map(|item| item.path.as_str()).collect();
        assert_eq!(paths, ["middle.txt/inner.zip/a.rs"]);
        let outer = zipped(&[("middle.zip", &middle)]);
        let found = expanded(&[item("outer.zip", outer)]);
        assert!(found.items.is_empty());
        assert!(found.passed_over[0].contains("so deep inside"), "{:?}", found.passed_over);
    }

    #[test]
    fn a_bomb_is_told_and_not_read_to_its_end() {
        let bomb = zipped(&[("a", &vec![0; (LONGEST + 2) as usize]), ("b.rs", b"b")]);
        assert!(bomb.len() < 1 << 20);
        let found = expanded(&[item("bomb.zip", bomb)]);
        assert_eq!(found.items.len(), 1);
        assert!(found.passed_over[0].contains("longer than"), "{:?}", found.passed_over);
    }

    #[test]
    fn links_and_other_kinds_are_passed_over() {
        let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        writer.add_symlink("udpserver.rs", "/etc/passwd", options).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        let found = expanded(&[item("x.zip", bytes), item("y.rar", b"Rar!\x1a\x07".to_vec())]);
        assert!(found.items.is_empty());
        assert_eq!(found.passed_over.len(), 2, "{:?}", found.passed_over);
        assert!(found.passed_over[1].contains("rar archives are not opened"));
    }
}
