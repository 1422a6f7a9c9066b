//! NTNU's sheet: the chat over TCP and UDP.

use crate::packets::evidence::{Conversation, Evidence, Numbers, Opening, Place, after};
use crate::packets::flags::{ACK, SYN};
use crate::packets::questions::{
    About, Mistake, PacketQuestion, RightAnswer, Sheet, Value, always, at, wrong,
};

pub const QUESTIONS: &[PacketQuestion] = &[
    PacketQuestion {
        key: "q3_sequence",
        sheet: Sheet::Ntnu,
        number: "Q3",
        asks: "sequence number of the SYN, raw",
        about: About::Syn,
        answer: |e| at(syn(e)?.place, Value::Number(syn(e)?.sequence)),
        mistakes: |e| {
            let mine = wrong(synack(e), |s| s.sequence, "is the SYNACK's");
            relative().chain(mine).chain(elsewhere(e, |s| s.sequence)).collect()
        },
    },
    PacketQuestion {
        key: "q3_flags",
        sheet: Sheet::Ntnu,
        number: "Q3",
        asks: "flags that are set in the SYN, such as \"FIN, ACK\"",
        about: About::Syn,
        answer: |e| at(syn(e)?.place, Value::Flags(SYN)),
        mistakes: |_| {
            vec![(
                Value::Flags(SYN | ACK),
                "are those of the SYNACK: the first SYN has nothing to acknowledge",
            )]
        },
    },
    PacketQuestion {
        key: "q4_sequence",
        sheet: Sheet::Ntnu,
        number: "Q4",
        asks: "sequence number of the SYNACK, raw",
        about: About::SynAck,
        answer: |e| at(synack(e)?.place, Value::Number(synack(e)?.sequence)),
        mistakes: |e| {
            relative()
                .chain(wrong(
                    syn(e),
                    |s| s.sequence,
                    "is the SYN's: each side begins with a number of its own",
                ))
                .chain(wrong(synack(e), |s| s.acknowledgment, "is the acknowledgment number"))
                .chain(elsewhere(e, |s| s.sequence))
                .collect()
        },
    },
    PacketQuestion {
        key: "q4_acknowledgment",
        sheet: Sheet::Ntnu,
        number: "Q4",
        asks: "acknowledgment number of the SYNACK, raw",
        about: About::SynAck,
        answer: |e| at(synack(e)?.place, Value::Number(synack(e)?.acknowledgment)),
        mistakes: |e| {
            let own = "is one more than the SYNACK's own number; it acknowledges what the other \
                       side has sent";
            relative()
                .chain(wrong(
                    syn(e),
                    |s| s.sequence,
                    "is the SYN's own number. A SYN counts as one byte: the next one is expected",
                ))
                .chain(wrong(synack(e), |s| s.sequence, "is the SYNACK's own sequence number"))
                .chain(wrong(synack(e), |s| after(s.sequence), own))
                .chain(elsewhere(e, |s| s.acknowledgment))
                .collect()
        },
    },
    PacketQuestion {
        key: "q4_flags",
        sheet: Sheet::Ntnu,
        number: "Q4",
        asks: "flags that are set in the SYNACK",
        about: About::SynAck,
        answer: |e| at(synack(e)?.place, Value::Flags(SYN | ACK)),
        mistakes: |_| {
            let half = "is half of it: a SYNACK has two flags set";
            vec![(Value::Flags(SYN), half), (Value::Flags(ACK), half)]
        },
    },
    PacketQuestion {
        key: "q5_window",
        sheet: Sheet::Ntnu,
        number: "Q5",
        asks: "smallest window that the server advertises to the client, in bytes",
        about: About::Windows,
        answer: |e| {
            let smallest = whole(e)?.smallest.filter(|_| !whole(e).is_some_and(|c| c.is_cut()))?;
            at(smallest.place, Value::Number(smallest.size))
        },
        mistakes: |e| {
            let field = whole(e).and_then(|chosen| chosen.smallest).filter(|w| w.field != w.size);
            let unscaled = "is the field as it is in the packet. It has to be scaled: \"Calculated \
                            window size\"";
            let all = |numbers: fn(&Conversation) -> &Numbers, why| {
                let numbers = whole(e).map(numbers).into_iter().flatten();
                numbers.map(move |number| (Value::Number(*number), why))
            };
            wrong(field, |w| w.field, unscaled)
                .chain(all(|c| &c.windows, "is a window of the server, and not the smallest one"))
                .chain(all(|c| &c.fields, unscaled))
                .chain(all(
                    |c| &c.client_windows,
                    "is the client's own window; asked is what the server advertises",
                ))
                .collect()
        },
    },
    PacketQuestion {
        key: "q5_throttled",
        sheet: Sheet::Ntnu,
        number: "Q5",
        asks: "did the lack of buffer ever throttle the client? true or false",
        about: About::Throttling,
        answer: |e| {
            let throttled = e.followed.as_ref()?.throttled;
            let file = whole(e)?.file;
            let place = throttled.map(|frame| Place { file, frame });
            Some(RightAnswer { value: Value::Yes(throttled.is_some()), place })
        },
        mistakes: |_| Vec::new(),
    },
    PacketQuestion {
        key: "q6_retransmissions",
        sheet: Sheet::Ntnu,
        number: "Q6",
        asks: "how many segments of the whole trace are retransmitted",
        about: About::Retransmissions,
        answer: |e| {
            let (file, followed) = (whole(e)?.file, e.followed.as_ref()?);
            let place = followed.first_retransmission.map(|frame| Place { file, frame });
            Some(RightAnswer { value: Value::Number(followed.retransmissions), place })
        },
        mistakes: |_| Vec::new(),
    },
    PacketQuestion {
        key: "q7_fields",
        sheet: Sheet::Ntnu,
        number: "Q7",
        asks: "how many fields the UDP header has",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::Number(4)),
        mistakes: |_| vec![(Value::Number(8), "is how many bytes the header has")],
    },
    PacketQuestion {
        key: "q8_bytes",
        sheet: Sheet::Ntnu,
        number: "Q8",
        asks: "length of each field of the UDP header, in bytes",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::Number(2)),
        mistakes: |_| {
            vec![
                (Value::Number(8), "is the length of all fields together"),
                (Value::Number(16), "is the length in bits"),
            ]
        },
    },
    PacketQuestion {
        key: "q9_length",
        sheet: Sheet::Ntnu,
        number: "Q9",
        asks: "the Length field of the UDP datagram that you have selected",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::Number(e.datagram?.length)),
        mistakes: |e| {
            let total = "is the total length of the IP packet; its header of 20 bytes is no part \
                         of the datagram";
            wrong(
                e.datagram,
                |d| d.length - HEADER,
                "is the payload alone: the Length field counts the header, too",
            )
            .chain(wrong(e.datagram, |d| d.total, total))
            .collect()
        },
    },
    PacketQuestion {
        key: "q9_payload",
        sheet: Sheet::Ntnu,
        number: "Q9",
        asks: "bytes of payload in the same datagram",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::Number(e.datagram?.length - HEADER)),
        mistakes: |e| {
            wrong(e.datagram, |d| d.length, "is the Length field: header and payload").collect()
        },
    },
    PacketQuestion {
        key: "q10_payload",
        sheet: Sheet::Ntnu,
        number: "Q10",
        asks: "the most bytes that a UDP payload can have, IP left aside",
        about: About::Nothing,
        answer: |_| always(Value::Number(65_535 - HEADER)),
        mistakes: |_| {
            vec![
                (
                    Value::Number(65_535),
                    "is the largest Length. It counts the header's 8 bytes, too",
                ),
                (
                    Value::Number(65_507),
                    "is the most that fits into a packet of IPv4, whose header takes 20 more \
                     bytes; the question leaves IP aside",
                ),
                (
                    Value::Number(65_536),
                    "is how many values 16 bits have; the largest is one less, and the header is \
                     in it",
                ),
            ]
        },
    },
    PacketQuestion {
        key: "q11_port",
        sheet: Sheet::Ntnu,
        number: "Q11",
        asks: "the largest possible source port",
        about: About::Nothing,
        answer: |_| always(Value::Number(65_535)),
        mistakes: |_| {
            vec![(Value::Number(65_536), "is how many ports there are; they count from 0")]
        },
    },
    PacketQuestion {
        key: "q12_protocol",
        sheet: Sheet::Ntnu,
        number: "Q12",
        asks: "UDP's protocol number in the IP header",
        about: About::Datagram,
        answer: |e| at(e.datagram?.place, Value::IpProtocol(e.datagram?.protocol)),
        mistakes: |_| vec![(Value::IpProtocol(6), "is TCP's"), (Value::IpProtocol(1), "is ICMP's")],
    },
];

const RELATIVE: &str = "is the relative number, which Wireshark counts from the connection's first \
                        one. The number in the packet is \"Sequence Number (raw)\" or \
                        \"Acknowledgment number (raw)\"";

/// Of UDP, in bytes.
const HEADER: u64 = 8;

fn syn(evidence: &Evidence) -> Option<Opening> {
    evidence.chosen.as_ref()?.syn
}

fn synack(evidence: &Evidence) -> Option<Opening> {
    evidence.chosen.as_ref().filter(|chosen| chosen.syn.is_some())?.synack
}

fn whole(evidence: &Evidence) -> Option<&Conversation> {
    evidence.chosen.as_ref().filter(|chosen| chosen.is_whole())
}

fn relative() -> impl Iterator<Item = Mistake> {
    [0, 1].into_iter().map(|number| (Value::Number(number), RELATIVE))
}

/// The numbers of other connections, and how to ask about one of those.
fn elsewhere(
    evidence: &Evidence,
    number: impl Fn(Opening) -> u64,
) -> impl Iterator<Item = Mistake> {
    let why = "is of another connection in these files; --client or --stream asks about that one";
    evidence.others().map(move |opening| (Value::Number(number(opening)), why))
}
