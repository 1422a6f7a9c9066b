//! skeletons/ and solutions/ as packages that stand by themselves.

mod common;

use std::env;
use std::path::Path;
use std::process::Command;

use common::{copy, root};
use lab::source::{Source, parse};
use lab::{LABS, Set, Tree, product};

/// Builds both packages outside the checkout, as a student who was given the directory alone.
#[test]
fn copied_elsewhere_both_build_without_a_warning() {
    let elsewhere = tempfile::tempdir().expect("there is room for temporary files");
    for package in ["skeletons", "solutions"] {
        copy(&root().join(package), &elsewhere.path().join(package));
        let said = build(elsewhere.path(), package);
        assert!(!said.contains("warning"), "{package}: {said}");
    }
}

/// What cargo says while it builds. The second package finds the first one's dependencies.
fn build(elsewhere: &Path, package: &str) -> String {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--offline", "--locked"]).current_dir(elsewhere.join(package));
    cargo.env_remove("CARGO_BUILD_BUILD_DIR").env("CARGO_TARGET_DIR", elsewhere.join("target"));
    if !lab::build::without_openssl() {
        cargo.args(["--features", "tls"]);
    }
    let output = cargo.output().expect("cargo runs this test");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{package}: {said}");
    said
}

fn sources(name: &str) -> [Source; 2] {
    let lab = LABS.iter().find(|lab| lab.name == name).expect("it comes from there");
    [Set::Skeletons, Set::Solutions].map(|set| {
        let text = Tree::at(root()).read(&product(set, lab.name)).expect("it is generated");
        parse(name, &text).expect("generated from sound fences")
    })
}

#[test]
fn a_skeleton_differs_from_its_solution_in_every_gap_and_nowhere_else() {
    for lab in LABS {
        let [skeleton, solution] = sources(lab.name);
        assert_eq!(skeleton.outside(), solution.outside());
        assert_eq!((skeleton.open_gaps(), solution.open_gaps()), (skeleton.gaps.len(), 0));
        for (open, filled) in skeleton.gaps.iter().zip(&solution.gaps) {
            assert_ne!(open.body, filled.body, "{}, gap {}", lab.name, open.name);
        }
    }
}

/// And argon2, where there are passwords.
#[test]
fn their_programs_use_none_but_the_five_packages_of_the_labs() {
    const ALLOWED: [&str; 6] = ["argon2", "base64", "chrono", "ctrlc", "native-tls", "serde_json"];
    for lab in LABS.iter().filter(|lab| !lab.name.ends_with("_auth")) {
        let source = Tree::at(root()).read(&product(Set::Solutions, lab.name)).expect("generated");
        assert!(!source.contains("argon2::"), "{}", lab.name);
    }
    for package in ["skeletons", "solutions"] {
        let manifest = Tree::at(root()).read(&format!("{package}/Cargo.toml")).expect("generated");
        let manifest: toml::Table = manifest.parse().expect("generated");
        let dependencies = manifest["dependencies"].as_table().expect("it has some");
        assert!(!dependencies.is_empty());
        for name in dependencies.keys() {
            assert!(ALLOWED.contains(&name.as_str()), "{package}: {name}");
        }
    }
}
