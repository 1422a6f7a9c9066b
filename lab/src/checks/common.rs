//! What the checks of several programs do alike.

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::os::network::{self, Network};
use crate::os::program::said;
use crate::text::bytes::quote;
use crate::text::causes::Cause;
use crate::trial::{Failure, Server, Started, Stop, Trial, Verdict};
use crate::wire::peers::TcpServer;

/// The prompt of lab 1's clients.
pub const PROMPT: &str = "Input lowercase sentence:";

/// A text in which only the small letters a-z may change.
pub const MIXED: &str = "Already BIG, small, 0-9 &*!@[`{~ caf\u{e9} \u{f1}and\u{fa} \u{3b1}\u{3b2}";

/// An address of this host's that clients do not have by themselves.
pub const ANOTHER_CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// What a client has done that was refused, though the check's server waits.
pub const ELSEWHERE: &str = "the check listens there: the program has asked at another address or port than \
                         those it was given";
/// What a program has made of a whole buffer.
pub const ZEROS: &str =
    "there are bytes of 0 in it: only as many bytes of the buffer as were received are meant";

/// A server that waits at its port; at which address is not asked. One that waits at another port can
/// be tried there.
pub fn waits<'t>(trial: &'t Trial) -> Result<Server<'t>, Stop> {
    trial.server().inspect_err(|_| {
        // Where programs share a network, they would meet at one port.
        if trial.was_elsewhere() && network::available() == Network::Private {
            trial.others_go_on(|manner| manner.elsewhere = true);
        }
    })
}

/// Whether a server waits at every address of the host. One that cannot be told any may have one that others
/// can use: of the network it was written for, or the one that the host's own name stands for.
pub fn is_for_all(server: &Server) -> bool {
    let address = server.socket.local.ip();
    let is_for_others = || !address.is_loopback() || Some(address) == network::own_address();
    server.socket.everywhere() || (server.trial().target.address_is_fixed() && is_for_others())
}

/// The door of every server: it waits at its port, at every address of the host. One that waits at
/// one address alone can be tried there.
pub fn listens(trial: &Trial) -> Verdict {
    let server = waits(trial)?;
    if is_for_all(&server) {
        return Ok(());
    }
    trial.others_go_on(|_| {});
    let remedy = match trial.target.address_is_fixed() {
        true => "bind to 0.0.0.0",
        false => "bind to the address the program was given",
    };
    Err(Failure::new(
        format!("started `{}`", server.command_line),
        format!("a socket at 0.0.0.0:{}, every address of this host", server.port),
    )
    .received(format!("a socket at {} alone", server.socket.local))
    .cause(format!("clients at other addresses cannot reach it: {remedy}"))
    .replay(trial.replay_run(server.port))
    .into())
}

/// A server that is given one of the host's addresses is not to be reached at the others. One that
/// cannot be given any listens at all of them, which its door has seen.
pub fn address(trial: &Trial) -> Verdict {
    const ONE_OF_MANY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
    let server = trial.server_at(ONE_OF_MANY)?;
    if server.socket.local.ip() == ONE_OF_MANY || trial.address_is_fixed() {
        return Ok(());
    }
    Err(Failure::new(
        format!("started `{}`", server.command_line),
        format!("a socket at {ONE_OF_MANY}:{}", server.port),
    )
    .received(format!("a socket at {}", server.socket.local))
    .into())
}

/// Sends a student to the reading where the end of an answer is missing, unless that is white space,
/// which is more easily lost with the letters.
pub fn cut(stop: Stop, expected: &[u8]) -> Stop {
    stop.map(|failure| {
        let rest = expected.get(failure.differs.len()..).unwrap_or_default();
        if failure.seen == Some(Cause::Cut) && !rest.trim_ascii().is_empty() {
            failure.gap.get_or_insert("receive");
        }
    })
}

/// Starts a client and types a line; gives back what was done, as a report says it.
pub fn typed<'t>(
    trial: &'t Trial,
    port: u16,
    line: &(impl AsRef<[u8]> + ?Sized),
) -> Result<(Started<'t>, String), Stop> {
    typed_at(trial, SocketAddrV4::new(Ipv4Addr::LOCALHOST, port), line)
}

/// The same, of a client whose server has this address.
pub fn typed_at<'t>(
    trial: &'t Trial,
    server: SocketAddrV4,
    line: &(impl AsRef<[u8]> + ?Sized),
) -> Result<(Started<'t>, String), Stop> {
    let client = trial.client_on_a_terminal(server, &[])?;
    client.type_line(line.as_ref());
    let did = format!("typed {} into `{}`", quote(line.as_ref()), client.command_line);
    Ok((client, did))
}

/// A client that asks at the lab's own port instead of its server's can be tried there.
pub fn asks_at_the_usual_port(trial: &Trial, stop: Stop, what: &str) -> Stop {
    let port = trial.target.facts.port;
    trial.others_go_on(|manner| manner.asks_at = Some(port));
    stop.map(|failure| {
        failure.received = vec![format!("{what} to port {port}")];
        failure.cause = Some(format!("{port} is the port when none is given; here one was given"));
    })
}

/// A server at the lab's own port, or so far behind it, before a client is started that is told another.
pub fn usual_server(trial: &Trial, behind: u16) -> Option<TcpServer> {
    let is_another = network::available() == Network::Private && !trial.target.port_is_fixed();
    let port = trial.target.facts.port.checked_add(behind).filter(|_| is_another)?;
    TcpServer::of(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).ok()
}

/// A client that has asked waits for the reply.
pub fn must_wait(client: &Started, did: &str) -> Verdict {
    let Some(status) = client.settle() else { return Ok(()) };
    let shown = client.shown(PROMPT);
    let printed = (!shown.is_empty()).then(|| format!("it printed {}", quote(&shown)));
    Err(Failure::new(did, "a client that waits for the reply")
        .received(format!("{}, before there was a reply", said(status)))
        .lines(printed)
        .lines(client.last_words())
        .replay(client.trial().replay_client())
        .into())
}

/// A client that has printed its answer ends, and says that all went well.
pub fn must_end(client: &Started, did: &str) -> Verdict {
    let observed = match client.wait_and_end_input() {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => [vec![said(status)], client.last_words()].concat(),
        Err(event) => client.observed(&event),
    };
    Err(Failure::new(did, "the end of the program, with exit status 0")
        .lines(observed)
        .replay(client.trial().replay_client())
        .into())
}
