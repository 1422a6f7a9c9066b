// Generated from src/bin/webserver.rs by `make gen`.
//! webserver -- serve the files of the working directory over HTTP, one request at a time.
//!
//! usage:    webserver [ADDRESS [PORT]]      default: 0.0.0.0 6789
//! try:      a browser at http://127.0.0.1:6789/, or curl -i http://127.0.0.1:6789/hello.txt
//! mirrors:  webserver.py, line by line
//! departs:  files are bytes and leave whole; nothing outside the directory is served; a request has
//!           2 s, an answer 10 s

use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Component, Path};
use std::time::{Duration, Instant};
use std::{env, fs::File};

use socket_labs::{Patient, Program, end_at_interrupt, say};

/// How long a client may take to send its request, in all, and then to read its answer.
const REQUEST_TIME: Duration = Duration::from_secs(2);
const ANSWER_TIME: Duration = Duration::from_secs(10);
const REQUEST_SIZE: usize = 8 * 1024; // the most that is read
const NOT_FOUND: &[u8] = b"<html><body><h1>404 Not Found</h1></body></html>\r\n";
const PROGRAM: Program = Program {
    late: "sent nothing for 2 s, or did not read its answer within 10 s: let go for the next client",
    ..Program::new("webserver", "usage: webserver [ADDRESS [PORT]]")
};

fn main() {
    // serverName = sys.argv[1] if len(sys.argv) > 1 else ""
    // serverPort = int(sys.argv[2]) if len(sys.argv) > 2 else 6789
    let (server_name, server_port) = PROGRAM.arguments("0.0.0.0", 6789);
    end_at_interrupt("Interrupted: the server is closed");
    if let Err(error) = serve(&server_name, server_port) {
        PROGRAM.fail(format!("{server_name}:{server_port}"), &error);
    }
}

/// Serves one request after the other, without end.
fn serve(server_name: &str, server_port: u16) -> io::Result<()> {
    let root = env::current_dir()?.canonicalize()?;
    // serverSocket = socket(AF_INET, SOCK_STREAM)
    // serverSocket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    // serverSocket.bind((serverName, serverPort))
    // serverSocket.listen(1)
    // Prepare a server socket: one call in std, four in Python.
    // ==== fill in here: bind ====
    let server_socket = TcpListener::bind((server_name, server_port))?;
    // ==== end: bind ====
    PROGRAM.tell_port(server_port, server_socket.local_addr()?);
    // while True:
    loop {
        // print("Ready to serve...", flush=True)
        say("Ready to serve...");
        // connectionSocket, addr = serverSocket.accept()
        // Establish the connection: a socket for this client alone, and its address.
        // ==== fill in here: accept ====
        let (connection_socket, address) = server_socket.accept()?;
        // ==== end: accept ====
        // try:
        // Departs from the Python, which ends here at most errors of a client.
        if let Err(error) = handle(&connection_socket, &root) {
            PROGRAM.complain(address, &error);
        }
    }
}

/// Reads a request up to its blank line, or as much of it as comes in time.
fn receive(mut connection_socket: Patient<&TcpStream>, message: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 1024];
    // Departs from the Python, which reads once: a request may come in pieces.
    while header_end(message).is_none() && message.len() < REQUEST_SIZE {
        // message = connectionSocket.recv(1024)
        // Read once: how many bytes of the buffer have come.
        // ==== fill in here: message ====
        let length = connection_socket.read(&mut buffer)?;
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
    let until = Some(Instant::now() + REQUEST_TIME);
    let mut message = Vec::new();
    let received = receive(Patient { socket: connection, until }, &mut message);
    if message.is_empty() {
        return received; // not a byte: a browser that wanted to be ready, or somebody too slow
    }
    // Gathers what is written, so that a small answer leaves in one segment.
    let mut connection_socket = BufWriter::new(Patient::within(ANSWER_TIME, connection));
    // filename = message.split()[1].decode()
    let (method, filename) = match request_line(&message) {
        Ok(words) => words,
        Err([status, why]) => {
            say(status);
            write!(connection_socket, "HTTP/1.1 {status}\r\nConnection: close\r\n\r\n")?;
            write!(connection_socket, "<html><body><h1>{status}</h1>{why}</body></html>\r\n")?;
            connection_socket.flush()?;
            linger(Patient { socket: connection, until });
            return Err(io::Error::other(format!("{status}: {why}")));
        }
    };
    // f = open(filename[1:], "rb")
    match open(root, filename) {
        Ok(mut f) => {
            let mut outputdata: Vec<u8> = Vec::new();
            // outputdata = f.read()
            // Read all of the file into outputdata: bytes, for not every file is a text.
            // ==== fill in here: outputdata ====
            f.read_to_end(&mut outputdata)?;
            // ==== end: outputdata ====
            // connectionSocket.send(b"HTTP/1.1 200 OK\r\n\r\n")
            // Send the status line, as many header lines as you like, and the empty line.
            // ==== fill in here: header ====
            let (kind, length) = (content_type(filename), outputdata.len());
            write!(connection_socket, "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n")?;
            write!(connection_socket, "Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
            // ==== end: header ====
            // connectionSocket.sendall(outputdata)
            // Departs from the original: all in one go, and nothing after the file's last byte.
            send_content(&mut connection_socket, method, &outputdata)?;
        }
        // except IOError:
        Err(_) => {
            // print("404 Not Found", flush=True)
            say("404 Not Found");
            // connectionSocket.send(b"HTTP/1.1 404 Not Found\r\n\r\n")
            // connectionSocket.send(b"<html><body><h1>404 Not Found</h1></body></html>\r\n")
            // Send a status line and the empty line, and then NOT_FOUND as the content.
            // ==== fill in here: not-found ====
            write!(connection_socket, "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n")?;
            send_content(&mut connection_socket, method, NOT_FOUND)?;
            // ==== end: not-found ====
        }
    }
    // except IndexError:
    //     pass
    // Such a message has been refused above, and the client told why.
    // connectionSocket.close()
    // Send what is still gathered. The socket is closed when the variable that owns it ends.
    // ==== fill in here: close ====
    connection_socket.flush()?;
    // ==== end: close ====
    if header_end(&message) != Some(message.len()) {
        linger(Patient { socket: connection, until }); // it has sent more than a request
    }
    Ok(())
}

// ---- What the Python leaves out ----

/// Sends the content behind a header; HEAD asks for the header alone.
fn send_content(socket: &mut impl Write, method: &str, content: &[u8]) -> io::Result<()> {
    if method == "HEAD" { Ok(()) } else { socket.write_all(content) }
}

/// Where the header ends: after the blank line. Lines end in CR LF, typed by hand in LF alone.
fn header_end(message: &[u8]) -> Option<usize> {
    let after = |blank: &[u8]| {
        let mut places = message.windows(blank.len());
        places.position(|window| window == blank).map(|start| start + blank.len())
    };
    after(b"\r\n\r\n").or_else(|| after(b"\n\n"))
}

/// The method and the file's name in a request's first line, or the status that refuses it, and why.
fn request_line(message: &[u8]) -> Result<(&str, &str), [&'static str; 2]> {
    let bad = |why| Err(["400 Bad Request", why]);
    if message.starts_with(&[22, 3]) {
        return bad("this is TLS, and the server speaks HTTP alone: write http://, not https://");
    }
    if header_end(message).is_none() && message.len() < REQUEST_SIZE {
        return bad("a request must come whole, up to its empty line, within 2 s");
    }
    header_end(message).ok_or(["400 Bad Request", "a request has at most 8 KiB"])?;
    let line = message.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let words: Vec<&str> = str::from_utf8(line).unwrap_or_default().split_whitespace().collect();
    match words.as_slice() {
        [method, filename, version] if version.starts_with("HTTP/1.") => match *method {
            "GET" | "HEAD" => Ok((method, filename)),
            _ => Err(["501 Not Implemented", "this server knows GET and HEAD"]),
        },
        _ => bad("the first line is not METHOD, PATH and HTTP/1.1"),
    }
}

/// Opens the file that a request names: a plain file under the root, and nothing else.
fn open(root: &Path, filename: &str) -> io::Result<File> {
    let not_found = || io::Error::from(ErrorKind::NotFound);
    let path = filename.split('?').next().unwrap_or_default(); // what follows is the query
    let path = percent_decoded(path).ok_or_else(not_found)?;
    let path = path.strip_prefix('/').ok_or_else(not_found)?;
    let mut file = root.to_owned();
    for component in Path::new(if path.is_empty() { "index.html" } else { path }).components() {
        // `..` and a second `/` in front would lead out of the root, and so may a symbolic link.
        let Component::Normal(name) = component else { return Err(not_found()) };
        file.push(name);
        if file.is_symlink() {
            file = file.canonicalize()?;
        }
    }
    // Whoever may write in the root could change it between this look and the opening.
    if path.ends_with('/') || !file.starts_with(root) || !file.is_file() {
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
fn linger(mut request: Patient<&TcpStream>) {
    let _ = request.socket.shutdown(Shutdown::Write); // the client may be gone
    while request.read(&mut [0; 1024]).is_ok_and(|length| length > 0) {}
}
