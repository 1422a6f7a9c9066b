//! Causes of wrong bytes that the bytes themselves show.

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
}

/// Compares what was received with the question and the right answer.
pub fn seen(question: &[u8], expected: &[u8], received: &[u8]) -> Option<Cause> {
    if received == question {
        return Some(Cause::Question);
    }
    if !received.is_empty() && expected.starts_with(received) {
        return Some(Cause::Cut);
    }
    match received.strip_prefix(expected)? {
        rest if rest == expected => Some(Cause::Twice),
        rest if rest.iter().all(|byte| *byte == 0) => Some(Cause::Buffer),
        _ => None,
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
        for other in [&b"AB\n"[..], b"aB", b""] {
            assert_eq!(seen(other), None, "{other:?}");
        }
    }
}
