//! Which of the packets are meant.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::packets::evidence::kinds::{Conversation, Opening, Owner, Page, Reply, Request};
use crate::packets::evidence::{Evidence, Wanted};

impl Evidence {
    /// The first whole conversation, that of the lab's client before others; in the file that has
    /// most of them, which is the server's.
    pub(super) fn choose(&self, who: &Wanted) -> Option<Conversation> {
        let wanted = |conversation: &&Conversation| {
            who.server.is_none_or(|server| server == *conversation.server.ip())
                && who.client.is_none_or(|client| client == *conversation.client.ip())
        };
        let mut in_file: BTreeMap<usize, usize> = BTreeMap::new();
        for (file, _) in self.conversations.keys() {
            *in_file.entry(*file).or_default() += 1;
        }
        let rank = |conversation: &&Conversation| {
            let ends = (*conversation.server.ip(), *conversation.client.ip());
            let elsewhere =
                self.conversations.len() - in_file.get(&conversation.file).unwrap_or(&0);
            (!conversation.is_whole(), Some(ends) != who.usual, elsewhere)
        };
        self.conversations.values().filter(wanted).min_by_key(rank).cloned()
    }

    /// The datagram that a student has selected, by its Length field, is the one to ask about.
    pub fn select(&mut self, length: u64) {
        if let Some(datagram) = self.datagrams.get(&length) {
            self.datagram = Some(*datagram);
        }
    }

    /// How many conversations with the chat server there are in a file.
    pub fn conversations_in(&self, file: usize) -> usize {
        self.conversations.keys().filter(|(other, _)| *other == file).count()
    }

    /// The ARP request of the student's host for its router, with the reply; if there is none, the
    /// first request that was answered.
    pub fn asked(&self) -> Option<(&Request, Option<&Reply>)> {
        let rank = |request: &&Request| {
            let reply = self.reply_to(request);
            let forwards = reply.is_some_and(|reply| self.forwards(&reply.mac, request.target));
            (!forwards, !self.is_router(request.target), reply.is_none())
        };
        let request = self.requests.iter().min_by_key(rank)?;
        Some((request, self.reply_to(request)))
    }

    /// The openings of all connections but the chosen one.
    pub fn others(&self) -> impl Iterator<Item = Opening> {
        let chosen = self.chosen.as_ref().map(|chosen| (chosen.file, chosen.stream));
        let others = self.conversations.iter().filter(move |(key, _)| Some(**key) != chosen);
        others.flat_map(|(_, other)| [other.syn, other.synack]).flatten()
    }

    /// For whom there are requests besides the one that is asked about.
    pub fn other_targets(&self) -> impl Iterator<Item = Ipv4Addr> {
        let meant = self.asked().map(|(request, _)| request.target);
        self.requests
            .iter()
            .map(|request| request.target)
            .filter(move |target| Some(*target) != meant)
    }

    /// The reply to a request, in the same file and after it.
    pub fn reply_to(&self, request: &Request) -> Option<&Reply> {
        self.replies.iter().find(|reply| {
            (reply.sender, reply.asker) == (request.target, request.sender)
                && reply.place.file == request.place.file
                && reply.place > request.place
        })
    }

    fn is_router(&self, address: Ipv4Addr) -> bool {
        self.offer.as_ref().is_some_and(|offer| offer.routers.contains(&address))
    }

    /// Whether frames for other hosts than this one were sent to its card.
    fn forwards(&self, mac: &str, address: Ipv4Addr) -> bool {
        self.forwarded.iter().any(|(card, host)| card == mac && *host != address)
    }

    /// The first request for a web page that went through a router; else the first one.
    pub fn page(&self) -> Option<&Page> {
        let routed = |page: &&Page| matches!(self.owner(page), Some(Owner::Router(_)));
        self.pages.iter().find(routed).or(self.pages.first())
    }

    /// Whose card a request was sent to, as far as an ARP reply says so.
    pub fn owner(&self, page: &Page) -> Option<Owner> {
        let said = |reply: &&Reply| reply.mac == page.to_mac;
        let server = |reply: &Reply| reply.sender == page.to;
        if self.replies.iter().filter(said).any(server) {
            return Some(Owner::Server);
        }
        self.replies.iter().find(said).map(|reply| Owner::Router(reply.sender))
    }
}
