//! Checks of tcpclient_rtt: those of a TCP client, and those of its clocks.

use std::thread;
use std::time::{Duration, Instant};

use crate::checks::check::Check;
use crate::checks::rtt::{self, ADDRESS};
use crate::checks::tcpclient;
use crate::os::program::Patience;
use crate::os::sockets;
use crate::trial::{Started, Trial, Verdict};
use crate::wire::peers::TcpServer;

const REQUEST: &str = "The request is the name, without the end of its line, and nothing else.";

const CONNECTS: &str = "The TCP client connects first, and sends then.";
const CONNECT: &str = "The time that connecting took has a line of its own, and is no part of the \
                       RTT.";

pub const CHECKS: &[Check] = &[
    Check::new(
        "connects",
        "the client connects to the server",
        "connect",
        CONNECTS,
        tcpclient::connects,
    )
    .door(),
    Check::new(
        "address",
        "a server at another address is found",
        "connect",
        ADDRESS,
        tcpclient::address,
    )
    .beginning(),
    Check::new("sends", "the name is sent and nothing else", "sent", REQUEST, tcpclient::sends),
    rtt::REPLY_CHECK,
    rtt::LINES_CHECK,
    rtt::FORMAT_CHECK,
    rtt::ZONE_CHECK,
    rtt::SENT_CHECK,
    rtt::RECEIVED_CHECK,
    rtt::RTT_CHECK,
    Check::new("connect", "connecting takes a time of its own", "connect", CONNECT, connect)
        .after("rtt"),
];

/// The server's queue is full when the client comes, so that connecting takes long; the reply comes
/// at once.
fn connect(trial: &Trial) -> Verdict {
    const HELD: Duration = Duration::from_millis(400);
    const REPLY: Duration = Duration::from_millis(100);
    let (server, in_the_queue) = TcpServer::full(trial)?;
    let rtt::Typed { client, did, at } =
        rtt::slowly_typed(trial, server.port, "UTC0", Duration::ZERO)?;
    let did = format!("{did}, with room in the server's queue only after {} ms", HELD.as_millis());
    // Some kernel may have room for it all the same: whether it has to wait is seen, not assumed.
    let is_held = |client: &Started| {
        let open = sockets::of(&client.processes());
        let mine = open.iter().find(|socket| socket.remote.port() == server.port);
        mine.map(|socket| socket.connecting)
    };
    // One that does not connect at all is told so below.
    let was_held = matches!(client.until(|| is_held(&client)), Ok(true));
    thread::sleep(HELD);
    // On a busy machine it may have given up by now.
    let waited = is_held(&client) == Some(true) || (was_held && client.exited().is_some());
    let room = Instant::now();
    drop(server.accept(&client, &did)?); // the one in the queue
    drop(in_the_queue);
    let connected = server.accept_patiently(Patience::LONG, &client, &did);
    // The kernel tries again after a second: too late for who waits for one, which another course may
    // ask for, or in the same moment. What is left to see is the time between sending and receiving.
    let gives_up = || waited && trial.target.words_are_free() && client.settle().is_some();
    if connected.is_err() && gives_up() {
        return rtt::rtt(trial);
    }
    let mut connection = connected?;
    connection.read(1, &client);
    if connection.bytes.is_empty() && gives_up() {
        return rtt::rtt(trial);
    }
    thread::sleep(REPLY); // a thousand times of that cannot be taken for it
    connection.answer(trial.sentence().as_bytes());
    let printed = rtt::Printed::by(&client, did);
    let (took, rest) = (at.0.elapsed(), room.elapsed());
    let least = waited.then_some((HELD, "so long there was no room"));
    // A program of another course does not say how long that took.
    if !trial.target.words_are_free() {
        let most = (took, "so long all of it took, from the typing on");
        printed.must_take(rtt::CONNECT, least, most)?;
    }
    let most = (rest, "so long it took from when there was room: nothing was sent before");
    // That its own line shows enough is another check's business; without one, no shorter time is it.
    let held = (REPLY, "so long the reply was held back");
    let least = trial.target.words_are_free().then_some(held);
    printed.must_take(rtt::RTT, least, most).map_err(|stop| stop.look("sent"))
}
