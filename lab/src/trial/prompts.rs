//! A program that was not told its server, or its port, may ask for it: it is told as a person would.

use std::fmt;

use crate::os::program::{Event, Patience};
use crate::os::{processes, sockets};
use crate::trial::{Origin, Started};

/// What a program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhereTo {
    Address,
    Port,
    /// On one line, with this between them.
    Both(char),
}

/// What a program has come to.
enum Begins {
    Asks(WhereTo),
    /// It has a socket, or waits for what its check will type.
    Already,
}

impl Started<'_> {
    /// Answers what the program asks before it has a socket, as far as that is where to.
    pub(super) fn answer_prompts(&mut self, address: impl fmt::Display, port: u16) {
        const MOST: usize = 4;
        let target = self.trial.target;
        let (of_address, of_port) = (target.address_is_fixed(), target.port_is_fixed());
        if target.origin != Origin::Command || !(of_address || of_port) {
            return;
        }
        let mut answers = Vec::new();
        while answers.len() < MOST {
            let wanted = match self.patiently(Patience::SHORT, || self.step()) {
                Ok(Begins::Asks(wanted)) => wanted,
                // It waits, but not in a call that shows for what.
                Err(Event::Idle) => match asked_for(&self.stdout.text()) {
                    Some(wanted) => wanted,
                    // Without a word and without a socket a server reads its port, or a line end.
                    None if self.trial.serves.get() && of_port && self.reads() => WhereTo::Port,
                    None => break,
                },
                Ok(Begins::Already) | Err(_) => break,
            };
            let answer = match wanted {
                WhereTo::Address if of_address => address.to_string(),
                WhereTo::Port if of_port => port.to_string(),
                WhereTo::Both(between) if of_address && of_port => {
                    format!("{address}{between}{port}")
                }
                _ => break,
            };
            if wanted != WhereTo::Port {
                self.trial.course.learn(|manner| manner.asks_for_address = true);
            }
            // On a terminal a line begins anew where Enter is pressed.
            self.stdout.forget();
            self.type_line(answer.as_bytes());
            answers.push(answer);
        }
        if !answers.is_empty() {
            self.command_line += &format!("` and typed `{}", answers.join("` and `"));
        }
    }

    fn step(&self) -> Option<Begins> {
        let processes = self.processes();
        let is_used = |socket: &sockets::Socket| socket.open_to_all || socket.remote.port() != 0;
        if sockets::of(&processes).iter().any(is_used) {
            return Some(Begins::Already);
        }
        let (reads, said) = (self.reads(), self.stdout.text());
        match asked_for(&said) {
            Some(wanted) if reads || !said.ends_with('\n') => Some(Begins::Asks(wanted)),
            // A server may still open its socket in another thread.
            None if reads && !self.trial.serves.get() => Some(Begins::Already),
            _ => None,
        }
    }

    /// Whether it waits for something to be typed.
    fn reads(&self) -> bool {
        let is_input = |call: processes::Call| call.name == "read" && call.descriptor == Some(0);
        processes::calls(&self.processes()).any(is_input)
    }
}

/// What the last line that was printed asks for, in one of the languages of our students.
fn asked_for(said: &str) -> Option<WhereTo> {
    const PORT: [&str; 5] = ["port", "puerto", "serverport", "порт", "ポート"];
    const ADDRESS: [&str; 12] = [
        "host",
        "ip",
        "address",
        "adres",
        "serveradres",
        "ipadres",
        "serverip",
        "servername",
        "dirección",
        "direccion",
        "indirizzo",
        "hôte",
    ];
    // These ask for something else, whatever else is named, or tell how to end.
    const OTHER: [&str; 14] = [
        "sentence",
        "message",
        "text",
        "lowercase",
        "your",
        "press",
        "satz",
        "nachricht",
        "mensaje",
        "frase",
        "phrase",
        "listening",
        "running",
        "stop",
    ];
    let line = said.lines().rev().find(|line| !line.trim().is_empty())?.to_lowercase();
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let any = |known: &[&str]| words.iter().any(|word| known.iter().any(|it| word.starts_with(it)));
    let is_own = |known: &str| words.contains(&known);
    if any(&OTHER) || ["消息", "句"].iter().any(|it| line.contains(it)) {
        return None;
    }
    let port = any(&PORT) || line.contains("端口");
    let address = any(&ADDRESS)
        || ["地址", "主机"].iter().any(|it| line.contains(it))
        || (is_own("server") && (words.len() == 1 || (is_own("name") && !port)));
    match (address, port) {
        (true, true) if line.contains(":port") => Some(WhereTo::Both(':')),
        (true, true) => Some(WhereTo::Both(' ')),
        (true, false) => Some(WhereTo::Address),
        (false, true) => Some(WhereTo::Port),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_where_to_is_told_from_who_asks_what() {
        use WhereTo::{Address, Both, Port};
        for (said, wanted) in [
            ("Welcome!\nEnter host: ", Address),
            ("Server IP (default 127.0.0.1): ", Address),
            ("Name of the server? ", Address),
            ("Server: ", Address),
            ("Bitte IP-Adresse eingeben: ", Address),
            ("Serveradresse: ", Address),
            ("Dirección del servidor: ", Address),
            ("请输入服务器地址：", Address),
            ("Enter port number [12000]: ", Port),
            ("Portnummer:\n", Port),
            ("Puerto: ", Port),
            ("Enter the port of the server: ", Port),
            ("端口: ", Port),
            ("Enter host:port ", Both(':')),
            ("Host and port, please: ", Both(' ')),
        ] {
            assert_eq!(asked_for(said), Some(wanted), "{said:?}");
        }
        for said in [
            "",
            "Input lowercase sentence:",
            "Enter your name ",
            "First enter your name to register it in the server: ",
            "Message for the server at port 12000: ",
            "Nachricht an den Server (Port 12000): ",
            "Press Enter to stop the server at port 5000",
            "The server is listening on port 5000",
            "Supported commands: TIME, EXIT\n> ",
        ] {
            assert_eq!(asked_for(said), None, "{said:?}");
        }
    }
}
