//! `lab handout`: what a course gives to its students. It is made from a list of what goes in; nothing
//! goes in because it was there. `lab/kit/pack.py` makes the archives of it.

use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::labs::Lab;
use crate::student::{image, package};
use crate::text::escape;
use crate::tree::{self, Set, Tree, products};

/// As they are, for every kit.
const FILES: [&str; 8] = [
    ".cargo/config.toml",
    ".devcontainer/devcontainer.json",
    ".dockerignore",
    ".gitignore",
    "LICENSE",
    "docs/students.md",
    "docs/where-to-work.md",
    "tests/twins/webserver-original.py", // lab 4 runs it beside the student's
];
/// In a kit whose course keeps the right answers about packets to itself.
const WITHHELD: &str = "lab/kit/answers-withheld";

/// Whether `lab packets` says only which of a student's own answers are right.
pub fn answers_are_withheld(tree: &Tree) -> bool {
    tree.path(WITHHELD).is_file()
}

/// Makes such a kit of one that is written.
pub fn withhold_answers(into: &Path) -> Result<(), Error> {
    let said = "`make packets` says which of your own answers are right, and not what is right.\n";
    put(&Tree::at(into).path(WITHHELD), said.as_bytes())
}

/// With all that is in them.
const DIRECTORIES: [&str; 2] = ["docker", "www"];
/// The tool's source: what it is built from, where it does not travel built.
const SOURCE: &str = "lab/src";
/// About the network of containers and the packets in it: for whoever has a program to run there.
const FOR_THE_NETWORK: [&str; 2] = ["docs/09-chat-in-the-network.md", "docs/10-packets.md"];
/// In the kit, and where it lies here.
const RENAMED: [(&str, &str); 2] =
    [("Makefile", "lab/kit/Makefile"), ("README.md", "lab/kit/README.md")];

/// Whether a skeleton holds the answers of another lab: lab 8 begins with the chat that lab 7 asks for,
/// and is handed out after it, by its name.
pub fn answers_another(lab: &Lab) -> bool {
    lab.name.ends_with("_auth")
}

/// Writes a kit of these labs into a new directory. With a tool that is built already, its source
/// stays out.
pub fn write(
    tree: &Tree,
    labs: &[&'static Lab],
    into: &Path,
    tool: Option<&Path>,
) -> Result<usize, Error> {
    if tree.is_kit() {
        return Err(Error::Usage(
            "this is a kit already; a kit is made of the whole project".into(),
        ));
    }
    if into.exists() {
        return Err(Error::Usage(format!("{} is there already", escape::path(into))));
    }
    let kit = Tree::at(into);
    let mut count = 0;
    for (name, text) in files(tree, labs, tool.is_none())? {
        put(&kit.path(&name), &text)?;
        count += 1;
    }
    for name in ["docker/net", "docker/host.sh", "docker/base-images.sh", "lab/kit/doctor.sh"] {
        make_executable(&kit.path(name))?;
    }
    match tool {
        Some(tool) => {
            let file = kit.path("bin/lab");
            let built = fs::read(tool).map_err(|error| Error::file(tool, &error))?;
            put(&file, &built)?;
            make_executable(&file)?;
        }
        None => package::lock_from_root(tree, &kit, ".")?,
    }
    Ok(count + 1)
}

/// Every file of a kit but its Cargo.lock, or its tool: its name there, and what it holds.
fn files(
    tree: &Tree,
    labs: &[&'static Lab],
    with_source: bool,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut names: Vec<String> = FILES.map(str::to_owned).to_vec();
    names.push("lab/kit/doctor.sh".to_owned());
    for directory in DIRECTORIES {
        collect(tree, directory, &mut names)?;
    }
    if with_source {
        collect(tree, SOURCE, &mut names)?;
    }
    let mut handouts: Vec<&str> = labs.iter().map(|lab| lab.handout).collect();
    handouts.dedup();
    if labs.iter().any(|lab| lab.name == "chatserver") {
        handouts.extend(FOR_THE_NETWORK);
    }
    for handout in handouts {
        names.extend(pictures(&tree.read(handout)?));
        names.push(handout.to_owned());
    }
    // What all programs share is no answer.
    let library = ["src/lib.rs", "skeletons/lib.rs"];
    names.extend(library.iter().filter(|name| tree.path(name).is_file()).map(|s| (*s).to_owned()));
    let mut files = Vec::new();
    for name in names {
        let text = bytes(tree, &name)?;
        files.push((name, text));
    }
    for (name, from) in RENAMED {
        files.push((name.to_owned(), bytes(tree, from)?));
    }
    for lab in labs {
        let skeleton = products::text(lab.name, &products::of(tree, lab.name)?, Set::Skeletons);
        for name in [tree::product(Set::Skeletons, lab.name), tree::handed_out(lab.name)] {
            files.push((name, skeleton.clone().into_bytes()));
        }
    }
    files.push(("skeletons/Cargo.lock".to_owned(), bytes(tree, "skeletons/Cargo.lock")?));
    let manifest = manifest_of(&tree.read("skeletons/Cargo.toml")?, labs);
    files.push(("skeletons/Cargo.toml".to_owned(), manifest.into_bytes()));
    if with_source {
        let root = workspace(&tree.read("Cargo.toml")?)?;
        files.push(("Cargo.toml".to_owned(), root.into_bytes()));
        // Its tests lie in tests/, with the answers that they are about.
        let package = tree.read("lab/Cargo.toml")?;
        let package = package.split("\n[[test]]").next().unwrap_or(&package).to_owned() + "\n";
        let package = without_grading(&package)?;
        files.push(("lab/Cargo.toml".to_owned(), package.into_bytes()));
    }
    files.sort();
    files.dedup();
    image::of_a_kit(&mut files, with_source);
    Ok(files)
}

/// The tool's manifest without what only `lab grade` needs: students have not got that, and build none
/// of it.
fn without_grading(manifest: &str) -> Result<String, Error> {
    const BEGIN: &str = "# What only `lab grade` needs";
    const END: &str = "[dev-dependencies]";
    let cut = manifest.split_once(BEGIN).zip(manifest.split_once(END));
    let Some(((before, _), (_, after))) = cut else {
        let said = "lab/Cargo.toml no longer says which dependencies are for `lab grade` alone";
        return Err(Error::Fault(said.to_owned()));
    };
    Ok(format!("{before}[features]\ngrade = [] # not in here\n\n{END}{after}"))
}

/// The pictures that a handout shows.
fn pictures(text: &str) -> Vec<String> {
    let links = text.split("](pictures/").skip(1).filter_map(|rest| rest.split(')').next());
    let mut names: Vec<String> = links.map(|name| format!("docs/pictures/{name}")).collect();
    names.dedup();
    names
}

/// All files below a directory, but for what is built or cached there.
fn collect(tree: &Tree, directory: &str, names: &mut Vec<String>) -> Result<(), Error> {
    let path = tree.path(directory);
    let entries = fs::read_dir(&path).map_err(|error| Error::file(&path, &error))?;
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let relative = format!("{directory}/{name}");
        // What a course grades with is not what it hands out.
        let grading = relative.starts_with("lab/src/grade") || relative == "lab/src/cli/grading.rs";
        if grading || name == "target" || name == "__pycache__" || name.contains(".kept-") {
            continue;
        }
        match entry.path().is_dir() {
            true => collect(tree, &relative, names)?,
            false => names.push(relative),
        }
    }
    Ok(())
}

/// The manifest of skeletons/ with the programs of these labs alone.
fn manifest_of(whole: &str, labs: &[&'static Lab]) -> String {
    let mut kept = String::new();
    let mut keep = true;
    let mut lines = whole.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if line.starts_with('[') {
            let in_bin = line.starts_with("[[bin]]");
            let name = lines.peek().copied().unwrap_or_default();
            let named = |lab: &&Lab| name.trim() == format!("name = \"{}\"", lab.name);
            keep = !in_bin || labs.iter().any(named);
        }
        if keep {
            kept.push_str(line);
        }
    }
    kept
}

/// The root's manifest without the lab programs: a workspace that has the tool alone.
fn workspace(root: &str) -> Result<String, Error> {
    let wrong = |error: String| Error::Fault(format!("Cargo.toml: {error}"));
    let mut table: toml::Table = root.parse().map_err(|error| wrong(format!("{error}")))?;
    table.retain(|key, _| key == "workspace" || key == "profile");
    let workspace = table.get_mut("workspace").and_then(toml::Value::as_table_mut);
    let workspace = workspace.ok_or_else(|| wrong("there is no workspace".to_owned()))?;
    workspace.insert("exclude".to_owned(), vec!["skeletons".to_owned()].into());
    let dev = table.get_mut("profile").and_then(|profile| profile.get_mut("dev"));
    let packages = dev.and_then(|dev| dev.get_mut("package")).and_then(toml::Value::as_table_mut);
    if let Some(packages) = packages {
        packages.remove("argon2"); // the tool hashes no passwords
    }
    Ok(table.to_string())
}

fn bytes(tree: &Tree, name: &str) -> Result<Vec<u8>, Error> {
    fs::read(tree.path(name)).map_err(|error| Error::file(Path::new(name), &error))
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| Error::file(path, &error))
}

fn make_executable(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .map_err(|error| Error::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::LABS;

    #[test]
    fn a_kit_s_manifests_have_its_own_programs_and_none_of_the_root_s() {
        let whole = "[package]\nname = \"socket-labs-skeletons\"\n\n[[bin]]\nname = \"udpserver\"\n\
                     path = \"udpserver.rs\"\n\n[[bin]]\nname = \"webserver\"\npath = \"webserver.rs\"\n\n\
                     [dependencies]\nctrlc = \"3\"\n";
        let kept = manifest_of(whole, &[&LABS[0]]);
        assert!(kept.contains("udpserver.rs") && kept.contains("ctrlc"), "{kept}");
        assert!(!kept.contains("webserver"), "{kept}");
        let root = "[workspace]\nmembers = [\"lab\"]\nexclude = [\"skeletons\", \"solutions\"]\n\
                    [package]\nname = \"socket-labs\"\n[profile.dev]\ndebug = 1\n\
                    [profile.dev.package.argon2]\nopt-level = 3\n";
        let kit = workspace(root).unwrap();
        for word in ["socket-labs", "solutions", "argon2"] {
            assert!(!kit.contains(word), "{kit}");
        }
        assert!(kit.contains("debug = 1") && kit.contains("\"lab\""), "{kit}");
    }
}
