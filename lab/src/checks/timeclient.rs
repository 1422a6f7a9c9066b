//! Checks of timeclient. The check is the server, and answers with words that nobody can guess.

use std::net::{Ipv4Addr, SocketAddrV4};

use crate::checks::check::Check;
use crate::checks::common::{asks_at_the_usual_port, must_end, typed};
use crate::os::program::said;
use crate::text::bytes::{quote, quote_line};
use crate::trial::{Failure, Started, Stop, Trial, Verdict};
use crate::wire::peers::{ANOTHER, Accepted, ClosedPort, End, TcpServer, same};

const PROMPT: &str = "Please enter a command (TIME or EXIT): ";
const CONNECTS: &str = "The client connects to the ADDRESS and PORT it was given.";
const PRINTS: &str = "It prints the greeting, then asks for commands with the words `Please enter a \
                      command (TIME or EXIT): `, and prints each answer on a line of its own.";

/// The program is given complete, so no gap is at fault.
const NO_GAP: &str = "";

const SENDS: &str = "The client sends each line that is typed.";
const EXIT: &str = "After `EXIT` the client ends at once, with exit status 0.";
const CLOSED: &str = "When the server has closed the connection, the client says so and ends, \
                      with exit status 0.";
const REFUSED: &str = "Without a server the client is refused, and ends with an exit status that \
                       is not 0.";

pub const CHECKS: &[Check] = &[
    Check::new("connects", "the client connects to the server", NO_GAP, CONNECTS, connects).door(),
    Check::new("address", "a server at another address is found", NO_GAP, CONNECTS, address)
        .beginning(),
    Check::new("sends", "what is typed is sent", NO_GAP, SENDS, sends).points(2),
    Check::new("prints", "the greeting and every answer are printed", NO_GAP, PRINTS, prints)
        .after("sends")
        .points(3),
    Check::new("exit", "after EXIT it ends at once", NO_GAP, EXIT, exit),
    Check::new(
        "closed",
        "it says that the server has closed the connection",
        NO_GAP,
        CLOSED,
        closed,
    ),
    Check::new("refused", "without a server it says so and fails", NO_GAP, REFUSED, refused)
        .beginning(),
];

/// A client in talk with the server that the check plays.
struct Talk<'t> {
    client: Started<'t>,
    connection: Accepted,
    did: String,
    /// What the client's screen must show.
    screen: String,
}

impl<'t> Talk<'t> {
    /// Waits for the client and greets it.
    fn begin(trial: &'t Trial) -> Result<Talk<'t>, Stop> {
        let server = TcpServer::new(trial)?;
        let client =
            trial.client_on_a_terminal(SocketAddrV4::new(Ipv4Addr::LOCALHOST, server.port), &[])?;
        let did = format!("started `{}`", client.command_line);
        let mut connection = server.accept(&client, &did)?;
        let greeting = trial.sentence();
        connection.send(format!("{greeting}\n").as_bytes());
        Ok(Talk { client, connection, did, screen: format!("{greeting}\n{PROMPT}") })
    }

    fn failure(&self, expected: &str) -> Failure {
        Failure::new(self.did.clone(), expected).replay(self.client.trial().replay_client())
    }

    /// Types a line and waits for it at the server's side; white space around it does not count.
    fn types(&mut self, line: &str) -> Verdict {
        self.client.type_line(line.as_bytes());
        self.did += &format!(", typed {}", quote(line.as_bytes()));
        self.connection.bytes.clear();
        let whole = |bytes: &[u8]| bytes.trim_ascii() == line.as_bytes();
        let Some(end) = self.connection.read_until(&self.client, whole) else { return Ok(()) };
        let failure = self.failure(&format!("the bytes {}", quote(line.as_bytes())));
        let failure = failure.received(match self.connection.bytes.as_slice() {
            [] => "not a byte".to_owned(),
            bytes => quote(bytes),
        });
        Err(match end {
            End::Open(event) => failure.lines(self.client.observed(&event)),
            _ => failure.lines(self.client.settle().map(said)).lines(self.client.last_words()),
        }
        .into())
    }

    /// Waits until this is on the screen.
    fn shows(&self, text: &str) -> Verdict {
        let there = || self.client.printed(text.as_bytes()).then_some(());
        let Err(event) = self.client.until(there) else { return Ok(()) };
        let failure = self.failure(&format!("on the screen {}", quote(text.as_bytes())));
        let last = self.client.stdout.text();
        let last = last.lines().rev().find(|line| !line.trim().is_empty());
        let failure = failure.received(match last {
            Some(line) => format!("as the last line {}", quote_line(line)),
            None => "nothing".to_owned(),
        });
        Err(failure.lines(self.client.observed(&event)).into())
    }

    fn answers(&mut self, answer: &str) {
        self.connection.send(format!("{answer}\n").as_bytes());
        self.did += &format!(", answered {}", quote(answer.as_bytes()));
        self.screen += &format!("{answer}\n{PROMPT}");
    }
}

fn connects(trial: &Trial) -> Verdict {
    let server = TcpServer::new(trial)?;
    let usual = TcpServer::usual(trial, &server);
    let (client, did) = typed(trial, server.port, "TIME")?;
    let accepted = server.accept(&client, &did);
    accepted.map(drop).map_err(|stop| match usual.is_some_and(|it| it.pending().is_some()) {
        true => asks_at_the_usual_port(trial, stop, "a connection"),
        false => stop,
    })
}

fn address(trial: &Trial) -> Verdict {
    let Some([server, _usual]) = TcpServer::two(trial)? else { return Ok(()) };
    let client = trial.client_on_a_terminal(SocketAddrV4::new(ANOTHER, server.port), &[])?;
    let did = format!("started `{}`", client.command_line);
    server.accept(&client, &did)?;
    Ok(())
}

fn sends(trial: &Trial) -> Verdict {
    let mut talk = Talk::begin(trial)?;
    for line in ["TIME", &trial.sentence(), "TIME"] {
        talk.types(line)?;
        talk.answers(&trial.sentence());
    }
    Ok(())
}

fn prints(trial: &Trial) -> Verdict {
    if trial.target.words_are_free() {
        return prints_in_any_words(trial);
    }
    let mut talk = Talk::begin(trial)?;
    for _ in 0..3 {
        talk.types("TIME")?;
        talk.answers(&trial.sentence());
    }
    let whole = || (talk.client.stdout.total() >= talk.screen.len() as u64).then_some(());
    let event = talk.client.until(whole).err();
    let failure = talk.failure("").lines(event.into_iter().flat_map(|e| talk.client.observed(&e)));
    same(failure, talk.screen.as_bytes(), &talk.client.stdout.bytes())
}

/// Each answer has to be there before the next command is typed, with whatever around it.
fn prints_in_any_words(trial: &Trial) -> Verdict {
    let mut talk = Talk::begin(trial)?;
    let greeting = talk.screen.lines().next().unwrap_or_default().to_owned();
    talk.shows(&greeting)?;
    for _ in 0..3 {
        talk.types("TIME")?;
        let answer = trial.sentence();
        talk.answers(&answer);
        talk.shows(&answer)?;
    }
    Ok(())
}

fn exit(trial: &Trial) -> Verdict {
    let mut talk = Talk::begin(trial)?;
    talk.types("EXIT")?;
    must_end(&talk.client, &talk.did)
}

fn closed(trial: &Trial) -> Verdict {
    let mut talk = Talk::begin(trial)?;
    let free = trial.target.words_are_free();
    if free {
        // So that what it says around any answer is known.
        talk.types("TIME")?;
        let answer = trial.sentence();
        talk.answers(&answer);
        talk.shows(&answer)?;
    }
    talk.types("TIME")?;
    let before = talk.client.stdout.text();
    talk.connection.answer(b"");
    talk.did += ", and closed the connection";
    must_end(&talk.client, &talk.did)?;
    let shown = talk.client.stdout.text() + &talk.client.stderr.text();
    let is_new = |word: &str| word.chars().count() > 1 && !before.contains(word);
    let says_it = match free {
        true => shown.split(|c: char| !c.is_alphabetic()).any(is_new),
        false => shown.to_lowercase().contains("closed"),
    };
    if says_it {
        return Ok(());
    }
    let failure = talk.failure("a word that the server has closed the connection");
    Err(failure.received(quote(&talk.client.stdout.bytes())).into())
}

fn refused(trial: &Trial) -> Verdict {
    let closed = ClosedPort::new(trial)?;
    let (client, did) = typed(trial, closed.port, "TIME")?;
    let failure = Failure::new(
        format!("{did}, with no server at that port"),
        "an error on stderr and an exit status that is not 0",
    )
    .replay(trial.replay_alone());
    Err(match client.wait() {
        Ok(status) if !status.success() && !client.stderr.bytes().is_empty() => return Ok(()),
        Ok(status) => failure.received(said(status)).lines(client.last_words()),
        Err(event) => failure.lines(client.observed(&event)),
    }
    .into())
}
