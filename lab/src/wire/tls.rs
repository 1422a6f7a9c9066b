//! An end of a TLS connection that a check holds. It keeps every byte that came, encrypted or not,
//! and looks at what has come without waiting for more.

use std::io::{Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};

use rustls::{ClientConnection, Connection, ServerConnection};

use crate::os::program::Event;
use crate::wire::certificates::{self, Certificate};
use crate::wire::intake::{Intake, Look};

/// Why nothing more is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsEnd {
    /// The program has closed the connection.
    Closed,
    /// What came is no TLS, or the handshake failed.
    NoTls,
    /// It sends without end.
    Over(Event),
}

pub struct Tls {
    stream: TcpStream,
    intake: Intake,
    connection: Connection,
    /// Every byte that came.
    pub wire: Vec<u8>,
    /// What came inside TLS.
    pub heard: Vec<u8>,
    pub end: Option<TlsEnd>,
}

impl Tls {
    /// The server's end, with a certificate of this kind. A look takes as long as a read of the
    /// stream.
    pub fn server(stream: TcpStream, kind: Certificate) -> Tls {
        let connection = ServerConnection::new(certificates::server(kind));
        Tls::new(stream, connection.expect("a plain configuration").into())
    }

    /// The client's end, which verifies that the server is this host. The handshake has begun then.
    pub fn client(stream: TcpStream, server: IpAddr) -> Tls {
        let connection = ClientConnection::new(certificates::client(), server.into());
        Tls::new(stream, connection.expect("a plain configuration").into())
    }

    fn new(stream: TcpStream, connection: Connection) -> Tls {
        let (wire, heard) = Default::default();
        let intake = Intake::default();
        let mut tls = Tls { stream, intake, connection, wire, heard, end: None };
        tls.flush();
        tls
    }

    /// The address of this end.
    pub fn address(&self) -> Option<SocketAddr> {
        self.stream.local_addr().ok()
    }

    /// Both sides have shaken hands.
    pub fn is_begun(&self) -> bool {
        !self.connection.is_handshaking()
    }

    /// Sends this inside TLS, as soon as hands are shaken.
    pub fn say(&mut self, text: &[u8]) {
        self.intake.renew(text.len());
        let _ = self.connection.writer().write_all(text); // into memory
        self.flush();
    }

    /// Says that no more comes from here.
    pub fn close(&mut self) {
        self.connection.send_close_notify();
        self.flush();
        let _ = self.stream.shutdown(Shutdown::Write); // the program may have gone already
    }

    /// Looks for what has come; `None` if nothing has.
    pub fn look(&mut self) -> Option<()> {
        if self.end.is_some() {
            return Some(());
        }
        let begin = self.wire.len();
        match self.intake.look(&mut self.stream, &mut self.wire) {
            Look::Piece(_) => {
                let piece = self.wire.get(begin..).unwrap_or_default().to_vec();
                self.decrypt(&piece);
            }
            Look::NotYet => return None,
            Look::Closed | Look::Reset => self.end = Some(TlsEnd::Closed),
            Look::Over(event) => self.end = Some(TlsEnd::Over(event)),
        }
        Some(())
    }

    fn decrypt(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let read = self.connection.read_tls(&mut piece); // from memory, that cannot fail
            let processed = self.connection.process_new_packets();
            // Reads up to where it would block, which is an error to `read_to_end`.
            let _ = self.connection.reader().read_to_end(&mut self.heard);
            if processed.is_err() || matches!(read, Ok(0)) {
                self.end = Some(TlsEnd::NoTls);
                break;
            }
        }
        self.flush();
        if self.end.is_some() {
            let _ = self.stream.shutdown(Shutdown::Write); // it may have gone already
        }
    }

    /// Sends what TLS has to send. A program that has gone shows when it is looked at.
    fn flush(&mut self) {
        while self.connection.wants_write()
            && self.connection.write_tls(&mut self.stream).is_ok_and(|length| length > 0)
        {}
    }
}
