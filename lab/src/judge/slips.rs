//! `lab verify --slips`: mistakes of one character, in every gap of every program. The compiler finds them;
//! who names the cure, and the gap that needs it, is counted.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::judge::blame::blame;
use crate::judge::build::{self, Built, Diagnosis};
use crate::judge::bulk;
use crate::judge::report::Subject;
use crate::labs::Lab;
use crate::text::say::say;
use crate::tree::products;
use crate::tree::source::{self, Gap};
use crate::tree::{Set, Tree, product};

const DIRECTORY: &str = "target/slips";
/// Of a hundred slips so many must be told with their cure.
const AIM: usize = 95;

/// One character too few or too many in a gap.
struct Slip {
    lab: &'static Lab,
    gap: String,
    /// The line of the gap's body, from 0.
    line: usize,
    what: Typo,
    body: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Typo {
    Missing(char),
    /// A name without one of its letters.
    Misspelt(String),
    /// A `?` where none belongs.
    Surplus,
}

impl Slip {
    fn program(&self, number: usize) -> String {
        format!("{}--{number}", self.lab.name)
    }

    fn told(&self) -> String {
        match &self.what {
            Typo::Missing(c) => format!("without `{c}`"),
            Typo::Misspelt(name) => format!("`{name}` misspelt"),
            Typo::Surplus => "with a `?` too many".to_owned(),
        }
    }
}

/// Makes the slips of these labs, builds them, and reads what is said of each. Prints of how many the cure
/// is named. Where these are too few, it gives what is said of the others.
pub fn count(tree: &Tree, labs: &[&'static Lab]) -> Result<Vec<String>, Error> {
    let (slips, texts, built) = built(tree, labs)?;
    let (mut cured, mut wrong) = (0, 0);
    let mut kinds: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    let mut others = Vec::new();
    for (number, (slip, text)) in slips.iter().zip(&texts).enumerate() {
        let errors = built.errors.get(&slip.program(number));
        let Some(error) = errors.and_then(|errors| errors.first()) else { continue };
        let name = product(Set::Skeletons, slip.lab.name);
        let parsed = source::parse(&name, text).ok();
        let subject = Subject { name, source: parsed.as_ref() };
        let (said, gap) = blame(tree, slip.lab, &subject, error)?;
        let named = gap.as_deref() == Some(slip.gap.as_str()) && names_cure(slip, &said, error);
        wrong += 1;
        cured += usize::from(named);
        let kind = match &slip.what {
            Typo::Misspelt(_) => "a name misspelt".to_owned(),
            _ => slip.told(),
        };
        let [good, all] = kinds.entry(kind).or_default();
        *good += usize::from(named);
        *all += 1;
        if !named {
            let (name, line) = (&slip.gap, slip.line + 1);
            others.push(format!(
                "{}, gap {name}, line {line}, {}: {said} ({})",
                slip.lab.name,
                slip.told(),
                error.message
            ));
        }
    }
    say(&format!("slips: the cure is named of {cured} of {wrong} mistakes of one character\n"));
    for (kind, [good, all]) in kinds {
        say(&format!("  {kind:<22} {good:>4} of {all}\n"));
    }
    if 100 * cured >= AIM * wrong {
        others.iter().for_each(|other| say(&format!("  {other}\n")));
        return Ok(Vec::new());
    }
    Ok(others)
}

/// The slips of these labs, each program's text, and what the compiler says of them.
fn built(tree: &Tree, labs: &[&'static Lab]) -> Result<(Vec<Slip>, Vec<String>, Built), Error> {
    let (mut slips, mut texts, mut programs) = (Vec::new(), Vec::new(), Vec::new());
    for lab in labs {
        let solution = products::of(tree, lab.name)?.solution;
        for slip in solution.gaps.iter().flat_map(|gap| in_gap(lab, gap)) {
            let text = solution.with_bodies(|gap| match gap.name == slip.gap {
                true => &slip.body,
                false => &gap.body,
            });
            let name = slip.program(slips.len());
            tree.write_changed(&format!("{DIRECTORY}/{name}.rs"), &text)?;
            programs.push((name, lab.name));
            texts.push(text);
            slips.push(slip);
        }
    }
    bulk::write_package(tree, DIRECTORY, "socket-labs-slips", &programs)?;
    let names: Vec<&str> = programs.iter().map(|(name, _)| name.as_str()).collect();
    let built = build::build(&tree.path(DIRECTORY), &names)?;
    Ok((slips, texts, built))
}

/// The slips of one gap: each is tried once a line.
fn in_gap(lab: &'static Lab, gap: &Gap) -> Vec<Slip> {
    const DROPPED: [char; 9] = [';', '?', '(', ')', '{', '}', '"', '&', ','];
    let lines: Vec<&str> = gap.body.lines().collect();
    let mut slips = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let mut slip = |what, changed: String| {
            let mut lines = lines.clone();
            lines[number] = &changed;
            let body = lines.join("\n") + "\n";
            slips.push(Slip { lab, gap: gap.name.clone(), line: number, what, body });
        };
        for c in DROPPED {
            if let Some(at) = code.rfind(c) {
                let (before, behind) = line.split_at(at);
                slip(Typo::Missing(c), before.to_owned() + behind.get(1..).unwrap_or_default());
            }
        }
        if let Some((before, behind)) = line.split_once(");").filter(|_| !code.contains('?')) {
            slip(Typo::Surplus, format!("{before})?;{behind}"));
        }
        let is_name = |word: &&str| {
            word.len() > 4 && !word.contains(|c: char| !c.is_alphabetic() && c != '_')
        };
        let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = words.find(is_name).map(str::to_owned) {
            let (begin, end) = word.split_at(2);
            let shorter = format!("{begin}{}", end.get(1..).unwrap_or_default());
            slip(Typo::Misspelt(word.clone()), line.replacen(&word, &shorter, 1));
        }
    }
    slips
}

/// Whether what is said, or what the compiler proposes, is what the student has to do.
fn names_cure(slip: &Slip, said: &str, error: &Diagnosis) -> bool {
    let proposes = |text: &str| error.proposals.iter().any(|(_, proposed)| proposed.contains(text));
    let quoted = |c: char| said.contains(&format!("`{c}`"));
    match &slip.what {
        Typo::Missing(c @ ('(' | ')' | '{' | '}')) => said.contains("bracket") || quoted(*c),
        Typo::Missing('"') => said.contains("quotation mark"),
        Typo::Missing(c) => quoted(*c) || proposes(&c.to_string()),
        Typo::Misspelt(name) => {
            said.contains(name) || proposes(name) || error.text.contains(name.as_str())
        }
        Typo::Surplus => quoted('?'),
    }
}
