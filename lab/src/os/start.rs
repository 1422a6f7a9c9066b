//! How a program under check is started: with what it may see, may use and is told.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::os::limits::Budget;
use crate::os::output::Screen;
use crate::os::sandbox::{Account, Enclosure};
use crate::os::view::View;
use crate::os::zone;

/// How a program is started.
pub struct Start<'a> {
    pub command: &'a [OsString],
    pub directory: &'a Path,
    pub variables: &'a [(&'a str, &'a OsStr)],
    pub screen: Screen,
    /// What it sees of this machine's files, if not all. For a program of a set, not for a command of
    /// the caller's.
    pub view: Option<View>,
    /// What it sees in a sandbox: then the view does not matter.
    pub enclosure: Option<Enclosure>,
    pub budget: Budget,
    /// How long it may run.
    pub time: Duration,
}

impl Start<'_> {
    pub(super) fn command(&self) -> io::Result<(Command, Option<Account>)> {
        let (mut command, account) = match &self.enclosure {
            Some(enclosure) => {
                let (command, account) = enclosure.command(self.command, self.directory)?;
                (command, Some(account))
            }
            None => (self.plain_command(), None),
        };
        command
            .env("TZ", &*zone::of_checks().name)
            .env("PYTHONUNBUFFERED", "1") // Python's print() would keep its lines to itself
            .env_remove("RUST_BACKTRACE") // its lines would hide the one that says what happened
            .envs(self.variables.iter().copied());
        if self.screen == Screen::Terminal {
            command.env("TERM", "dumb").env("NO_COLOR", "1"); // a text is looked for
        }
        self.budget.limit(&mut command);
        Ok((command, account))
    }

    fn plain_command(&self) -> Command {
        let (program, arguments) = self.command.split_first().expect("a command has a first word");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.directory);
        // The mail account of whoever runs the checks is none of its business, nor whom he trusts.
        for (name, _) in env::vars_os() {
            let begins = |begin: &&str| name.as_encoded_bytes().starts_with(begin.as_bytes());
            if ["MAIL_", "CHAT_"].iter().any(begins) {
                command.env_remove(name);
            }
        }
        if let Some(view) = &self.view {
            command.env("HOME", &view.own).env("TMPDIR", &view.own);
        }
        command.process_group(0);
        command
    }
}
