//! `lab gen`: from the annotated programs to skeletons/ and solutions/.

use crate::error::Error;
use crate::labs::LABS;
use crate::student::{documents, package};
use crate::text::escape;
use crate::text::say::say;
use crate::tree::memory::Memory;
use crate::tree::products;
use crate::tree::{self, Set, Tree, library};

/// Writes what has changed and says so; gives back how many files that were.
pub fn write(tree: &Tree) -> Result<usize, Error> {
    let mut written = 0;
    let mut generated = Vec::new();
    for (file, wanted) in all(tree)? {
        let there = tree.read_any(&file).ok();
        if there.as_deref() != Some(&wanted) {
            // What is not as it was generated last may be somebody's work.
            if there.is_some_and(|there| !Memory::load(tree).has_generated(&file, &there)) {
                let kept = escape::path(tree.keep(&file)?);
                say(&format!("kept     {kept}, what {file} was\n"));
            }
            tree.write(&file, &wanted)?;
            say(&format!("written  {file}\n"));
            written += 1;
        }
        generated.push((file, wanted));
    }
    Memory::update(tree, |memory| memory.generate(generated))?;
    for (file, wanted) in documents::all(tree)? {
        if tree.read(&file)? != wanted {
            tree.write(&file, &wanted)?;
            say(&format!("written  {file}: its screens, or the lines that it names\n"));
            written += 1;
        }
    }
    for set in [Set::Skeletons, Set::Solutions] {
        if !package::lock_problems(tree, set).is_ok_and(|problems| problems.is_empty()) {
            package::lock(tree, set)?;
            say(&format!("written  {}/Cargo.lock\n", set.directory()));
            written += 1;
        }
    }
    Ok(written)
}

/// `lab gen --check`: what is not as it would be generated.
pub fn check(tree: &Tree) -> Result<(), Error> {
    let mut stale = Vec::new();
    for (file, wanted) in all(tree)?.into_iter().chain(documents::all(tree)?) {
        match tree.read(&file) {
            Ok(there) if there == wanted => {}
            Ok(_) => stale.push(format!("{file} is stale: run `make gen` and commit it")),
            Err(_) => stale.push(format!("{file} is missing: run `make gen` and commit it")),
        }
    }
    for set in [Set::Skeletons, Set::Solutions] {
        stale.extend(package::lock_problems(tree, set)?);
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
    let library = tree.read(library::SOURCE)?;
    sources.push(library.clone());
    for set in [Set::Skeletons, Set::Solutions] {
        files.push((library::file(set), library.clone()));
        files.push((
            format!("{}/Cargo.toml", set.directory()),
            package::manifest(tree, set, &sources)?,
        ));
    }
    Ok(files)
}
