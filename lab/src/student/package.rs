//! The package around the programs of a product: its Cargo.toml and its Cargo.lock.

use std::process::Command;

use toml::{Table, Value};

use crate::error::Error;
use crate::labs::LABS;
use crate::tree::manifest::{
    self, Binary, Library, Manifest, Package, Profile, Profiles, TLS, locked,
};
use crate::tree::{Set, Tree};

/// Without OpenSSL's headers, what needs TLS is left out, and all else builds as quickly as ever.
/// Only a program with TLS has to do with passwords.
const OPTIONAL: [&str; 2] = ["argon2", "native-tls"];

const HEAD: &str = "\
# Generated from ../Cargo.toml by `make gen`. Copied elsewhere, this directory builds by itself.
#
# The library is what Python has built in, for all of them.
# Feature tls wants OpenSSL's headers; without them, vendored builds OpenSSL from source.
";
const LINTS: &str = "\
# The lints: what stands behind an open gap is never reached, and what a gap would use is not used yet.
";
const NOT_YET: [&str; 6] = [
    "dead_code",
    "unreachable_code",
    "unused_assignments",
    "unused_imports",
    "unused_mut",
    "unused_variables",
];

/// A package of its own, with those of the root's dependencies that its programs use. The sources
/// are in the order of the labs, the library's is the last.
pub fn manifest(tree: &Tree, set: Set, sources: &[String]) -> Result<String, Error> {
    let root: Table = manifest::parse("Cargo.toml", &tree.read("Cargo.toml")?)?;
    let lacks = |what: &str| Error::Fault(format!("Cargo.toml has no {what}"));
    let common = root.get("workspace").and_then(|workspace| workspace.get("package"));
    let value = |key: &str| {
        let value = common.and_then(|common| common.get(key)?.as_str());
        value.map(str::to_owned).ok_or_else(|| lacks(&format!("workspace.package.{key}")))
    };
    let all = root.get("dependencies").and_then(Value::as_table);
    let dependencies = used(all.ok_or_else(|| lacks("dependencies"))?, sources);
    let dev = root.get("profile").and_then(|profile| profile.get("dev"));
    let dev: Option<Profile> = dev.and_then(|dev| dev.clone().try_into().ok());
    let mut dev = dev.ok_or_else(|| lacks("profile.dev"))?;
    dev.package.retain(|name, _| dependencies.contains_key(name));
    let manifest = Manifest {
        workspace: Table::new(),
        package: Package {
            name: name(set),
            version: "0.1.0".to_owned(),
            edition: value("edition")?,
            rust_version: value("rust-version")?,
            license: value("license")?,
            publish: false,
        },
        lib: Some(Library { name: "socket_labs".to_owned(), path: "lib.rs".to_owned() }),
        bin: LABS.iter().zip(sources).map(|(lab, source)| program(lab.name, source)).collect(),
        features: features(&dependencies),
        dependencies,
        lints: if set == Set::Skeletons { lints() } else { Table::new() },
        profile: Profiles { dev },
    };
    let lints = if set == Set::Skeletons { LINTS } else { "" };
    Ok(format!("{HEAD}{lints}{manifest}"))
}

fn name(set: Set) -> String {
    format!("socket-labs-{}", set.directory())
}

fn program(name: &str, source: &str) -> Binary {
    let tls = source.contains("native_tls::").then(|| TLS.to_owned());
    Binary {
        name: name.to_owned(),
        path: format!("{name}.rs"),
        required_features: tls.into_iter().collect(),
    }
}

/// The dependencies that these sources name.
fn used(all: &Table, sources: &[String]) -> Table {
    let is_used = |name: &str| {
        let path = format!("{}::", name.replace('-', "_"));
        sources.iter().any(|source| source.contains(&path))
    };
    let mut used = Table::new();
    for (name, version) in all.iter().filter(|(name, _)| is_used(name)) {
        let dependency = match OPTIONAL.contains(&name.as_str()) {
            true => optional(version.clone()),
            false => version.clone(),
        };
        used.insert(name.clone(), dependency);
    }
    used
}

fn optional(version: Value) -> Value {
    let mut dependency = match version {
        Value::Table(table) => table,
        version => Table::from_iter([("version".to_owned(), version)]),
    };
    dependency.insert("optional".to_owned(), true.into());
    Value::Table(dependency)
}

/// What the optional dependencies are needed for.
fn features(dependencies: &Table) -> Table {
    let optional = OPTIONAL.iter().filter(|name| dependencies.contains_key(**name));
    let optional: Vec<Value> = optional.map(|name| format!("dep:{name}").into()).collect();
    if optional.is_empty() {
        return Table::new();
    }
    let vendored = vec![TLS.into(), "native-tls/vendored".into()];
    Table::from_iter([
        (TLS.to_owned(), Value::Array(optional)),
        ("vendored".to_owned(), Value::Array(vendored)),
    ])
}

fn lints() -> Table {
    let rust = NOT_YET.map(|lint| (lint.to_owned(), Value::from("allow")));
    Table::from_iter([("rust".to_owned(), Value::Table(Table::from_iter(rust)))])
}

/// What is wrong with a set's Cargo.lock: it has the root's versions, so that nothing is compiled
/// twice, and an entry for every dependency.
pub fn lock_problems(tree: &Tree, set: Set) -> Result<Vec<String>, Error> {
    let file = format!("{}/Cargo.lock", set.directory());
    let (root, mine) = (locked(tree, "Cargo.lock")?, locked(tree, &file)?);
    let itself = name(set);
    let mut problems: Vec<String> = mine
        .iter()
        .filter(|(name, _)| *name != itself)
        .filter(|package| !root.contains(package))
        .map(|(name, version)| {
            format!("{file} has {name} {version}, which the root's has not: run `make gen`")
        })
        .collect();
    let manifest = Manifest::at(&tree.path(&format!("{}/Cargo.toml", set.directory())));
    let wanted = manifest.iter().flat_map(|manifest| manifest.dependencies.keys());
    for name in wanted.chain([&itself]) {
        if !mine.iter().any(|(locked, _)| locked == name) {
            problems.push(format!("{file} lacks {name}: run `make gen` and commit it"));
        }
    }
    Ok(problems)
}

/// Makes a set's Cargo.lock from the root's: cargo leaves out what the set does not use.
pub fn lock(tree: &Tree, set: Set) -> Result<(), Error> {
    lock_from_root(tree, tree, set.directory())
}

/// Makes the Cargo.lock of a directory of `to`, out of the root's of `from`. What cargo has of the
/// registry's index is enough for that; no package need have been fetched.
pub fn lock_from_root(from: &Tree, to: &Tree, directory: &str) -> Result<(), Error> {
    let update = |options: &[&str]| {
        to.write(&format!("{directory}/Cargo.lock"), &from.read("Cargo.lock")?)?;
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["update", "--quiet", "--workspace", "--manifest-path"])
            .arg(to.path(&format!("{directory}/Cargo.toml")))
            .args(options)
            .output()
            .map_err(|error| Error::Fault(format!("cannot start cargo: {error}")))
    };
    if update(&["--offline"])?.status.success() {
        return Ok(());
    }
    let output = update(&[])?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::Fault(format!("cannot make {directory}/Cargo.lock: {said}")))
}
