//! `lab gen`: from the annotated programs to skeletons/ and solutions/.

use std::collections::BTreeSet;
use std::process::Command;

use crate::error::Error;
use crate::judge::build;
use crate::labs::LABS;
use crate::tree::memory::Memory;
use crate::tree::products;
use crate::tree::{self, Set, Tree};

/// Writes what has changed and says so; gives back how many files that were.
pub fn write(tree: &Tree) -> Result<usize, Error> {
    let mut written = 0;
    let mut generated = Vec::new();
    for (file, wanted) in all(tree)? {
        let there = tree.read_any(&file).ok();
        if there.as_deref() != Some(&wanted) {
            // What is not as it was generated last may be somebody's work.
            if there.is_some_and(|there| !Memory::load(tree).has_generated(&file, &there)) {
                let kept = tree.keep(&file)?;
                anstream::println!("kept     {kept}, what {file} was");
            }
            tree.write(&file, &wanted)?;
            anstream::println!("written  {file}");
            written += 1;
        }
        generated.push((file, wanted));
    }
    Memory::update(tree, |memory| memory.generate(generated))?;
    for set in [Set::Skeletons, Set::Solutions] {
        if !lock_problems(tree, set).is_empty() {
            lock(tree, set)?;
            anstream::println!("written  {}/Cargo.lock", set.directory());
            written += 1;
        }
    }
    Ok(written)
}

/// `lab gen --check`: what is not as it would be generated.
pub fn check(tree: &Tree) -> Result<(), Error> {
    let mut stale = Vec::new();
    for (file, wanted) in all(tree)? {
        match tree.read(&file) {
            Ok(there) if there == wanted => {}
            Ok(_) => stale.push(format!("{file} is stale: run `make gen` and commit it")),
            Err(_) => stale.push(format!("{file} is missing: run `make gen` and commit it")),
        }
    }
    for set in [Set::Skeletons, Set::Solutions] {
        stale.extend(lock_problems(tree, set));
    }
    if stale.is_empty() { Ok(()) } else { Err(Error::Failed(stale.join("\n"))) }
}

/// Every generated file and its text.
fn all(tree: &Tree) -> Result<Vec<(String, String)>, Error> {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    let mut sources = Vec::new();
    for lab in LABS {
        match products::of(tree, lab.name) {
            Ok(products) => {
                for set in [Set::Skeletons, Set::Solutions] {
                    files.push((
                        tree::product(set, lab.name),
                        products::text(lab.name, &products, set),
                    ));
                }
                sources.push(tree.read(&tree::annotated(lab.name))?);
            }
            Err(error) => errors.push(error.to_string()),
        }
    }
    if !errors.is_empty() {
        return Err(Error::Failed(errors.join("\n")));
    }
    let library = tree.read(tree::LIBRARY)?;
    sources.push(library.clone());
    for set in [Set::Skeletons, Set::Solutions] {
        files.push((tree::library(set), library.clone()));
        files.push((format!("{}/Cargo.toml", set.directory()), manifest(tree, set, &sources)?));
    }
    Ok(files)
}

/// A package of its own, with those of the root's dependencies that its programs use.
fn manifest(tree: &Tree, set: Set, sources: &[String]) -> Result<String, Error> {
    let root = tree.read("Cargo.toml")?;
    let value = |key: &str| {
        let prefix = format!("{key} = ");
        let line = root.lines().find_map(|line| line.strip_prefix(&prefix));
        line.map(|rest| rest.split(" #").next().unwrap_or(rest).trim().to_owned())
            .ok_or_else(|| Error::Fault(format!("Cargo.toml has no line \"{prefix}…\"")))
    };
    let section = |name: &str| -> Vec<&str> {
        let lines = root.lines().skip_while(|line| *line != format!("[{name}]")).skip(1);
        lines.take_while(|line| !line.trim().is_empty()).collect()
    };
    let used: Vec<&str> = section("dependencies")
        .into_iter()
        .filter(|line| {
            let name = line.split(" = ").next().unwrap_or_default().replace('-', "_");
            sources.iter().any(|source| source.contains(&format!("{name}::")))
        })
        .collect();
    // Without OpenSSL's headers, what needs TLS is left out, and all else builds as quickly as ever.
    // Only a program with TLS has to do with passwords.
    const OPTIONAL: [&str; 2] = ["argon2", "native-tls"];
    let used = used.into_iter().map(|line| line.split(" #").next().unwrap_or(line).trim());
    let used = used.map(|line| match line.split_once(" = ") {
        Some((name, version)) if OPTIONAL.contains(&name) => {
            format!("{name} = {{ version = {version}, optional = true }}")
        }
        _ => line.to_owned(),
    });
    let used: Vec<String> = used.collect();
    let directory = set.directory();
    let mut text = format!(
        "# Generated from ../Cargo.toml by `make gen`. Copied elsewhere, this directory builds by \
         itself.\n[workspace]\n\n[package]\nname = \"socket-labs-{directory}\"\n\
         version = \"0.1.0\"\nedition = {}\nrust-version = {}\nlicense = {}\npublish = false\n\n\
         # What Python has built in, for all of them.\n[lib]\nname = \"socket_labs\"\npath = \"lib.rs\"\n",
        value("edition")?,
        value("rust-version")?,
        value("license")?
    );
    for (lab, source) in LABS.iter().zip(sources) {
        text.push_str(&format!("\n[[bin]]\nname = \"{0}\"\npath = \"{0}.rs\"\n", lab.name));
        if source.contains("native_tls::") {
            text.push_str(build::NEEDS_TLS);
        }
    }
    text.push_str(&format!("\n[dependencies]\n{}\n", used.join("\n")));
    let names = used.iter().filter_map(|line| line.split(" = ").next());
    let optional: Vec<String> = names
        .filter(|name| OPTIONAL.contains(name))
        .map(|name| format!("\"dep:{name}\""))
        .collect();
    if !optional.is_empty() {
        text.push_str(&format!(
            "\n[features]\n# TLS wants OpenSSL's headers; without them, `vendored` builds OpenSSL from \
             source.\ntls = [{}]\nvendored = [\"tls\", \"native-tls/vendored\"]\n",
            optional.join(", ")
        ));
    }
    if set == Set::Skeletons {
        text.push_str(
            "\n# What stands behind an open gap is never reached, and what a gap would use is not \
             used yet.\n[lints.rust]\nunreachable_code = \"allow\"\nunused_assignments = \"allow\"\n\
             unused_imports = \"allow\"\nunused_mut = \"allow\"\nunused_variables = \"allow\"\n\
             dead_code = \"allow\"\n",
        );
    }
    for profile in ["profile.dev", "profile.dev.package.argon2"] {
        text.push_str(&format!("\n[{profile}]\n{}\n", section(profile).join("\n")));
    }
    Ok(text)
}

/// What is wrong with a set's Cargo.lock: it has the root's versions, so that nothing is compiled
/// twice, and an entry for every dependency.
fn lock_problems(tree: &Tree, set: Set) -> Vec<String> {
    let file = format!("{}/Cargo.lock", set.directory());
    let locked = |file: &str| -> BTreeSet<(String, String)> {
        let text = tree.read(file).unwrap_or_default();
        let field = |entry: &str, key: &str| {
            let line = entry.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
            line.unwrap_or_default().trim_matches('"').to_owned()
        };
        let entries = text.split("[[package]]").skip(1);
        entries.map(|entry| (field(entry, "name"), field(entry, "version"))).collect()
    };
    let (root, mine) = (locked("Cargo.lock"), locked(&file));
    let itself = format!("socket-labs-{}", set.directory());
    let mut problems: Vec<String> = mine
        .iter()
        .filter(|(name, _)| *name != itself)
        .filter(|package| !root.contains(package))
        .map(|(name, version)| {
            format!("{file} has {name} {version}, which the root's has not: run `make gen`")
        })
        .collect();
    let manifest = tree.read(&format!("{}/Cargo.toml", set.directory())).unwrap_or_default();
    let wanted = manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split(" = ").next());
    for name in wanted.chain([itself.as_str()]) {
        if !mine.iter().any(|(locked, _)| locked == name) {
            problems.push(format!("{file} lacks {name}: run `make gen` and commit it"));
        }
    }
    problems
}

/// Makes a set's Cargo.lock from the root's: cargo leaves out what the set does not use.
fn lock(tree: &Tree, set: Set) -> Result<(), Error> {
    let directory = set.directory();
    tree.write(&format!("{directory}/Cargo.lock"), &tree.read("Cargo.lock")?)?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version=1", "--manifest-path"])
        .arg(tree.path(&format!("{directory}/Cargo.toml")))
        .output()
        .map_err(|error| Error::Fault(format!("cannot start cargo: {error}")))?;
    if output.status.success() {
        Ok(())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Error::Fault(format!("cannot make {directory}/Cargo.lock: {said}")))
    }
}
