//! What `benches/servers.py` measures the lab programs against, and with: bare loops that do nothing but
//! their system calls, and clients that ask as fast as they are answered. `rustc -O` makes it.
//!
//! peers web PORT FILE          serve this file to whoever connects: accept, read, open, write, close
//! peers lines PORT             answer each read of a client with a line as long as a time
//! peers ask-web PORT COUNT     so many requests, one after the other; prints the seconds they took
//! peers ask-lines PORT COUNT   TIME so many times over one connection; prints the median in microseconds
//! peers ask-udp PORT COUNT     the same with datagrams of 14 bytes

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};
use std::{env, thread};

const HOST: &str = "127.0.0.1";

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [role, port, rest @ ..] = words.as_slice() else { panic!("peers ROLE PORT …") };
    let port: u16 = port.parse().expect("a port");
    let count = || rest[0].parse().expect("a number");
    match role.as_str() {
        "web" => web(port, &rest[0]),
        "lines" => lines(port),
        "ask-web" => ask_web(port, count()),
        "ask-lines" => ask_lines(port, count()),
        "ask-udp" => ask_udp(port, count()),
        _ => panic!("there is no role {role}"),
    }
}

fn web(port: u16, file: &str) -> io::Result<()> {
    let listener = TcpListener::bind((HOST, port))?;
    let mut buffer = [0; 1024];
    loop {
        let (mut client, _) = listener.accept()?;
        let _ = client.read(&mut buffer)?; // whatever it asks
        let mut answer = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        File::open(file)?.read_to_end(&mut answer)?;
        client.write_all(&answer)?;
    }
}

fn lines(port: u16) -> io::Result<()> {
    let listener = TcpListener::bind((HOST, port))?;
    let mut buffer = [0; 1024];
    loop {
        let (mut client, _) = listener.accept()?;
        client.write_all(b"You are connected\n")?;
        while client.read(&mut buffer)? > 0 {
            client.write_all(b"Sun Oct  1 13:33:03 2023\n")?;
        }
    }
}

/// Connects to a server that may just be starting.
fn connect(port: u16) -> io::Result<TcpStream> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let start = Instant::now();
    loop {
        match TcpStream::connect((HOST, port)) {
            Err(_) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(5)),
            connected => return connected,
        }
    }
}

/// Several clients at once, so that the server always has one to serve.
fn ask_web(port: u16, count: usize) -> io::Result<()> {
    const CLIENTS: usize = 4;
    ask_for_file(port, 1)?; // it may just be starting
    let start = Instant::now();
    let clients: Vec<_> =
        (0..CLIENTS).map(|_| thread::spawn(move || ask_for_file(port, count / CLIENTS))).collect();
    for client in clients {
        client.join().expect("a client does not panic")?;
    }
    println!("{}", start.elapsed().as_secs_f64());
    Ok(())
}

fn ask_for_file(port: u16, count: usize) -> io::Result<()> {
    const REQUEST: &[u8] =
        b"GET /file.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const LEAST: usize = 1000; // bytes of the file alone
    let mut answer = Vec::new();
    for _ in 0..count {
        let mut server = connect(port)?;
        server.write_all(REQUEST)?;
        answer.clear();
        server.read_to_end(&mut answer)?;
        assert!(answer.starts_with(b"HTTP/1.") && answer.len() > LEAST, "{}", answer.len());
    }
    Ok(())
}

fn ask_lines(port: u16, count: usize) -> io::Result<()> {
    let mut server = connect(port)?;
    server.set_nodelay(true)?;
    let mut buffer = [0; 1024];
    let _ = server.read(&mut buffer)?; // the greeting
    let times = (0..count).map(|_| {
        let start = Instant::now();
        server.write_all(b"TIME\n")?;
        let length = server.read(&mut buffer)?;
        assert!(buffer[..length].ends_with(b"\n"));
        io::Result::Ok(start.elapsed())
    });
    print_median(times.collect::<io::Result<_>>()?);
    Ok(())
}

fn ask_udp(port: u16, count: usize) -> io::Result<()> {
    let socket = UdpSocket::bind((HOST, 0))?;
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    let mut buffer = [0; 2048];
    while socket.send_to(b"are you there?", (HOST, port)).is_err()
        || socket.recv_from(&mut buffer).is_err()
    {} // it may just be starting
    socket.set_read_timeout(Some(Duration::from_secs(5)))?;
    let times = (0..count).map(|_| {
        let start = Instant::now();
        socket.send_to(b"14 bytes of it", (HOST, port))?;
        socket.recv_from(&mut buffer)?;
        io::Result::Ok(start.elapsed())
    });
    print_median(times.collect::<io::Result<_>>()?);
    Ok(())
}

fn print_median(mut times: Vec<Duration>) {
    times.sort_unstable();
    println!("{}", times[times.len() / 2].as_secs_f64() * 1e6);
}
