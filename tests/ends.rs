//! Whatever a program under check has started ends with its check, and with the tool, in whatever way
//! that ends.

mod common;

use std::fs;
use std::os::fd::AsRawFd;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Running, Tree, skip, until, works};
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A server that never answers. Before, it starts three that are hard to find: one in a session of its
/// own, one whose parent has ended, and that one again without its environment.
const DAEMONS: &str = "
import os, socket, sys, time
def daemon(seconds, forks, environment):
    for _ in range(forks):
        if os.fork():
            return
        os.setsid()
    os.execve('/bin/sleep', ['sleep', seconds], environment)
daemon(sys.argv[2] + '1', 1, os.environ)
for n, environment in ('2', os.environ), ('3', {}):
    if not (child := os.fork()):
        daemon(sys.argv[2] + n, 2, environment)
        os._exit(0)
    os.waitpid(child, 0)
door = socket.create_server(('', int(sys.argv[1])))
time.sleep(1000)
";

/// A number of seconds that no other test, and no other run, lets anybody sleep.
fn seconds(test: u8) -> String {
    format!("{}{test}", 1_000_000 + std::process::id())
}

/// The sleepers whose number begins so.
fn sleepers(seconds: &str) -> Vec<i32> {
    let all = fs::read_dir("/proc").expect("this is Linux").flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let sleeps = |pid: &i32| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        words.starts_with(format!("sleep\0{seconds}").as_bytes())
    };
    pids.filter(sleeps).collect()
}

/// The tool while it checks `DAEMONS`, all of whom run.
fn started(tree: &Tree, seconds: &str) -> Running {
    let command = ["check", "tcpserver", "--", "python3", "-c", DAEMONS, "{port}", seconds];
    let tool = tree.start(&command);
    until("three sleepers", || (sleepers(seconds).len() >= 3).then_some(()));
    tool
}

/// Whether the kernel gives PID namespaces here; without, nothing can end whoever hides so well.
fn has_namespaces() -> bool {
    let all = ["--mount", "--net", "--pid", "--fork", "true"];
    let there = works("unshare", &all) || works("unshare", &[&["--user"], &all[..]].concat());
    if !there {
        skip("the kernel gives no PID namespaces here");
    }
    there
}

#[test]
fn a_check_ends_whatever_was_started() {
    let (tree, seconds) = (Tree::new(), seconds(1));
    let ended = started(&tree, &seconds).end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(sleepers(&seconds).is_empty());
}

#[test]
fn nothing_is_left_after_ctrl_c() {
    let (tree, seconds) = (Tree::new(), seconds(2));
    let tool = started(&tree, &seconds);
    tool.interrupt();
    assert_eq!(tool.end().code, Some(130));
    assert!(sleepers(&seconds).is_empty());
}

/// Where nobody reads the report, its printing never ends.
#[test]
fn a_tool_that_waits_for_its_reader_ends_when_asked_to() {
    const SMALL: i32 = 4096;
    let tree = Tree::new();
    let mut command = tree.command(&["check", "chatserver", "--format", "json", "--", "false"]);
    let mut tool = command.stdout(Stdio::piped()).spawn().unwrap();
    let pipe = tool.stdout.take().unwrap();
    fcntl(&pipe, FcntlArg::F_SETPIPE_SZ(SMALL)).unwrap();
    let pid = Pid::from_raw(tool.id().try_into().unwrap());
    until("a full pipe", || {
        let mut unread = 0;
        // SAFETY: it writes a number of this size.
        unsafe { nix::libc::ioctl(pipe.as_raw_fd(), nix::libc::FIONREAD, &mut unread) };
        (unread == SMALL).then_some(())
    });
    let asked = Instant::now();
    kill(pid, Signal::SIGTERM).unwrap();
    assert_eq!(tool.wait().unwrap().code(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
}

#[test]
fn nothing_is_left_when_the_tool_is_killed() {
    if !has_namespaces() {
        return;
    }
    let (tree, seconds) = (Tree::new(), seconds(3));
    let tool = started(&tree, &seconds);
    kill(tool.pid(), Signal::SIGKILL).unwrap();
    until("the end of all", || sleepers(&seconds).is_empty().then_some(()));
}

#[test]
fn a_program_sees_no_process_but_its_own() {
    if !has_namespaces() {
        return;
    }
    let tree = Tree::new();
    let script = "
import os, sys
seen = {int(name) for name in os.listdir('/proc') if name.isdigit()}
print('all it sees' if seen == {1, os.getpid()} else seen, file=sys.stderr)
";
    let ended = tree.lab(&["check", "tcpserver", "--", "python3", "-c", script, "{port}"]);
    assert!(ended.stdout.contains("it said: all it sees"), "{ended:?}");
}

#[test]
fn signals_end_a_program_as_they_do_elsewhere() {
    let tree = Tree::new();
    let script = "import os, signal; os.kill(os.getpid(), signal.SIGABRT)";
    let ended = tree.lab(&["check", "tcpserver", "--", "python3", "-c", script, "{port}"]);
    assert!(ended.stdout.contains("the program was ended by SIGABRT"), "{ended:?}");
}

#[test]
fn a_program_cannot_end_the_tool() {
    if !has_namespaces() {
        return;
    }
    let tree = Tree::new();
    let script = "
import os, signal
for pid in (os.getppid(), 1, -1):
    try: os.kill(pid, signal.SIGKILL)
    except OSError as error: pass
";
    let ended = tree.lab(&["check", "tcpserver", "--", "python3", "-c", script, "{port}"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
}
