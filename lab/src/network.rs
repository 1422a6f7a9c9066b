//! A private network for a program whose port is fixed: its own loopback, with every port free.

use std::io;

/// Where a program under check runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// This host's loopback, which others use too.
    Host,
    /// A network namespace for each check.
    Private,
}

/// Asks the kernel for the right to make private networks. To be called before the first thread
/// starts; where it is refused (a container, a hardened kernel), checks share the host's network.
#[cfg(target_os = "linux")]
pub fn prepare() -> Network {
    use nix::sched::{CloneFlags, unshare};
    use std::fs;
    let (user, group) = (nix::unistd::getuid(), nix::unistd::getgid());
    if unshare(CloneFlags::CLONE_NEWUSER).is_err() {
        return Network::Host;
    }
    // Everybody keeps the number they had. A failure shows below, when the network is made.
    let _ = fs::write("/proc/self/setgroups", "deny");
    let _ = fs::write("/proc/self/uid_map", format!("{user} {user} 1"));
    let _ = fs::write("/proc/self/gid_map", format!("{group} {group} 1"));
    let probe = std::thread::spawn(enter).join();
    if matches!(probe, Ok(Ok(()))) { Network::Private } else { Network::Host }
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
pub fn prepare() -> Network {
    Network::Host
}

#[cfg(not(target_os = "linux"))]
pub fn enter() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
