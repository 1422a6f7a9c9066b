//! pingserver -- answer pings in capitals, and lose four of eleven. Given complete.
//!
//! usage:    pingserver [ADDRESS [PORT [SEED]]]     default: 0.0.0.0 12000, and other losses each time
//! try:      pingclient, in another terminal
//! mirrors:  the assignment's UDPPingerServer.py, line by line
//! departs:  says when it is ready; a SEED repeats a run; an answer that fails does not end the server

use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::UdpSocket;

use socket_labs::{Program, end_at_interrupt, say};

const PROGRAM: Program = Program {
    notes: ", and other losses each time",
    ..Program::new("pingserver", "usage: pingserver [ADDRESS [PORT [SEED]]]")
};

fn main() {
    // serverName = sys.argv[1] if len(sys.argv) > 1 else ""
    // serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 12000
    let [server_name, port, seed] = PROGRAM.words(["0.0.0.0", "12000", ""]);
    let server_port = PROGRAM.number(&port, "a port", u16::MAX);
    // if len(sys.argv) > 3:
    let state = if env::args_os().len() > 3 {
        // random.seed(int(sys.argv[3]))
        PROGRAM.number(&seed, "a seed", u64::MAX)
    } else {
        // The keys of a hash map are std's only source of chance.
        RandomState::new().build_hasher().finish()
    };
    end_at_interrupt("Interrupted: the server is closed");
    if let Err(error) = serve(&server_name, server_port, Random { state }) {
        PROGRAM.fail(format!("{server_name}:{server_port}"), &error);
    }
}

/// Answers some pings and loses others, without end.
fn serve(server_name: &str, server_port: u16, mut random: Random) -> io::Result<()> {
    // serverSocket = socket(AF_INET, SOCK_DGRAM)
    // serverSocket.bind((serverName, serverPort))
    let server_socket = UdpSocket::bind((server_name, server_port))?;
    PROGRAM.tell_port(server_port, server_socket.local_addr()?);
    // print("The server is ready to receive", flush=True)
    say("The server is ready to receive");
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
            PROGRAM.complain(address, &error);
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
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let drawn = mixed ^ (mixed >> 31);
            if drawn < fair {
                return low + drawn % count;
            }
        }
    }
}
