//! What `benches/chat.py` measures the chat server against, and with. `rustc -O` makes it.
//!
//! chat fan PORT CLIENTS               a bare loop: what the last of so many clients says goes to all others
//! chat talk PORT CLIENTS MESSAGES     a room of so many, in which one speaks: see `talk`
//! chat join PORT CLIENTS AT_ONCE      so many come, some at the same time: see `join`
//! chat stall PORT MESSAGES            some speak, one never reads: see `stall`

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

const HOST: &str = "127.0.0.1";
const STACK_SIZE: usize = 256 * 1024;
/// Stands in every message once, and in no roster.
const MARK: u8 = b'<';
const MESSAGE: &[u8] = b"<a sentence of some fifty bytes, as people write it>";

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [role, numbers @ ..] = words.as_slice() else { panic!("chat ROLE PORT CLIENTS …") };
    let numbers: Vec<usize> = numbers.iter().map(|word| word.parse().expect("a number")).collect();
    let port = u16::try_from(numbers[0]).expect("a port");
    match role.as_str() {
        "fan" => fan(port, numbers[1]),
        "talk" => talk(port, numbers[1], numbers[2]),
        "join" => join(port, numbers[1], numbers[2]),
        "stall" => stall(port, numbers[1]),
        _ => panic!("there is no role {role}"),
    }
}

fn fan(port: u16, count: usize) -> io::Result<()> {
    let listener = TcpListener::bind((HOST, port))?;
    let mut buffer = [0; 1024];
    let mut clients = Vec::new();
    while clients.len() < count {
        let (mut client, _) = listener.accept()?;
        client.set_nodelay(true)?;
        let _ = client.read(&mut buffer)?; // its name
        client.write_all(b"!{}\n")?;
        clients.push(client);
    }
    let mut speaker = clients.pop().expect("somebody has come");
    loop {
        let length = speaker.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        for mut client in &clients {
            client.write_all(&buffer[..length])?;
        }
    }
}

/// What all clients of a room have received together.
#[derive(Default)]
struct Heard {
    bytes: AtomicU64,
    messages: AtomicUsize,
}

/// One client of a room: it is in when the first bytes have come, and is read by a thread until its end.
fn enter(port: u16, name: String, heard: &Arc<Heard>) -> io::Result<TcpStream> {
    let mut server = connect(port)?;
    server.set_nodelay(true)?;
    server.write_all(name.as_bytes())?;
    let mut buffer = vec![0; 16 * 1024];
    let length = server.read(&mut buffer)?;
    assert!(length > 0 && buffer[0] == b'!', "{name}: no roster");
    heard.bytes.fetch_add(length as u64, Ordering::Relaxed);
    let (mut reader, heard) = (server.try_clone()?, Arc::clone(heard));
    let thread = thread::Builder::new().stack_size(STACK_SIZE);
    thread.spawn(move || {
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            heard.bytes.fetch_add(length as u64, Ordering::Relaxed);
            let messages = buffer[..length].iter().filter(|byte| **byte == MARK).count();
            heard.messages.fetch_add(messages, Ordering::Relaxed);
        }
    })?;
    Ok(server)
}

/// So many clients enter, `at_once` of them at the same time; the last one of all comes last.
fn fill(port: u16, count: usize, at_once: usize, heard: &Arc<Heard>) -> io::Result<Vec<TcpStream>> {
    let next = AtomicUsize::new(1);
    let enter_some = || -> io::Result<Vec<TcpStream>> {
        let numbers = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|next| *next < count);
        std::iter::from_fn(numbers)
            .map(|number| enter(port, format!("user{number}"), heard))
            .collect()
    };
    let mut clients = thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(enter_some)).collect();
        let mut clients = Vec::new();
        for thread in threads {
            clients.extend(thread.join().expect("a client does not panic")?);
        }
        io::Result::Ok(clients)
    })?;
    clients.push(enter(port, "speaker".to_owned(), heard)?);
    Ok(clients)
}

/// One message, from the last client to all others; the next is sent when it is there, so that no two of
/// them are glued together.
fn say(clients: &[TcpStream], heard: &Heard) -> io::Result<()> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let (mut speaker, others) = (clients.last().expect("a speaker"), clients.len() - 1);
    let wanted = heard.messages.load(Ordering::Relaxed) + others;
    speaker.write_all(MESSAGE)?;
    let start = Instant::now();
    while heard.messages.load(Ordering::Relaxed) < wanted {
        assert!(start.elapsed() < PATIENCE, "a message has not reached all");
        thread::yield_now();
    }
    Ok(())
}

/// Waits until nothing more comes: the last rosters are through.
fn until_quiet(heard: &Heard) {
    const QUIET: Duration = Duration::from_millis(200);
    loop {
        let before = heard.bytes.load(Ordering::Relaxed);
        thread::sleep(QUIET);
        if heard.bytes.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

/// Prints "ready", waits for a line, says so many messages, prints the seconds that took, and stays until
/// its input ends.
fn talk(port: u16, count: usize, messages: usize) -> io::Result<()> {
    const AT_ONCE: usize = 4; // the twin's queue is short
    let heard = Arc::default();
    let clients = fill(port, count, AT_ONCE, &heard)?;
    say(&clients, &heard)?;
    until_quiet(&heard);
    println!("ready");
    io::stdin().read_line(&mut String::new())?;
    let start = Instant::now();
    for _ in 0..messages {
        say(&clients, &heard)?;
    }
    println!("{}", start.elapsed().as_secs_f64());
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}

/// Waits for the server, then prints "ready" and waits for a line. Prints in how many seconds all were in,
/// how many bytes all have received when nothing more comes, and in how many seconds a message then
/// reached all. Stays until its input ends.
fn join(port: u16, count: usize, at_once: usize) -> io::Result<()> {
    let heard = Arc::default();
    drop(enter(port, "first".to_owned(), &heard)?);
    println!("ready");
    io::stdin().read_line(&mut String::new())?;
    let start = Instant::now();
    let clients = fill(port, count, at_once, &heard)?;
    let all_in = start.elapsed().as_secs_f64();
    until_quiet(&heard);
    let bytes = heard.bytes.load(Ordering::Relaxed);
    let start = Instant::now();
    say(&clients, &heard)?;
    println!("{all_in} {bytes} {}", start.elapsed().as_secs_f64());
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}

/// A room in which one client never reads, and SPEAKERS say so many messages of nearly 1 KB together, at a
/// steady rate. Every listener must hear all of them, in the order of each speaker, and see a roster without
/// the one who does not read. Prints the longest time in seconds from a message's sending to its arrival.
fn stall(port: u16, messages: usize) -> io::Result<()> {
    const SPEAKERS: usize = 4;
    const LISTENERS: usize = 4;
    const PAUSE: Duration = Duration::from_millis(2);
    let heard = Arc::default();
    let listeners: Vec<TcpStream> = (0..LISTENERS)
        .map(|number| admitted(port, &format!("listener{number}")))
        .collect::<Result<_, _>>()?;
    let _stalled = admitted(port, "stalled")?;
    let speakers: Vec<TcpStream> = (0..SPEAKERS)
        .map(|number| enter(port, format!("speaker{number}"), &heard))
        .collect::<Result<_, _>>()?;
    let (start, each) = (Instant::now(), messages / SPEAKERS);
    let filler = "z".repeat(900);
    let longest = thread::scope(|scope| {
        for mut speaker in &speakers {
            let filler = &filler;
            scope.spawn(move || {
                for number in 0..each {
                    let message = format!("<{number} {} {filler}>", start.elapsed().as_micros());
                    speaker.write_all(message.as_bytes()).expect("the server reads");
                    thread::sleep(PAUSE);
                }
            });
        }
        let listening: Vec<_> = listeners
            .into_iter()
            .map(|listener| scope.spawn(move || listen(listener, SPEAKERS, each, start)))
            .collect();
        let delays = listening.into_iter().map(|listener| listener.join().expect("no panic"));
        delays.collect::<io::Result<Vec<Duration>>>()
    })?;
    println!("{}", longest.into_iter().max().expect("some listen").as_secs_f64());
    Ok(())
}

/// A client that is in and reads nothing by itself.
fn admitted(port: u16, name: &str) -> io::Result<TcpStream> {
    let mut server = connect(port)?;
    server.write_all(name.as_bytes())?;
    server.read_exact(&mut [0])?;
    Ok(server)
}

/// Hears `each` messages of every speaker, and then a roster without the stalled client.
fn listen(server: TcpStream, speakers: usize, each: usize, start: Instant) -> io::Result<Duration> {
    let mut longest = Duration::ZERO;
    let mut next = BTreeMap::new(); // by speaker: the number that is due, and text that is not whole yet
    let mut gone = false;
    for line in BufReader::new(server).lines() {
        let line = line?;
        if line.starts_with('!') {
            gone = !line.contains("\"stalled\"");
        } else if let Some((name, said)) =
            line.split_once(": ").filter(|(name, _)| name.starts_with("speaker"))
        {
            let (number, text) = next.entry(name.to_owned()).or_insert((0, String::new()));
            text.push_str(said.strip_suffix(' ').expect("the server's space"));
            while let Some(end) = text.find('>') {
                let message: String = text.drain(..=end).collect();
                let mut words = message[1..].split(' ');
                let mut word = || words.next()?.parse::<u64>().ok();
                assert_eq!(word(), Some(*number), "a message is missing, or came too early");
                let sent = Duration::from_micros(word().expect("the time it was sent"));
                longest = longest.max(start.elapsed() - sent);
                *number += 1;
            }
        }
        if gone && next.len() == speakers && next.values().all(|(number, _)| *number == each as u64)
        {
            return Ok(longest);
        }
    }
    panic!("the server has closed before all was heard")
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
