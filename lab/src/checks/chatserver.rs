//! Checks of chatserver. Its Python original ends no message, so two may come glued together: what a
//! client gets is taken apart at the rosters, and newlines between messages count for nothing. What
//! the original cannot do at all is advice.
#![expect(
    clippy::indexing_slicing,
    reason = "guests, users and names are the check's own; roster.rs reads what servers send"
)]

use std::net::Ipv4Addr;
use std::time::Duration;

use memchr::memmem;
use socket2::SockRef;

use crate::checks::chat::room::*;
use crate::checks::chat::{locks, visits};
use crate::checks::check::Check;
use crate::checks::common::{ANOTHER_CLIENT, listens};
use crate::os::program::{Event, Patience};
use crate::text::bytes::quote;
use crate::trial::{Trial, Verdict};

const LISTENS: &str = "The chat server listens at the ADDRESS and PORT it was given.";
const LEAVES: &str = "A client that closes its connection, or resets it, leaves the chat.";
const NAMES: &str = "A name is refused if it has less than 1 or more than 32 bytes, begins with `!`, \
                     has a `:`, white space or a control character in it, or if somebody has it.";

/// An address of the host besides its usual one.
const ONE_OF_MANY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

pub const CHECKS: &[Check] = &[
    Check::new("listens", "a TCP socket listens at the port", "server-ip", LISTENS, is_there)
        .door(),
    Check::new(
        "name",
        "a client that has sent its name is in the roster",
        "name",
        "The first bytes that a client sends are its name.",
        name,
    )
    .door(),
    Check::new(
        "address",
        "it listens at the ADDRESS it is given",
        "server-socket",
        LISTENS,
        address,
    )
    .after("name")
    .after("listens"),
    Check::new(
        "arrivals",
        "all are sent the roster when somebody comes",
        "send-active-users",
        ROSTER,
        arrivals,
    )
    .after("name"),
    Check::new(
        "crowd",
        "100 clients may come at the same time",
        "accept",
        "Any number of clients may come at the same time.",
        crowd,
    )
    .after("arrivals"),
    Check::new(
        "relays",
        "a message goes to all others",
        "send-msg",
        "A message from X goes to all others as `X: msg `, with a space at its end.",
        relays,
    )
    .after("name"),
    Check::new("sender", "the sender does not get its message back", "broadcast-msg", OWN, sender)
        .after("relays"),
    Check::new(
        "order",
        "the messages of one client keep their order",
        "broadcast-msg",
        "Of each client all messages arrive, in the order in which they were sent.",
        order,
    )
    .after("relays"),
    Check::new(
        "departures",
        "who leaves is gone from the roster, however it leaves",
        "msg",
        LEAVES,
        departures,
    )
    .after("arrivals"),
    Check::new(
        "resets",
        "many that reset while the roster goes out do no harm",
        "send-active-users",
        LEAVES,
        resets,
    )
    .after("departures")
    .advice(),
    Check::new(
        "queued",
        "clients that go before they are accepted do no harm",
        "accept",
        "An error with one client must not stop the server.",
        visits::queued,
    )
    .after("resets")
    .after("departures")
    .advice(),
    Check::new(
        "quiet",
        "a client that says nothing stays in the chat",
        "msg",
        "A client that says nothing stays in the chat, however long.",
        visits::quiet,
    )
    .after("relays")
    .after("departures")
    .slow()
    .advice(),
    Check::new(
        "visits",
        "who has left leaves nothing behind",
        "msg",
        "When a client has left, its socket is closed, its thread has ended, and its name is free.",
        visits::visits,
    )
    .after("departures")
    .advice(),
    Check::new(
        "lines",
        "every message ends in a newline, and has no other",
        "send-msg",
        "Every message of the server ends in a newline; one inside a client's message becomes \
               a space.",
        lines,
    )
    .after("relays")
    .advice(),
    Check::new("refused", "a name that cannot be is refused", "name", NAMES, refused)
        .after("arrivals")
        .advice(),
    Check::new(
        "trimmed",
        "white space around a name does not count",
        "name",
        "White space around a name does not count: `nc` sends a newline with it.",
        trimmed,
    )
    .advice(),
    Check::new(
        "nameless",
        "a client that sends no name keeps nobody out",
        "accept",
        "A client that has not sent its name yet keeps nobody else out.",
        nameless,
    )
    .advice(),
    Check::new(
        "cut",
        "a character may be cut where a read ends",
        "msg",
        "A character may be cut where a read ends; the server then waits for the rest of it.",
        cut,
    )
    .after("relays")
    .advice(),
    Check::new(
        "stalled",
        "a client that does not read is cut off",
        "send-msg",
        "A client that does not read is cut off when sending to it has been blocked for 1 s.",
        stalled,
    )
    .after("order")
    .advice(),
    Check::new(
        "unmixed",
        "messages to one who reads slowly do not mix",
        "send-msg",
        "While one waits in the midst of its message, the other one's must not go in between: each \
         client has a lock of its own for sending.",
        locks::unmixed,
    )
    .after("order")
    .advice(),
    Check::new(
        "waits",
        "who does not read stops nobody else",
        "broadcast-msg",
        "A map is locked for a moment, and copied if it is needed longer.",
        locks::in_the_way,
    )
    .after("stalled")
    .after("departures")
    .advice(),
];

fn is_there(trial: &Trial) -> Verdict {
    listens(trial).map_err(|stop| match trial.was_elsewhere() {
        true => stop.look("server-socket"),
        false => stop,
    })
}

/// At one of the host's addresses, if it can be told any, and at a host's name. It is in use there:
/// who only waits there does nothing.
fn address(trial: &Trial) -> Verdict {
    if !trial.target.address_is_fixed() {
        crate::checks::common::address(trial)?;
        trial.server_at("localhost").map_err(|stop| {
            stop.look("server-ip").or_cause("ADDRESS may be the name of a host, as the default is")
        })?;
    }
    let server = trial.server_at(ONE_OF_MANY)?;
    let names = names(trial, 3);
    let alone = Room::of(&server, &names[2..]);
    if alone.is_ok_and(|room| room.guests.iter().all(|guest| guest.roster.is_some())) {
        return Ok(());
    }
    let mut room = Room::of(&server, &names[..2])?;
    let message = trial.sentence();
    room.say_and_pass_over_echo(0, &message);
    room.hears(1, 0, &message)
}

/// Where the roster has another form, or does not come, a message may go round all the same.
fn name(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 1);
    let mut room = Room::new(&server);
    room.enter(&names[0])?;
    let Err(stop) = room.all_see_all() else { return Ok(()) };
    if room.guests[0].closed && room.guests[0].raw.is_empty() && server.exited().is_none() {
        let mut second = Room::new(&server);
        second.enter(&names[0])?;
        if second.all_see_all().is_ok() {
            return Err(stop.look("accept").or_cause(
                "a second client is in the roster: the program accepts two and drops the first",
            ));
        }
    }
    let guest = &mut room.guests[0];
    if server.exited().is_none() && !guest.closed && server.given_up().is_none() {
        trial.others_go_on(|manner| manner.other_roster = true);
    }
    guest.again_in_any_form();
    let is_there = guest.roster.as_ref().is_some_and(|roster| roster.contains_key(&names[0]));
    Err(match is_there {
        true => stop.or_cause(ROSTER).map(|failure| {
            failure.gap.get_or_insert("send-active-users");
        }),
        false => stop,
    })
}

fn arrivals(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut names = names(trial, 4);
    names[1] = format!("\u{e6}\u{d8}\u{e5}{}", names[1]);
    names[2].make_ascii_uppercase();
    let mut room = Room::with(&server, &names[..3])?;
    let socket = visits::socket_at(&server, ANOTHER_CLIENT)?;
    room.do_also(format!("{} came from {ANOTHER_CLIENT}", names[3]));
    room.connect_by(socket, names[3].as_bytes(), &names[3])?;
    room.all_see_all()?;
    room.no_more()
}

/// Nobody waits for anybody's roster here. Where rosters are none, or have other names, all hear one of them
/// speak.
fn crowd(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut room = match trial.manner().other_roster {
        true => Room::new(&server),
        false => Room::forgetful(&server),
    };
    // Different from the first letters on.
    let letter = |number: usize| char::from(b'a' + (number % 26) as u8);
    let names = names(trial, 100).into_iter().enumerate();
    for (number, name) in names {
        let name = format!("{}{}{name}", letter(number / 10), letter(number));
        room.connect(name.as_bytes(), &name, None)?;
        room.read();
    }
    room.did = "100 clients came at the same time".to_owned();
    if !trial.manner().other_roster {
        return room.all_see_all();
    }
    server.settle();
    let message = trial.sentence();
    room.say(0, message.as_bytes());
    let hears = |guest: &Guest| memmem::find(&guest.raw, message.as_bytes()).is_some();
    let all = |guests: &mut [Guest]| guests.iter().skip(1).all(hears).then_some(());
    let Err(event) = room.until(Patience::SHORT, all) else { return Ok(()) };
    let count = room.guests.iter().skip(1).filter(|guest| hears(guest)).count();
    let failure = room.failure("that message at the 99 others".to_owned());
    let failure = failure.received(format!("it has reached {count} of them"));
    Err(failure.lines(server.observed(&event)).into())
}

fn relays(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 3);
    let mut room = Room::of(&server, &names)?;
    let short = || trial.sentence();
    let greek = || format!(" Caf\u{e9} \u{3b1}\u{3b2}  0-9 \"\\ {}! \t", trial.sentence());
    let long = || String::from_utf8_lossy(&trial.letters(900)).into_owned();
    for messages in [[short(), short()], [greek(), greek()], [long(), long()]] {
        for (speaker, message) in [0, 2].into_iter().zip(messages) {
            room.say_and_pass_over_echo(speaker, &message);
            for other in (0..names.len()).filter(|other| *other != speaker) {
                room.hears(other, speaker, &message)?;
            }
            room.did.clear();
        }
    }
    Ok(())
}

/// What comes next at the sender is somebody else's message, and not its own. Whether that comes as it
/// was sent is another check's business.
fn sender(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut room = Room::of(&server, &names)?;
    for _ in 0..3 {
        let messages = [trial.sentence(), trial.sentence()];
        for (speaker, message) in messages.iter().enumerate() {
            room.say(speaker, message.as_bytes());
            room.hears_of(1 - speaker, speaker, message)?;
        }
        room.none_of_their_own(&messages)?;
        room.did.clear();
    }
    Ok(())
}

/// Two talk at once and do not wait for each message: TCP may glue some together, but not change
/// their order. What is under way is less than one read takes, so none is cut in two.
fn order(trial: &Trial) -> Verdict {
    const MESSAGES: usize = 200;
    const AT_ONCE: usize = 20;
    let server = trial.server()?;
    let names = names(trial, 3);
    let mut room = Room::of(&server, &names)?;
    room.did = format!("{} and {} sent {MESSAGES} messages each", names[0], names[1]);
    let numbers = |guest: &Guest, speaker: usize| -> Vec<usize> {
        let text = String::from_utf8_lossy(&guest.text);
        let begin = format!("<{speaker}.");
        let tokens = text.split(&begin).skip(1).filter_map(|rest| rest.split_once('>'));
        let mut numbers: Vec<usize> = tokens.filter_map(|(it, _)| it.parse().ok()).collect();
        numbers.dedup(); // one that comes twice is another check's business
        numbers
    };
    for first in (0..MESSAGES).step_by(AT_ONCE) {
        let next = first + AT_ONCE;
        for number in first..next {
            for speaker in [0, 1] {
                room.send(speaker, format!("<{speaker}.{number}>.").as_bytes());
            }
        }
        let whole = |guests: &mut [Guest]| {
            [0, 1].iter().all(|speaker| numbers(&guests[2], *speaker).len() >= next).then_some(())
        };
        let waited = room.until(Patience::SHORT, whole);
        let in_order =
            |speaker: &usize| numbers(&room.guests[2], *speaker).iter().copied().eq(0..next);
        if [0, 1].iter().all(in_order) {
            continue;
        }
        let failure = room.failure(format!("all messages of each at {}, in order", names[2]));
        return Err(match waited {
            Ok(()) => failure.received("they came in another order"),
            Err(event) => {
                failure.received("some of them are missing").lines(server.observed(&event))
            }
        }
        .into());
    }
    Ok(())
}

/// Where the roster has other names, or addresses, the names in it are counted.
fn departures(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 4);
    let mut room = Room::of(&server, &names)?;
    let is_other = trial.manner().other_roster;
    let all_see_all = |room: &mut Room| match is_other {
        true => room.all_see_as_many(),
        false => room.all_see_all(),
    };
    all_see_all(&mut room)?;
    let closes = room.guests.remove(1);
    room.do_also(format!("{} closed its connection", closes.name));
    drop(closes);
    all_see_all(&mut room)?;
    let resets = room.guests.remove(1);
    room.do_also(format!("{} reset its connection", resets.name));
    SockRef::from(&resets.stream).set_linger(Some(Duration::ZERO)).map_err(fault)?;
    drop(resets);
    all_see_all(&mut room)
}

/// The server is sending to some of them when they go.
fn resets(trial: &Trial) -> Verdict {
    const ROUNDS: usize = 5;
    let server = trial.server()?;
    let all = names(trial, 60);
    let mut room = Room::forgetful(&server);
    // Each is alone at last, so a name is free again when the next round begins.
    let next_is_alone = |room: &mut Room| {
        room.guests.clear();
        room.enter(&names(trial, 1)[0])?;
        room.all_see_all()
    };
    for _ in 0..ROUNDS {
        for name in &all {
            room.connect(name.as_bytes(), name, None)?;
            room.read();
        }
        room.did = format!("{} clients came", all.len());
        room.all_see_all()?;
        for guest in &room.guests {
            SockRef::from(&guest.stream).set_linger(Some(Duration::ZERO)).map_err(fault)?;
        }
        if next_is_alone(&mut room).and_then(|()| next_is_alone(&mut room)).is_err() {
            room.did = format!("{} clients came and reset; then another one came", all.len());
            let failure = room.failure("a roster with that one alone".to_owned());
            let failure = failure.received("none, or one with others");
            return Err(failure.lines(server.observed(&Event::Idle)).into());
        }
        room.guests.clear();
    }
    Ok(())
}

fn lines(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut room = Room::with(&server, &names)?;
    let [first, second] = [trial.sentence(), trial.sentence()];
    room.say(0, format!("{first}\n!{{\"{second}\": \"0.0.0.0\"}}").as_bytes());
    let expected = format!("{}: {first} !{{\"{second}\": \"0.0.0.0\"}} \n", names[0]);
    let ends = |guests: &mut [Guest]| {
        let raw = &guests[1].raw;
        raw.ends_with(expected.as_bytes()).then_some(())
    };
    if room.until(Patience::SHORT, ends).is_ok() {
        return Ok(());
    }
    let raw = &room.guests[1].raw;
    let start = raw
        .windows(names[0].len() + 2)
        .rposition(|part| part.starts_with(names[0].as_bytes()) && part.ends_with(b": "));
    let failure = room.failure(format!("{} at {}", quote(expected.as_bytes()), names[1]));
    let failure = match start {
        None => failure.received("nothing"),
        Some(start) => failure.difference(expected.as_bytes(), &raw[start..]),
    };
    let roster = format!("\n!{{\"{second}\"");
    let is_forged = memmem::find(raw, roster.as_bytes()).is_some();
    Err(if is_forged {
        failure.cause("a client can forge a roster, which others take for the server's")
    } else if start.is_some_and(|start| expected.as_bytes().starts_with(&raw[start..])) {
        failure.cause("its end is missing, where the newline is")
    } else {
        failure
    }
    .into())
}

fn refused(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 2);
    let (long, name) = ("x".repeat(33), &names[0]);
    let mut room = Room::with(&server, &names[..1])?;
    for wrong in [name, "\n", &long, "!x", "a:b", "a b", "a\x07b", "a\nhello"] {
        room.did = format!("{name} came; one more came as {}", quote(wrong.as_bytes()));
        room.connect(wrong.as_bytes(), wrong, None)?;
        let closed = |guests: &mut [Guest]| guests[1].closed.then_some(());
        let waited = room.until(Patience::SHORT, closed);
        let guest = room.guests.pop().expect("it has just come");
        if let Err(event) = waited {
            let failure = room.failure("a sentence, and the end of the connection".to_owned());
            let failure = failure.received(match &guest.roster {
                Some(roster) => format!("the roster {}", shown(roster)),
                None => "neither".to_owned(),
            });
            return Err(failure.lines(server.observed(&event)).into());
        }
        if guest.text.is_empty() {
            let failure = room.failure("a sentence that says why".to_owned());
            return Err(failure.received("the end of the connection without one").into());
        }
    }
    // A roster with one of them would come before this one.
    room.did = "names were refused".to_owned();
    room.enter(&names[1])?;
    room.all_see_all()
}

fn trimmed(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let name = &names(trial, 1)[0];
    let mut room = Room::new(&server);
    let sent = format!(" {name}\r\n");
    room.do_also(format!("a client came with the name {}", quote(sent.as_bytes())));
    room.connect(sent.as_bytes(), name, None)?;
    room.all_see_all()
}

fn nameless(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let mut silent = Room::new(&server);
    silent.connect(b"", "nobody", None)?;
    let mut room = Room::new(&server);
    room.did = "a client connected and sent nothing".to_owned();
    room.enter(&names(trial, 1)[0])?;
    room.all_see_all()
}

/// Characters of two bytes, so that one of them lies across the 1024th.
fn cut(trial: &Trial) -> Verdict {
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut room = Room::with(&server, &names)?;
    let message = format!("x{}", "\u{e9}".repeat(600));
    room.did = format!("{} sent {} bytes", names[0], message.len());
    room.send(0, message.as_bytes());
    // They may come as two messages, as they went through two reads.
    let came = |guests: &mut [Guest]| {
        let text = String::from_utf8_lossy(&guests[1].text).into_owned();
        (text.matches('\u{e9}').count() >= 600).then_some(())
    };
    let Err(event) = room.until(Patience::SHORT, came) else { return Ok(()) };
    let failure = room.failure(format!("all of the message at {}", names[1]));
    let text = &room.guests[1].text;
    let (standing, _) = room.guests[0].standing(&server);
    let failure = failure.received(format!("{} bytes", text.len()));
    Err(failure.lines(standing.map(str::to_owned)).lines(server.observed(&event)).into())
}

fn stalled(trial: &Trial) -> Verdict {
    const MESSAGES: usize = 10_000;
    const SMALL: usize = 4096;
    let server = trial.server()?;
    let names = names(trial, 2);
    let mut stalled = Room::new(&server);
    stalled.connect(b"stalled", "stalled", Some(SMALL))?;
    stalled.all_see_all()?;
    let mut room = Room::forgetful(&server);
    room.did = "a client came and stopped to read".to_owned();
    for (count, name) in (1..).zip(&names) {
        room.enter(name)?;
        let there = [&["stalled".to_owned()], &names[..count]].concat();
        room.all_see(Patience::SHORT, &there)?;
    }
    room.do_also(format!("{} sent up to {MESSAGES} messages of 1000 bytes", names[0]));
    let is_gone = |guest: &Guest| guest.roster.as_ref().is_some_and(|roster| roster.len() == 2);
    let sent = room.send_on(0, &[b'm'; 1000], MESSAGES, BLOCKED, |guests| is_gone(&guests[1]));
    if let Some(event) = sent.err().filter(Event::is_busy) {
        let failure = room.failure("the one that does not read is cut off".to_owned());
        return Err(failure.received("it is still there").lines(server.observed(&event)).into());
    }
    room.all_see(BLOCKED, &names)?;
    room.send(0, b"the end");
    let end = |guests: &mut [Guest]| guests[1].text.ends_with(b"the end ").then_some(());
    let Err(event) = room.until(BLOCKED, end) else { return Ok(()) };
    let failure = room.failure(format!("all messages at {}", names[1]));
    Err(failure.received("not the last one").lines(server.observed(&event)).into())
}
