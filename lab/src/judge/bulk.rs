//! Hundreds of programs that differ in a line each, built as one per lab: a module for each, and a `main` that
//! calls the one whose name it is started under. Linking once instead of hundreds of times is what
//! makes mutants affordable.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use toml::Table;

use crate::error::Error;
use crate::judge::build;
use crate::tree::manifest::{Binary, Manifest};
use crate::tree::{Set, Tree, library};

const DIRECTORY: &str = "target/mutants";

/// Builds all texts of each program, by its name. Gives back an executable for each text; what does
/// not compile has none.
pub fn build(
    tree: &Tree,
    programs: &BTreeMap<&'static str, Vec<String>>,
    built: impl Fn(usize),
) -> Result<BTreeMap<&'static str, Vec<Option<PathBuf>>>, Error> {
    for (name, texts) in programs {
        for (number, text) in texts.iter().enumerate() {
            let text = text.replace("\nfn main()", "\npub fn main()");
            tree.write_changed(&format!("{DIRECTORY}/{name}/{number}/{name}.rs"), &text)?;
        }
    }
    let names: Vec<(String, &str)> =
        programs.keys().map(|name| ((*name).to_owned(), *name)).collect();
    write_package(tree, DIRECTORY, "socket-labs-mutants", &names)?;
    let mut executables = BTreeMap::new();
    for (name, texts) in programs {
        executables.insert(*name, build_one(tree, name, texts)?);
        built(texts.len());
    }
    Ok(executables)
}

fn build_one(tree: &Tree, name: &str, texts: &[String]) -> Result<Vec<Option<PathBuf>>, Error> {
    let mut alive: BTreeSet<usize> = (0..texts.len()).collect();
    let executable = loop {
        tree.write(&format!("{DIRECTORY}/{name}.rs"), &dispatcher(name, &alive))?;
        let mut built = build::build(&tree.path(DIRECTORY), &[name])?;
        if let Some(executable) = built.executables.remove(name) {
            break executable;
        }
        let errors = built.errors.remove(name).unwrap_or_default();
        let broken: BTreeSet<usize> =
            errors.iter().filter_map(|error| module(name, &error.text)).collect();
        if broken.is_empty() {
            let texts: String = errors.into_iter().map(|error| error.text).collect();
            return Err(Error::Fault(format!("the mutants of {name} do not compile:\n{texts}")));
        }
        alive.retain(|number| !broken.contains(number));
    };
    // A name of its own for each, and the same file behind all of them.
    let directory = tree.path(&format!("{DIRECTORY}/run/{name}"));
    let _ = fs::remove_dir_all(&directory); // of an earlier run, if there was one
    fs::create_dir_all(&directory).map_err(|error| Error::file(&directory, &error))?;
    let link = |number: usize| -> Result<Option<PathBuf>, Error> {
        if !alive.contains(&number) {
            return Ok(None);
        }
        let path = directory.join(format!("m{number}"));
        fs::hard_link(&executable, &path).map_err(|error| Error::file(&path, &error))?;
        Ok(Some(path))
    };
    (0..texts.len()).map(link).collect()
}

/// The number of the module that an error of the compiler is about.
fn module(name: &str, error: &str) -> Option<usize> {
    let directory = format!("{name}/");
    let mut places = error.split(&directory).skip(1);
    places.find_map(|rest| rest.split('/').next()?.parse().ok())
}

fn dispatcher(name: &str, alive: &BTreeSet<usize>) -> String {
    let mut text = "#![allow(warnings)]\nuse std::process::{ExitCode, Termination};\n".to_owned();
    for number in alive {
        text.push_str(&format!("#[path = \"{name}/{number}/{name}.rs\"]\nmod m{number};\n"));
    }
    text.push_str("fn main() -> ExitCode {\n    let name = std::env::args_os().next().unwrap();\n");
    text.push_str(
        "    match std::path::Path::new(&name).file_name().unwrap().to_str().unwrap() {\n",
    );
    for number in alive {
        text.push_str(&format!("        \"m{number}\" => m{number}::main().report(),\n"));
    }
    text + "        other => panic!(\"no program {other}\"),\n    }\n}\n"
}

/// Writes what makes a package of a directory with programs: each is named, and the lab whose
/// dependencies it needs.
pub fn write_package(
    tree: &Tree,
    directory: &str,
    package: &str,
    programs: &[(String, &str)],
) -> Result<(), Error> {
    let mut manifest = Manifest::read(tree, Set::Skeletons)?;
    let skeletons = std::mem::replace(&mut manifest.package.name, package.to_owned());
    tree.write_changed(&format!("{directory}/lib.rs"), library::PRISTINE)?;
    let program = |(name, lab): &(String, &str)| Binary {
        path: format!("{name}.rs"),
        name: name.clone(),
        required_features: manifest.features_of(lab).to_vec(),
    };
    manifest.bin = programs.iter().map(program).collect();
    // Hundreds of programs that are built once: what makes the next build quick is in the way, and
    // nobody debugs them.
    let dev = &mut manifest.profile.dev;
    dev.settings.insert("incremental".to_owned(), false.into());
    let without = Table::from_iter([("debug".to_owned(), false.into())]);
    dev.package.insert(package.to_owned(), without);
    tree.write(&format!("{directory}/Cargo.toml"), &manifest.to_string())?;
    let lock = tree.read("skeletons/Cargo.lock")?.replace(&skeletons, package);
    tree.write(&format!("{directory}/Cargo.lock"), &lock)
}

#[cfg(test)]
mod tests {
    use super::module;

    #[test]
    fn an_error_names_its_module() {
        let error = "error[E0308]\n --> udpserver/12/mutants/udpserver.rs:5:3\n";
        assert_eq!(module("udpserver", error), Some(12));
        assert_eq!(module("udpserver", " --> udpserver.rs:5:3"), None);
    }
}
