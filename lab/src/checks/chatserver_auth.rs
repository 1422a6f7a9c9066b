//! Checks of chatserver_auth. Each one registers its users with the program itself, starts the
//! server beside their file, and logs in with TLS of its own. The chat is that of chatserver.
#![expect(
    clippy::indexing_slicing,
    reason = "guests, users and names are the check's own; roster.rs reads what servers send"
)]

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::checks::chat::guesses::{guessed_slowly, others, when_answered};
use crate::checks::chat::house::*;
use crate::checks::chat::room::{Room, fault, names};
use crate::checks::chat::visits::socket_at;
use crate::checks::check::Check;
use crate::checks::common::ANOTHER_CLIENT;
use crate::os::processes::Activity;
use crate::text::bytes::quote;
use crate::trial::{Failure, Stop, Trial, Verdict};
use crate::wire::smtp;
use crate::wire::tls::Tls;

const FILE: &str = "`register NAME` asks for the password twice, and puts a line `NAME:HASH` into \
                    `chat/users`.";
const SALT: &str = "Each hash has a salt of its own: the same password twice makes two hashes.";
const GOOD_FOR: &str = "A ticket is good for the name and the IP address that have logged in, \
                        once, and for 10 s.";
const SAME: &str = "A name that is unknown and a password that is wrong get the same answer, after \
                    the same work.";
const NOBODY: &str = "Whoever has not logged in is in no roster, and hears nothing.";

/// How long a ticket is good.
const GOOD: Duration = Duration::from_secs(10);

pub const CHECKS: &[Check] = &[
    Check::new("users", "register puts a user into the file", "hash", FILE, |trial| {
        House::new(trial, 1).map(|_| ())
    })
    .door(),
    Check::new("tls", "it shakes hands at the port behind the chat's", "tls", PORTS, tls).door(),
    Check::new("login", "the right password gets a ticket", "issue-ticket", TICKET, login)
        .door()
        .points(2),
    Check::new(
        "ticket",
        "with the ticket one is in the chat",
        "redeem-ticket",
        "At the chat's port the first line of a client is its name, a space and its ticket.",
        ticket,
    )
    .door(),
    Check::new(
        "stored",
        "the file does not hold the password",
        "hash",
        "The password is nowhere in that file, in no form that can be read back.",
        stored,
    )
    .points(2),
    Check::new("salted", "two users with one password have two hashes", "hash", SALT, salted)
        .after("stored"),
    Check::new("wrong", "a wrong password gets no ticket", "password", TICKET, wrong).points(2),
    Check::new(
        "nobody",
        "an unknown name gets the answer of a wrong password",
        "password",
        SAME,
        unknown,
    )
    .after("wrong"),
    Check::new(
        "work",
        "an unknown name costs the work of a wrong password",
        "password",
        SAME,
        work,
    )
    .after("nobody"),
    Check::new("ghost", "a wrong password gets nobody into the roster", "password", NOBODY, ghost)
        .after("wrong"),
    Check::new("out", "without a ticket nobody gets in", "redeem-ticket", NOBODY, kept_out)
        .points(2),
    Check::new("once", "a ticket is good once", "redeem-ticket", GOOD_FOR, once).after("out"),
    Check::new(
        "name",
        "a ticket is good for the name that has logged in",
        "redeem-ticket",
        GOOD_FOR,
        name,
    )
    .after("out"),
    Check::new(
        "origin",
        "a ticket is good from the address that has logged in",
        "redeem-ticket",
        GOOD_FOR,
        address,
    )
    .after("out"),
    Check::new("late", "a ticket is no longer good after 10 s", "redeem-ticket", GOOD_FOR, expired)
        .after("out")
        .slow(),
    Check::new(
        "random",
        "nobody can guess a ticket",
        "issue-ticket",
        "A ticket has at least 128 random bits, so at least 22 letters.",
        random,
    ),
    Check::new(
        "stuck",
        "clients that are stuck in their login stop nobody",
        "login-thread",
        "A client that is stuck in its login stops nobody else.",
        stuck,
    )
    .points(2),
    Check::new(
        "slow",
        "one guess in a second at a name",
        "slow",
        "Of several guesses at one name from one address, each begins 1 s after the one \
               before.",
        guessed_slowly,
    )
    .after("wrong"),
    Check::new(
        "others",
        "who guesses does not slow down the others",
        "slow",
        "Nobody else waits for that.",
        others,
    )
    .after("slow"),
    Check::new(
        "chat",
        "behind the ticket is the chat of lab 7",
        "redeem-ticket",
        "What follows is the chat of lab 7, to the byte.",
        chat,
    ),
    Check::new(
        "hidden",
        "no password and no ticket is printed",
        "issue-ticket",
        "Neither a password nor a ticket is ever printed.",
        hidden,
    )
    .after("wrong"),
    Check::new(
        "argon2",
        "the hash is argon2's",
        "hash",
        "Argon2 takes its time and much memory, for each guess of a thief, too; a hash that \
               is made to be quick does not.",
        argon2,
    )
    .after("stored")
    .advice(),
];

fn tls(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    Visitor::new(&server, &house.users[0], "the right password")?.shakes_hands()
}

fn login(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    ticket_of(&server, &house.users[0])?;
    Ok(())
}

fn ticket(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    joins(&mut Room::new(&server), &server, &house.users[0])
}

/// What a text looks like in hexadecimal digits.
fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn stored(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let user = &house.users[0];
    let line = house.line(user);
    let forms = smtp::forms(&user.name, user.password.trim());
    let backwards: String = user.password.trim().chars().rev().collect();
    let form = match () {
        () if line.contains(user.password.trim()) => "the password itself",
        () if smtp::shows(line.as_bytes(), &forms) => "the password in base64",
        () if line.to_lowercase().contains(&hex(user.password.trim())) => {
            "the password in hexadecimal"
        }
        () if line.contains(&backwards) => "the password backwards",
        () => return Ok(()),
    };
    Err(Failure::new(format!("registered {}", user.name), "a hash in chat/users")
        .received(form)
        .into())
}

fn salted(trial: &Trial) -> Verdict {
    let password = password(trial);
    let user = |name| User { name, password: password.clone() };
    let house = House::of(trial, names(trial, 2).into_iter().map(user).collect())?;
    let hash = |user: &User| house.line(user).split_once(':').map(|(_, hash)| hash.to_owned());
    if hash(&house.users[0]) != hash(&house.users[1]) {
        return Ok(());
    }
    let did = "registered two users with the same password";
    Err(Failure::new(did, "two different hashes").received("the same hash twice").into())
}

fn argon2(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let line = house.line(&house.users[0]);
    match line.split_once(":$argon2") {
        Some(_) => Ok(()),
        None => Err(Failure::new(
            format!("registered {}", house.users[0].name),
            "a hash that begins with \"$argon2\"",
        )
        .received(quote(line.as_bytes()))
        .into()),
    }
}

/// A space in front belongs to a password, too. Who cuts it off loses this check, and nothing else.
fn wrong(trial: &Trial) -> Verdict {
    let spaced = |name| User { name, password: format!(" {}", password(trial)) };
    let house = House::of(trial, names(trial, 2).into_iter().map(spaced).collect())?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let line = house.line(ann);
    let hash = line.split_once(':').map_or("", |(_, hash)| hash);
    // Where the password itself is stored, another check says so.
    let hash = if hash == ann.password { "no hash" } else { hash };
    let longer = format!("{}x", ann.password);
    let upper = ann.password.to_uppercase();
    let lower = ann.password.to_lowercase();
    let half: String = ann.password.chars().take(ann.password.chars().count() / 2).collect();
    let same_half = format!("{half}{}", "x".repeat(ann.password.len() - half.len()));
    let guesses = [
        ("the password of another user", bob.password.as_str()),
        ("the password and one letter more", &longer),
        ("the password in capitals", &upper),
        ("the hash that is stored", hash),
        ("an empty password", ""),
        ("the password in small letters", &lower),
        ("the password without the spaces around it", ann.password.trim()),
        ("the first half of the password", &half),
        ("the first half of the password and other letters", &same_half),
        ("its name for a password", &ann.name),
    ];
    // All at once, but each from an address of its own, so that none has to wait for another.
    let mut visitors = Vec::new();
    for (host, (what, password)) in (21..).zip(guesses) {
        let from = Ipv4Addr::new(127, 0, 0, host);
        visitors.push(Visitor::from(&server, &mistaken(ann, password), what, from)?);
    }
    when_answered(&server, &mut visitors);
    visitors.iter_mut().try_for_each(|visitor| visitor.is_refused().map(|_| ()))?;
    let what = "the right password, which begins with a space";
    Visitor::from(&server, ann, what, Ipv4Addr::new(127, 0, 0, 41))?.ticket().map(|_| ())
}

fn unknown(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let ann = &house.users[0];
    let stranger = User { name: format!("x{}", ann.name), password: ann.password.clone() };
    let server = house.open()?;
    let mut known = Visitor::new(&server, &mistaken(ann, "something else"), "a wrong password")?;
    let known = known.is_refused()?;
    let mut unknown = Visitor::new(&server, &stranger, "a name that is unknown")?;
    let answer = unknown.is_refused()?;
    let (capitals, shorter) = (ann.name.to_uppercase(), without_last(&ann.name));
    for (host, name) in (21..).zip([&capitals, shorter, ""]) {
        let user = User { name: name.to_owned(), password: ann.password.clone() };
        let what = format!("the password of {}", ann.name);
        Visitor::from(&server, &user, &what, Ipv4Addr::new(127, 0, 0, host))?.is_refused()?;
    }
    if answer == known {
        return Ok(());
    }
    let failure = unknown.failure(&format!("the answer to a wrong password: {known:?}"));
    Err(failure.received(format!("{answer:?}")).into())
}

/// The work is CPU time, which does not depend on who else is busy.
fn work(trial: &Trial) -> Verdict {
    const GUESSES: u8 = 6;
    const TICKS: Duration = Duration::from_millis(50); // less than that the kernel counts badly
    let house = House::new(trial, 1)?;
    let ann = &house.users[0];
    let server = house.open()?;
    let cpu = || Activity::of(&server.processes()).cpu();
    // Each from an address of its own: none has to wait for its turn.
    let spent = |user: &User, what: &str, first: u8| -> Result<Duration, Stop> {
        let before = cpu();
        for host in first..first + GUESSES {
            let from = Ipv4Addr::new(127, 0, 0, host);
            Visitor::from(&server, user, what, from)?.is_refused()?;
        }
        Ok(cpu().saturating_sub(before))
    };
    let known = spent(&mistaken(ann, "something else"), "a wrong password", 21)?;
    let stranger = User { name: format!("x{}", ann.name), password: ann.password.clone() };
    let unknown = spent(&stranger, "a name that is unknown", 41)?;
    if unknown * 2 >= known || known < TICKS {
        return Ok(());
    }
    let did = format!("made {GUESSES} guesses at a user's password, and as many at nobody's");
    Err(Failure::new(did, "about the same CPU time for both")
        .received("less than half as much for nobody's")
        .cause("the time that an answer takes tells who is registered")
        .into())
}

fn ghost(trial: &Trial) -> Verdict {
    let house = House::new(trial, 3)?;
    let [ann, bob, cid] = [0, 1, 2].map(|number| &house.users[number]);
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    Visitor::new(&server, &mistaken(ann, "something else"), "a wrong password")?.is_refused()?;
    room.do_also(format!("{} gave a wrong password", ann.name));
    let ticket = ticket_of(&server, cid)?;
    room.do_also(format!("{} came with its ticket", cid.name));
    room.connect(format!("{} {ticket}\n", cid.name).as_bytes(), &cid.name, None)?;
    let seen = room.all_see_all().map_err(because_of_the_ticket);
    unseen(&mut room, &ann.name)?;
    seen
}

/// All but the last letter.
fn without_last(text: &str) -> &str {
    let mut letters = text.chars();
    letters.next_back();
    letters.as_str()
}

fn kept_out(trial: &Trial) -> Verdict {
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    let before = Instant::now();
    let real = ticket_of(&server, ann)?;
    let invented = String::from_utf8_lossy(&trial.letters(real.len())).into_owned();
    let beginning: String = real.chars().take(real.chars().count() / 2).collect();
    let shorter = without_last(&real);
    let turn =
        |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    let turned: String = real.chars().map(turn).collect();
    for (what, line) in [
        ("without a ticket", format!("{}\n", ann.name)),
        ("with an empty ticket", format!("{} \n", ann.name)),
        ("with an invented ticket", format!("{} {invented}\n", ann.name)),
        ("with half of its ticket", format!("{} {beginning}\n", ann.name)),
        ("with its ticket but for the last letter", format!("{} {shorter}\n", ann.name)),
        ("with its ticket and one letter more", format!("{} {real}x\n", ann.name)),
        ("with its ticket, capitals for small letters", format!("{} {turned}\n", ann.name)),
        ("with its password for a ticket", format!("{} {}\n", ann.name, ann.password)),
    ] {
        room.did = format!("{} was there", bob.name);
        room.connect(line.as_bytes(), &ann.name, None)?;
        is_out(&mut room, &format!("{} came {what}", ann.name))?;
        unseen(&mut room, &ann.name)?;
    }
    room.did = format!("{} was there; {} came with tickets that were not good", bob.name, ann.name);
    let entered = enters(&mut room, ann, &real);
    match before.elapsed() < GOOD {
        true => entered,
        false => Ok(()), // on a machine that is too busy the time was over
    }
}

fn once(trial: &Trial) -> Verdict {
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    let ticket = ticket_of(&server, ann)?;
    ticket_of(&server, ann)?;
    room.do_also(format!("{} logged in twice; what follows is with the first ticket", ann.name));
    enters(&mut room, ann, &ticket).map_err(|stop| stop.look("issue-ticket"))?;
    let leaves = room.guests.pop().expect("it has just come");
    room.do_also(format!("{} left", leaves.name));
    drop(leaves);
    room.all_see_all().map_err(because_of_the_ticket)?;
    room.connect(format!("{} {ticket}\n", ann.name).as_bytes(), &ann.name, None)?;
    is_out(&mut room, &format!("{} came again, with the same ticket", ann.name))
}

fn name(trial: &Trial) -> Verdict {
    let house = House::new(trial, 3)?;
    let [ann, bob, cid] = [0, 1, 2].map(|number| &house.users[number]);
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    let capitals = ann.name.to_uppercase();
    let longer = format!("{}x", ann.name);
    let shorter = without_last(&ann.name);
    for other in [cid.name.as_str(), &capitals, &longer, shorter] {
        let ticket = ticket_of(&server, ann)?;
        room.connect(format!("{other} {ticket}\n").as_bytes(), other, None)?;
        is_out(&mut room, &format!("{other} came with the ticket of {}", ann.name))?;
        unseen(&mut room, other)?;
    }
    unseen(&mut room, &ann.name)
}

fn address(trial: &Trial) -> Verdict {
    const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 31);
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let mut room = Room::new(&server);
    joins(&mut room, &server, bob)?;
    let ticket = ticket_of(&server, ann)?;
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).map_err(fault)?;
    socket.bind(&SocketAddr::from((ELSEWHERE, 0)).into()).map_err(fault)?;
    room.connect_by(socket, format!("{} {ticket}\n", ann.name).as_bytes(), &ann.name)?;
    let what = format!("{} logged in at 127.0.0.1 and came from {ELSEWHERE}", ann.name);
    is_out(&mut room, &what)?;
    unseen(&mut room, &ann.name)
}

fn expired(trial: &Trial) -> Verdict {
    const SHORTER: Duration = Duration::from_secs(6);
    const LONGER: Duration = Duration::from_millis(10_500);
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let before = Instant::now();
    let in_time = ticket_of(&server, bob)?;
    let ticket = ticket_of(&server, ann)?;
    let start = Instant::now();
    server.is_left_alone_until(start + SHORTER)?;
    let mut room = Room::new(&server);
    room.did = format!("{} logged in, and waited for {} s", bob.name, SHORTER.as_secs());
    let entered = enters(&mut room, bob, &in_time);
    if before.elapsed() < GOOD {
        entered?; // on a machine that is too busy the time was over
    }
    server.is_left_alone_until(start + LONGER)?;
    let mut room = Room::new(&server);
    room.did = format!("{} logged in, and waited for {:.1} s", ann.name, LONGER.as_secs_f64());
    room.connect(format!("{} {ticket}\n", ann.name).as_bytes(), &ann.name, None)?;
    is_out(&mut room, "then it came with its ticket")
}

fn random(trial: &Trial) -> Verdict {
    const TICKETS: usize = 4;
    const LEAST: usize = 22; // letters of 6 bits
    const ALIKE: usize = 8; // by chance two begin so in one of 2^48 cases
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    let mut tickets: Vec<String> = Vec::new();
    for _ in 0..TICKETS {
        tickets.push(ticket_of(&server, &house.users[0])?);
    }
    let failure = Failure::new(
        format!("logged in {TICKETS} times"),
        format!("tickets of at least {LEAST} random letters"),
    );
    let alike = |one: &String, other: &String| {
        let same = |count: usize, pair: (u8, u8)| (pair.0 == pair.1).then_some(count + 1);
        let from_begin = one
            .bytes()
            .zip(other.bytes())
            .try_fold(0, |count, pair| same(count, pair).ok_or(count));
        let begin = from_begin.unwrap_or_else(|count| count);
        let from_end = one
            .bytes()
            .rev()
            .zip(other.bytes().rev())
            .try_fold(0, |count, pair| same(count, pair).ok_or(count));
        begin.max(from_end.unwrap_or_else(|count| count)) > ALIKE
    };
    if let Some(short) = tickets.iter().find(|ticket| ticket.len() < LEAST) {
        return Err(failure.received(format!("one of {} letters", short.len())).into());
    }
    let pairs = tickets.windows(2).any(|pair| alike(&pair[0], &pair[1]));
    if pairs {
        return Err(failure.received("two that are largely the same").into());
    }
    Ok(())
}

fn stuck(trial: &Trial) -> Verdict {
    let house = House::new(trial, 1)?;
    let server = house.open()?;
    let silent =
        (0..3).map(|_| knock(&server, Ipv4Addr::LOCALHOST)).collect::<Result<Vec<_>, _>>()?;
    let mut begun = Vec::new();
    for _ in 0..2 {
        let stream = knock(&server, Ipv4Addr::LOCALHOST)?;
        begun.push(Tls::client(stream, server.address().ip()));
    }
    let mut visitor = Visitor::new(&server, &house.users[0], "the right password")?;
    visitor.did = format!("five clients connected and said nothing; {}", visitor.did);
    let ticket = visitor.ticket().map_err(|stop| stop.look("login-thread"));
    drop((silent, begun));
    ticket.map(|_| ())
}

/// The second one's name has a capital, and a letter beyond ASCII.
fn chat(trial: &Trial) -> Verdict {
    let names = names(trial, 2).into_iter().zip(["", "B\u{e5}"]);
    let user = |(name, begin)| User { name: format!("{begin}{name}"), password: password(trial) };
    let house = House::of(trial, names.map(user).collect())?;
    let server = house.open()?;
    let mut room = Room::new(&server);
    let (other, from) = (&house.users[1], ANOTHER_CLIENT);
    let ticket = Visitor::from(&server, other, "the right password", from)?.ticket()?;
    joins(&mut room, &server, &house.users[0])?;
    room.do_also(format!("{} logged in at {from}, and came from there", other.name));
    let line = format!("{} {ticket}\n", other.name);
    room.connect_by(socket_at(&server, from)?, line.as_bytes(), &other.name)?;
    let because = |stop| because_of_the_ticket(stop).look("issue-ticket");
    room.all_see_all().map_err(because)?;
    let message = trial.sentence();
    room.say(0, message.as_bytes());
    room.hears(1, 0, &message).map_err(because_of_the_ticket)?;
    room.no_more().map_err(because_of_the_ticket)?;
    let leaves = room.guests.remove(0);
    room.do_also(format!("{} left", leaves.name));
    drop(leaves);
    room.all_see_all().map_err(because_of_the_ticket)
}

fn hidden(trial: &Trial) -> Verdict {
    let house = House::new(trial, 2)?;
    let [ann, bob] = [&house.users[0], &house.users[1]];
    let server = house.open()?;
    let other = password(trial);
    Visitor::new(&server, &mistaken(ann, &other), "a wrong password")?.is_refused()?;
    let ticket = ticket_of(&server, ann)?;
    let mut room = Room::new(&server);
    enters(&mut room, ann, &ticket)?;
    let refused = ticket_of(&server, ann)?;
    room.connect(format!("{} {refused}\n", bob.name).as_bytes(), &bob.name, None)?;
    let _ = is_out(&mut room, &format!("{} came with a ticket of {}", bob.name, ann.name));
    server.settle();
    let printed = [server.stdout.bytes(), server.stderr.bytes()].concat();
    let registered = house.printed.borrow();
    let shows = |printed: &[u8], secret: &str| {
        let secret = secret.trim();
        let list = format!("{:?}", secret.as_bytes());
        let others = [hex(secret), list.trim_matches(['[', ']']).to_owned()];
        smtp::shows(printed, &smtp::forms(&ann.name, secret))
            || smtp::shows(printed, &others.map(String::into_bytes))
    };
    let (what, gap) = match () {
        () if shows(&registered, &ann.password) => ("the password, as it was registered", "hash"),
        () if shows(&printed, &ann.password) => ("the password", "password"),
        () if shows(&printed, &other) => ("the wrong password", "password"),
        () if shows(&printed, &ticket) => ("the ticket", "issue-ticket"),
        () if shows(&printed, &refused) => ("a ticket that was refused", "redeem-ticket"),
        () => return Ok(()),
    };
    let failure = room.failure("neither password nor ticket on its outputs".to_owned());
    Err(failure.received(what).gap(gap).into())
}
