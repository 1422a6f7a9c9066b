//! What the operating system knows of a program: its processes, sockets and network.
#![warn(clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

pub mod limits;
pub mod namespace;
pub mod network;
pub mod output;
pub mod processes;
pub mod program;
pub mod sockets;
pub mod view;
pub mod zone;

/// Whether a shell would find the command.
pub fn can_be_started(program: &OsStr) -> bool {
    let path = PathBuf::from(program);
    let executable = |path: &Path| path.is_file() && access(path, AccessFlags::X_OK).is_ok();
    if path.components().count() > 1 {
        return executable(&path);
    }
    let directories = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&directories).any(|directory| executable(&directory.join(&path)))
}
