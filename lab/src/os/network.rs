//! A private network for every check: its own loopback, with every port free.

use std::io;
use std::sync::OnceLock;

/// Where a program under check runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// This host's loopback, which others use too.
    Host,
    /// A network namespace for each check.
    Private,
}

static AVAILABLE: OnceLock<Network> = OnceLock::new();

/// What checks get in this process: the host's network until `prepare` has found a better one.
pub fn available() -> Network {
    *AVAILABLE.get().unwrap_or(&Network::Host)
}

/// Finds out whether private networks can be made. To be called before the first thread starts;
/// where the kernel refuses (a container, a hardened host), checks share the host's network.
pub fn prepare() {
    let private = can_enter() || (gets_a_user_namespace() && can_enter());
    AVAILABLE.get_or_init(|| if private { Network::Private } else { Network::Host });
}

fn can_enter() -> bool {
    matches!(std::thread::spawn(enter).join(), Ok(Ok(())))
}

/// Asks for a user namespace, in which anybody may make networks. Not for root, who would lose the
/// right to other people's files there.
#[cfg(target_os = "linux")]
fn gets_a_user_namespace() -> bool {
    use nix::sched::{CloneFlags, unshare};
    use std::fs;
    let (user, group) = (nix::unistd::getuid(), nix::unistd::getgid());
    if user.is_root() || unshare(CloneFlags::CLONE_NEWUSER).is_err() {
        return false;
    }
    // Everybody keeps the number they had. A failure shows when the network is made.
    let _ = fs::write("/proc/self/setgroups", "deny");
    let _ = fs::write("/proc/self/uid_map", format!("{user} {user} 1"));
    let _ = fs::write("/proc/self/gid_map", format!("{group} {group} 1"));
    true
}

/// Moves the calling thread, and what it starts from now on, into a new network with nothing but
/// a loopback in it.
#[cfg(target_os = "linux")]
pub fn enter() -> io::Result<()> {
    use nix::libc;
    use nix::sched::{CloneFlags, unshare};
    unshare(CloneFlags::CLONE_NEWNET)?;
    let socket = std::net::UdpSocket::bind("0.0.0.0:0")?;
    // SAFETY: the request is a zeroed ifreq with a NUL-terminated name, which outlives both calls.
    unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        request.ifr_name[0] = b'l' as libc::c_char;
        request.ifr_name[1] = b'o' as libc::c_char;
        let socket = std::os::fd::AsRawFd::as_raw_fd(&socket);
        if libc::ioctl(socket, libc::SIOCGIFFLAGS, &mut request) < 0 {
            return Err(io::Error::last_os_error());
        }
        request.ifr_ifru.ifru_flags |= libc::IFF_UP as libc::c_short;
        if libc::ioctl(socket, libc::SIOCSIFFLAGS, &request) < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn gets_a_user_namespace() -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub fn enter() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
