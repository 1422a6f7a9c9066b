//! The command that grades a class.

use std::path::PathBuf;

use crate::error::Error;
use crate::grade::{self, Grading};
use crate::tree::Tree;

use super::say;

#[derive(clap::Args)]
pub(super) struct GradeArguments {
    /// Downloads of Moodle, Canvas, Gradescope, Blackboard or Brightspace, packed or unpacked; a
    /// directory of clones, or with a folder or an archive for each; archives of `make submit`
    #[arg(required_unless_present_any = ["one", "collect"], value_name = "EXPORT")]
    exports: Vec<PathBuf>,
    /// Where results go, and are found again by the next run; with --one, the file of the one result
    #[arg(long, value_name = "DIR", required_unless_present_any = ["list", "collect"])]
    out: Option<PathBuf>,
    /// Say whose submissions there are, and grade nothing: an identity on each line, for --id
    #[arg(long, conflicts_with_all = ["one", "collect", "fill", "names_shown"])]
    list: bool,
    /// Grade one submission, for a process of its own under an engine: the one in this export that --id
    /// names; or, without it, this one folder or file
    #[arg(long, value_name = "PATH", conflicts_with_all = ["exports", "collect", "fill", "names_shown"])]
    one: Option<PathBuf>,
    /// Whose submission, as --list says it
    #[arg(long, value_name = "ID", requires = "one", allow_hyphen_values = true)]
    id: Option<String>,
    /// Make one gradebook of the results in DIR/results that single processes have left
    #[arg(long, value_name = "DIR", conflicts_with_all = ["exports", "out"])]
    collect: Option<PathBuf>,
    /// Programs, or labs by their numbers, that count; without it those of assignment.toml, or all
    /// that anybody has handed in
    #[arg(long, value_name = "LAB")]
    lab: Vec<String>,
    /// How names of files say whose they are, for any other form: '^(?<id>\d+)_(?<file>.*)$'
    #[arg(long, value_name = "REGEX")]
    names: Option<String>,
    /// Another file than DIR/assignment.toml
    #[arg(long, value_name = "FILE")]
    assignment: Option<PathBuf>,
    /// The inputs of all checks; without it those of the last run in DIR, or new ones
    #[arg(long)]
    seed: Option<u64>,
    /// Run strangers' programs as your own, and write so into every result
    #[arg(long)]
    without_sandbox: bool,
    /// A worksheet of Moodle's or a gradebook of Canvas's, as downloaded: a copy in DIR gets one column
    #[arg(long, value_name = "WORKSHEET.csv")]
    fill: Vec<PathBuf>,
    /// The column that is filled, where the file does not show which
    #[arg(long, requires = "fill")]
    column: Option<String>,
    /// Show names in the report
    #[arg(long)]
    names_shown: bool,
}

pub(super) fn grade(tree: &Tree, arguments: GradeArguments) -> Result<(), Error> {
    let wanted = Grading {
        exports: arguments.exports,
        out: arguments.out.unwrap_or_default(),
        labs: arguments.lab,
        names: arguments.names,
        assignment: arguments.assignment,
        seed: arguments.seed,
        without_sandbox: arguments.without_sandbox,
        fill: arguments.fill,
        column: arguments.column,
        names_shown: arguments.names_shown,
    };
    if arguments.list {
        return say(&grade::identities(&wanted)?);
    }
    let said = match (&arguments.one, &arguments.collect) {
        (Some(path), _) => grade::grade_one(tree, &wanted, path, arguments.id.as_deref())?,
        (_, Some(directory)) => grade::collect(tree, &wanted, directory)?,
        _ => grade::grade(tree, &wanted)?,
    };
    say(&said)
}
