//! A tap on the wire: a copy of every packet that crosses the loopback of a check's own network, whoever
//! sends it, with the time at which the kernel saw it.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::time::Duration;

use nix::libc;
use socket2::{Domain, Protocol, Socket, Type};

/// A packet from its IP header on.
#[derive(Debug)]
pub struct Packet {
    /// Since 1970.
    pub time: Duration,
    pub bytes: Vec<u8>,
}

pub struct Tap {
    socket: Socket,
}

impl Tap {
    /// Listens from now on. Only where the network is the check's own; else it would hear others.
    pub fn open() -> io::Result<Tap> {
        const ROOM: usize = 4 << 20; // the kernel gives less where it has a limit
        let every = Protocol::from(i32::from((libc::ETH_P_IP as u16).to_be()));
        let socket = Socket::new(Domain::from(libc::AF_PACKET), Type::DGRAM, Some(every))?;
        // Over a loopback each packet goes out and comes in: once is enough.
        set(&socket, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING)?;
        let _ = socket.set_recv_buffer_size(ROOM); // see above
        socket.set_nonblocking(true)?;
        let tap = Tap { socket };
        tap.time(); // there is none yet: from the first question on the kernel notes them
        Ok(tap)
    }

    /// What has come since the tap was opened.
    pub fn packets(&self) -> Vec<Packet> {
        let mut packets = Vec::new();
        let mut buffer = [MaybeUninit::uninit(); 1 << 16];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            let taken = buffer.iter().take(length);
            // SAFETY: recv has written so many bytes.
            let bytes = taken.map(|byte| unsafe { byte.assume_init() }).collect();
            packets.push(Packet { time: self.time().unwrap_or_default(), bytes });
        }
        packets
    }

    /// When the packet came that was received last.
    fn time(&self) -> Option<Duration> {
        const SIOCGSTAMPNS: libc::Ioctl = 0x8907;
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the kernel writes a timespec, which outlives the call.
        let got = unsafe { libc::ioctl(self.socket.as_raw_fd(), SIOCGSTAMPNS, &mut time) };
        let seconds = Duration::from_secs(time.tv_sec.try_into().ok()?);
        (got == 0)
            .then_some(seconds.saturating_add(Duration::from_nanos(time.tv_nsec.unsigned_abs())))
    }
}

fn set(socket: &Socket, level: i32, option: i32) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: the value is an int, which outlives the call.
    let set = unsafe {
        let value = (&raw const on).cast();
        libc::setsockopt(socket.as_raw_fd(), level, option, value, size_of_val(&on) as u32)
    };
    if set < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
