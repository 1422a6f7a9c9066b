//! What strangers send, invented: whatever reads it does not panic, and what it gives back is in
//! bounds. PROPTEST_CASES says how many of each; CI takes 100,000.

use std::env;

use lab::mime::{Part, decoded, from_base64};
use lab::{smtp, source};
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

proptest! {
    #![proptest_config(config())]

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
    fn every_file_s_fences_are_read(text in text()) {
        let _ = source::parse("x.rs", &text); // that it comes back is all that is asked
        let _ = source::parse_annotated("x.rs", &text);
    }
}
