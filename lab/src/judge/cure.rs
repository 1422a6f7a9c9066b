//! What to do about an error whose message, as the compiler words it, does not say so to a beginner.

use crate::judge::build::Diagnosis;

/// A sentence with the cure, where the error has a usual one.
pub fn usual(error: &Diagnosis) -> Option<&'static str> {
    let said = error.message.as_str();
    let lists_comma = said.starts_with("expected one of") && said.contains("`,`");
    Some(match said {
        _ if said.starts_with("invalid format string") => {
            "In the text of `format!`, each `{` has its `}`; a brace to be printed is written twice."
        }
        "expected expression, found keyword `mut`" => {
            "A `&` is missing before `mut`: a buffer is lent as `&mut buffer`."
        }
        "expected expression, found `let` statement" => {
            "A `;` is missing at the end of the line before."
        }
        _ if said.starts_with("no implementation for `") && said.contains(" & ") => {
            "A `,` is missing before the `&`: each argument is separated from the next."
        }
        _ if said.starts_with("prefix `") => {
            "An opening bracket, `(`, is missing between the name and the quotation mark."
        }
        _ if lists_comma
            || said.starts_with("expected `,`, found")
            || said.starts_with("requires a destination and format arguments") =>
        {
            "Is a `,` missing there, between two arguments?"
        }
        _ if said.starts_with("cannot move out of") => {
            "Lend it, with a `&` before it: it belongs to somebody else."
        }
        _ if said.starts_with("`?` operator has incompatible types")
            || said
                .starts_with("the `?` operator can only be used on `Result`s, not `Option`s") =>
        {
            "Leave out the `?`."
        }
        _ if said == "mismatched types" && wants_a_reference(error) => {
            "Put a `&` before it: a reference is wanted."
        }
        _ => return None,
    })
}

fn wants_a_reference(error: &Diagnosis) -> bool {
    let plain = |label: &str| {
        let (_, rest) = label.split_once("expected `&")?;
        Some(rest.split_once("found `").is_some_and(|(_, found)| !found.starts_with('&')))
    };
    error.labels.iter().any(|(_, label)| plain(label) == Some(true))
}

/// The name that the compiler does not know.
pub fn unknown_value(error: &Diagnosis) -> Option<&str> {
    let rest = error.message.strip_prefix("cannot find value `")?;
    rest.split_once('`').map(|(name, _)| name)
}

/// Whether something is still a `Result`, and should be what is in it.
pub fn is_still_a_result(error: &Diagnosis) -> bool {
    let said = error.message.as_str();
    said.contains("found for enum `Result<")
        || said.contains("trait bound `Result<")
        || said.starts_with("`Result<")
        || (said.starts_with("the method `") && said.contains("<Result<"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(message: &str, label: &str) -> Diagnosis {
        let (message, text) = (message.to_owned(), String::new());
        let labels = vec![(1, label.to_owned())];
        Diagnosis { lines: vec![1], labels, proposals: vec![], message, text }
    }

    #[test]
    fn usual_mistakes_have_their_cure_and_others_none() {
        for (message, label, cure) in [
            ("invalid format string: unmatched `}` found", "", "`{`"),
            ("expected expression, found keyword `mut`", "", "`&`"),
            ("no implementation for `&mut Patient & [&str; 1]`", "", "`,`"),
            ("expected one of `)`, `,`, `.`, or an operator, found `x`", "", "`,`"),
            ("mismatched types", "expected `&str`, found `String`", "`&`"),
        ] {
            let said = usual(&error(message, label)).unwrap_or_default();
            assert!(said.contains(cure), "{message}: {said}");
        }
        assert_eq!(usual(&error("mismatched types", "expected `&str`, found `&[u8]`")), None);
        assert_eq!(usual(&error("expected one of `;` or `}`, found `x`", "")), None);
        let unknown = error("cannot find value `client_socket` in this scope", "");
        assert_eq!(unknown_value(&unknown), Some("client_socket"));
        assert!(is_still_a_result(&error("no method named `a` found for enum `Result<T, E>`", "")));
    }
}
