//! The text of a student's file, in whatever encoding and with whatever ends of lines.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// No program of a lab is longer.
pub const LONGEST: u64 = 1 << 20;

/// The text, and what there is to say of how it was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    pub note: Option<String>,
}

/// Errors: what this is instead of a text.
pub fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    let (encoding, begin) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let bytes = bytes.get(begin..).unwrap_or_default();
    let (text, note) = match encoding.decode_without_bom_handling(bytes) {
        (text, false) if encoding == UTF_8 => (text, None),
        (text, false) => (text, Some(format!("it is written in {}", encoding.name()))),
        (_, true) if begin > 0 => return Err(format!("it says {}, and is not", encoding.name())),
        (_, true) => {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
            (text, Some("it is no UTF-8, and was read as windows-1252".to_owned()))
        }
    };
    if text.contains('\0') {
        return Err("it has NUL bytes, as UTF-16 without a mark or a binary file has".to_owned());
    }
    let text = match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text.into_owned(),
    };
    Ok(Decoded { text, note })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_an_editor_writes_is_read() {
        let utf16 = |big: bool| -> Vec<u8> {
            let units = "\u{feff}let ü = 1;\r\n".encode_utf16();
            units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        for bytes in [
            b"let \xc3\xbc = 1;\n".to_vec(),
            b"\xef\xbb\xbflet \xc3\xbc = 1;\r\n".to_vec(),
            b"let \xfc = 1;\r".to_vec(),
            utf16(true),
            utf16(false),
        ] {
            assert_eq!(decode(&bytes).unwrap().text, "let ü = 1;\n", "{bytes:?}");
        }
        assert!(decode(b"a\xfcb").unwrap().note.unwrap().contains("windows-1252"));
        assert!(decode(b"a\0b\0").unwrap_err().contains("NUL"));
        assert!(decode(b"\xff\xfea").is_err(), "half a letter");
    }
}
