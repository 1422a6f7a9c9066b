//! Names of any form, by a regular expression of the teacher's.

use regex::Regex;

use crate::error::Error;
use crate::grade::exports::Label;

/// The regular expression, which must have a group `id`; `name`, `file` and `time` are used if there.
pub fn expression(text: &str) -> Result<Regex, Error> {
    let names = Regex::new(text)
        .map_err(|error| Error::Usage(format!("--names is no regular expression: {error}")))?;
    match names.capture_names().flatten().any(|name| name == "id") {
        true => Ok(names),
        false => Err(Error::Usage(
            "--names needs a group (?<id>…), and may have (?<name>…), (?<file>…) and (?<time>…), \
             as in '^(?<name>[^/]*)_(?<id>\\d+)/(?<file>.*)$'"
                .to_owned(),
        )),
    }
}

pub fn label(names: &Regex, path: &str) -> Option<Label> {
    let found = names.captures(path)?;
    let group =
        |name: &str| found.name(name).map_or_else(String::new, |part| part.as_str().to_owned());
    let (id, name) = (group("id"), group("name"));
    let whole = || path.rsplit('/').next().unwrap_or_default().to_owned();
    let file = Some(group("file")).filter(|file| !file.is_empty()).unwrap_or_else(whole);
    let name = if name.is_empty() { id.clone() } else { name };
    (!id.is_empty()).then(|| Label { id, name, file, time: group("time"), ..Label::default() })
}
