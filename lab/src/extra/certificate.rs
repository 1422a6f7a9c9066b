//! `lab certificate`: a certificate for the chat server, and the issuer that clients trust.

use std::fs::{self, DirBuilder};
use std::net::ToSocketAddrs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{PathBuf, absolute};

use rcgen::KeyPair;

use crate::error::Error;
use crate::text::escape;
use crate::tree::Tree;
use crate::wire::certificates::{authority, server_params};

/// Where the chat server looks for its certificate.
const DIRECTORY: &str = "chat";

/// Makes an issuer, lets it certify a server of these names, and forgets the issuer's key. The
/// files that were there are kept. Gives back what was written and kept, a line each.
pub fn write(
    tree: &Tree,
    directory: Option<PathBuf>,
    names: Vec<String>,
) -> Result<Vec<String>, Error> {
    let directory = match directory {
        None => PathBuf::from(DIRECTORY),
        Some(path) => absolute(&path).map_err(|error| Error::file(&path, &error))?,
    };
    let names = if names.is_empty() { own_names() } else { names };
    let fault = |error: rcgen::Error| {
        Error::Usage(format!("no certificate can be made for {}: {error}", names.join(", ")))
    };
    let authority = authority("socket-labs chat issuer").map_err(fault)?;
    let key = KeyPair::generate().map_err(fault)?;
    let server = server_params(names.clone()).map_err(fault)?;
    let certificate = server.signed_by(&key, &authority).map_err(fault)?;
    // For its owner alone: a key will be in it.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(tree.root().join(&directory));
    made.map_err(|error| Error::file(&tree.root().join(&directory), &error))?;
    let mut said = Vec::new();
    for (file, text, mode) in [
        ("ca.pem", authority.pem(), 0o644),
        ("server.pem", certificate.pem(), 0o644),
        ("server-key.pem", key.serialize_pem(), 0o600),
    ] {
        let file = directory.join(file);
        if tree.root().join(&file).exists() {
            let kept = escape::path(tree.keep(&file)?);
            said.push(format!("kept     {kept}, what {} was", escape::path(&file)));
        }
        tree.write_with_mode(&file, &text, mode)?;
        said.push(format!("written  {}", escape::path(&file)));
    }
    said.push(format!("The certificate is for {}.", escape::line(&names.join(", "))));
    Ok(said)
}

/// The names by which clients find a chat server on this host.
fn own_names() -> Vec<String> {
    let mut names = ["localhost", "127.0.0.1", "chat.ttm4200.com"].map(str::to_owned).to_vec();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let addresses = (host, 0).to_socket_addrs().into_iter().flatten();
    let addresses = addresses.filter(|address| address.is_ipv4()).map(|it| it.ip().to_string());
    for name in [host.to_owned()].into_iter().chain(addresses) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
