//! Causes of wrong bytes that the bytes themselves show.

use memchr::memmem;

/// What was done to bytes that came back wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// They are the question.
    Question,
    /// They end early.
    Cut,
    /// The rest of a buffer follows them.
    Buffer,
    /// They are there twice.
    Twice,
    /// The end of a line follows them.
    LineEnd,
    /// They are there, and more around them.
    More,
}

/// Compares what was received with the question and the right answer.
pub fn seen(question: &[u8], expected: &[u8], received: &[u8]) -> Option<Cause> {
    if received == question {
        return Some(Cause::Question);
    }
    if !received.is_empty() && expected.starts_with(received) {
        return Some(Cause::Cut);
    }
    match received.strip_prefix(expected) {
        Some(rest) if rest == expected => Some(Cause::Twice),
        Some(rest) if rest.iter().all(|byte| *byte == 0) => Some(Cause::Buffer),
        Some(b"\n" | b"\r\n") => Some(Cause::LineEnd),
        // A single byte may stand anywhere by chance.
        _ => (expected.len() > 1 && memmem::find(received, expected).is_some())
            .then_some(Cause::More),
    }
}

impl Cause {
    /// As a report says it, where `question` names what the other side had said.
    pub fn sentence(self, question: &str) -> String {
        match self {
            Cause::Question => format!("this is {question}, unchanged"),
            Cause::Cut => "the beginning is right, the rest is missing".to_owned(),
            Cause::Buffer => {
                "what follows is the rest of the buffer: only as many of its bytes as \
                              were received are meant"
                    .to_owned()
            }
            Cause::Twice => "this is twice what was expected".to_owned(),
            Cause::LineEnd => format!("the end of a line follows: {question} had none"),
            Cause::More => "what was expected is in it, and more than that".to_owned(),
        }
    }

    /// The gap in which this is done, where there can be no doubt.
    pub fn gap(self) -> Option<&'static str> {
        (self == Cause::Buffer).then_some("receive")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_named_only_where_the_bytes_show_it() {
        let seen = |received: &[u8]| seen(b"ab", b"AB", received);
        assert_eq!(seen(b"ab"), Some(Cause::Question));
        assert_eq!(seen(b"A"), Some(Cause::Cut));
        assert_eq!(seen(b"AB\0\0"), Some(Cause::Buffer));
        assert_eq!(seen(b"ABAB"), Some(Cause::Twice));
        assert_eq!(seen(b"AB\r\n"), Some(Cause::LineEnd));
        assert_eq!(seen(b"From Server: AB"), Some(Cause::More));
        for other in [&b"aB"[..], b""] {
            assert_eq!(seen(other), None, "{other:?}");
        }
    }
}
