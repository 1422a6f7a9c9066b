//! What the operating system knows of a program: its processes, sockets and network.
#![warn(clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;

use nix::libc;
use nix::unistd::{AccessFlags, access};

pub mod bounds;
pub mod limits;
pub mod names;
pub mod namespace;
pub mod network;
pub mod output;
pub mod processes;
pub mod program;
#[cfg_attr(not(feature = "grade"), allow(dead_code))]
pub mod sandbox;
pub mod scratch;
pub mod sockets;
mod start;
pub mod tap;
pub mod view;
pub mod zone;

/// Ends this process, whatever its threads do or wait for.
pub fn end_at_once(status: i32) -> ! {
    // SAFETY: a system call on a number; nothing that others have registered for the end is run.
    unsafe { libc::_exit(status) }
}

/// Whether a shell would find the command.
pub fn can_be_started(program: &OsStr) -> bool {
    on_path(program).is_some()
}

/// Where a shell would find the command.
pub fn on_path(program: &OsStr) -> Option<PathBuf> {
    let path = PathBuf::from(program);
    let executable = |path: &PathBuf| path.is_file() && access(path, AccessFlags::X_OK).is_ok();
    if path.components().count() > 1 {
        return Some(path).filter(executable);
    }
    let directories = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&directories).map(|directory| directory.join(&path)).find(executable)
}
