//! socket_labs -- what Python has built in, and what every lab program says in the same way.
//!
//! Nothing of any lab, and nothing that a gap asks for. Checks use this file as it was handed out.

use std::io::{self, BufRead, ErrorKind::*, IsTerminal, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{borrow::Borrow, env::args_os, fmt::Display, fs, process, str::FromStr, sync::mpsc};

/// A lab program: its name; its usage, such as `usage: udpserver [ADDRESS [PORT]]`; what `-h` says
/// behind the defaults; and what it means that the time to read or write is over, or to connect.
pub struct Program {
    pub name: &'static str,
    pub usage: &'static str,
    pub notes: &'static str,
    pub late: &'static str,
    pub far: &'static str,
}

impl Program {
    pub const fn new(name: &'static str, usage: &'static str) -> Program {
        let far = "no answer to connect: the host is off, or far away, or a firewall drops what is \
                   sent to it";
        Program { name, usage, notes: "", late: "no answer in time", far }
    }

    /// Reads `[ADDRESS [PORT]]` from the command line; ends the program at anything else.
    pub fn arguments(&self, address: &str, port: u16) -> (String, u16) {
        let [address, port] = self.words([address, &port.to_string()]);
        (address, self.number(&port, "a port", u16::MAX))
    }

    /// Reads up to N words, the defaults for what is missing; ends the program at anything else.
    pub fn words<const N: usize>(&self, defaults: [&str; N]) -> [String; N] {
        let words: Vec<_> = args_os().skip(1).map(|w| w.to_string_lossy().into_owned()).collect();
        if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
            if option == "-h" || option == "--help" {
                say(format!("{}\ndefault: {}{}", self.usage, defaults.join(" "), self.notes));
                process::exit(0);
            }
            self.refuse(format!("there is no option {option:?}"));
        }
        if let Some(surplus) = words.get(N) {
            let names: String = self.usage.split(['[', ']']).skip(1).take(N).collect();
            let names = names.replace(' ', " and ").replacen(" and ", ", ", N.saturating_sub(2));
            self.refuse(format!("only {names} are expected, not {surplus:?}"));
        }
        std::array::from_fn(|i| words.get(i).map_or(defaults[i], String::as_str).to_owned())
    }

    /// Reads a number from 0 to `most`; `what` is `a port`, say; ends the program at anything else.
    pub fn number<T: FromStr + PartialOrd + Display>(&self, word: &str, what: &str, most: T) -> T {
        let wanted = format!("a number from 0 to {most} is expected");
        let number = word.parse().ok().filter(|number| *number <= most);
        number.unwrap_or_else(|| self.refuse(format!("{word:?} is not {what}: {wanted}")))
    }

    /// Ends the program, with exit code 2, because of its command line or its environment.
    pub fn refuse(&self, cause: impl Display) -> ! {
        self.warn(format!("{cause}\n{}", self.usage));
        process::exit(2)
    }

    /// Ends the program, with exit code 1, because of an error with a peer.
    pub fn fail(&self, peer: impl Display, error: &io::Error) -> ! {
        self.complain(peer, error);
        process::exit(1)
    }

    /// Says on stderr what people should know, and goes on.
    pub fn warn(&self, line: impl Display) {
        briefly(io::stderr(), format!("{}: {line}", self.name));
    }

    /// Where port 0 was asked for, says which one the kernel chose.
    pub fn tell_port(&self, asked: u16, bound: SocketAddr) {
        if asked == 0 {
            self.warn(format!("the kernel chose port {}", bound.port()));
        }
    }

    /// Says on stderr, as people read it, that there was an error with a peer, and goes on.
    pub fn complain(&self, peer: impl Display, error: &io::Error) {
        let own = error.to_string();
        let text = match error.kind() {
            _ if own.starts_with("failed to lookup address information") => {
                "no host of this name is found: check its spelling, or give an IP address"
            }
            _ if error.get_ref().is_some() => &own, // made with words of its own
            AddrInUse => "address in use: end the program that has this port, or give another PORT",
            AddrNotAvailable => {
                "address not available: give an ADDRESS of this host, or 0.0.0.0 for all"
            }
            PermissionDenied => {
                "permission denied: ports below 1024 are for root, give a higher PORT"
            }
            ConnectionRefused => {
                "connection refused: the host answers, but no program there listens at this port; \
                 start the server first, or give its ADDRESS and PORT"
            }
            UnexpectedEof => "the server closed the connection without an answer",
            WouldBlock => self.late,
            TimedOut => self.far,
            _ => &own,
        };
        self.warn(format!("{peer}: {text}"));
    }
}

/// Prints a line. Unlike `println!`, it does not panic where nobody reads any more.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}"); // nobody may be reading
}

/// Prints the prompt and reads a line without its end; `None` at the end of input.
pub fn input(prompt: &str) -> io::Result<Option<Vec<u8>>> {
    let _ = write!(io::stdout(), "{prompt}").and_then(|()| io::stdout().flush()); // as in `say`
    let mut line = Vec::new();
    if io::stdin().lock().read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    Ok(Some(line.strip_suffix(b"\r").unwrap_or(line).to_vec()))
}

static IS_HIDDEN: AtomicBool = AtomicBool::new(false);
/// The same; a terminal does not show what is typed, or it is an error.
pub fn getpass(prompt: &str) -> io::Result<Option<Vec<u8>>> {
    end_at_interrupt("");
    IS_HIDDEN.store(io::stdin().is_terminal(), Relaxed);
    let cannot = || Err(io::Error::other("stty cannot hide what is typed here"));
    let line = if IS_HIDDEN.load(Relaxed) && !echo("-echo") { cannot() } else { input(prompt) };
    if IS_HIDDEN.swap(false, Relaxed) && echo("echo") {
        say("");
    }
    line
}

fn echo(setting: &str) -> bool {
    process::Command::new("stty").arg(setting).status().is_ok_and(|status| status.success())
}

/// Ends the program at Ctrl-C, with these last words; the kernel closes its sockets.
pub fn end_at_interrupt(last_words: &'static str) {
    let _ = ctrlc::set_handler(move || {
        let code = if IS_HIDDEN.load(Relaxed) && echo("echo") { 130 } else { 0 }; // as shells do
        briefly(io::stdout(), format!("\n{last_words}").trim_end());
        process::exit(code)
    }); // where there is one already, that one ends the program
}

/// Writes a line, for a second at most: nobody may be reading. Until somebody does, more is dropped.
pub fn briefly(mut to: impl Write + Send + 'static, line: impl Display) {
    static IS_STUCK: AtomicBool = AtomicBool::new(false);
    let line = format!("{line}\n");
    let (done, over) = mpsc::channel();
    let job = move || (done.send(to.write_all(line.as_bytes())), IS_STUCK.store(false, Relaxed));
    if !IS_STUCK.load(Relaxed) && std::thread::Builder::new().spawn(job).is_ok() {
        IS_STUCK.store(over.recv_timeout(Duration::from_secs(1)).is_err(), Relaxed);
    }
}

/// Finds the IPv4 address (AF_INET) that a host name and a port stand for.
pub fn resolve(name: &str, port: u16) -> io::Result<SocketAddr> {
    let mut addresses = (name, port).to_socket_addrs()?;
    addresses.find(SocketAddr::is_ipv4).ok_or_else(|| io::Error::other("it has no IPv4 address"))
}

/// Finds the IPv4 address of a host.
pub fn gethostbyname(name: &str) -> io::Result<IpAddr> {
    resolve(name, 0).map(|address| address.ip())
}

/// The name of this host.
pub fn gethostname() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname");
    name.map_or("localhost".to_owned(), |name| name.trim().to_owned())
}

/// A socket that waits until a moment and no longer, however many pieces come, and whatever signal
/// wakes it up (at Ctrl-Z and `fg`, say). `WouldBlock` is the error that says that time is over.
pub struct Patient<S = TcpStream> {
    pub socket: S,
    pub until: Option<Instant>,
}

impl<S> Patient<S> {
    /// All waits together may take this long; without a time, for ever.
    pub fn within(time: impl Into<Option<Duration>>, socket: S) -> Patient<S> {
        Patient { socket, until: time.into().and_then(|time| Instant::now().checked_add(time)) }
    }

    fn wait<T>(&self, mut call: impl FnMut(Option<Duration>) -> io::Result<T>) -> io::Result<T> {
        loop {
            match call(self.until.map(|until| until.saturating_duration_since(Instant::now()))) {
                Err(error) if error.kind() == Interrupted => {}
                Err(error) if error.kind() == InvalidInput => return Err(WouldBlock.into()), // 0 s
                result => return result,
            }
        }
    }
}

impl<S> std::ops::Deref for Patient<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.socket
    }
}

impl<S: Borrow<UdpSocket>> Patient<S> {
    /// Waits for a datagram: how many bytes of the buffer it fills, and who sent it.
    pub fn recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let s = self.socket.borrow();
        self.wait(|left| s.set_read_timeout(left).and_then(|()| s.recv_from(buffer)))
    }
}

impl<S: Borrow<TcpStream>> Read for Patient<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let s = self.socket.borrow();
        self.wait(|left| s.set_read_timeout(left).and_then(|()| (&*s).read(buffer)))
    }
}

impl<S: Borrow<TcpStream>> Write for Patient<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let s = self.socket.borrow();
        self.wait(|left| s.set_write_timeout(left).and_then(|()| (&*s).write(bytes)))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads a line byte by byte, without its end: what comes behind it is left for whoever reads next.
pub fn receive_line(socket: &mut impl Read, most: usize) -> io::Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while line.len() < most {
        socket.read_exact(&mut byte)?; // the error of an end is of the kind UnexpectedEof
        if byte == *b"\n" {
            return Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned());
        }
        line.extend(byte);
    }
    Err(io::Error::other(format!("a line of over {most} bytes")))
}
