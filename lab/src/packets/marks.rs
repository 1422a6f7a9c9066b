//! `lab packets`: the answers of the packet questions, computed from a student's captures, and his
//! own answers marked.

use std::fmt::Write;

use crate::packets::answers::{self, Answers, Worth};
use crate::packets::capture::{Capture, Ending};
use crate::packets::evidence::{Evidence, Wanted};
use crate::packets::questions::{self, About, PacketQuestion, RightAnswer, Sheet};
use crate::text::escape;
use crate::text::style::{BAD, FAINT, GOOD, NEXT, STRONG, paragraph};
use serde::Serialize;

/// What came of one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Computed; nobody has answered.
    Computed,
    Right,
    Wrong,
    /// The student has left it out.
    NotAnswered,
    /// The captures do not have its packets.
    NoPackets,
}

/// One question, with all there is to say about it. What does not apply is left out.
#[derive(Debug, Serialize)]
pub struct Mark {
    pub key: &'static str,
    pub sheet: Sheet,
    pub number: &'static str,
    pub asks: &'static str,
    pub status: Standing,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What is wrong, or missing, in a sentence or two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
    /// The command that shows the packets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub see: Option<String>,
}

/// Everything there is to say; `--format json` prints it as it is.
#[derive(Debug, Serialize)]
pub struct Marks {
    pub passed: bool,
    pub right: usize,
    pub total: usize,
    /// Of the captures: which conversation was taken, what is not whole.
    pub notes: Vec<String>,
    pub lines: Vec<Mark>,
    /// What is said of keys that are no question's.
    pub unknown: Vec<String>,
    /// Sheets that are left out, since nothing here is about them.
    pub left_out: Vec<Sheet>,
}

/// The captures, and what was found in them.
pub struct Found<'a> {
    pub captures: &'a [Capture],
    pub evidence: Evidence,
    pub who: &'a Wanted,
}

/// Answers all questions of the sheets; without any named, of those that the captures are about.
pub fn compute(found: &Found, sheets: &[Sheet]) -> Marks {
    let about = |sheet: &Sheet| sheets.contains(sheet) || sheets.is_empty() && found.has(*sheet);
    let mut taken: Vec<Sheet> = Sheet::ALL.into_iter().filter(about).collect();
    if taken.is_empty() {
        taken = Sheet::ALL.to_vec(); // then all is missing, and said to be
    }
    let questions = questions::all().filter(|question| taken.contains(&question.sheet));
    let lines: Vec<Mark> = questions.map(|question| found.line(question, None)).collect();
    found.report(lines, Vec::new(), &taken)
}

/// Marks a student's answers, on the sheets of which there are any.
pub fn mark(found: &mut Found, answers: &Answers, sheets: &[Sheet]) -> Marks {
    // Which datagram a student has selected shows in its length.
    if let Some(length) = answers.number("q9_length") {
        found.evidence.select(length);
    }
    let about = |sheet: &Sheet| sheets.contains(sheet) || sheets.is_empty() && answers.has(*sheet);
    let mut taken: Vec<Sheet> = Sheet::ALL.into_iter().filter(about).collect();
    if taken.is_empty() {
        taken = Sheet::ALL.to_vec();
    }
    let questions = questions::all().filter(|question| taken.contains(&question.sheet));
    let marked = |question: &'static PacketQuestion| found.line(question, Some(answers));
    let lines = questions.map(marked).collect();
    found.report(lines, answers.unknown(), &taken)
}

impl Found<'_> {
    /// Whether the captures were made for this sheet. ARP packets are in every capture.
    fn has(&self, sheet: Sheet) -> bool {
        let Evidence { chosen, datagram, echo, dhcp, offer, .. } = &self.evidence;
        match sheet {
            Sheet::Ntnu => chosen.is_some() || datagram.is_some(),
            Sheet::Windsor => {
                echo.is_some()
                    || dhcp.is_some()
                    || offer.is_some()
                    || self.evidence.page().is_some()
            }
        }
    }

    fn report(&self, lines: Vec<Mark>, unknown: Vec<String>, taken: &[Sheet]) -> Marks {
        let good = |line: &&Mark| matches!(line.status, Standing::Computed | Standing::Right);
        let right = lines.iter().filter(good).count();
        Marks {
            passed: right == lines.len() && unknown.is_empty(),
            right,
            total: lines.len(),
            notes: self.notes(),
            left_out: Sheet::ALL.into_iter().filter(|sheet| !taken.contains(sheet)).collect(),
            lines,
            unknown,
        }
    }

    /// One question; where answers are marked, with what the student has written.
    fn line(&self, question: &'static PacketQuestion, answers: Option<&Answers>) -> Mark {
        let PacketQuestion { key, sheet, number, asks, .. } = *question;
        let answer = (question.answer)(&self.evidence);
        let given = answers.map(|answers| answers.get(key));
        let shown = answers.and_then(|answers| answers.shown(key));
        let as_written = shown.as_deref().unwrap_or_default();
        let (status, why) = match (&answer, given) {
            (None, _) => (Standing::NoPackets, Some(self.missing(question))),
            (Some(_), None) => (Standing::Computed, None),
            (Some(_), Some(None)) => (Standing::NotAnswered, None),
            (Some(answer), Some(Some(given))) => {
                match answers::judge(
                    given,
                    as_written,
                    &answer.value,
                    &(question.mistakes)(&self.evidence),
                ) {
                    Worth::Right => (Standing::Right, None),
                    Worth::Wrong(why) => (Standing::Wrong, why),
                }
            }
        };
        let place = answer.as_ref().and_then(|answer| answer.place);
        Mark {
            key,
            sheet,
            number,
            asks,
            status,
            given: shown,
            expected: answer.as_ref().map(|answer| answer.value.to_string()),
            why,
            file: place.map(|place| self.captures[place.file].name.clone()),
            frame: place.map(|place| place.frame),
            see: answer.as_ref().and_then(|answer| self.see(question, answer)),
        }
    }

    /// The command that shows the packets of a question; also where their absence is the answer.
    fn see(&self, question: &PacketQuestion, answer: &RightAnswer) -> Option<String> {
        let filter = question.about.filter(&self.evidence, self.who);
        let chosen = self.evidence.chosen.as_ref().map(|chosen| chosen.file);
        let file = answer.place.map(|place| place.file).or(chosen)?;
        (!filter.is_empty()).then(|| self.captures[file].see(&filter, question.about.fields()))
    }

    /// What the captures do not have, why that may be, and how to get it.
    fn missing(&self, question: &PacketQuestion) -> String {
        let evidence = &self.evidence;
        let has_syn = evidence.chosen.as_ref().is_some_and(|chosen| chosen.syn.is_some());
        let about = match question.about {
            About::SynAck | About::Windows | About::Throttling | About::Retransmissions
                if !has_syn =>
            {
                About::Syn
            }
            About::Reply if evidence.asked().is_none() => About::Request,
            about => about,
        };
        let hints = self.hints(about);
        if about.needs_ethernet() && !evidence.without_ethernet.is_empty() {
            return hints.join(". "); // the packets may be there, and do not show what is asked
        }
        let mut said = match about {
            About::Throttling | About::Retransmissions if evidence.too_long_to_follow => {
                let file = evidence.chosen.as_ref().map_or(0, |chosen| chosen.file);
                return self.captures[file].too_long();
            }
            About::Offer if evidence.offer.is_some() => {
                return "the DHCP server's offer does not have this option. Ask another server, or \
                        set the option there"
                    .to_owned();
            }
            About::Page if evidence.page().is_some() => self.unknown_owner(),
            About::Windows
                if evidence.chosen.as_ref().is_some_and(|c| c.is_whole() && c.is_cut()) =>
            {
                "the SYN or the SYNACK is cut off where the scale of the windows would be, so that \
                 no window can be read"
                    .to_owned()
            }
            about => about.missing(self.who),
        };
        for hint in hints {
            let _ = write!(said, ". {hint}"); // a String takes everything
        }
        said
    }

    fn unknown_owner(&self) -> String {
        match self.evidence.page() {
            Some(page) if page.kind == 0x0800 => format!(
                "no ARP reply says whose MAC address {} is. Delete the router's entry with `arp \
                 -d ROUTER` while you capture, and then get the page",
                page.to_mac
            ),
            _ => "the HTTP request did not go over IPv4".to_owned(),
        }
    }

    /// What was seen that may be why packets are missing.
    fn hints(&self, about: About) -> Vec<String> {
        let evidence = &self.evidence;
        let name = |file: usize| &self.captures[file].name;
        let mut hints = Vec::new();
        if let Some(place) = about.topic().and_then(|topic| evidence.over_ipv6.get(&topic)) {
            hints.push(format!(
                "Frame {} of {} goes over IPv6, and the questions are about IPv4: use the IPv4 \
                 address",
                place.frame,
                name(place.file)
            ));
        }
        if about.needs_ethernet() {
            for (file, lowest) in &evidence.without_ethernet {
                let kind = match lowest.as_str() {
                    "sll" => "it is a \"cooked\" capture, made with -i any",
                    _ => "it was not captured on an Ethernet card",
                };
                hints.push(format!(
                    "{} has no Ethernet headers: {kind}. Capture with -i eth0",
                    name(*file)
                ));
            }
        }
        for (file, frame) in &evidence.cut_packets {
            hints.push(format!(
                "In {} packets are not kept whole (frame {frame} is not): capture without -s",
                name(*file)
            ));
        }
        hints
    }

    /// What to know of the captures, whatever is asked.
    fn notes(&self) -> Vec<String> {
        let evidence = &self.evidence;
        let mut notes = Vec::new();
        if let Some(chosen) = &evidence.chosen {
            let file = &self.captures[chosen.file].name;
            let others = evidence.conversations_in(chosen.file) + evidence.surplus - 1;
            let choice = match others {
                _ if self.who.stream.is_some() => "which --stream names".to_owned(),
                0 => "the only one there".to_owned(),
                _ => format!("{others} more there; --client or --stream takes another one"),
            };
            notes.push(format!(
                "The conversation is that of {} with the server {} in {file}, {} ({choice}).",
                chosen.client,
                chosen.server,
                chosen.filter()
            ));
        }
        for (capture, ending) in self.captures.iter().zip(&evidence.endings) {
            if let Ending::Broken(said) = ending {
                let said = said.trim_end_matches('.');
                notes.push(format!(
                    "{} is not whole: {said}. The answers come from what is before that.",
                    capture.name
                ));
            }
        }
        notes
    }
}

impl Marks {
    /// The same with all that others have written made harmless: answers, names of files, what is quoted.
    pub fn harmless(mut self) -> Marks {
        for Mark { given, expected, why, file, see, .. } in &mut self.lines {
            let texts = [given, expected, why, file, see].into_iter().flatten();
            texts.for_each(|text| *text = escape::line(text));
        }
        for text in self.notes.iter_mut().chain(&mut self.unknown) {
            *text = escape::line(text);
        }
        self
    }

    /// The report for a person.
    pub fn in_full(&self, width: usize) -> String {
        let mut text = String::new();
        for note in &self.notes {
            text.push_str(&paragraph(width, "", "", note));
        }
        for sheet in Sheet::ALL.into_iter().filter(|sheet| !self.left_out.contains(sheet)) {
            let _ = writeln!(text, "{STRONG}{}{STRONG:#}", sheet.title()); // a String
            let mut lines: Vec<&Mark> =
                self.lines.iter().filter(|line| line.sheet == sheet).collect();
            lines.sort_by_key(|line| line.rank());
            for (at, line) in lines.iter().enumerate() {
                // Neighbours that miss the same packets, or show the same ones, say so once.
                let last = lines.get(at + 1).is_none_or(|next| !next.says_the_same_as(line));
                text.push_str(&line.in_full(width, last));
            }
        }
        for said in &self.unknown {
            text.push_str(&paragraph(width, &format!("{NEXT}!{NEXT:#} "), "  ", said));
        }
        for sheet in &self.left_out {
            let said = format!("{FAINT}Nothing here is about {}.{FAINT:#}", sheet.title());
            text.push_str(&paragraph(width, "", "", &said));
        }
        let style = if self.passed { GOOD } else { NEXT };
        let what = match self.lines.iter().any(|line| line.is_marked()) {
            true => "answers are right",
            false => "answers are in the captures",
        };
        let (right, total) = (self.right, self.total);
        let _ = writeln!(text, "{style}{right} of {total} {what}{style:#}");
        text
    }
}

impl Mark {
    /// What there is to do comes first, and what nobody has answered last.
    fn rank(&self) -> u8 {
        match self.status {
            Standing::Wrong => 0,
            Standing::Computed | Standing::NoPackets | Standing::Right => 1,
            Standing::NotAnswered => 2,
        }
    }

    fn is_marked(&self) -> bool {
        matches!(self.status, Standing::Right | Standing::Wrong | Standing::NotAnswered)
    }

    /// Whether what stands below this line would stand below the other one as well.
    fn says_the_same_as(&self, other: &Mark) -> bool {
        let said = |line: &Mark| (line.status, line.frame, line.see.clone(), line.why.clone());
        self.status != Standing::Wrong && said(self) == said(other)
    }

    /// The line; and below it, where nobody else says so, why, and where to look.
    fn in_full(&self, width: usize, last: bool) -> String {
        let (sign, style) = match self.status {
            Standing::Computed => (" ", GOOD),
            Standing::Right => ("✓", GOOD),
            Standing::Wrong => ("✗", BAD),
            Standing::NotAnswered => ("○", NEXT),
            Standing::NoPackets => ("?", NEXT),
        };
        let name = format!("{style}{sign}{style:#} {:<3} {:<21}", self.number, self.key);
        let below = " ".repeat(28);
        let said = match self.status {
            Standing::Computed => self.expected.clone().unwrap_or_default(),
            Standing::Right => self.given.clone().unwrap_or_default(),
            Standing::Wrong => {
                format!("{} is wrong: {}", self.given.as_deref().unwrap_or_default(), self.asks)
            }
            Standing::NotAnswered => format!("not answered: {}", self.asks),
            Standing::NoPackets => self.asks.to_owned(),
        };
        let mut text = paragraph(width, &name, &below, &said);
        let look = match (&self.file, self.frame) {
            (Some(file), Some(frame)) => format!("{file}, frame {frame}"),
            _ => String::new(),
        };
        let mut item = |label: &str, content: &str| {
            if !content.is_empty() {
                let label = format!("    {FAINT}{label:<10}{FAINT:#}");
                text.push_str(&paragraph(width, &label, &" ".repeat(14), content));
            }
        };
        match self.status {
            Standing::Right | Standing::NotAnswered => {}
            _ if !last => {}
            _ => {
                item("cause", self.why.as_deref().unwrap_or_default());
                item("look", &look);
                if let Some(see) = &self.see {
                    let _ = writeln!(text, "    {FAINT}{:<10}{FAINT:#}{see}", "see"); // whole
                }
            }
        }
        text
    }
}
