//! A server of lab 8 with its directory, and clients at its login.

#![allow(dead_code)] // each test file uses a part

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use lab::certificates;
use lab::tls::Tls;
use socket2::{Domain, Socket, Type};
use tempfile::TempDir;

use crate::common::{Ended, Running, Server, solution, until};

pub const PASSWORD: &str = "tr0ub4dor & 3: \u{e6}";

/// The directory of a server: a certificate of the tests' issuer, and the users ann and bob.
pub fn house() -> TempDir {
    let house = TempDir::new().expect("a temporary directory");
    let chat = house.path().join("chat");
    fs::create_dir(&chat).expect("it is ours");
    fs::write(chat.join("ca.pem"), certificates::issuer()).expect("room");
    fs::write(chat.join("server.pem"), &certificates::fine().certificate).expect("room");
    fs::write(chat.join("server-key.pem"), &certificates::fine().key).expect("room");
    for name in ["ann", "bob"] {
        assert_eq!(
            register(solution("chatserver_auth"), house.path(), name, PASSWORD).code,
            Some(0)
        );
    }
    house
}

pub fn register(mut program: Command, house: &Path, name: &str, password: &str) -> Ended {
    let mut running = Running::start(program.args(["register", name]).current_dir(house));
    running.types(format!("{password}\n{password}\n"));
    running.end()
}

/// Our server at 127.0.0.1, for which the certificate is, and a port of the kernel's choice.
pub fn server(house: &Path) -> Server {
    let mut program = solution("chatserver_auth");
    let running = Running::start(program.args(["127.0.0.1", "0"]).current_dir(house));
    let port = until("the chosen port", || {
        let said = running.stderr();
        said.split_once("the kernel chose port ")?.1.split_once('\n')?.0.parse().ok()
    });
    until("a server that is ready", || running.stdout().contains("Waiting").then_some(()));
    Server { running, address: (Ipv4Addr::LOCALHOST, port).into() }
}

pub fn connect(address: SocketAddr) -> TcpStream {
    connect_from(Ipv4Addr::LOCALHOST, address)
}

/// From this address of the host.
pub fn connect_from(own: Ipv4Addr, address: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("there are descriptors");
    socket.bind(&SocketAddr::from((own, 0)).into()).expect("it is this host's");
    socket.connect(&address.into()).expect("it listens");
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_millis(20))).expect("it is not zero");
    stream.set_nodelay(true).expect("it is TCP");
    stream
}

/// The address behind: that of the login.
pub fn behind(mut address: SocketAddr) -> SocketAddr {
    address.set_port(address.port() + 1);
    address
}

/// Begins a login, whose answer is not waited for.
pub fn begin(server: &Server, name: &str, password: &str) -> Tls {
    begin_from(Ipv4Addr::LOCALHOST, server, name, password)
}

/// A client at the login that has said nothing yet.
pub fn shake_hands(own: Ipv4Addr, server: &Server) -> Tls {
    Tls::client(connect_from(own, behind(server.address)), server.address.ip())
}

pub fn begin_from(own: Ipv4Addr, server: &Server, name: &str, password: &str) -> Tls {
    let mut tls = shake_hands(own, server);
    tls.say(format!("{name}\n{password}\n").as_bytes());
    tls
}

/// The answer, if it has come; what has come up to the end, at the end.
pub fn heard(tls: &mut Tls) -> Option<String> {
    while tls.end.is_none() && tls.look().is_some() {}
    let whole = tls.end.is_some() || tls.heard.ends_with(b"\n");
    whole.then(|| String::from_utf8_lossy(&tls.heard).into_owned())
}

pub fn log_in(server: &Server, name: &str, password: &str) -> String {
    let mut tls = begin(server, name, password);
    until("an answer", || heard(&mut tls))
}

#[track_caller]
pub fn ticket(server: &Server, name: &str) -> String {
    let answer = log_in(server, name, PASSWORD);
    let ticket = answer.strip_prefix("TICKET ").and_then(|rest| rest.strip_suffix('\n'));
    ticket.unwrap_or_else(|| panic!("{answer:?} is no ticket")).to_owned()
}

/// `lab certificate`, for this address.
#[track_caller]
pub fn certify(chat: &Path, name: &str) -> Ended {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    let ended = Running::start(lab.args(["certificate", "--directory"]).arg(chat).arg(name)).end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended
}
