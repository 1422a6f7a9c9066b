//! Checks of udpclient_rtt: those of a UDP client, and those of its clocks.

use crate::checks::check::Check;
use crate::checks::common::{asks_at_the_usual_port, typed};
use crate::checks::rtt::{self, ADDRESS};
use crate::checks::udpclient;
use crate::trial::{Trial, Verdict};
use crate::wire::peers::UdpServer;

const REQUEST: &str = "The request is the name, without the end of its line, and nothing else.";

pub const CHECKS: &[Check] = &[
    Check::new("reaches", "a datagram reaches the server", "send", REQUEST, reaches).door(),
    Check::new(
        "sends",
        "the datagram is the name and nothing else",
        "send",
        REQUEST,
        udpclient::sends,
    ),
    Check::new(
        "address",
        "a server at another address is asked",
        "send",
        ADDRESS,
        udpclient::address,
    )
    .beginning(),
    Check::new(
        "bytes",
        "a name beyond ASCII is sent as it was typed",
        "send",
        REQUEST,
        udpclient::bytes,
    )
    .after("sends"),
    Check::new(
        "raw",
        "bytes that are no text are sent as they were typed",
        "send",
        REQUEST,
        udpclient::raw,
    )
    .after("sends")
    .after("bytes")
    .advice(),
    Check::new("once", "one request, one datagram", "send", REQUEST, udpclient::once)
        .after("sends"),
    rtt::REPLY_CHECK,
    rtt::LINES_CHECK,
    rtt::FORMAT_CHECK,
    rtt::ZONE_CHECK,
    rtt::SENT_CHECK,
    rtt::RECEIVED_CHECK,
    rtt::RTT_CHECK,
];

fn reaches(trial: &Trial) -> Verdict {
    let (server, name) = (UdpServer::new(trial)?, trial.sentence());
    let usual = UdpServer::usual(trial, &server);
    let (client, did) = typed(trial, server.port, &name)?;
    server.receive(&client, &did).map_err(|stop| {
        if usual.is_some_and(|usual| usual.has_come()) {
            asks_at_the_usual_port(trial, stop, "a datagram")
        } else if client.printed(name.as_bytes()) {
            stop.or_cause("the program printed the name on its own screen: send it")
        } else {
            stop
        }
    })?;
    Ok(())
}
