//! What the processes of a program under check are doing, read from /proc.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, process};

use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, SysconfVar, sysconf};

/// A process with all below it, as the kernel lists them; what has just ended may be missing.
pub fn below(pid: i32) -> Vec<i32> {
    let mut found = vec![pid];
    let mut looked_at = 0;
    while let Some(pid) = found.get(looked_at) {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let children = threads.flat_map(|thread| listed(&thread.path()).unwrap_or_default());
        found.extend(children.collect::<Vec<_>>());
        looked_at += 1;
    }
    found
}

/// The processes that this one has taken in, among others that its first thread has started; `None`
/// where the kernel keeps no lists of children.
pub fn taken_in() -> Option<Vec<i32>> {
    children_of_first_thread(i32::try_from(process::id()).ok()?)
}

/// The children of a process's first thread, those that it has taken in among them.
pub fn children_of_first_thread(pid: i32) -> Option<Vec<i32>> {
    listed(Path::new(&format!("/proc/{pid}/task/{pid}")))
}

/// The PID namespace of a process.
pub fn namespace(pid: i32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/pid")).ok()
}

fn listed(thread: &Path) -> Option<Vec<i32>> {
    let text = fs::read_to_string(thread.join("children")).ok()?;
    Some(text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect())
}

/// Whether a process is in this group, or was started with this variable.
pub fn belongs(pid: i32, group: i32, variable: &str) -> bool {
    Stat::of(pid).is_some_and(|stat| stat.group == group) || is_marked(pid, variable)
}

/// All processes whose parent is this one.
pub fn children(parent: u32) -> Vec<i32> {
    let is_child = |pid: &i32| Stat::of(*pid).is_some_and(|stat| stat.parent == parent);
    all().filter(is_child).collect()
}

/// All processes that were started with this variable, wherever they have moved since.
pub fn marked(variable: &str) -> Vec<i32> {
    all().filter(|pid| is_marked(*pid, variable)).collect()
}

fn is_marked(pid: i32, variable: &str) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
}

/// Ends a process at once; one that has ended already is left in peace.
pub fn end(pid: i32) {
    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL); // it may have ended by itself
}

/// Does something while these processes stand still: whatever is sent to them meanwhile has all come
/// before they take their next step.
pub fn while_stopped<T>(processes: &[i32], act: impl FnOnce() -> T) -> T {
    const TURN: Duration = Duration::from_millis(1);
    const TURNS: usize = 1000; // a call of the kernel's may have to end first
    struct GoOn<'p>(&'p [i32]);
    impl Drop for GoOn<'_> {
        fn drop(&mut self) {
            send(self.0, Signal::SIGCONT);
        }
    }
    let go_on = GoOn(processes);
    send(processes, Signal::SIGSTOP);
    for _ in 0..TURNS {
        if processes.iter().all(|pid| is_stopped(*pid)) {
            break;
        }
        std::thread::sleep(TURN);
    }
    let done = act();
    drop(go_on);
    done
}

fn send(processes: &[i32], signal: Signal) {
    for pid in processes {
        let _ = kill(Pid::from_raw(*pid), signal); // it may have ended by itself
    }
}

/// Whether all threads of a process have been stopped, or it has ended.
fn is_stopped(pid: i32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let mut states = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("stat")).ok()?;
        text.rsplit_once(')')?.1.split_whitespace().next().map(str::to_owned)
    });
    states.all(|state| ["T", "t", "Z", "X"].contains(&state.as_str()))
}

/// All processes of this machine, as far as they are to be seen.
pub fn all() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The system call in which a program sleeps, as far as it is one that a student has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub name: &'static str,
    /// Its first argument, where that is a descriptor, and the inode of the socket behind it.
    pub descriptor: Option<u64>,
    pub inode: Option<u64>,
}

/// Where the first of these processes' threads sleeps in a call that is known here.
pub fn asleep_in(processes: &[i32]) -> Option<Call> {
    calls(processes).next()
}

/// Whether one of these processes' threads rests for a time, and then goes on by itself.
pub fn pauses(processes: &[i32]) -> bool {
    calls(processes).any(|call| call.name == "sleep")
}

/// Where the threads of these processes sleep, of those that sleep in a call that is known here.
pub fn calls(processes: &[i32]) -> impl Iterator<Item = Call> {
    const OF_DESCRIPTORS: [(libc::c_long, &str); 11] = [
        (libc::SYS_accept, "accept"),
        (libc::SYS_accept4, "accept"),
        (libc::SYS_read, "read"),
        (libc::SYS_recvfrom, "recv"),
        (libc::SYS_recvmsg, "recv"),
        (libc::SYS_write, "write"),
        (libc::SYS_sendto, "send"),
        (libc::SYS_sendmsg, "send"),
        (libc::SYS_connect, "connect"),
        (libc::SYS_clock_nanosleep, "sleep"),
        (libc::SYS_nanosleep, "sleep"),
    ];
    let threads = processes.iter().flat_map(|pid| {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        tasks.map(move |task| (pid, task.path()))
    });
    threads.filter_map(|(pid, thread)| {
        let text = fs::read_to_string(thread.join("syscall")).ok()?;
        let mut fields = text.split_whitespace();
        let number: libc::c_long = fields.next()?.parse().ok()?;
        let (_, name) = OF_DESCRIPTORS.iter().find(|(known, _)| *known == number)?;
        let descriptor = u64::from_str_radix(fields.next()?.trim_start_matches("0x"), 16).ok()?;
        let descriptor = (*name != "sleep").then_some(descriptor);
        let inode = descriptor.and_then(|number| inode(format!("/proc/{pid}/fd/{number}")));
        Some(Call { name, descriptor, inode })
    })
}

/// How long a process has been ready to run, and kept from it by others, since it was started.
/// Nothing where the kernel does not say.
pub fn delay(pid: i32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap_or_default();
    let nanoseconds = text.split_whitespace().nth(1).and_then(|field| field.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// The inode of the socket that a link in /proc/PID/fd stands for.
pub fn inode(link: impl AsRef<Path>) -> Option<u64> {
    fs::read_link(link).ok()?.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

/// The fields of /proc/PID/stat that are of use here.
struct Stat {
    parent: u32,
    group: i32,
    /// User and system time, in clock ticks.
    ticks: u64,
    threads: u64,
    /// In memory now.
    pages: u64,
}

impl Stat {
    fn of(pid: i32) -> Option<Stat> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in the second field may hold anything; the rest begins behind its last ")".
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Stat {
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            ticks: number(11)? + number(12)?,
            threads: number(17)?,
            pages: number(21)?,
        })
    }
}

/// What processes take of this machine now.
#[derive(Debug, Default)]
pub struct Usage {
    pub threads: u64,
    /// In bytes; what several of them share is counted for each.
    pub memory: u64,
}

pub fn usage(processes: &[i32]) -> Usage {
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten().unwrap_or(4096);
    let page = u64::try_from(page).unwrap_or(4096);
    processes.iter().filter_map(|pid| Stat::of(*pid)).fold(Usage::default(), |sum, stat| Usage {
        threads: sum.threads + stat.threads,
        memory: sum.memory + stat.pages * page,
    })
}

/// The memory of processes in bytes, with a share of what they have in common. To read this is dear.
pub fn own_memory(processes: &[i32]) -> u64 {
    let of = |pid: &i32| {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    };
    match processes.iter().filter_map(of).sum::<u64>() {
        0 => usage(processes).memory, // a kernel that does not say
        kilobytes => kilobytes * 1024,
    }
}

/// What a group of processes has done up to now. Equal twice in a row while sleeping: nothing
/// has woken any of them in between.
#[derive(PartialEq, Eq)]
pub struct Activity {
    /// No thread is running, ready to run, or waiting for a disk.
    pub sleeping: bool,
    /// Context switches of all threads.
    switches: u64,
    ticks: u64,
}

impl Activity {
    pub fn of(processes: &[i32]) -> Activity {
        let mut activity = Activity { sleeping: !processes.is_empty(), switches: 0, ticks: 0 };
        for pid in processes {
            activity.ticks += Stat::of(*pid).map_or(0, |stat| stat.ticks);
            let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
            for thread in threads.flatten() {
                let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
                for line in status.lines() {
                    match line.split_once(':') {
                        Some(("State", state)) => {
                            activity.sleeping &= !state.trim_start().starts_with(['R', 'D']);
                        }
                        Some(("voluntary_ctxt_switches" | "nonvoluntary_ctxt_switches", count)) => {
                            activity.switches += count.trim().parse().unwrap_or(0)
                        }
                        _ => {}
                    }
                }
            }
        }
        activity
    }

    /// CPU time used.
    pub fn cpu(&self) -> Duration {
        let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100);
        Duration::from_millis(self.ticks * 1000 / u64::try_from(per_second).unwrap_or(100))
    }
}
