//! A private network for every check: its own loopback, with every port free. And what of all
//! this the kernel allows.

use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::{LazyLock, OnceLock};
use std::thread;

use nix::libc;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork, getgid, getuid};

use crate::os::namespace::{self, Namespace};

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

/// Finds out whether private networks, and namespaces for processes, can be made. To be called before
/// the first thread starts; where the kernel refuses (a container, a hardened host), checks share the
/// host's network, and programs are followed by a mark.
pub fn prepare() {
    let mut possible = probe(&|| Ok(()));
    if possible.is_none() && !getuid().is_root() {
        possible = probe(&enter_user_namespace);
        if possible.is_some() && enter_user_namespace().is_err() {
            possible = None;
        }
    }
    AVAILABLE.get_or_init(|| match possible {
        Some(_) => Network::Private,
        None => Network::Host,
    });
    if possible == Some(Possible::All) {
        namespace::use_from_now_on();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Possible {
    Network,
    /// Namespaces for processes and mounts besides.
    All,
}

/// Tries in a child what cannot be taken back. (A thread could try as well; but for a moment after its
/// end the kernel still counts it, and gives no user namespace to a process of two threads.)
fn probe(first: &dyn Fn() -> io::Result<()>) -> Option<Possible> {
    // SAFETY: this process has one thread, so its copy may do whatever it could.
    match unsafe { fork() } {
        Ok(ForkResult::Child) => {
            let network = first().and_then(|()| enter());
            let all = network.is_ok() && Namespace::enter(None).is_ok();
            // SAFETY: it ends this process at once, and nothing that the tool has begun.
            unsafe { libc::_exit(if all { 2 } else { i32::from(network.is_ok()) }) }
        }
        Ok(ForkResult::Parent { child }) => match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, 2)) => Some(Possible::All),
            Ok(WaitStatus::Exited(_, 1)) => Some(Possible::Network),
            _ => None,
        },
        Err(_) => None,
    }
}

/// Asks for a user namespace, in which anybody may make networks. Not for root, who would lose the
/// right to other people's files there.
fn enter_user_namespace() -> io::Result<()> {
    let (user, group) = (getuid(), getgid());
    unshare(CloneFlags::CLONE_NEWUSER)?;
    // Everybody keeps the number they had.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// A network whose children have a small table of TCP sockets. The host's may have 262,144 places, and
/// whoever reads /proc/net/tcp looks at each. Nothing where the kernel does not let it be set (Linux 6.1).
static PARENT: LazyLock<Option<File>> = LazyLock::new(|| {
    let parent = || {
        unshare(CloneFlags::CLONE_NEWNET)?;
        fs::write("/proc/sys/net/ipv4/tcp_child_ehash_entries", "1024")?;
        File::open("/proc/thread-self/ns/net")
    };
    thread::spawn(move || parent().ok()).join().ok().flatten()
});

/// What a host is called in a private network: a name that is an address of its own, so that whoever
/// looks it up finds one that is there, and the same on every machine.
const HOST: &str = "127.0.1.1";

/// The address that this host's own name stands for, as a program under check finds it.
pub fn own_address() -> Option<IpAddr> {
    let name = nix::unistd::gethostname().ok()?.into_string().ok()?;
    let mut addresses = (name.as_str(), 0).to_socket_addrs().ok()?;
    addresses.find(SocketAddr::is_ipv4).map(|address| address.ip())
}

/// Moves the calling thread, and what it starts from now on, into a new network with nothing but
/// a loopback in it.
pub fn enter() -> io::Result<()> {
    if unshare(CloneFlags::CLONE_NEWUTS).is_ok() {
        let _ = nix::unistd::sethostname(HOST); // else it is called as everywhere
    }
    if let Some(parent) = &*PARENT {
        setns(parent, CloneFlags::CLONE_NEWNET)?;
    }
    unshare(CloneFlags::CLONE_NEWNET)?;
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    let mut request = request("lo");
    ask(&socket, libc::SIOCGIFFLAGS, &mut request)?;
    // SAFETY: the kernel has filled in the flags.
    unsafe { request.ifr_ifru.ifru_flags |= libc::IFF_UP as libc::c_short };
    ask(&socket, libc::SIOCSIFFLAGS, &mut request)
}

/// Gives the calling thread's own network every IPv4 address there is: a program with an address written in
/// it, of whatever host, finds it here. What belongs to a loopback's prefix is local to it.
pub fn take_every_address() -> io::Result<()> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    // 0.0.0.0/8 is nobody's, and with it no prefix that begins there: 128.0.0.0/1, 64.0.0.0/2, ..., 1.0.0.0/8.
    for length in 1..=8 {
        let mut request = request(&format!("lo:{length}"));
        let first = Ipv4Addr::from_bits((1 << (32 - length)) | 1);
        request.ifr_ifru.ifru_addr = socket_address(first);
        ask(&socket, libc::SIOCSIFADDR, &mut request)?;
        request.ifr_ifru.ifru_addr = socket_address(Ipv4Addr::from_bits(u32::MAX << (32 - length)));
        ask(&socket, libc::SIOCSIFNETMASK, &mut request)?;
    }
    Ok(())
}

/// Makes the send buffers of TCP small in the calling thread's own network: who sends to somebody who reads
/// slowly has to wait soon. Where that cannot be had, it has to wait later.
pub fn shorten_send_buffers() {
    const SIZES: &str = "4096 16384 16384"; // the least, the first, the most, in bytes
    if available() == Network::Private {
        let _ = std::fs::write("/proc/sys/net/ipv4/tcp_wmem", SIZES);
    }
}

/// A question about an interface.
fn request(interface: &str) -> libc::ifreq {
    // SAFETY: all of it may be zeros, which end the name, too.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (place, byte) in request.ifr_name.iter_mut().zip(interface.bytes()) {
        *place = byte as libc::c_char;
    }
    request
}

fn socket_address(address: Ipv4Addr) -> libc::sockaddr {
    let mut bytes = [0; 14];
    bytes[2..6].copy_from_slice(&address.octets()); // behind the port
    libc::sockaddr {
        sa_family: libc::AF_INET as libc::sa_family_t,
        sa_data: bytes.map(|byte| byte as libc::c_char),
    }
}

fn ask(socket: &UdpSocket, what: libc::Ioctl, request: &mut libc::ifreq) -> io::Result<()> {
    // SAFETY: these requests read and write an ifreq, which outlives the call.
    let answer = unsafe { libc::ioctl(socket.as_raw_fd(), what, request) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
