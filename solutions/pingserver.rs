// Generated from src/bin/pingserver.rs by `make gen`.
//! pingserver -- answer pings in capitals, and lose four of eleven. Given complete.
//!
//! usage:    pingserver [ADDRESS [PORT [SEED]]]     default: 0.0.0.0 12000, and other losses each time
//! try:      pingclient, in another terminal
//! mirrors:  the assignment's UDPPingerServer.py, line by line
//! departs:  says when it is ready; a SEED repeats a run; an answer that fails does not end the server

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::net::UdpSocket;
use std::{env, process};

const USAGE: &str = "usage: pingserver [ADDRESS [PORT [SEED]]]";
const SERVER_PORT: u16 = 12000;

fn main() {
    let (server_name, server_port, random) = arguments("0.0.0.0", SERVER_PORT);
    ctrlc::set_handler(goodbye).expect("the first handler of this process is always accepted");
    if let Err(error) = serve(&server_name, server_port, random) {
        eprintln!("pingserver: {server_name}:{server_port}: {}", explain(&error));
        process::exit(1);
    }
}

/// Answers some pings and loses others, without end.
fn serve(server_name: &str, server_port: u16, mut random: Random) -> io::Result<()> {
    // serverSocket = socket(AF_INET, SOCK_DGRAM)
    // serverSocket.bind((serverName, serverPort))
    let server_socket = UdpSocket::bind((server_name, server_port))?;
    if server_port == 0 {
        eprintln!("pingserver: the kernel chose port {}", server_socket.local_addr()?.port());
    }
    println!("The server is ready to receive");
    let mut buffer = [0; 1024];
    loop {
        // rand = random.randint(0, 10)
        // Both ends are among the numbers: there are eleven.
        let rand = random.randint(0, 10);
        // message, address = serverSocket.recvfrom(1024)
        let (length, address) = server_socket.recv_from(&mut buffer)?;
        // message = message.upper()
        let message = buffer[..length].to_ascii_uppercase();
        // if rand < 4: continue
        // The ping is lost, and nobody is told.
        if rand < 4 {
            continue;
        }
        // serverSocket.sendto(message, address)
        // Departs from the Python, which ends here: one answer that cannot be sent (to a forged
        // port 0, say) is no reason to leave everybody else without a server.
        if let Err(error) = server_socket.send_to(&message, address) {
            eprintln!("pingserver: {address}: {}", explain(&error));
        }
    }
}

// ---- What Python has built in ----

/// A source of numbers that look random: SplitMix64, by Steele, Lea and Flood. Equal seeds give equal
/// numbers.
struct Random {
    state: u64,
}

impl Random {
    /// Every number from `low` to `high`, each as often as any other.
    fn randint(&mut self, low: u64, high: u64) -> u64 {
        let count = high - low + 1;
        // Above the last multiple of `count` some numbers would have one chance more than others.
        let fair = u64::MAX - u64::MAX % count;
        loop {
            let drawn = self.next();
            if drawn < fair {
                return low + drawn % count;
            }
        }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Reads `[ADDRESS [PORT [SEED]]]` from the command line; says what is wrong with anything else.
fn arguments(default_address: &str, default_port: u16) -> (String, u16, Random) {
    let words: Vec<String> =
        env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if words.iter().any(|word| word == "-h" || word == "--help") {
        println!("{USAGE}\ndefault: {default_address} {default_port}, and other losses each time");
        process::exit(0);
    }
    if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
        refuse(format!("there is no option {option:?}"));
    }
    if let Some(surplus) = words.get(3) {
        refuse(format!("only ADDRESS, PORT and SEED are expected, not {surplus:?}"));
    }
    let address = words.first().map_or(default_address, String::as_str).to_owned();
    let port = match words.get(1) {
        None => default_port,
        Some(word) => word.parse().unwrap_or_else(|_| {
            refuse(format!("{word:?} is not a port: a number from 0 to 65535 is expected"))
        }),
    };
    let state = match words.get(2) {
        // The keys of a hash map are std's only source of chance.
        None => RandomState::new().build_hasher().finish(),
        Some(word) => word.parse().unwrap_or_else(|_| {
            refuse(format!("{word:?} is not a seed: a number from 0 to {} is expected", u64::MAX))
        }),
    };
    (address, port, Random { state })
}

/// Ends the program because of its command line.
fn refuse(cause: String) -> ! {
    eprintln!("pingserver: {cause}\n{USAGE}");
    process::exit(2)
}

/// Ends the server at Ctrl-C; the kernel closes its socket.
fn goodbye() {
    let _ = writeln!(io::stdout(), "\nInterrupted: the server is closed"); // nobody may be reading
    process::exit(0);
}

/// Says an error as people read it, with the remedy for the usual ones.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "address in use: end the program that has this port, or give another PORT".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "address not available: give an ADDRESS of this host, or 0.0.0.0 for all".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "permission denied: ports below 1024 are for root, give a higher PORT".to_owned()
        }
        _ => error.to_string(),
    }
}
