//! The table of labs: everything else looks a program up here.

use crate::checks;
use crate::checks::check::Check;
use crate::error::Error;
use crate::os::sockets::Transport;
use crate::tree::{self, Tree};
use crate::trial::Facts;

/// One lab program.
pub struct Lab {
    /// `src/bin/NAME.rs`, `skeletons/NAME.rs`, `solutions/NAME.rs`, `tests/twins/NAME.py`.
    pub name: &'static str,
    /// One handout may serve several programs; each has a section of its own with its gaps' hints.
    pub handout: &'static str,
    pub transport: Transport,
    /// Where it listens, or where its server listens, unless told otherwise.
    pub port: u16,
    /// Whether its checks take seconds, also for a program that is right: it is repeated less often.
    pub slow: bool,
    /// Doors first, then what is behind them.
    pub checks: &'static [Check],
}

pub const LABS: &[Lab] = &[
    Lab {
        name: "udpserver",
        handout: "docs/01-uppercase.md",
        transport: Transport::Udp,
        port: 12000,
        slow: false,
        checks: checks::udpserver::CHECKS,
    },
    Lab {
        name: "udpclient",
        handout: "docs/01-uppercase.md",
        transport: Transport::Udp,
        port: 12000,
        slow: false,
        checks: checks::udpclient::CHECKS,
    },
    Lab {
        name: "tcpserver",
        handout: "docs/01-uppercase.md",
        transport: Transport::Tcp,
        port: 12000,
        slow: false,
        checks: checks::tcpserver::CHECKS,
    },
    Lab {
        name: "tcpclient",
        handout: "docs/01-uppercase.md",
        transport: Transport::Tcp,
        port: 12000,
        slow: false,
        checks: checks::tcpclient::CHECKS,
    },
    Lab {
        name: "timeserver",
        handout: "docs/02-time.md",
        transport: Transport::Tcp,
        port: 8080,
        slow: true,
        checks: checks::timeserver::CHECKS,
    },
    Lab {
        name: "timeclient",
        handout: "docs/02-time.md",
        transport: Transport::Tcp,
        port: 8080,
        slow: false,
        checks: checks::timeclient::CHECKS,
    },
    Lab {
        name: "udpclient_rtt",
        handout: "docs/03-rtt.md",
        transport: Transport::Udp,
        port: 25000,
        slow: false,
        checks: checks::udpclient_rtt::CHECKS,
    },
    Lab {
        name: "tcpclient_rtt",
        handout: "docs/03-rtt.md",
        transport: Transport::Tcp,
        port: 25000,
        slow: false,
        checks: checks::tcpclient_rtt::CHECKS,
    },
    Lab {
        name: "webserver",
        handout: "docs/04-webserver.md",
        transport: Transport::Tcp,
        port: 6789,
        slow: true,
        checks: checks::webserver::CHECKS,
    },
    Lab {
        name: "pingserver",
        handout: "docs/05-ping.md",
        transport: Transport::Udp,
        port: 12000,
        slow: false,
        checks: checks::pingserver::CHECKS,
    },
    Lab {
        name: "pingclient",
        handout: "docs/05-ping.md",
        transport: Transport::Udp,
        port: 12000,
        slow: true,
        checks: checks::pingclient::CHECKS,
    },
    Lab {
        name: "mailclient",
        handout: "docs/06-mail.md",
        transport: Transport::Tcp,
        port: 587,
        slow: true,
        checks: checks::mailclient::CHECKS,
    },
    Lab {
        name: "chatserver",
        handout: "docs/07-chat.md",
        transport: Transport::Tcp,
        port: 5000,
        slow: true,
        checks: checks::chatserver::CHECKS,
    },
    Lab {
        name: "chatclient",
        handout: "docs/07-chat.md",
        transport: Transport::Tcp,
        port: 5000,
        slow: true,
        checks: checks::chatclient::CHECKS,
    },
    Lab {
        name: "chatserver_auth",
        handout: "docs/08-chat-auth.md",
        transport: Transport::Tcp,
        port: 5000,
        slow: true,
        checks: checks::chatserver_auth::CHECKS,
    },
    Lab {
        name: "chatclient_auth",
        handout: "docs/08-chat-auth.md",
        transport: Transport::Tcp,
        port: 5000,
        slow: true,
        checks: checks::chatclient_auth::CHECKS,
    },
];

/// The lab of that name.
pub fn find(name: &str) -> Option<&'static Lab> {
    LABS.iter().find(|lab| lab.name == name)
}

/// The labs that are here: all of them, or those of which a course has handed out the skeletons.
pub fn here(tree: &Tree) -> Vec<&'static Lab> {
    let is_here = |lab: &&Lab| !tree.is_kit() || tree.path(&tree::handed_out(lab.name)).is_file();
    LABS.iter().filter(is_here).collect()
}

/// The labs that somebody names: by a program, or by a handout and its number, as in `tcpserver`, `1`,
/// `01` and `01-uppercase`. Nothing named means all that are here.
pub fn named(tree: &Tree, words: &[String]) -> Result<Vec<&'static Lab>, Error> {
    let here = here(tree);
    if words.is_empty() {
        return Ok(here);
    }
    let mut found: Vec<&'static Lab> = Vec::new();
    for word in words {
        let meant: Vec<_> = here.iter().filter(|lab| lab.answers_to(word)).copied().collect();
        if meant.is_empty() {
            let names: Vec<&str> = here.iter().map(|lab| lab.name).collect();
            let close = similar::get_close_matches(word.as_str(), &names, 1, 0.7);
            let meant =
                close.first().map_or_else(String::new, |name| format!("Did you mean {name}? "));
            return Err(Error::Usage(format!(
                "there is no program or lab {word:?}. {meant}There are: {}; or a lab's number, as in 1",
                names.join(", ")
            )));
        }
        for lab in meant {
            if found.iter().all(|had| had.name != lab.name) {
                found.push(lab);
            }
        }
    }
    Ok(found)
}

impl Lab {
    /// The handout's name without directory and ending: `01-uppercase`.
    pub fn title(&self) -> &'static str {
        self.handout.trim_start_matches("docs/").trim_end_matches(".md")
    }

    /// The handout's number: `01`.
    pub fn number(&self) -> &'static str {
        self.title().split('-').next().unwrap_or_default()
    }

    fn answers_to(&self, word: &str) -> bool {
        let number = word.bytes().all(|byte| byte.is_ascii_digit());
        self.name == word
            || self.title() == word
            || number && self.number().parse::<u8>().ok() == word.parse().ok()
    }

    pub fn facts(&self) -> Facts {
        let Lab { name, transport, port, .. } = *self;
        Facts { name, transport, port, arguments: self.arguments() }
    }

    /// The arguments with which its program is started. A chat client has an address of its own.
    fn arguments(&self) -> &'static [&'static str] {
        match self.name {
            "chatclient" | "chatclient_auth" => &["{address}", "{client}", "{port}"],
            _ => &["{address}", "{port}"],
        }
    }

    pub fn points(&self) -> u32 {
        self.checks.iter().map(|check| check.points).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_is_named_by_its_program_its_number_or_its_handout() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("it has one");
        let names = |words: &[&str]| -> Vec<&str> {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            named(&Tree::at(root), &words).unwrap().iter().map(|lab| lab.name).collect()
        };
        let first = ["udpserver", "udpclient", "tcpserver", "tcpclient"];
        for word in ["1", "01", "01-uppercase"] {
            assert_eq!(names(&[word]), first, "{word}");
        }
        assert_eq!(names(&["tcpclient", "1"]).len(), 4);
        assert_eq!(names(&["mailclient"]), ["mailclient"]);
        assert_eq!(names(&[]).len(), LABS.len());
        for word in ["", "99", "udpclent"] {
            assert!(named(&Tree::at(root), &[word.to_owned()]).is_err(), "{word:?}");
        }
    }
}
