//! The grader's night: what is to be done for every submission, in batches, and what is done already.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::{env, fs, thread};

use crate::error::Error;
use crate::grade::answers::{self, HandedAnswers};
use crate::grade::check::{self, Bench, Judged, Work};
use crate::grade::compile::Compiler;
use crate::grade::exports::Submission;
use crate::grade::find::{Finds, Form, Text, find};
use crate::grade::lift::{Lifted, lift};
use crate::grade::progress::Progress;
use crate::grade::results::{GradeState, Graded, GradedProgram, Ledger, key, key_of_bytes};
use crate::labs::{LABS, Lab};
use crate::os::sandbox::Sandbox;
use crate::tree::{Tree, library};

/// So many programs are compiled, then checked, before the next ones are read.
const BATCH: usize = 192;

/// Everything that does not change from one submission to the next.
pub struct Night<'a> {
    forms: Vec<Form>,
    ledger: &'a Ledger,
    tree: &'a Tree,
    compiler: Compiler,
    sandbox: Option<Sandbox>,
    seed: u64,
    /// The checks, the skeletons and what they are given with.
    kit: String,
    /// Whether it has been seen that what was handed out compiles.
    is_tried: AtomicBool,
}

/// A submission whose programs are known, and not yet what came of them.
struct Pending {
    record: Graded,
    programs: Vec<(String, Text, Lifted)>,
}

impl<'a> Night<'a> {
    pub fn prepare(
        tree: &'a Tree,
        labs: &[&'static Lab],
        ledger: &'a Ledger,
        sandbox: Option<Sandbox>,
        seed: u64,
    ) -> Result<Night<'a>, Error> {
        let forms = Form::of(tree, labs)?;
        let compiler = Compiler::prepare(tree, &forms)?;
        let tool = env::current_exe().and_then(fs::read).unwrap_or_default();
        let mut parts = vec![key_of_bytes(&tool), library::PRISTINE.to_owned()];
        let all: Vec<&'static Lab> = LABS.iter().collect();
        parts.extend(Form::of(tree, &all)?.into_iter().map(|form| form.text));
        let kit = key(&parts.iter().map(String::as_str).collect::<Vec<_>>());
        Ok(Night {
            forms,
            ledger,
            tree,
            compiler,
            sandbox,
            seed,
            kit,
            is_tried: AtomicBool::new(false),
        })
    }

    /// Grades all of these. What has its result already keeps it.
    pub fn grade(&self, submissions: &[Submission]) -> Result<Vec<Graded>, Error> {
        let progress = Progress::of(submissions.len());
        let place = self.place();
        let bench = Bench {
            tree: self.tree,
            compiler: &self.compiler,
            sandbox: self.sandbox.clone(),
            seed: self.seed,
            place,
        };
        let mut records = Vec::new();
        let mut pending: Vec<Pending> = Vec::new();
        let mut works: BTreeMap<String, Work> = BTreeMap::new();
        for submission in submissions {
            let fingerprint = self.fingerprint(submission);
            let known = self.ledger.recall(&submission.id);
            let is_done = |known: &Graded| {
                known.key == fingerprint && known.state != GradeState::CouldNotCheck
            };
            if let Some(known) = known.filter(is_done) {
                progress.kept();
                records.push(known);
                continue;
            }
            pending.push(self.look_at(submission, fingerprint, &mut works));
            if works.len() >= BATCH {
                records.extend(self.batch(&bench, &mut pending, &mut works, &progress)?);
            }
        }
        records.extend(self.batch(&bench, &mut pending, &mut works, &progress)?);
        check::clear(&bench.place);
        let _ = fs::remove_dir(self.ledger.path("work")); // if no other process works there
        progress.finish();
        Ok(records)
    }

    /// Where this process works.
    fn place(&self) -> PathBuf {
        self.ledger.path(&format!("work/{}", std::process::id()))
    }

    fn sandbox_name(&self) -> String {
        match &self.sandbox {
            Some(sandbox) => sandbox.name.clone(),
            None => "none (--without-sandbox)".to_owned(),
        }
    }

    /// What tells whether a result is still that of this submission.
    fn fingerprint(&self, submission: &Submission) -> String {
        let mut text = format!("{} {} {}\n", submission.name, submission.late, submission.time);
        for file in &submission.files {
            text.push_str(&format!("{} {}\n", file.item.path, file.item.state()));
        }
        let forms: Vec<&str> = self.forms.iter().map(|form| form.lab.name).collect();
        let sandbox = self.sandbox_name();
        let seed = self.seed.to_string();
        key(&[&text, &forms.join(" "), &self.kit, &self.compiler.version, &sandbox, &seed])
    }

    /// Finds and lifts the programs of a submission.
    fn look_at<'s>(
        &'s self,
        submission: &Submission,
        fingerprint: String,
        works: &mut BTreeMap<String, Work<'s>>,
    ) -> Pending {
        let Finds { programs, unreadable, unread, notes, answers, captures } =
            find(&self.forms, submission);
        let mut record = Graded {
            id: submission.id.clone(),
            name: submission.name.clone(),
            late: submission.late,
            submitted: submission.time.clone(),
            notes: submission.notes.iter().chain(&notes).cloned().collect(),
            unread,
            download: submission.files.first().map(|it| it.item.path.clone()).unwrap_or_default(),
            kit: self.kit.clone(),
            toolchain: self.compiler.version.clone(),
            sandbox: self.sandbox_name(),
            seed: self.seed,
            key: fingerprint,
            ..Graded::default()
        };
        if let Some(answers) = &answers {
            let about = HandedAnswers { answers, captures: &captures };
            let place = answers::place(&self.place(), &record.key);
            record.packets = Some(answers::mark(&about, self.sandbox.as_ref(), &place));
        }
        for (name, why) in unreadable {
            record.programs.insert(name.to_owned(), not_gradable(why));
        }
        let mut lifted_programs = Vec::new();
        for form in &self.forms {
            let Some(text) = programs.get(form.lab.name) else { continue };
            let lifted = lift(form, &text.file, &text.text);
            if lifted.is_lost() {
                record.programs.insert(form.lab.name.to_owned(), lost(text, lifted));
                continue;
            }
            let key = self.key_of(form, &lifted);
            if lifted.refused.is_none() && self.ledger.known(&key).is_none() {
                let text = lifted.text.clone();
                works.entry(key.clone()).or_insert_with(|| Work { form, key, text });
            }
            lifted_programs.push((form.lab.name.to_owned(), text.clone(), lifted));
        }
        if lifted_programs.is_empty() && record.programs.is_empty() && record.packets.is_none() {
            record.state = GradeState::NotGradable;
            let nothing = "no file in it has the fences or the lines of a program";
            record.reason = Some(match (submission.files.is_empty(), notes.as_slice()) {
                (true, _) => "nothing was handed in".to_owned(),
                (false, []) => format!("{nothing}: {}", names_of(submission)),
                (false, notes) => format!("{nothing}; {}", notes.join("; ")),
            });
        }
        Pending { record, programs: lifted_programs }
    }

    fn key_of(&self, form: &Form, lifted: &Lifted) -> String {
        let seed = self.seed.to_string();
        let sandbox = self.sandbox_name();
        key(&[form.lab.name, &lifted.text, &self.kit, &self.compiler.version, &sandbox, &seed])
    }

    /// Compiles a program as it was handed out: if that fails, so would all others, and it would be
    /// nobody's fault but ours.
    fn try_out(&self, bench: &Bench) -> Result<(), Error> {
        let Some(form) = self.forms.first() else { return Ok(()) };
        let work = Work { form, key: "first".to_owned(), text: form.text.clone() };
        bench.compile(&work).must_be_built()
    }

    /// Compiles, then checks, then looks once more at what failed; then writes the results.
    fn batch<'s>(
        &'s self,
        bench: &Bench<'s>,
        pending: &mut Vec<Pending>,
        works: &mut BTreeMap<String, Work<'s>>,
        progress: &Progress,
    ) -> Result<Vec<Graded>, Error> {
        let works: Vec<Work> = std::mem::take(works).into_values().collect();
        if !works.is_empty() && !self.is_tried.swap(true, Ordering::Relaxed) {
            self.try_out(bench)?;
        }
        let mut fresh: BTreeMap<String, GradedProgram> = BTreeMap::new();
        let cores = thread::available_parallelism().map_or(2, usize::from);
        progress.say(&format!("compiling {} programs", works.len()));
        let ready = pool(works.iter().collect(), cores, |work| bench.compile(work));
        progress.say(&format!("checking {} programs", works.len()));
        let judged = pool(ready, WAITING * cores, |ready| bench.check(ready));
        let judged = judged.into_iter().collect::<Result<Vec<Judged>, Error>>()?;
        progress.say("looking once more at what has failed");
        // A few at a time: they wait more than they work, and none is kept from it.
        let known = |judged| -> Result<GradedProgram, Error> {
            let record = bench.record(bench.confirm(judged)?)?;
            if record.state == GradeState::Graded {
                self.ledger.learn(&record.key, &record)?; // also where the night ends here
            }
            Ok(record)
        };
        for record in pool(judged, AGAIN * cores, known) {
            let record = record?;
            fresh.insert(record.key.clone(), record);
        }
        let mut records = Vec::new();
        for mut waiting in std::mem::take(pending) {
            for (name, text, lifted) in waiting.programs {
                let form = self.forms.iter().find(|form| form.lab.name == name);
                let key = form.map_or_else(String::new, |form| self.key_of(form, &lifted));
                let known = || fresh.get(&key).cloned().or_else(|| self.ledger.known(&key));
                let known = match lifted.refused {
                    None => known().unwrap_or_default(),
                    Some(_) => GradedProgram::default(), // what it would do without that gap is not asked
                };
                let program = whole(known, key, text, lifted);
                waiting.record.programs.insert(name, program);
            }
            let passed = waiting.record.programs.values().all(GradedProgram::has_passed);
            self.ledger.keep(&waiting.record)?;
            progress.done(passed);
            records.push(waiting.record);
        }
        Ok(records)
    }
}

/// A program of which there is something that cannot be graded.
fn not_gradable(why: String) -> GradedProgram {
    GradedProgram {
        state: GradeState::NotGradable,
        reason: Some(why),
        key: "none".to_owned(),
        ..GradedProgram::default()
    }
}

/// A program without a fence, in which no gap can be told from what was given.
fn lost(text: &Text, lifted: Lifted) -> GradedProgram {
    let why = format!("{}: all lines with ==== are gone, and no gap can be found", text.file);
    let notes = text.notes.iter().cloned().chain(lifted.notes).collect();
    GradedProgram {
        gaps: lifted.gaps,
        outside: lifted.outside,
        file: text.file.clone(),
        download: text.download.clone(),
        notes,
        ..not_gradable(why)
    }
}

/// What was handed in, for whoever has to look at it.
fn names_of(submission: &Submission) -> String {
    const MOST: usize = 5;
    let names = submission.files.iter().map(|file| file.file.as_str());
    let mut said = names.take(MOST).collect::<Vec<_>>().join(", ");
    if submission.files.len() > MOST {
        said.push_str(&format!(" and {} more", submission.files.len() - MOST));
    }
    said
}

/// So many programs for each processor are checked at once: most of the time they wait.
const WAITING: usize = 8;

/// So many for each processor are looked at once more.
const AGAIN: usize = 5;

/// What came of a program, with what is special to one student's file.
fn whole(known: GradedProgram, key: String, text: Text, lifted: Lifted) -> GradedProgram {
    let mut notes = text.notes;
    notes.extend(lifted.notes);
    notes.extend(known.notes);
    GradedProgram {
        not_built: lifted.refused.or(known.not_built),
        gaps: lifted.gaps,
        outside: lifted.outside,
        file: text.file,
        download: text.download,
        notes,
        key,
        ..known
    }
}

/// Does the work for each item, with so many workers, and gives back what came of it in their order.
fn pool<T: Send, R: Send>(items: Vec<T>, workers: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let items: Vec<Mutex<Option<T>>> = items.into_iter().map(|it| Mutex::new(Some(it))).collect();
    let done: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let worker = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let (Some(item), Some(result)) = (items.get(number), done.get(number)) else { break };
            let item = item.lock().expect("no worker panics while it holds this").take();
            if let Some(item) = item {
                let made = work(item);
                *result.lock().expect("no worker panics while it holds this") = Some(made);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers.min(items.len()) {
            scope.spawn(worker);
        }
    });
    let done = done.into_iter().map(|it| it.into_inner().expect("no worker has panicked"));
    done.map(|it| it.expect("every item was worked on")).collect()
}
