//! What strangers send, invented: whatever reads it does not panic, and what it gives back is in
//! bounds. PROPTEST_CASES says how many of each; CI takes 100,000.

use std::env;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::LazyLock;

use lab::answer::Response;
use lab::answers::Answers;
use lab::archive::{self, Item};
use lab::assignment::{self, Assignment, Overrides};
use lab::capture::Row;
use lab::manifest::Manifest;
use lab::mime::{Part, decoded, from_base64};
use lab::roster::{Forms, Hearing};
use lab::smtp::{Peer, Script};
use lab::{bytes, decode, escape, smtp, source, times};
use proptest::collection::vec;
use proptest::prelude::*;

fn config() -> ProptestConfig {
    const FEW: u32 = 64;
    let cases = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: cases.unwrap_or(FEW), failure_persistence: None, ..Default::default() }
}

/// Bytes, among them what a mail is made of.
fn mail() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: [&[u8]; 12] = [
        b"\r\n",
        b"\r\n\r\n",
        b"Content-Type: multipart/mixed; boundary=",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"--x",
        b"--",
        b"=",
        b"=?utf-8?B?",
        b"=?utf-8?q?",
        b"?=",
        b"\xc4\xb0\xe2\x84\xaa", // letters that are longer when they are small
    ];
    let word = proptest::sample::select(&WORDS[..]).prop_map(<[u8]>::to_vec);
    let piece = prop_oneof![word, vec(any::<u8>(), 0..8)];
    vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Bytes, among them what a chat server sends.
fn chat() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: [&[u8]; 14] = [
        b"!",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b"\"ann\"",
        b": ",
        b",",
        b"\n",
        b"!{\"ann\": \"127.0.0.1\"}",
        b"[\"bob\"]",
        b"\\u00",
        b"hello \n",
    ];
    let word = proptest::sample::select(&WORDS[..]).prop_map(<[u8]>::to_vec);
    prop_oneof![8 => word, 1 => vec(any::<u8>(), 0..4)]
}

/// Bytes, among them what a mail client says.
fn smtp_words() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: [&[u8]; 18] = [
        b"EHLO ",
        b"HELO x\r\n",
        b"EHLO [127.0.0.1]\r\n",
        b"STARTTLS\r\n",
        b"AUTH LOGIN\r\n",
        b"AUTH PLAIN AAAA\r\n",
        b"MAIL FROM:<a@b>\r\n",
        b"MAIL FROM:",
        b"RCPT TO:<a@b>\r\n",
        b"DATA\r\n",
        b"\r\n.\r\n",
        b"RSET\r\n",
        b"QUIT\r\n",
        b"<",
        b"\r\n",
        b"\n",
        b"\x16\x03\x01",
        b"QUFB",
    ];
    let word = proptest::sample::select(&WORDS[..]).prop_map(<[u8]>::to_vec);
    prop_oneof![8 => word, 1 => vec(any::<u8>(), 0..6)]
}

/// Lines, among them what fences are made of.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("    // ==== fill in here: bind ====\n"),
        Just("    // ==== end ====\n"),
        Just("//| todo!(\"bind\")\n"),
        Just("====\n"),
        Just("\u{feff}"),
        Just("\r\n"),
    ];
    let piece = prop_oneof![word.prop_map(str::to_owned), ".{0,20}"];
    vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// What is right, with some bytes of it changed, left out or put in, and cut off.
fn damaged(right: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let blow = (any::<proptest::sample::Index>(), 0..3u8, any::<u8>());
    (right, vec(blow, 0..4)).prop_map(|(mut bytes, blows)| {
        for (place, kind, byte) in blows {
            let at = place.index(bytes.len() + 1);
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    })
}

/// An answer in chunks, and what is in them.
fn chunked() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let chunk = vec(any::<u8>(), 1..40);
    (vec(chunk, 0..6), "[a-z;= ]{0,8}").prop_map(|(chunks, extension)| {
        let extension = if extension.is_empty() { extension } else { format!(";{extension}") };
        let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in &chunks {
            answer.extend(format!("{:x}{extension}\r\n", chunk.len()).as_bytes());
            answer.extend(chunk);
            answer.extend(b"\r\n");
        }
        answer.extend(b"0\r\n\r\n");
        (answer, chunks.concat())
    })
}

/// A tar archive, by the format's own simple definition.
fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in files {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        header[263..265].copy_from_slice(b"00");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        bytes.extend(header);
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let options = options.compression_method(zip::CompressionMethod::Stored);
    for (name, content) in files {
        writer.start_file(name.as_str(), options).expect("a name that is new");
        std::io::Write::write_all(&mut writer, content).expect("into memory");
    }
    writer.finish().expect("into memory").into_inner()
}

/// Files with names of their own.
fn files() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    vec(("[a-z.=<\u{202e}\u{1b}-]{1,9}", vec(any::<u8>(), 0..60)), 1..4).prop_map(|files| {
        let named = files.into_iter().enumerate();
        named.map(|(number, (name, content))| (format!("{number}{name}"), content)).collect()
    })
}

/// TOML of the shapes that are read here, nearly.
fn toml() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        Just("true".to_owned()),
        "-?[0-9]{1,22}",
        "-?[0-9]{1,3}\\.[0-9]{1,3}(e[0-9]{1,3})?",
        "\"[a-zA-Z0-9 .:/\u{80}-\u{ff}]{0,12}\"",
        "0x[0-9a-f]{1,17}",
        Just("[1, \"SYN\"]".to_owned()),
        Just("{ udpserver = 2 }".to_owned()),
    ];
    let key = proptest::sample::select(
        &[
            "q3_flags",
            "q9_length",
            "points",
            "comment",
            "excused",
            "labs",
            "udpserver",
            "\"udpserver/bind\"",
            "name",
            "required-features",
            "weights",
        ][..],
    );
    let line = (key, value).prop_map(|(key, value)| format!("{key} = {value}\n"));
    let head = proptest::sample::select(
        &[
            "[4711]\n",
            "[4711.udpserver]\n",
            "[4711.udpserver.checks.bind]\n",
            "[\"group:x\"]\n",
            "[weights]\n",
            "[[bin]]\n",
            "[package]\n",
            "\u{feff}",
        ][..],
    );
    vec(prop_oneof![3 => line, 1 => head.prop_map(str::to_owned)], 0..12)
        .prop_map(|lines| lines.concat().into_bytes())
}

/// One for all clients: each leaves a port in TIME_WAIT, where no other socket can be bound.
static DOOR: LazyLock<TcpListener> = LazyLock::new(|| TcpListener::bind("127.0.0.1:0").unwrap());

proptest! {
    #![proptest_config(config())]

    #[test]
    fn chunks_come_out_as_they_went_in((answer, content) in chunked()) {
        let response = Response::parse(&answer).expect("it begins as one");
        let came = response.content();
        prop_assert_eq!(came.as_deref(), Some(content.as_slice()));
        prop_assert_eq!(response.objection(false), None);
    }

    #[test]
    fn every_answer_of_http_is_taken_apart(answer in damaged(chunked().prop_map(|it| it.0))) {
        if let Some(response) = Response::parse(&answer) {
            let content = response.content();
            prop_assert!(content.is_none_or(|content| content.len() <= answer.len()));
            let _ = (response.code(), response.objection(true), response.objection(false));
        }
    }

    #[test]
    fn every_file_of_an_archive_is_found_once(files in files(), gathered in any::<bool>()) {
        let bytes = if gathered { tar(&files) } else { zip(&files) };
        let found = archive::expanded(&[Item::of_bytes("a".to_owned(), bytes)]);
        let wanted = files.iter().filter(|(_, content)| archive::packed(content).is_none());
        for (name, content) in wanted {
            let path = format!("a/{name}");
            let items: Vec<&Item> = found.items.iter().filter(|item| item.path == path).collect();
            prop_assert_eq!(items.len(), 1, "{:?}", found.passed_over);
            let read = items[0].read(1 << 20);
            prop_assert_eq!(read.as_ref(), Ok(content));
        }
    }

    #[test]
    fn every_archive_is_read_with_a_bound(
        bytes in damaged(prop_oneof![files().prop_map(|it| tar(&it)), files().prop_map(|it| zip(&it))]),
    ) {
        let found = archive::expanded(&[Item::of_bytes("a".to_owned(), bytes.clone())]);
        // Nothing here is compressed.
        let total: u64 = found.items.iter().map(|item| item.size).sum();
        prop_assert!(total <= 4 * bytes.len() as u64, "{} of {}", total, bytes.len());
    }

    #[test]
    fn every_file_of_toml_is_read_or_refused(text in damaged(toml())) {
        let text = String::from_utf8_lossy(&text);
        if let Ok(answers) = Answers::parse(&text) {
            for key in ["q3_flags", "q9_length"] {
                prop_assert_eq!(answers.get(key).is_some(), answers.shown(key).is_some());
                let _ = answers.number(key);
            }
        }
        let _ = assignment::parse::<Overrides>(&text); // that it comes back is all that is asked
        let _ = assignment::parse::<Assignment>(&text);
        let _ = lab::manifest::parse::<Manifest>("Cargo.toml", &text);
    }

    #[test]
    fn a_number_is_the_same_in_an_answer_and_in_a_text(number in 0..=u64::from(u32::MAX)) {
        for text in [format!("{number}"), format!("{number:#x}"), format!("\"{number} bytes\"")] {
            let answers = Answers::parse(&format!("q9_length = {text}")).expect("it is TOML");
            prop_assert_eq!(answers.number("q9_length"), Some(number), "{}", text);
        }
    }

    #[test]
    fn every_row_of_a_capture_is_read(line in "[0-9a-fx.,\t\u{fffd}\u{1b}-]{0,60}", number: u32) {
        const FIELDS: &[&str] = &["frame.number", "ip.src", "tcp.seq_raw"];
        let row = Row::new(FIELDS, line.split('\t').collect());
        for field in FIELDS {
            let (all, text) = (row.all(field).count(), row.text(field));
            prop_assert_eq!(all > 0, row.has(field));
            prop_assert!(text.is_none_or(|text| line.contains(text) && !text.contains(',')));
            let _ = (row.number(field), row.parse::<Ipv4Addr>(field));
        }
        let cells = [format!("{number}"), String::new(), format!("{number:#x},{line}")];
        let row = Row::new(FIELDS, cells.iter().map(String::as_str).collect());
        prop_assert_eq!(row.number("frame.number"), Some(u64::from(number)));
        prop_assert_eq!(row.number("tcp.seq_raw"), Some(u64::from(number)));
    }

    #[test]
    fn every_text_is_decoded(text in "[ -~\u{a0}-\u{17f}]{0,40}", mark in any::<bool>()) {
        let with_mark = if mark { format!("\u{feff}{text}") } else { text.clone() };
        let decoded = decode::decode(with_mark.as_bytes()).expect("it is UTF-8");
        prop_assert_eq!(&decoded.text, &text);
        let wide: Vec<u8> =
            format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        prop_assert_eq!(&decode::decode(&wide).expect("it is UTF-16").text, &text);
    }

    #[test]
    fn every_bytes_are_decoded_or_refused(bytes in vec(any::<u8>(), 0..60)) {
        if let Ok(decoded) = decode::decode(&bytes) {
            prop_assert!(!decoded.text.contains('\0'));
        }
    }

    #[test]
    fn every_document_says_what_it_said(text in any::<String>()) {
        let document = serde_json::to_string(&text).expect("a text");
        let escaped = escape::json(&document);
        let again: String = serde_json::from_str(&escaped).expect("it is JSON");
        prop_assert_eq!(again, text.clone());
        prop_assert!(!escaped.chars().any(char::is_control));
        let line = escape::line(&text);
        prop_assert!(!line.chars().any(char::is_control));
        prop_assert_eq!(escape::line(&line), line);
    }

    #[test]
    fn a_time_of_day_is_found_in_every_line(
        before in "[ a-zA-Z(]{0,9}", hours in 0..24u32, minutes in 0..60u32, seconds in 0..60u32,
        behind in "( [a-oq-z:0-9 ]{0,9})?",
    ) {
        let line = format!("{before}{hours:02}:{minutes:02}:{seconds:02}{behind}");
        let wanted = f64::from(hours * 3600 + minutes * 60 + seconds);
        let found = times::moments(&line);
        prop_assert!(found.iter().any(|moment| moment.seconds == wanted), "{line}: {found:?}");
    }

    #[test]
    fn every_line_is_looked_at_for_times(line in "[0-9:.,apmPM eE+\u{e9}-]{0,40}") {
        let _ = times::named(&line); // that it comes back is all that is asked
        prop_assert!(times::moments(&line).len() <= line.len());
    }

    #[test]
    fn a_difference_is_where_two_texts_part(one in vec(any::<u8>(), 0..90), other in vec(any::<u8>(), 0..90)) {
        let difference = bytes::difference(&one, &other);
        prop_assert_eq!(difference.is_none(), one == other);
        let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
        let place = format!("byte {same}: ");
        prop_assert!(difference.is_none_or(|it| it.received[1].contains(&place)));
    }

    #[test]
    fn every_mail_is_taken_apart(mail in mail()) {
        let part = Part::parse(&mail);
        prop_assert!(part.raw.len() <= mail.len());
        let (text, file) = (part.text().is_some(), part.attachment().is_some());
        prop_assert!(text || file || !part.parts.is_empty());
        let _ = from_base64(&mail); // that it comes back is all that is asked
    }

    #[test]
    fn every_header_is_decoded(value in mail()) {
        let value = String::from_utf8_lossy(&value);
        let words = decoded(&value);
        prop_assert!(value.contains("=?") || words == value);
    }

    #[test]
    fn no_password_is_seen_in_what_was_masked(
        before in ".{0,20}", password in "[ -~\u{e9}]{3,12}", after in ".{0,20}",
    ) {
        let forms = smtp::forms("alice@example.com", &password);
        let masked = smtp::masked(format!("{before}{password}{after}").as_bytes(), &forms);
        prop_assert!(masked.chars().all(|c| !c.is_control()), "{masked:?}");
        // What is around may look like it once it is written out, as d68 in `\u{10d680}` and `\r` do.
        // And the mask itself may be a part of a password of asterisks.
        let looks_like_it = |around: &str| {
            let written_out = smtp::masked(around.as_bytes(), &[]);
            written_out.contains(&password) && !around.contains(&password)
        };
        let seen = masked.contains(&password) && !looks_like_it(&before) && !looks_like_it(&after);
        prop_assert!(password.contains('*') || !seen, "{masked}");
    }

    #[test]
    fn what_a_chat_server_sends_is_the_same_wherever_it_is_cut(
        pieces in vec(chat(), 0..12),
        any_form: bool,
    ) {
        let hear = |pieces: &[Vec<u8>]| {
            let forms = if any_form { Forms::Any } else { Forms::Right };
            let mut heard = Hearing { forms, ..Hearing::default() };
            for piece in pieces {
                heard.rest.extend_from_slice(piece);
                heard.take(piece.len());
            }
            heard
        };
        let whole = hear(&[pieces.concat()]);
        let cut = hear(&pieces);
        let bytes: Vec<Vec<u8>> = pieces.concat().iter().map(|byte| vec![*byte]).collect();
        for heard in [cut, hear(&bytes)] {
            prop_assert_eq!(&heard.roster, &whole.roster);
            prop_assert_eq!(&heard.raw, &whole.raw);
            prop_assert_eq!((&heard.text, &heard.rest), (&whole.text, &whole.rest));
        }
    }

    #[test]
    fn the_mail_server_of_the_checks_hears_out_every_client(
        pieces in vec(smtp_words(), 0..12),
        strict: bool,
    ) {
        let mut client = TcpStream::connect(DOOR.local_addr().unwrap()).unwrap();
        let (stream, _) = DOOR.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        let mut server = Peer::new(stream, Script { strict, ..Script::default() });
        for piece in &pieces {
            client.write_all(piece).unwrap();
            server.look();
        }
        client.shutdown(Shutdown::Write).unwrap();
        let mut answers = Vec::new();
        client.set_nonblocking(true).unwrap();
        // Who has said all that he has to say is not waited for.
        while server.end.is_none() {
            server.look();
            let _ = client.read_to_end(&mut answers); // nothing there yet is no error
        }
        drop(server);
        client.set_nonblocking(false).unwrap();
        let _ = client.read_to_end(&mut answers); // a reset is an end, too
        prop_assert!(answers.starts_with(b"220 "), "{}", String::from_utf8_lossy(&answers));
    }

    #[test]
    fn every_file_s_fences_are_read(text in text()) {
        let _ = source::parse("x.rs", &text); // that it comes back is all that is asked
        let _ = source::parse_annotated("x.rs", &text);
    }
}

/// Seconds for which this thread has had a processor.
fn processor_time() -> f64 {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux has it");
    let nanoseconds: f64 = said.split(' ').next().and_then(|it| it.parse().ok()).expect("a number");
    nanoseconds / 1e9
}

/// Prints how much longer ten times the bytes take, and gives no verdict: that is for somebody who
/// looks. About 10 is linear, 100 is not.
#[test]
#[ignore = "it measures; run it by hand, with --nocapture"]
fn how_time_grows_with_what_strangers_send() {
    type Reader = (&'static str, fn(&[u8]));
    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).expect("the texts below are ASCII")
    }
    let readers: [Reader; 14] = [
        ("escape::page", |bytes| drop(escape::page(text(bytes)))),
        ("escape::json", |bytes| drop(escape::json(text(bytes)))),
        ("bytes::difference", |bytes| drop(bytes::difference(bytes, &bytes[1..]))),
        ("bytes::quote", |bytes| drop(bytes::quote(bytes))),
        ("times::moments", |bytes| drop(times::moments(text(bytes)))),
        ("times::named", |bytes| drop(times::named(text(bytes)))),
        ("mime", |bytes| drop(Part::parse(bytes))),
        ("mime, multipart", |bytes| {
            let head = &b"Content-Type: multipart/mixed; boundary=@\r\n\r\n--@\r\n"[..];
            drop(Part::parse(&[head, bytes].concat()));
        }),
        ("mime::decoded", |bytes| drop(decoded(text(bytes)))),
        ("smtp::masked", |bytes| drop(smtp::masked(bytes, &smtp::forms("a@b", "@@1: ")))),
        ("http", |bytes| {
            let answer = [&b"HTTP/1.1 200 OK\r\n"[..], bytes].concat();
            let response = Response::parse(&answer).expect("it begins as one");
            let _ = (response.objection(false), response.content());
        }),
        ("source::cut", |bytes| drop(source::cut("x.rs", text(bytes)))),
        ("answers.toml", |bytes| drop(Answers::parse(text(bytes)))),
        ("decode", |bytes| drop(decode::decode(bytes))),
    ];
    let pieces = [
        "x",
        "\n",
        "@",
        "[",
        "{\"a\":",
        "\x1b[1",
        "1 ",
        "1:2:3 ",
        "--@\r\n",
        "=?utf-8?q?=41",
        "a: b\r\n",
        "a = 1\n",
        "1\r\nx\r\n",
        "// ==== x ====\n",
    ];
    for (name, read) in readers {
        for piece in pieces {
            let [short, long] = [100_000, 1_000_000].map(|length| {
                let bytes = piece.repeat(length / piece.len()).into_bytes();
                let start = processor_time();
                read(&bytes);
                processor_time() - start
            });
            // What takes less than 10 ms is not measured well.
            let ratio = long / short.max(0.01);
            if ratio > 15.0 {
                println!("{name} of {piece:?}: {short:.3} s, then {long:.3} s, {ratio:.0} times");
            }
        }
    }
}
