//! The table of labs: everything else looks a program up here.

use crate::checks;
use crate::checks::check::Check;
use crate::os::sockets::Transport;
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

impl Lab {
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
