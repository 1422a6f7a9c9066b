//! Who waits for whom in a chat server while a client does not read. Nothing here is timed: a server
//! that sleeps while somebody is there to be served makes him wait.

use std::io::Read;
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::checks::chat::room::{Guest, Room, fault, names};
use crate::os::program::{Event, Patience};
use crate::trial::{Stop, Trial, Verdict};

const SMALL: usize = 4096;
/// A server that sleeps for so long is stuck at the client that does not read, for 1 s in all.
const STUCK: Patience = Patience { idle: Duration::from_millis(100), ..Patience::SHORT };
/// Who is not served meanwhile waits for it, too.
const WAITS: Patience = Patience { idle: Duration::from_millis(300), ..Patience::SHORT };

/// One client does not read, and a message to it is under way. Meanwhile one leaves, one speaks, and one
/// comes with a name that somebody has.
pub(in crate::checks) fn in_the_way(trial: &Trial) -> Verdict {
    const TRIES: usize = 8; // on a busy machine the second is over before it is seen
    for _ in 0..TRIES {
        if while_it_is_stuck(trial)? {
            break;
        }
    }
    Ok(()) // a machine that is too busy has not seen it, nor a server that never waits
}

/// Whether the others were seen to be served.
fn while_it_is_stuck(trial: &Trial) -> Result<bool, Stop> {
    let server = trial.server()?;
    let names = names(trial, 4);
    let mut room = Room::with(&server, &names)?;
    let mut stalled = Room::new(&server);
    stalled.connect(b"stalled", "stalled", Some(SMALL))?;
    let all = [&names[..], &["stalled".to_owned()]].concat();
    room.all_see(Patience::SHORT, &all)?;
    if !fill(&mut room) {
        return Ok(true); // it waits for nobody
    }
    room.did =
        format!("a client stopped to read, and a message of {} to it is under way", names[1]);
    let guest = room.guests.remove(2);
    let _ = guest.stream.shutdown(Shutdown::Write); // it does not reset, though there may be bytes unread
    let leaves = guest.name.clone();
    room.do_also(format!("meanwhile {leaves} left"));
    let sees = |guests: &mut [Guest]| {
        let roster = guests[0].roster.as_ref()?;
        (!roster.contains_key(&leaves)).then_some(())
    };
    is_served(&mut room, &format!("a roster without {leaves} at {}", names[0]), sees)?;
    room.guests[0].text.clear();
    room.do_also(format!("{} sent a message", names[3]));
    room.send(2, b"hello");
    let hears = |guests: &mut [Guest]| (!guests[0].text.is_empty()).then_some(());
    is_served(&mut room, &format!("that message at {}", names[0]), hears)?;
    room.do_also(format!("one came with the name {}", names[0]));
    room.connect(names[0].as_bytes(), &names[0], None)?;
    let refused = |guests: &mut [Guest]| guests[3].closed.then_some(());
    is_served(&mut room, "a refusal, since somebody has that name", refused)?;
    // Whoever was cut off before that was in nobody's way.
    let roster = room.guests[0].roster.as_ref();
    Ok(roster.is_some_and(|roster| roster.contains_key("stalled")))
}

/// Waits until somebody is served; a server that sleeps meanwhile waits for the one that is stuck.
fn is_served(
    room: &mut Room,
    expected: &str,
    served: impl FnMut(&mut [Guest]) -> Option<()>,
) -> Verdict {
    let Err(event) = room.until(WAITS, served) else { return Ok(()) };
    let failure = room.failure(expected.to_owned());
    let failure = failure.received("nothing: while it sends to one, it serves nobody else");
    Err(match event {
        Event::Idle => failure,
        _ => failure.lines(room.observed(&event)),
    }
    .into())
}

/// The second guest sends until the server is stuck at the client that does not read. The first one
/// came before that one, and hears of everything first.
fn fill(room: &mut Room) -> bool {
    const MESSAGES: usize = 3000;
    let message = [b'm'; 1000];
    for _ in 0..MESSAGES {
        let heard = room.guests[0].total;
        room.send(1, &message);
        let more = |guests: &mut [Guest]| {
            guests.iter_mut().for_each(|guest| guest.forget());
            (guests[0].total > heard).then_some(())
        };
        if let Err(event) = room.until(STUCK, more) {
            return event == Event::Idle;
        }
    }
    false
}

/// Two speak at once to one who reads slowly, so that both have to wait in the midst of a message.
pub(in crate::checks) fn unmixed(trial: &Trial) -> Verdict {
    const MESSAGES: usize = 300;
    const LENGTH: usize = 1000;
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut room = Room::with(&server, &names)?;
    let address: SocketAddr = server.address();
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).map_err(fault)?;
    socket.set_recv_buffer_size(SMALL).map_err(fault)?;
    room.connect_by(socket, b"slow", "slow")?;
    room.all_see_all()?;
    let mut slow = room.guests.pop().expect("it has just come");
    room.did = format!(
        "{} and {} sent {MESSAGES} messages each to one who reads slowly",
        names[0], names[1]
    );
    let bodies = ["A", "B"].map(|letter| letter.repeat(LENGTH));
    let mut rest = [MESSAGES * LENGTH; 2];
    let mut heard: Vec<u8> = Vec::new();
    let wanted: usize = (0..2).map(|who| MESSAGES * (names[who].len() + 3 + LENGTH)).sum();
    let letters = |heard: &[u8]| heard.iter().filter(|byte| matches!(byte, b'A' | b'B')).count();
    let enough = 2 * MESSAGES * LENGTH;
    let waited = server.patiently(Patience::SHORT, || {
        room.read();
        for who in [0, 1] {
            room.guests[who].forget();
            if rest[who] > 0 {
                let body = bodies[who].as_bytes();
                let part = body.get(..rest[who].min(LENGTH)).unwrap_or(body);
                let sent = std::io::Write::write(&mut room.guests[who].stream, part);
                rest[who] -= sent.unwrap_or(0);
            }
        }
        let mut piece = [0; SMALL];
        if let Ok(length) = slow.stream.read(&mut piece) {
            heard.extend_from_slice(piece.get(..length).unwrap_or(&piece));
        }
        (heard.len() >= wanted && letters(&heard) >= enough).then_some(())
    });
    let _ = waited; // what came is looked at as far as it came
    whole(&room, &heard)
}

/// Whether each message that came is one: a run of its letter begins behind its speaker's name.
fn whole(room: &Room, heard: &[u8]) -> Verdict {
    const BEGIN: &[u8] = b": ";
    let is_letter = |byte: &u8| matches!(byte, b'A' | b'B');
    let begins = |at: &usize| *at == 0 || heard.get(at - 1) != heard.get(*at);
    let runs = (0..heard.len()).filter(|at| heard.get(*at).is_some_and(is_letter)).filter(begins);
    let has_name = |at: usize| heard.get(..at).is_some_and(|before| before.ends_with(BEGIN));
    if runs.into_iter().all(has_name) {
        return Ok(());
    }
    let failure = room.failure("each message whole, one after the other".to_owned());
    let received = "the rest of a message behind a part of another one";
    Err(failure.received(received).into())
}
