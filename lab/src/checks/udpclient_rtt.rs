//! Checks of udpclient_rtt: those of a UDP client, and those of its clocks.

use super::{rtt, typed, udpclient};
use crate::check::{Check, Verdict};
use crate::peers::UdpServer;
use crate::trial::Trial;

const REQUEST: &str = "The request is the name, without the end of its line, and nothing else.";

pub const CHECKS: &[Check] = &[
    Check {
        name: "reaches",
        title: "a datagram reaches the server",
        door: true,
        after: None,
        points: 1,
        gap: "send",
        rule: REQUEST,
        run: reaches,
    },
    Check {
        name: "sends",
        title: "the datagram is the name and nothing else",
        door: false,
        after: None,
        points: 1,
        gap: "send",
        rule: REQUEST,
        run: udpclient::sends,
    },
    Check {
        name: "once",
        title: "one request, one datagram",
        door: false,
        after: Some("sends"),
        points: 1,
        gap: "send",
        rule: REQUEST,
        run: udpclient::once,
    },
    Check {
        name: "reply",
        title: "the reply is printed first",
        door: false,
        after: None,
        points: 1,
        gap: "received",
        rule: rtt::REPLY_RULE,
        run: rtt::reply,
    },
    Check {
        name: "lines",
        title: "a line for each time, in their order",
        door: false,
        after: Some("reply"),
        points: 1,
        gap: "received",
        rule: rtt::LINES_RULE,
        run: rtt::lines,
    },
    Check {
        name: "format",
        title: "the times can be read, to the microsecond",
        door: false,
        after: Some("lines"),
        points: 1,
        gap: "readable",
        rule: rtt::FORMAT_RULE,
        run: rtt::format,
    },
    Check {
        name: "zone",
        title: "the times are local, with their UTC offset",
        door: false,
        after: Some("format"),
        points: 1,
        gap: "readable",
        rule: rtt::ZONE_RULE,
        run: rtt::zone,
    },
    Check {
        name: "sent",
        title: "when the request was sent",
        door: false,
        after: Some("zone"),
        points: 1,
        gap: "sent",
        rule: rtt::SENT_RULE,
        run: rtt::sent,
    },
    Check {
        name: "received",
        title: "when the reply came",
        door: false,
        after: Some("zone"),
        points: 1,
        gap: "received",
        rule: rtt::RECEIVED_RULE,
        run: rtt::received,
    },
    Check {
        name: "rtt",
        title: "the RTT, and nothing else in it",
        door: false,
        after: Some("lines"),
        points: 1,
        gap: "received",
        rule: rtt::RTT_RULE,
        run: rtt::rtt,
    },
];

fn reaches(trial: &Trial) -> Verdict {
    let (server, name) = (UdpServer::new(trial)?, trial.sentence());
    let (client, did) = typed(trial, server.port, &name)?;
    server.receive(&client, &did).map_err(|stop| match client.printed(name.as_bytes()) {
        true => stop.or_cause("the program printed the name on its own screen: send it"),
        false => stop,
    })?;
    Ok(())
}
