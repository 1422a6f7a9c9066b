//! What a program under check, and the compiler, may use of this machine, and what is said of who used
//! more. Nobody right comes near to any of these.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use nix::libc;
use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};

use crate::os::processes;

const MB: u64 = 1 << 20;

/// Memory of all processes of a program together.
const MEMORY: u64 = 1024 * MB;
/// Threads of all processes of a program together.
const THREADS: u64 = 2000;
/// Processes and threads that a sandbox lets a program have: `THREADS` is what is said of more.
pub const PROCESSES: u64 = THREADS + 48;
/// Time for a check, all of its programs one after the other.
pub const CHECK: Duration = Duration::from_secs(120);
/// Time for a check with all that we make ourselves of what its programs did.
pub const CHECK_AND_OURS: Duration = Duration::from_secs(150);
/// CPU time of one process, in seconds.
pub const CPU: u64 = 120;
/// One file, in MB.
pub const FILE_MB: u64 = 256;
const FILES: u64 = 4096;

/// Memory and time of the compiler in a sandbox, with the linker that it starts.
const COMPILING_MEMORY: u64 = 4096 * MB;
pub const COMPILING: Duration = Duration::from_secs(240);
/// CPU time of each of them, in seconds: a lab program takes one.
const COMPILING_CPU: u64 = 30;

/// The compiler's. It takes some seconds and 300 MB for a lab program, and more for a dependency.
pub const COMPILER_CPU: u64 = 120;
pub const COMPILER_MEMORY: u64 = 8 * 1024 * MB;
pub const COMPILER_FILE: u64 = 2 * 1024 * MB;

/// Whose limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    Program,
    Compiler,
}

impl Budget {
    /// Sets the limits that the kernel keeps.
    pub fn limit(self, command: &mut Command) {
        match self {
            Budget::Program => limit(command),
            Budget::Compiler => {
                limit_compiler(command);
                set(command, [(Resource::RLIMIT_CPU, COMPILING_CPU)]);
            }
        }
    }

    /// Whether these processes use more than they may.
    pub fn exceeded(self, pids: &[i32]) -> Option<Excess> {
        let most = match self {
            Budget::Program => MEMORY,
            Budget::Compiler => COMPILING_MEMORY,
        };
        exceeded(pids, most)
    }

    /// What is said of who used more.
    pub fn said(self, excess: Excess) -> String {
        match (self, excess) {
            (Budget::Compiler, Excess::Memory) => {
                format!("more than {} GB of memory", COMPILING_MEMORY / 1024 / MB)
            }
            (Budget::Compiler, Excess::Time) => format!("more than {} s", COMPILING.as_secs()),
            (_, excess) => excess.said(),
        }
    }
}

/// Why a program was ended before its check was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    Memory,
    Threads,
    Time,
}

impl Excess {
    /// In a sentence about the program.
    pub fn said(self) -> String {
        match self {
            Excess::Memory => format!("it used more than {} GB of memory", MEMORY / 1024 / MB),
            Excess::Threads => format!("it had more than {THREADS} processes and threads at once"),
            Excess::Time => format!("it was not done after {} s", CHECK.as_secs()),
        }
    }
}

fn exceeded(pids: &[i32], most: u64) -> Option<Excess> {
    let usage = processes::usage(pids);
    if usage.threads > THREADS {
        return Some(Excess::Threads);
    }
    // What processes share is counted for each of them, so who seems to have too much is looked at
    // once more.
    (usage.memory > most && processes::own_memory(pids) > most).then_some(Excess::Memory)
}

/// Sets the limits that the kernel keeps, for a program.
fn limit(command: &mut Command) {
    set(
        command,
        [
            (Resource::RLIMIT_DATA, 4 * MEMORY), // `exceeded` says it better, where it is in time
            (Resource::RLIMIT_CPU, CPU),
            (Resource::RLIMIT_FSIZE, FILE_MB * MB),
            (Resource::RLIMIT_NOFILE, FILES),
            (Resource::RLIMIT_CORE, 0),
        ],
    );
}

/// The same for the compiler.
pub fn limit_compiler(command: &mut Command) {
    set(
        command,
        [
            (Resource::RLIMIT_DATA, COMPILER_MEMORY),
            (Resource::RLIMIT_CPU, COMPILER_CPU),
            (Resource::RLIMIT_FSIZE, COMPILER_FILE),
            (Resource::RLIMIT_CORE, 0),
        ],
    );
}

fn set<const N: usize>(command: &mut Command, limits: [(Resource, rlim_t); N]) {
    let lowered = limits.map(|(resource, most)| {
        let (soft, hard) = getrlimit(resource).unwrap_or((most, most));
        // Between the two limits on CPU time comes a signal that says what it is about.
        let more = if resource == Resource::RLIMIT_CPU { 2 } else { 0 };
        (resource, soft.min(most), hard.min(most + more))
    });
    let set = move || -> io::Result<()> {
        for (resource, soft, hard) in lowered {
            setrlimit(resource, soft, hard)?;
        }
        Ok(())
    };
    // SAFETY: between fork and exec there are system calls, which allocate nothing.
    unsafe { command.pre_exec(set) };
}

/// Takes from a program that root starts what would let it undo its surroundings: mounting, looking
/// into other processes, lifting its limits. Of anybody else's program nothing is taken.
pub fn drop_capabilities(command: &mut Command) {
    // Those of capabilities(7) that ordinary servers use: files, users, signals, ports below 1024.
    const CHOWN: libc::c_ulong = 0;
    const DAC_OVERRIDE: libc::c_ulong = 1;
    const FOWNER: libc::c_ulong = 3;
    const FSETID: libc::c_ulong = 4;
    const KILL: libc::c_ulong = 5;
    const SETGID: libc::c_ulong = 6;
    const SETUID: libc::c_ulong = 7;
    const NET_BIND_SERVICE: libc::c_ulong = 10;
    const NET_RAW: libc::c_ulong = 13;
    const KEPT: [libc::c_ulong; 9] =
        [CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, NET_BIND_SERVICE, NET_RAW];
    let drop = || -> io::Result<()> {
        for capability in (0..64).filter(|number| !KEPT.contains(number)) {
            // SAFETY: a system call on numbers. It fails for a number that this kernel does not know,
            // and for who is not root and has nothing to drop.
            unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) };
        }
        Ok(())
    };
    // SAFETY: see `set`.
    unsafe { command.pre_exec(drop) };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `ulimit` says in a shell with these limits.
    fn said(limit: fn(&mut Command), option: &str) -> String {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit {option}")]);
        limit(&mut shell);
        String::from_utf8(shell.output().unwrap().stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn a_program_and_the_compiler_start_with_their_limits() {
        assert_eq!(said(limit, "-t"), CPU.to_string());
        assert_eq!(said(limit, "-c"), "0");
        assert_eq!(said(limit_compiler, "-t"), COMPILER_CPU.to_string());
        let files: u64 = said(limit, "-n").parse().unwrap();
        assert!(files <= FILES, "{files}");
    }

    #[test]
    fn this_process_uses_little() {
        let own = i32::try_from(std::process::id()).unwrap();
        let usage = processes::usage(&[own]);
        assert!(usage.memory > MB && usage.threads > 0, "{usage:?}");
        assert!(processes::own_memory(&[own]) > MB);
        assert_eq!(Budget::Program.exceeded(&[own]), None);
    }
}
