//! What a chat server sends to a client, taken apart: rosters, and texts between them.

use std::collections::BTreeMap;
use std::fmt;

use memchr::{memchr, memchr3_iter};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer as Json;

pub type Users = BTreeMap<String, String>;

/// Names in a roster. Nobody's chat room has more, and a program could invent them by the hundred
/// thousand for each client.
const MOST_NAMES: usize = 2500;

/// What is kept of texts that nobody looks at as a whole.
const END: usize = 64 * 1024;

/// What bytes begin with.
enum First {
    /// A roster, and its length.
    Roster(Users, usize),
    /// One whose end is missing.
    Begun,
    /// Text, of at least so many bytes.
    Text(usize),
}

/// The forms of a roster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forms {
    /// That of the handout.
    #[default]
    Right,
    /// Whatever has the names in JSON, with a mark in front or without.
    Any,
}

impl Forms {
    fn begins(self) -> &'static [&'static [u8]] {
        match self {
            Forms::Right => &[b"!{"],
            Forms::Any => &[b"!{", b"![", b"{\"", b"[\"", b"{}", b"[]"],
        }
    }

    /// Whether these bytes begin as a roster does.
    fn is_begun(self, bytes: &[u8]) -> bool {
        self.begins().iter().any(|begin| bytes.starts_with(begin))
    }

    /// Whether a roster may begin with this byte.
    fn may_begin(self, byte: u8) -> bool {
        self.begins().iter().any(|begin| begin.first() == Some(&byte))
    }

    /// Where a roster begins. Nothing behind that is looked at: there may be very many of them.
    fn begin(self, bytes: &[u8]) -> Option<usize> {
        let is_begun = |at: &usize| bytes.get(*at..).is_some_and(|rest| self.is_begun(rest));
        memchr3_iter(b'!', b'{', b'[', bytes).find(is_begun)
    }

    /// What these bytes begin with.
    fn first(self, bytes: &[u8]) -> First {
        if !self.is_begun(bytes) {
            return First::Text(1);
        }
        let json = bytes.strip_prefix(b"!").unwrap_or(bytes);
        let mark = bytes.len() - json.len();
        let read = match self {
            Forms::Right => one(json, |Right(users)| users),
            Forms::Any => one(json, |Any(users)| users),
        };
        match read {
            Some(Ok((users, length))) => First::Roster(users, mark + length),
            Some(Err(error)) if error.is_eof() => First::Begun,
            Some(Err(error)) if error.to_string().starts_with("recursion limit") => {
                // What is inside is not tried again at each depth.
                First::Text(memchr(b'\n', bytes).unwrap_or(bytes.len()))
            }
            Some(Err(_)) => First::Text(1),
            None => First::Begun,
        }
    }
}

/// One value from the beginning of this JSON, and its length there.
fn one<'j, T: Deserialize<'j>>(
    json: &'j [u8],
    users: impl Fn(T) -> Users,
) -> Option<serde_json::Result<(Users, usize)>> {
    let mut values = Json::from_slice(json).into_iter::<T>();
    let value = values.next()?;
    Some(value.map(|value| (users(value), values.byte_offset())))
}

/// An object of names and addresses. Read without anything in between: in memory JSON can be thirty
/// times as long as it is on the wire.
struct Right(Users);

/// The names of an object or of an array, whatever else is in it.
struct Any(Users);

/// A string, or something else, which is passed over. `IgnoredAny` would have no limit of depth.
struct Name(Option<String>);

fn in_bounds<E: Error>(users: &Users) -> Result<(), E> {
    if users.len() > MOST_NAMES { Err(E::custom("too many names")) } else { Ok(()) }
}

impl<'de> Deserialize<'de> for Right {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Right, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Right;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("names and addresses")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Right, A::Error> {
                let mut users = Users::new();
                while let Some((name, address)) = map.next_entry()? {
                    users.insert(name, address);
                    in_bounds(&users)?;
                }
                Ok(Right(users))
            }
        }
        from.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Any, D::Error> {
        struct ObjectOrArray;
        impl<'de> Visitor<'de> for ObjectOrArray {
            type Value = Any;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("names")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
                let mut users = Users::new();
                while let Some((name, Name(_))) = map.next_entry()? {
                    users.insert(name, String::new());
                    in_bounds(&users)?;
                }
                Ok(Any(users))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Any, A::Error> {
                let mut users = Users::new();
                while let Some(Name(name)) = names.next_element()? {
                    users.extend(name.map(|name| (name, String::new())));
                    in_bounds(&users)?;
                }
                Ok(Any(users))
            }
        }
        from.deserialize_any(ObjectOrArray)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Name, D::Error> {
        struct Anything;
        impl<'de> Visitor<'de> for Anything {
            type Value = Name;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Name(Some(name.to_owned())))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Name, E> {
                Ok(Name(None))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Name, E> {
                Ok(Name(None))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Name, E> {
                Ok(Name(None))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Name, E> {
                Ok(Name(None))
            }
            fn visit_unit<E>(self) -> Result<Name, E> {
                Ok(Name(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Name, A::Error> {
                while map.next_entry::<Name, Name>()?.is_some() {}
                Ok(Name(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Name, A::Error> {
                while values.next_element::<Name>()?.is_some() {}
                Ok(Name(None))
            }
        }
        from.deserialize_any(Anything)
    }
}

/// What one client has heard.
#[derive(Debug, Default)]
pub struct Hearing {
    /// In which forms a roster is taken for one.
    pub forms: Forms,
    /// The last roster that has come.
    pub roster: Option<Users>,
    /// The texts that have come and were not looked at yet, without their newlines.
    pub text: Vec<u8>,
    /// All that has come, as far as somebody may want to look at it again.
    pub raw: Vec<u8>,
    /// Whether nobody will: then of texts, too, there is no more than the end.
    pub forgets: bool,
    /// How many bytes have come.
    pub total: usize,
    /// What was not taken apart yet.
    pub rest: Vec<u8>,
}

impl Hearing {
    /// The bytes that are kept of what has come.
    pub fn kept(&self) -> usize {
        self.rest.len() + self.text.len() + self.raw.len()
    }

    /// Takes apart what has come: so many new bytes are at the end of the rest.
    pub fn take(&mut self, new: usize) {
        self.total += new;
        let rest = std::mem::take(&mut self.rest);
        if !self.forgets {
            self.raw.extend_from_slice(rest.get(rest.len() - new..).unwrap_or_default());
        }
        let mut bytes = rest.as_slice();
        while let Some(behind) = self.next(bytes) {
            bytes = behind;
        }
        self.rest = bytes.to_vec();
        if self.forgets {
            let surplus = self.text.len().saturating_sub(END);
            self.text.drain(..surplus);
        }
    }

    /// The texts of up to now are looked at, and nobody wants to see them again.
    pub fn forget(&mut self) {
        self.text.clear();
        self.raw.clear();
    }

    /// Looks once more at all that has come, for rosters of all forms.
    pub fn again_in_any_form(&mut self) {
        self.forms = Forms::Any;
        self.roster = None;
        let raw = std::mem::take(&mut self.raw);
        let mut bytes = raw.as_slice();
        while let Some(behind) = self.next(bytes) {
            bytes = behind;
        }
        self.raw = raw;
    }

    /// Takes a roster or a text from the beginning of these bytes; gives back what is behind it.
    fn next<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let least = match self.forms.first(bytes) {
            First::Roster(roster, length) => {
                self.roster = Some(roster);
                return bytes.get(length..);
            }
            First::Begun => return None,
            First::Text(least) => least,
        };
        let behind = bytes.get(least..)?;
        let length = self.forms.begin(behind).map_or(bytes.len(), |length| length + least);
        let (text, behind) = match bytes.split_at_checked(length)? {
            // What is at the end may be the beginning of one.
            ([text @ .., end], []) if self.forms.may_begin(*end) => {
                (text, std::slice::from_ref(end))
            }
            cut => cut,
        };
        self.text.extend(text.iter().filter(|byte| **byte != b'\n'));
        Some(behind).filter(|_| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(forms: Forms, pieces: &[&[u8]]) -> Hearing {
        let mut heard = Hearing { forms, ..Hearing::default() };
        for piece in pieces {
            heard.rest.extend_from_slice(piece);
            heard.take(piece.len());
        }
        heard
    }

    #[test]
    fn rosters_and_texts_are_told_apart_wherever_they_are_cut() {
        let all = b"ann: hi \n!{\"ann\": \"127.0.0.1\", \"bob\": \"::1\"}bob: !{ \n!";
        for at in 0..all.len() {
            let (one, other) = all.split_at(at);
            let heard = heard(Forms::Right, &[one, other]);
            let names: Vec<_> = heard.roster.iter().flatten().map(|(name, _)| name).collect();
            assert_eq!(names, ["ann", "bob"], "cut at {at}");
            assert_eq!(heard.text, b"ann: hi bob: !{ ", "cut at {at}");
            assert_eq!((heard.rest.as_slice(), heard.total), (&b"!"[..], all.len()));
        }
    }

    #[test]
    fn a_roster_of_two_thousand_names_is_one_and_a_hundred_thousand_are_none() {
        let roster = |count| {
            let users: Users = (0..count).map(|n| (format!("n{n}"), "127.0.0.1".into())).collect();
            format!("!{}", serde_json::to_string(&users).unwrap()).into_bytes()
        };
        for forms in [Forms::Right, Forms::Any] {
            let many = heard(forms, &[&roster(2000)]);
            assert_eq!(many.roster.map(|users| users.len()), Some(2000));
            assert_eq!(heard(forms, &[&roster(100_000)]).roster, None);
        }
    }

    #[test]
    fn other_forms_are_rosters_where_they_are_looked_for() {
        for text in ["!{\"ann\": 1}", "{\"ann\": {\"ip\": [null, 1.5, true, -1]}}", "[\"ann\"]"] {
            let mut heard = heard(Forms::Right, &[text.as_bytes()]);
            assert_eq!((heard.roster.clone(), heard.text.as_slice()), (None, text.as_bytes()));
            heard.again_in_any_form();
            assert!(heard.roster.is_some_and(|users| users.contains_key("ann")), "{text}");
        }
    }

    #[test]
    fn a_roster_of_any_form_may_be_cut_anywhere() {
        for all in [&b"hi{\"ann\": 1}"[..], b"hi[\"ann\"]", b"hi!{\"ann\": 1}"] {
            for at in 0..all.len() {
                let (one, other) = all.split_at(at);
                let hearing = heard(Forms::Any, &[one, other]);
                let is_there = hearing.roster.is_some_and(|users| users.contains_key("ann"));
                assert!(is_there && hearing.text == b"hi", "cut at {at}");
            }
        }
    }

    #[test]
    fn what_is_very_deep_is_text() {
        let deep = [&b"!{\"a\":"[..], &b"[".repeat(100_000), b"\n"].concat();
        let heard = heard(Forms::Any, &[&deep]);
        assert_eq!((heard.roster, heard.text.len()), (None, deep.len() - 1));
    }
}
