//! The lab network: which addresses it has, and what its hosts are called.
//!
//! `make net-up` takes other subnets where the handouts' are in use, and writes them beside the
//! captures; docker/hosts has the names.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use serde::Deserialize;

/// Written by `make net-up` into the directory of the captures.
const SUBNETS: &str = "network.toml";
/// The last numbers of the chat server's address, and of that of the client of whom the assignment asks.
const SERVER: u8 = 3;
const CLIENT: u8 = 11;

/// What the hosts of a network are called.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    pub fn of(&self, address: &str) -> Option<&str> {
        self.0.get(address).map(String::as_str)
    }
}

/// The two subnets, each with 24 bits.
#[derive(Debug, Deserialize)]
pub struct LabNet {
    lab: String,
    outside: String,
}

impl Default for LabNet {
    /// The addresses that the handouts have.
    fn default() -> LabNet {
        LabNet { lab: "10.20.30.0/24".to_owned(), outside: "10.20.40.0/24".to_owned() }
    }
}

impl LabNet {
    /// That of the captures in these directories: the first that says something readable.
    pub fn of<'a>(directories: impl IntoIterator<Item = &'a Path>) -> LabNet {
        let read = |directory: &Path| {
            let text = fs::read_to_string(directory.join(SUBNETS)).ok()?;
            toml::from_str(&text).ok().filter(|net: &LabNet| net.usual().is_some())
        };
        directories.into_iter().find_map(read).unwrap_or_default()
    }

    /// The chat server and the client of whom the assignment asks.
    pub fn usual(&self) -> Option<(Ipv4Addr, Ipv4Addr)> {
        let base = self.lab.strip_suffix("/24")?.parse::<Ipv4Addr>().ok()?.octets();
        let host = |last| Ipv4Addr::new(base[0], base[1], base[2], last);
        Some((host(SERVER), host(CLIENT)))
    }

    /// The names in docker/hosts, each host's own one; none where that file is missing.
    pub fn names(&self, hosts: &Path) -> Names {
        let text = fs::read_to_string(hosts).unwrap_or_default();
        let prefix = |subnet: &str| subnet.rsplit_once('.').map(|(prefix, _)| prefix.to_owned());
        let (Some(lab), Some(outside)) = (prefix(&self.lab), prefix(&self.outside)) else {
            return Names::default();
        };
        let named = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let mut words = line.split_whitespace();
            let address = words.next()?.replace("LAB", &lab).replace("OUTSIDE", &outside);
            let own = words.next_back()?;
            Some((address, own.strip_suffix(".ttm4200.com").unwrap_or(own).to_owned()))
        });
        Names(named.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_are_those_beside_the_captures_or_the_handouts() {
        let directory = tempfile::tempdir().expect("a directory");
        let usual = |net: LabNet| net.usual().map(|(_, client)| client.to_string());
        assert_eq!(usual(LabNet::of([directory.path()])).as_deref(), Some("10.20.30.11"));
        let file = directory.path().join(SUBNETS);
        fs::write(&file, "lab = \"10.77.30.0/24\"\noutside = \"10.77.40.0/24\"\n")
            .expect("written");
        let net = LabNet::of([directory.path()]);
        let hosts = directory.path().join("hosts");
        fs::write(&hosts, "# names\nLAB.3  chat.ttm4200.com webserver.ttm4200.com\n")
            .expect("written");
        assert_eq!(net.names(&hosts).of("10.77.30.3"), Some("webserver"));
        assert_eq!(usual(net).as_deref(), Some("10.77.30.11"));
        fs::write(&file, "lab = \"everything\"\noutside = 7\n").expect("written");
        assert_eq!(usual(LabNet::of([directory.path()])).as_deref(), Some("10.20.30.11"));
    }
}
