//! Who has which socket open, read from /proc without touching anybody's connection.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use crate::os::processes;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    pub fn name(self) -> &'static str {
        match self {
            Transport::Tcp => "TCP",
            Transport::Udp => "UDP",
        }
    }
}

/// A line of /proc/net/{tcp,udp}, for IPv4 and IPv6 alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    pub transport: Transport,
    pub local: SocketAddr,
    pub remote: SocketAddr,
    /// Waiting for clients: a listening TCP socket, or a UDP socket without a fixed peer.
    pub open_to_all: bool,
    /// A TCP socket whose connection has not been answered yet.
    pub connecting: bool,
    /// Bytes the program has not read yet; for UDP they include the kernel's own share; of a listening
    /// socket, how many connections are in its queue.
    pub unread: u64,
    /// Bytes the program has sent that have not arrived yet, as far as it knows.
    pub unacknowledged: u64,
    pub inode: u64,
}

impl Socket {
    /// Whether it is bound to every address of the host.
    pub fn everywhere(&self) -> bool {
        self.local.ip().is_unspecified()
    }
}

/// Whether this system shows its processes and sockets at all.
pub fn visible() -> bool {
    ["/proc/self/stat", "/proc/thread-self/net/tcp"].iter().all(|file| Path::new(file).exists())
}

/// The tables of the calling thread's network; the shorter ones come first.
const TABLES: [(Transport, &str); 4] = [
    (Transport::Udp, "udp"),
    (Transport::Udp, "udp6"),
    (Transport::Tcp, "tcp"),
    (Transport::Tcp, "tcp6"),
];

fn table((transport, file): (Transport, &str)) -> Vec<Socket> {
    let text = fs::read_to_string(format!("/proc/thread-self/net/{file}")).unwrap_or_default();
    text.lines().skip(1).filter_map(|line| parse(transport, line)).collect()
}

/// All sockets of the calling thread's network.
pub fn all() -> Vec<Socket> {
    TABLES.into_iter().flat_map(table).collect()
}

/// How long the kernel keeps what is left of a connection, and a little.
pub const REMAINS: Duration = Duration::from_secs(65);

/// Whether something is left at this port of connections that nobody has any more.
pub fn remains(port: u16) -> bool {
    all().iter().any(|socket| socket.local.port() == port && socket.inode == 0)
}

/// Waits until the kernel has carried out a reset: on a busy machine that is later than it was sent. Gives up
/// where somebody else has got the port.
pub fn until_the_other_end_is_gone(own: SocketAddr) {
    const TURN: Duration = Duration::from_millis(1);
    const TURNS: usize = 1000;
    let is_the_other =
        |socket: &Socket| socket.transport == Transport::Tcp && socket.remote.port() == own.port();
    for _ in 0..TURNS {
        if !all().iter().any(is_the_other) {
            break;
        }
        std::thread::sleep(TURN);
    }
}

/// The sockets that the given processes have open.
pub fn of(processes: &[i32]) -> Vec<Socket> {
    let inodes: BTreeSet<u64> = processes.iter().flat_map(|pid| inodes(*pid)).collect();
    let mut found = Vec::new();
    for tables in TABLES {
        if found.len() == inodes.len() {
            break; // to read a table is dear
        }
        found.extend(table(tables).into_iter().filter(|socket| inodes.contains(&socket.inode)));
    }
    found
}

/// Whether a process has any socket open.
pub fn any(process: i32) -> bool {
    !inodes(process).is_empty()
}

fn inodes(pid: i32) -> Vec<u64> {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    descriptors.filter_map(|entry| processes::inode(entry.ok()?.path())).collect()
}

/// `sl local rem st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …`
fn parse(transport: Transport, line: &str) -> Option<Socket> {
    const SYN_SENT: &str = "02";
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    let remote = address(fields.get(2)?)?;
    let open_to_all = match transport {
        Transport::Tcp => *fields.get(3)? == LISTEN,
        Transport::Udp => remote.port() == 0,
    };
    let (sending, receiving) = fields.get(4)?.split_once(':')?;
    Some(Socket {
        transport,
        local: address(fields.get(1)?)?,
        remote,
        open_to_all,
        connecting: transport == Transport::Tcp && *fields.get(3)? == SYN_SENT,
        unread: u64::from_str_radix(receiving, 16).ok()?,
        unacknowledged: u64::from_str_radix(sending, 16).ok()?,
        inode: fields.get(9)?.parse().ok()?,
    })
}

/// `0100007F:1A85` → 127.0.0.1:6789: words of 32 bits in the host's order, the port in hex.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let words: Vec<[u8; 4]> = ip
        .as_bytes()
        .chunks_exact(8)
        .map(|word| Some(u32::from_str_radix(str::from_utf8(word).ok()?, 16).ok()?.to_ne_bytes()))
        .collect::<Option<_>>()?;
    let ip: IpAddr = match words.as_slice() {
        [word] => Ipv4Addr::from(*word).into(),
        [_, _, _, _] => {
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            Ipv6Addr::from(bytes).to_canonical()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream, UdpSocket};

    fn mine() -> Vec<Socket> {
        of(&[i32::try_from(std::process::id()).unwrap()])
    }

    #[test]
    fn a_listener_is_seen_with_its_address() {
        for address in ["127.0.0.2:0", "0.0.0.0:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue }; // a host without IPv6
            let address = listener.local_addr().unwrap();
            let seen = mine().into_iter().find(|socket| socket.local == address).unwrap();
            assert!(seen.open_to_all && seen.transport == Transport::Tcp, "{seen:?}");
            assert_eq!(seen.everywhere(), address.ip().is_unspecified());
        }
    }

    #[test]
    fn unread_bytes_are_counted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_server, _) = listener.accept().unwrap();
        client.write_all(b"hello").unwrap();
        let unread = || {
            let client = client.local_addr().unwrap();
            mine().into_iter().find(|socket| socket.remote == client).map(|socket| socket.unread)
        };
        while unread() != Some(5) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_connected_udp_socket_is_told_from_an_open_one() {
        let open = UdpSocket::bind("127.0.0.1:0").unwrap();
        let connected = UdpSocket::bind("127.0.0.1:0").unwrap();
        connected.connect(open.local_addr().unwrap()).unwrap();
        let seen = |address| mine().into_iter().find(|socket| socket.local == address).unwrap();
        assert!(seen(open.local_addr().unwrap()).open_to_all);
        assert!(!seen(connected.local_addr().unwrap()).open_to_all);
        assert_eq!(seen(connected.local_addr().unwrap()).remote, open.local_addr().unwrap());
    }
}
