//! Cargo.toml of a package of lab programs, and what its Cargo.lock locks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use toml::Table;

use crate::error::Error;
use crate::tree::{Set, Tree};

/// The feature of a package that programs with TLS need.
pub const TLS: &str = "tls";

/// Its fields are in the order in which cargo's book has them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Empty: the package belongs to no other workspace, wherever it lies.
    pub workspace: Table,
    pub package: Package,
    pub lib: Option<Library>,
    pub bin: Vec<Binary>,
    pub dependencies: Table,
    #[serde(default)]
    pub features: Table,
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub lints: Table,
    pub profile: Profiles,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Package {
    pub name: String,
    pub version: String,
    pub edition: String,
    pub rust_version: String,
    pub license: String,
    pub publish: bool,
}

/// What the programs of the package share.
#[derive(Clone, Serialize, Deserialize)]
pub struct Library {
    pub name: String,
    pub path: String,
}

/// A program of the package, and where its source is.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Binary {
    pub name: String,
    pub path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_features: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Profiles {
    pub dev: Profile,
}

/// Settings for the package itself, and for some of what it depends on.
#[derive(Clone, Serialize, Deserialize)]
pub struct Profile {
    #[serde(flatten)]
    pub settings: Table,
    #[serde(default)]
    pub package: BTreeMap<String, Table>,
}

impl Manifest {
    /// That of a product.
    pub fn read(tree: &Tree, set: Set) -> Result<Manifest, Error> {
        let file = format!("{}/Cargo.toml", set.directory());
        parse(&file, &tree.read(&file)?)
    }

    /// That at a path, if there is one that can be read.
    pub fn at(path: &Path) -> Option<Manifest> {
        toml::from_str(&std::fs::read_to_string(path).ok()?).ok()
    }

    /// What this program needs.
    pub fn features_of(&self, name: &str) -> &[String] {
        let program = self.bin.iter().find(|program| program.name == name);
        program.map_or(&[], |program| &program.required_features)
    }

    pub fn needs_tls(&self, name: &str) -> bool {
        self.features_of(name).iter().any(|feature| feature == TLS)
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&toml::to_string(self).expect("tables with names for keys"))
    }
}

/// A file of the checkout in TOML; where it is none, what is wrong with it, and where.
pub fn parse<T: for<'de> Deserialize<'de>>(file: &str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| {
        let error = error.to_string();
        Error::Fault(format!("{file}: {}\n`make gen` makes it anew", error.trim_end()))
    })
}

/// Names and versions in a Cargo.lock; none where there is no such file.
pub fn locked(tree: &Tree, file: &str) -> Result<BTreeSet<(String, String)>, Error> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Locked>,
    }
    #[derive(Deserialize)]
    struct Locked {
        name: String,
        version: String,
    }
    let Ok(text) = tree.read(file) else { return Ok(BTreeSet::new()) };
    let lock: Lock = parse(file, &text)?;
    Ok(lock.package.into_iter().map(|package| (package.name, package.version)).collect())
}
