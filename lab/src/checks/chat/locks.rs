//! Who waits for whom in a chat server while a client does not read. Nothing here is timed: a server
//! that sleeps while somebody is there to be served makes him wait.
#![expect(
    clippy::indexing_slicing,
    reason = "guests, users and names are the check's own; roster.rs reads what servers send"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::checks::chat::room::{Guest, Room, fault, names};
use crate::os::network;
use crate::os::program::{Event, Patience};
use crate::trial::{Stop, Trial, Verdict};

const SMALL: usize = 4096;
/// A server that sleeps for so long is stuck at the client that does not read, for 1 s in all.
const STUCK: Patience = Patience { idle: Duration::from_millis(100), ..Patience::SHORT };
/// Who is not served meanwhile waits for it, too.
const WAITS: Patience = Patience { idle: Duration::from_millis(300), ..Patience::SHORT };

impl Room<'_> {
    /// Sends a message up to so many times, or until it is enough. All the messages together have the time
    /// that one has: a server that pauses for each of them would never be done.
    pub(in crate::checks) fn send_on(
        &mut self,
        who: usize,
        message: &[u8],
        messages: usize,
        patience: Patience,
        mut enough: impl FnMut(&mut [Guest]) -> bool,
    ) -> Result<(), Event> {
        let (mut rest, mut left) = (&message[..0], messages);
        let server = self.server;
        // All read meanwhile: a server that waits for somebody to read would not read itself.
        let sent = server.patiently(patience, || {
            loop {
                self.read();
                if rest.is_empty() {
                    if left == 0 || enough(&mut self.guests) {
                        return Some(());
                    }
                    left -= 1;
                    rest = message;
                    self.guests.iter_mut().for_each(|guest| guest.intake.renew(message.len())); // all hear of it
                }
                match self.guests[who].stream.write(rest) {
                    Ok(length) => rest = &rest[length..],
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                    Err(_) => return Some(()),
                }
            }
        });
        self.stuck |= sent.is_err();
        sent
    }
}

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
    if !fill(&mut room)? {
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
fn fill(room: &mut Room) -> Result<bool, Stop> {
    const MESSAGES: usize = 3000;
    const MESSAGE: [u8; 1000] = [b'm'; 1000];
    const A_MOMENT: Duration = Duration::from_millis(20);
    let (server, mut left, mut before) = (room.server, MESSAGES, None);
    let waited = server.patiently(STUCK, || {
        let mut since = Instant::now();
        while since.elapsed() < A_MOMENT {
            room.read();
            room.guests.iter_mut().for_each(|guest| guest.forget());
            let heard = room.guests[0].total;
            if before.is_some_and(|before| heard <= before) {
                thread::yield_now();
                continue;
            }
            if left == 0 {
                return Some(());
            }
            (left, before, since) = (left - 1, Some(heard), Instant::now());
            room.send(1, &MESSAGE);
        }
        None
    });
    let Err(event) = waited else { return Ok(false) };
    if event == Event::Idle {
        return Ok(true);
    }
    room.did =
        format!("a client stopped to read, and {} sent {MESSAGES} messages", room.guests[1].name);
    let failure = room.failure(format!("all of them at {}", room.guests[0].name));
    let failure = failure.received(format!("{} of them", MESSAGES - left));
    Err(failure.lines(server.observed(&event)).into())
}

/// Two speak at once to one who reads slowly, so that both have to wait in the midst of a message; so has
/// a roster, since others come and go.
pub(in crate::checks) fn unmixed(trial: &Trial) -> Verdict {
    const LETTERS: usize = 300_000;
    const COMINGS: usize = 30;
    network::shorten_send_buffers();
    let server = trial.server()?;
    let names = names(trial, 3);
    let mut room = Room::with(&server, &names[..2])?;
    let address: SocketAddr = server.address();
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).map_err(fault)?;
    socket.set_recv_buffer_size(SMALL).map_err(fault)?;
    room.connect_by(socket, b"slow", "slow")?;
    room.all_see_all()?;
    let mut slow = room.guests.pop().expect("it has just come");
    room.did = format!(
        "{} and {} sent {LETTERS} letters each to one who reads slowly, while {} came and went",
        names[0], names[1], names[2]
    );
    let letters = [b'A', b'B'].map(|letter| vec![letter; LETTERS]);
    let mut left = [LETTERS; 2];
    let (mut heard, mut letters_heard) = (Vec::new(), 0);
    let mut comings = (1..COMINGS).map(|number| number * 2 * LETTERS / COMINGS).peekable();
    // What came is looked at as far as it came.
    let _ = server.patiently(Patience::SHORT, || {
        room.read();
        let is_next = comings.next_if(|at| letters_heard > *at).is_some();
        if is_next && room.guests.pop_if(|guest| guest.name == names[2]).is_none() {
            let _ = room.connect(names[2].as_bytes(), &names[2], None); // who is refused sees no roster
        }
        for (who, left) in left.iter_mut().enumerate() {
            room.guests[who].forget();
            *left -= room.guests[who].stream.write(&letters[who][..*left]).unwrap_or(0);
        }
        let mut piece = [0; SMALL];
        let length = slow.stream.read(&mut piece).unwrap_or(0);
        letters_heard += piece[..length].iter().filter(|byte| is_letter(byte)).count();
        heard.extend_from_slice(&piece[..length]);
        (letters_heard == 2 * LETTERS).then_some(())
    });
    whole(&room, &heard)
}

fn is_letter(byte: &u8) -> bool {
    matches!(byte, b'A' | b'B')
}

/// Whether each message that came is one: a run of its letter begins behind its speaker's name.
fn whole(room: &Room, heard: &[u8]) -> Verdict {
    const BEGIN: &[u8] = b": ";
    let begins = |at: &usize| *at == 0 || heard.get(at - 1) != heard.get(*at);
    let runs = (0..heard.len()).filter(|at| heard.get(*at).is_some_and(is_letter)).filter(begins);
    let mut before = runs.filter_map(|at| heard.get(..at));
    let Some(before) = before.find(|before| !before.ends_with(BEGIN)) else { return Ok(()) };
    let failure = room.failure("each message whole, one after the other".to_owned());
    Err(match before.trim_ascii_end().ends_with(b"}") {
        true => failure.received("the rest of a message behind a roster").gap("send-active-users"),
        false => failure.received("the rest of a message behind a part of another one"),
    }
    .into())
}
