//! Clients of a chat server that come and go, quickly or often, and what is left of them.
#![expect(
    clippy::indexing_slicing,
    reason = "guests, users and names are the check's own; roster.rs reads what servers send"
)]

use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::checks::chat::room::{Guest, Room, fault, names};
use crate::os::program::Patience;
use crate::os::{processes, sockets};
use crate::trial::{Server, Stop, Trial, Verdict};

const HANDLES: &str = "the client is out of the roster, but its socket is not closed: something holds one \
                       more handle of it";

/// A socket that will come to the server from this address.
pub(in crate::checks) fn socket_at(server: &Server, from: Ipv4Addr) -> Result<Socket, Stop> {
    let domain = Domain::for_address(server.address());
    let socket = Socket::new(domain, Type::STREAM, None).map_err(fault)?;
    if domain == Domain::IPV4 {
        socket.bind(&SocketAddr::from((from, 0)).into()).map_err(fault)?;
    }
    Ok(socket)
}

/// Some wait in the queue, and have gone before the server sees them: what it asks of their sockets
/// then fails.
pub(in crate::checks) fn queued(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let all = names(trial, 3);
    let mut room = Room::with(&server, &all[..1])?;
    let mut gone = Room::new(&server);
    processes::while_stopped(&server.processes(), || -> Verdict {
        for sent in ["", all[1].as_str()] {
            gone.connect(sent.as_bytes(), &all[1], None)?;
            let guest = gone.guests.pop().expect("it has just come");
            let mine = guest.stream.local_addr().map_err(fault)?;
            SockRef::from(&guest.stream).set_linger(Some(Duration::ZERO)).map_err(fault)?;
            drop(guest);
            sockets::until_the_other_end_is_gone(mine);
        }
        Ok(())
    })?;
    room.do_also(
        "two connected, one of them sent a name, and both reset while they were in the queue"
            .into(),
    );
    server.settle();
    let served = room.enter(&all[2]).and_then(|()| room.all_see_all());
    served.map_err(|stop| match server.exited() {
        Some(_) => stop.look("accept"),
        None => stop,
    })
}

/// Longer than anybody would wait for a client: those who say nothing hear as much as the others.
pub(in crate::checks) fn quiet(trial: &Trial) -> Verdict {
    const QUIET: Duration = Duration::from_millis(11_000);
    const PATIENCE: Patience = Patience { idle: Duration::from_secs(20), ..Patience::SHORT };
    let server = trial.server()?;
    let mut room = Room::with(&server, &names(trial, 2))?;
    room.do_also(format!("both said nothing for {} s", QUIET.as_secs()));
    let begin = Instant::now();
    let left = |guests: &mut [Guest]| match () {
        () if trial.is_given_up() => Some(Err(Stop::GivenUp)),
        () if guests.iter().any(|guest| guest.closed) => Some(Ok(true)),
        () => (begin.elapsed() >= QUIET).then_some(Ok(false)),
    };
    let waited = room.until(PATIENCE, left);
    if waited.unwrap_or(Ok(false))? {
        let failure = room.failure("two clients in the chat".into());
        let failure = failure.received("the server has closed the connection of one of them");
        return Err(failure.lines(server.last_words()).into());
    }
    let message = trial.sentence();
    room.say_and_pass_over_echo(0, &message);
    room.hears(1, 0, &message)
}

/// One stays, another one comes again and again under one name. It says that it goes and waits for the
/// server, which has to close as well.
pub(in crate::checks) fn visits(trial: &Trial) -> Verdict {
    const VISITS: usize = 50;
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut room = Room::with(&server, &names[..1])?;
    let used = || (sockets::of(&server.processes()).len(), threads(&server));
    let before = used();
    for visit in 1..=VISITS {
        room.did = format!("{} came and left; this was visit {visit}", names[1]);
        room.connect(names[1].as_bytes(), &names[1], None)?;
        room.all_see_all()?;
        let _ = room.guests[1].stream.shutdown(Shutdown::Write); // it may have been closed
        let closed = |guests: &mut [Guest]| guests[1].closed.then_some(());
        if let Err(event) = room.until(Patience::SHORT, closed) {
            let failure =
                room.failure("the end of the connection, since the client has left".into());
            let failure = failure.received("the connection stays open");
            let failure = failure.lines(server.observed(&event));
            let roster = room.guests[0].roster.as_ref();
            return Err(match roster.is_some_and(|roster| !roster.contains_key(&names[1])) {
                true => failure.cause(HANDLES).gap("accept"),
                false => failure,
            }
            .into());
        }
        room.guests.pop();
        room.all_see_all()?;
    }
    let is_as_before = || {
        let now = used();
        (now.0 <= before.0 && now.1 <= before.1).then_some(())
    };
    let Err(event) = server.until(is_as_before) else { return Ok(()) };
    let now = used();
    let failure = room.failure("as many sockets and threads as before".into());
    let more = |now: usize, before: usize, what: &str| {
        (now > before).then(|| format!("{} {what} more", now - before))
    };
    let failure = failure.lines(more(now.0, before.0, "sockets"));
    let failure = failure.lines(more(now.1, before.1, "threads"));
    Err(failure.lines(server.observed(&event)).gap("accept").into())
}

fn threads(server: &Server) -> usize {
    usize::try_from(processes::usage(&server.processes()).threads).unwrap_or(usize::MAX)
}
