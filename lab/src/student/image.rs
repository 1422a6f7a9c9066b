//! The lab network of a students' kit: what its image is built from, and what its hosts see, without what a
//! kit has not. There are no solutions in it, and no source of the tool where that travels built.

/// What says which files an image can be built from.
const IGNORED: &str = ".dockerignore";

/// Cuts what names a file or a directory that is not there.
pub fn of_a_kit(files: &mut [(String, Vec<u8>)], with_source: bool) {
    let mut there: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    if with_source {
        there.push("Cargo.lock".to_owned()); // made when all else is written
    }
    let ignored = files.iter().find(|(name, _)| name == IGNORED).map(|(_, bytes)| bytes.clone());
    let ignored = String::from_utf8_lossy(&ignored.unwrap_or_default()).into_owned();
    let seen: Vec<&str> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let seen: Vec<&str> = seen.into_iter().filter(|path| has(&there, path)).collect();
    for (name, bytes) in files {
        let is_kept: &dyn Fn(&str) -> bool = match name.as_str() {
            IGNORED => &|line| line.strip_prefix('!').is_none_or(|path| has(&there, path)),
            "docker/Dockerfile" => {
                &|line| copied(line).is_none_or(|all| all.iter().any(|path| has(&seen, path)))
            }
            "docker/compose.yaml" => &|line| !is_about_solutions(line),
            _ => continue,
        };
        let text = String::from_utf8_lossy(bytes);
        let kept = text.split_inclusive('\n').filter(|line| is_kept(line.trim_end()));
        *bytes = kept.collect::<String>().into_bytes();
    }
}

/// Whether among these files is this one, or one in this directory.
fn has(files: &[impl AsRef<str>], path: &str) -> bool {
    let is_there = |name: &str| {
        name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    files.iter().any(|name| is_there(name.as_ref()))
}

/// What a line of a Dockerfile copies out of the directory that is built from.
fn copied(line: &str) -> Option<Vec<&str>> {
    let mut words: Vec<&str> = line.strip_prefix("COPY ")?.split(' ').collect();
    words.pop(); // where to
    (!line.contains("--from=")).then_some(words)
}

/// The volume for what is built there: Docker makes a directory for it, and as root.
fn is_about_solutions(line: &str) -> bool {
    line.trim_start().trim_start_matches("- ").starts_with("solutions:")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: &str = "# All but these:\n*\n!Cargo.toml\n!Cargo.lock\n!lab/Cargo.toml\n\
                        !skeletons/Cargo.toml\n!solutions/Cargo.toml\n!docker\n";

    /// A file as a kit has it, which has these.
    fn cut(there: &[&str], name: &str, text: &str) -> String {
        let mut files = vec![(IGNORED.to_owned(), SEEN.as_bytes().to_vec())];
        files.extend(there.iter().map(|name| ((*name).to_owned(), Vec::new())));
        files.retain(|file| file.0 != name);
        files.push((name.to_owned(), text.as_bytes().to_vec()));
        of_a_kit(&mut files, there.contains(&"Cargo.toml"));
        String::from_utf8(files.pop().unwrap().1).unwrap()
    }

    const WITH_SOURCE: [&str; 3] = ["Cargo.toml", "lab/Cargo.toml", "skeletons/Cargo.toml"];
    const BUILT: [&str; 2] = ["lab/kit/doctor.sh", "skeletons/Cargo.toml"];

    #[test]
    fn an_image_is_built_from_what_is_there() {
        let text = "FROM debian AS crates\nCOPY Cargo.toml Cargo.lock ./\nCOPY lab lab\n\
                    COPY skeletons skeletons\nCOPY solutions solutions\nCOPY --from=crates /labs /labs\n";
        let kit = text.replace("COPY solutions solutions\n", "");
        assert_eq!(cut(&WITH_SOURCE, "docker/Dockerfile", text), kit);
        let built = kit.replace("COPY Cargo.toml Cargo.lock ./\nCOPY lab lab\n", "");
        assert_eq!(cut(&BUILT, "docker/Dockerfile", text), built);
        let kit = SEEN.replace("!solutions/Cargo.toml\n!docker\n", "");
        assert_eq!(cut(&WITH_SOURCE, IGNORED, SEEN), kit);
        let built = kit.replace("!Cargo.toml\n!Cargo.lock\n!lab/Cargo.toml\n", "");
        assert_eq!(cut(&BUILT, IGNORED, SEEN), built);
    }

    #[test]
    fn no_host_mounts_what_is_not_there() {
        let text = "  - skeletons:/labs/skeletons/target\n  - solutions:/labs/solutions/target\n  solutions: { }\n";
        let kit = "  - skeletons:/labs/skeletons/target\n";
        assert_eq!(cut(&WITH_SOURCE, "docker/compose.yaml", text), kit);
    }
}
