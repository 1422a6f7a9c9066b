// Generated from src/bin/webserver.rs by `make gen`.
//! webserver -- serve the files of the working directory over HTTP, one request at a time.
//!
//! usage:    webserver [ADDRESS [PORT]]      default: 0.0.0.0 6789
//! try:      a browser at http://127.0.0.1:6789/, or curl -i http://127.0.0.1:6789/hello.txt
//! mirrors:  webserver.py, line by line
//! departs:  files are bytes and leave whole; nothing outside the directory is served; a request has
//!           2 s, an answer 10 s

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Component, Path};
use std::time::{Duration, Instant};
use std::{env, process};

const USAGE: &str = "usage: webserver [ADDRESS [PORT]]";
const SERVER_PORT: u16 = 6789;
/// How long a client may take to send its request, in all.
const REQUEST_TIME: Duration = Duration::from_secs(2);
/// How long it may take to read its answer, in all.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// The longest request that is read, in bytes.
const REQUEST_SIZE: usize = 8 * 1024;
const NOT_FOUND: &[u8] = b"<html><body><h1>404 Not Found</h1></body></html>\r\n";

fn main() {
    let (server_name, server_port) = arguments("0.0.0.0", SERVER_PORT);
    ctrlc::set_handler(goodbye).expect("the first handler of this process is always accepted");
    if let Err(error) = serve(&server_name, server_port) {
        eprintln!("webserver: {server_name}:{server_port}: {}", explain(&error));
        process::exit(1);
    }
}

/// Serves one request after the other, without end.
fn serve(server_name: &str, server_port: u16) -> io::Result<()> {
    let root = env::current_dir()?.canonicalize()?;
    // serverSocket = socket(AF_INET, SOCK_STREAM)
    // serverSocket.bind((serverName, serverPort))
    // serverSocket.listen(1)
    // Prepare a server socket: one call in std, three in Python.
    // ==== fill in here: bind ====
    let server_socket: TcpListener = todo!("bind");
    // ==== end: bind ====
    if server_port == 0 {
        eprintln!("webserver: the kernel chose port {}", server_socket.local_addr()?.port());
    }
    loop {
        say("Ready to serve...");
        // connectionSocket, addr = serverSocket.accept()
        // Establish the connection: a socket for this client alone, and its address.
        // ==== fill in here: accept ====
        let (connection_socket, address): (TcpStream, std::net::SocketAddr) = todo!("accept");
        // ==== end: accept ====
        // Departs from the Python, which ends here when a client sends no request.
        if let Err(error) = handle(&connection_socket, &root) {
            eprintln!("webserver: {address}: {}", explain(&error));
        }
    }
}

/// Reads a request up to its blank line, or as much of it as comes in time.
fn receive(mut connection_socket: Timed, message: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 1024];
    // Departs from the Python, which reads once: a request may come in pieces.
    while header_end(message).is_none() && message.len() < REQUEST_SIZE {
        // message = connectionSocket.recv(1024)
        // Read once: how many bytes of the buffer have come.
        // ==== fill in here: message ====
        let length: usize = todo!("message");
        // ==== end: message ====
        if length == 0 {
            break; // the client sends no more
        }
        message.extend_from_slice(&buffer[..length]);
    }
    Ok(())
}

/// Reads one request and answers it.
fn handle(connection: &TcpStream, root: &Path) -> io::Result<()> {
    let request = Timed { connection, until: Instant::now() + REQUEST_TIME };
    let mut message = Vec::new();
    let received = receive(request, &mut message);
    if message.is_empty() {
        return received; // not a byte: a browser that wanted to be ready, or somebody too slow
    }
    // What is written is gathered, so that a small answer leaves in one segment.
    let answer = Timed { connection, until: Instant::now() + ANSWER_TIME };
    let mut connection_socket = BufWriter::new(answer);
    // filename = message.split()[1]
    let (method, filename) = match request_line(&message) {
        Ok(words) => words,
        Err(status) => {
            say(status);
            write!(connection_socket, "HTTP/1.1 {status}\r\nConnection: close\r\n\r\n")?;
            write!(connection_socket, "<html><body><h1>{status}</h1></body></html>\r\n")?;
            connection_socket.flush()?;
            linger(request);
            return Ok(());
        }
    };
    // f = open(filename[1:])
    match open(root, filename) {
        Ok(mut f) => {
            let mut outputdata: Vec<u8> = Vec::new();
            // outputdata = f.read()
            // Read all of the file into outputdata: bytes, for not every file is a text.
            // ==== fill in here: outputdata ====
            todo!("outputdata");
            // ==== end: outputdata ====
            // connectionSocket.send("HTTP/1.1 200 OK\r\n\r\n".encode())
            // Send the status line, as many header lines as you like, and the empty line.
            // ==== fill in here: header ====
            todo!("header");
            // ==== end: header ====
            // for i in range(0, len(outputdata)):
            //     connectionSocket.send(outputdata[i].encode())
            // connectionSocket.send("\r\n".encode())
            // Departs from the Python: all in one go, and nothing behind the file's last byte.
            send_content(&mut connection_socket, method, &outputdata)?;
        }
        // except IOError:
        Err(_) => {
            say("404 Not Found");
            // connectionSocket.send("HTTP/1.1 404 Not Found\r\n\r\n".encode())
            // connectionSocket.send("<html><body><h1>404 Not Found</h1></body></html>\r\n".encode())
            // Send a status line and the empty line, and then NOT_FOUND as the content.
            // ==== fill in here: not-found ====
            todo!("not-found");
            // ==== end: not-found ====
        }
    }
    // connectionSocket.close()
    // Send what is still gathered. The socket is closed when the variable that owns it ends.
    // ==== fill in here: close ====
    todo!("close");
    // ==== end: close ====
    if header_end(&message) != Some(message.len()) {
        linger(request); // it has sent more than a request
    }
    Ok(())
}

// ---- What Python's program leaves out ----

/// Sends the content behind a header; HEAD asks for the header alone.
fn send_content(socket: &mut impl Write, method: &str, content: &[u8]) -> io::Result<()> {
    match method {
        "HEAD" => Ok(()),
        _ => socket.write_all(content),
    }
}

/// Where the header ends: behind the blank line. Lines end in CR LF, typed by hand in LF alone.
fn header_end(message: &[u8]) -> Option<usize> {
    let behind = |blank: &[u8]| {
        let found = message.windows(blank.len()).position(|window| window == blank);
        found.map(|start| start + blank.len())
    };
    behind(b"\r\n\r\n").or_else(|| behind(b"\n\n"))
}

/// The method and the name of the file in a request's first line, or the status that refuses it.
fn request_line(message: &[u8]) -> Result<(&str, &str), &'static str> {
    const BAD_REQUEST: &str = "400 Bad Request";
    header_end(message).ok_or(BAD_REQUEST)?;
    let line = message.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = str::from_utf8(line).map_err(|_| BAD_REQUEST)?;
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [method, filename, version] if version.starts_with("HTTP/1.") => match *method {
            "GET" | "HEAD" => Ok((method, filename)),
            _ => Err("501 Not Implemented"),
        },
        _ => Err(BAD_REQUEST),
    }
}

/// Opens the file that a request names: a plain file under the root, and nothing else.
fn open(root: &Path, filename: &str) -> io::Result<File> {
    let not_found = || io::Error::from(ErrorKind::NotFound);
    let path = filename.split('?').next().unwrap_or_default(); // what follows is the query
    let path = percent_decoded(path).ok_or_else(not_found)?;
    let path = match path.strip_prefix('/').ok_or_else(not_found)? {
        "" => "index.html",
        path => path,
    };
    if path.ends_with('/') {
        return Err(not_found()); // a directory
    }
    let mut file = root.to_owned();
    for component in Path::new(path).components() {
        // `..` and a second `/` in front would lead out of the root, and so may a symbolic link.
        let Component::Normal(name) = component else { return Err(not_found()) };
        file.push(name);
        if file.is_symlink() {
            file = file.canonicalize()?;
        }
    }
    // Whoever may write in the root could change it between this look and the opening.
    if !file.starts_with(root) || !file.is_file() {
        return Err(not_found());
    }
    File::open(file)
}

/// Turns `%41` into `A`, once; `None` for what is no text, or no two hexadecimal digits.
fn percent_decoded(path: &str) -> Option<String> {
    let mut pieces = path.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(..2).filter(|digits| !digits.starts_with('+'))?; // `+1` is a number, too
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}

/// What a browser is told that a file is, by the end of its name.
fn content_type(filename: &str) -> &'static str {
    let path = filename.split('?').next().unwrap_or_default();
    match path.rsplit('.').next().unwrap_or_default() {
        "html" | "/" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Reads what else a client sends, while its time lasts: a socket that is closed with bytes unread
/// resets the connection, and the answer may be lost.
fn linger(mut request: Timed) {
    let _ = request.connection.shutdown(Shutdown::Write); // the client may be gone
    while request.read(&mut [0; 1024]).is_ok_and(|length| length > 0) {}
}

/// Prints a line. Nobody may be reading it, which does not end a server.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}"); // see above
}

// ---- What Python has built in ----

/// A client's socket for as long as its time lasts, however many reads or writes that takes;
/// `settimeout` begins anew with each.
#[derive(Clone, Copy)]
struct Timed<'c> {
    connection: &'c TcpStream,
    until: Instant,
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Option<Duration>> {
        match self.until.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(ErrorKind::TimedOut.into()),
            left => Ok(Some(left)),
        }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.connection.set_read_timeout(self.left()?)?;
        self.connection.read(buffer)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.connection.set_write_timeout(self.left()?)?;
        self.connection.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads `[ADDRESS [PORT]]` from the command line; says what is wrong with anything else.
fn arguments(default_address: &str, default_port: u16) -> (String, u16) {
    let words: Vec<String> =
        env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if words.iter().any(|word| word == "-h" || word == "--help") {
        println!("{USAGE}\ndefault: {default_address} {default_port}");
        process::exit(0);
    }
    if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
        refuse(format!("there is no option {option:?}"));
    }
    let (address, port) = match words.as_slice() {
        [] => (default_address, Ok(default_port)),
        [address] => (address.as_str(), Ok(default_port)),
        [address, port] => (address.as_str(), port.parse()),
        [_, _, surplus, ..] => {
            refuse(format!("only ADDRESS and PORT are expected, not {surplus:?}"))
        }
    };
    match port {
        Ok(port) => (address.to_owned(), port),
        Err(_) => {
            refuse(format!("{:?} is not a port: a number from 0 to 65535 is expected", words[1]))
        }
    }
}

/// Ends the program because of its command line.
fn refuse(cause: String) -> ! {
    eprintln!("webserver: {cause}\n{USAGE}");
    process::exit(2)
}

/// Ends the server at Ctrl-C; the kernel closes its sockets.
fn goodbye() {
    let _ = writeln!(io::stdout(), "\nInterrupted: the server is closed"); // nobody may be reading
    process::exit(0);
}

/// Says an error as people read it, with the remedy for the usual ones.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => {
            "address in use: end the program that has this port, or give another PORT".to_owned()
        }
        ErrorKind::AddrNotAvailable => {
            "address not available: give an ADDRESS of this host, or 0.0.0.0 for all".to_owned()
        }
        ErrorKind::PermissionDenied => {
            "permission denied: ports below 1024 are for root, give a higher PORT".to_owned()
        }
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            let (request, answer) = (REQUEST_TIME.as_secs(), ANSWER_TIME.as_secs());
            format!(
                "sent nothing for {request} s, or did not read its answer within {answer} s: let \
                 go for the next client"
            )
        }
        _ => error.to_string(),
    }
}
