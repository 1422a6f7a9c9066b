//! Passwords: in which forms they show, and what is printed in their place.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

use crate::text::escape;
use crate::wire::mime::split_at;
use crate::wire::smtp::{Said, Who};

const MASK: &str = "********";

/// Every form in which a password can be read off the wire or a screen: as it is, and in base64 by
/// itself, with a user before it as AUTH PLAIN has it, or anywhere in something longer.
pub fn forms(user: &str, password: &str) -> Vec<Vec<u8>> {
    let plain = |identity: &str| STANDARD.encode(format!("{identity}\0{user}\0{password}"));
    let mut forms = vec![
        password.as_bytes().to_vec(),
        STANDARD.encode(password).into_bytes(),
        plain("").into_bytes(),
        plain(user).into_bytes(),
    ];
    let bits = |bytes: usize| bytes.saturating_mul(8); // a letter has six
    // Three bytes are four letters: where a password begins in a longer text decides its letters.
    // Those that also hold a neighbour's bits are left out.
    for shift in 1..3 {
        let shifted = STANDARD.encode([&vec![0; shift], password.as_bytes()].concat());
        let begin = bits(shift).div_ceil(6);
        let end = bits(shift.saturating_add(password.len())) / 6;
        forms.extend(shifted.as_bytes().get(begin..end).map(<[u8]>::to_vec));
    }
    let whole = bits(password.len()) / 6;
    forms.extend(STANDARD.encode(password).as_bytes().get(..whole).map(<[u8]>::to_vec));
    forms.retain(|form| form.len() > 2);
    forms.sort_by_key(|form| std::cmp::Reverse(form.len())); // the longest is masked first
    forms
}

/// Whether any form of a password is among these bytes.
pub fn shows(bytes: &[u8], forms: &[Vec<u8>]) -> bool {
    forms.iter().any(|form| memmem::find(bytes, form).is_some())
}

/// A text with every form of a password made unreadable.
pub fn masked(text: &[u8], forms: &[Vec<u8>]) -> String {
    let mut text = text.to_vec();
    for form in forms {
        let mut masked = Vec::with_capacity(text.len());
        let mut rest = text.as_slice();
        while let Some((before, behind)) = split_at(rest, form) {
            masked.extend_from_slice(before);
            masked.extend_from_slice(MASK.as_bytes());
            rest = behind;
        }
        masked.extend_from_slice(rest);
        text = masked;
    }
    escape::bytes(&text)
}

/// The dialogue as a person reads it, `C:` the client's lines and `S:` the server's.
pub fn shown(dialogue: &[Said], forms: &[Vec<u8>]) -> Vec<String> {
    let line = |said: &Said| {
        let text = match said.secret {
            true => MASK.to_owned(),
            false => masked(&said.text, forms),
        };
        match said.who {
            Who::Client => format!("C: {text}"),
            Who::Server => format!("S: {text}"),
            Who::Note => format!("   ({text})"),
        }
    };
    dialogue.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_in_every_form_and_masked() {
        let (user, password) = ("alice@example.com", "wonder land");
        let forms = forms(user, password);
        let base64 = |text: &str| STANDARD.encode(text);
        let sent = [
            password.to_owned(),
            base64(password),
            base64(&format!("\0{user}\0{password}")),
            base64(&format!("{user}\0{user}\0{password}")),
            base64(&format!("{password}\r\n")),
            base64(&format!("x{password}")),
            base64(&format!("xy{password}z")),
        ];
        for text in sent {
            let line = format!("AUTH PLAIN {text}");
            assert!(shows(line.as_bytes(), &forms), "{line}");
            assert!(!shows(masked(line.as_bytes(), &forms).as_bytes(), &forms), "{line}");
        }
        assert!(!shows(base64(user).as_bytes(), &forms));
    }
}
