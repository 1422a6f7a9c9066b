//! The commands for whoever looks after the labs.

use crate::error::Error;
use crate::judge::verify::{self, Options};
use crate::judge::{mutants, shares};
use crate::labs;
use crate::text::say::say;
use crate::tree::Tree;

#[derive(clap::Args)]
pub(super) struct VerifyArguments {
    labs: Vec<String>,
    /// Record what wrong answers are told now
    #[arg(long)]
    bless: bool,
    /// Check solutions so many times, twins and slow labs a tenth of that, slow twins once
    #[arg(long, default_value_t = 1)]
    repeat: u32,
    /// Leave right and wrong answers out: the solutions, the twins, and each gap open
    #[arg(long)]
    quick: bool,
    /// Keep all processors busy meanwhile
    #[arg(long)]
    load: bool,
    /// Recorded messages need the default
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Check wrong answers with so many seeds, which must not change the verdict
    #[arg(long, value_name = "N", default_value_t = 1)]
    seeds: u64,
    /// Count of how many mistakes of one character the compiler's error is told with its cure; these alone
    #[arg(long)]
    slips: bool,
    /// Show what each recorded wrong answer costs, of how many points; this alone
    #[arg(long)]
    points: bool,
    /// Also check mutants of the solutions, mistakes made by rule; with --quick, these alone
    #[arg(long)]
    mutants: bool,
    /// So many mutants of each program, drawn by the seed
    #[arg(long, value_name = "N", requires = "mutants")]
    sample: Option<usize>,
}

impl VerifyArguments {
    pub(super) fn run(self, tree: &Tree) -> Result<(), Error> {
        let VerifyArguments { labs, bless, repeat, quick, load, seed, seeds, .. } = self;
        let labs = labs::named(tree, &labs)?;
        if self.points {
            say(&shares::screen(tree, &labs)?);
            return Ok(());
        }
        if self.slips {
            return verify::slips(tree, &labs);
        }
        let sampling = mutants::Sampling { seed, sample: self.sample, bless };
        let mutants = self.mutants.then_some(sampling);
        let options = Options { bless, repeat, quick, load, seed, seeds, mutants };
        verify::verify(tree, &labs, &options)
    }
}
