//! What a client's screen shows of a reply.

use memchr::memmem;

use crate::os::program::Event;
use crate::trial::{Failure, Started, Stop, Verdict};

/// What a client's screen shows besides the reply.
pub struct Shown<'a> {
    pub prompt: &'a str,
    /// The question.
    pub typed: &'a str,
    /// What the lab writes before the reply.
    pub words: &'a str,
}

impl Started<'_> {
    /// What the program has printed behind its prompt.
    pub fn shown(&self, prompt: &str) -> Vec<u8> {
        let printed = self.stdout.bytes();
        // A prompt without an end of line stands before the answer, as a screen shows it.
        let shown = printed.strip_prefix(prompt.as_bytes()).unwrap_or(&printed);
        shown.to_vec()
    }

    /// Waits for the end of a client and demands that its screen shows the reply, in whatever words.
    pub fn prints(&self, did: &str, screen: &Shown, reply: &[u8]) -> Verdict {
        let event = self.wait().err();
        let printed = self.stdout.bytes();
        let end = memmem::find(&printed, reply).map(|start| start.saturating_add(reply.len()));
        // What is left in a buffer is no part of a reply.
        if end.is_some_and(|end| printed.get(end) != Some(&0)) {
            return Ok(());
        }
        Err(self.shows(did, screen, reply, event))
    }

    /// Waits for the end of a client and demands exactly this on its screen: the reply, in the lab's
    /// words.
    pub fn prints_exactly(&self, did: &str, screen: &Shown, reply: &[u8]) -> Verdict {
        let event = self.wait().err();
        let shown = self.shown(screen.prompt);
        let expected = [screen.words.as_bytes(), reply, b"\n"].concat();
        // A line feed after the prompt is a matter of taste.
        let shown = shown.strip_prefix(b"\n").unwrap_or(&shown);
        if self.stdout.bytes().starts_with(screen.prompt.as_bytes()) && shown == expected {
            return Ok(());
        }
        Err(self.shows(did, screen, reply, event))
    }

    /// What is wrong with the screen.
    fn shows(&self, did: &str, screen: &Shown, reply: &[u8], event: Option<Event>) -> Stop {
        let Shown { prompt, typed, words } = screen;
        let words = if self.trial().target.words_are_free() { "" } else { words };
        let shown = self.shown(prompt);
        let shown = shown.strip_prefix(b"\n").unwrap_or(&shown);
        // With the rest of a buffer behind the reply, that is what is wrong, whatever stands before it.
        let found = memmem::find(shown, reply).and_then(|start| shown.get(start..));
        let with_buffer = found.filter(|found| found.get(reply.len()) == Some(&0));
        let words = if with_buffer.is_some() { "" } else { words };
        let shown = with_buffer.unwrap_or(shown);
        let expected = [words.as_bytes(), reply, b"\n"].concat();
        let failure = Failure::new(did, "").replay(self.trial().replay_client());
        let answer = shown.strip_prefix(words.as_bytes()).unwrap_or(shown);
        let answer = answer.strip_suffix(b"\n").unwrap_or(answer);
        let failure = failure.seen(("what was typed", typed.as_bytes()), reply, answer);
        let failure = failure.difference(&expected, shown);
        match event {
            Some(event) => failure.lines(self.observed(&event)),
            None => failure.lines(self.last_words()),
        }
        .into()
    }
}
