//! The exchange of a check, drawn: what went over the wire, from top to bottom, as text and as a picture.

use std::fmt::Write;

use serde::Serialize;
use svg::Document;
use svg::node::element::{Group, Line, Polygon, Rectangle, Text};

use crate::text::style::{BAD, FAINT, STRONG};
use crate::trial::{Crossed, Exchange, Failure, How};

/// How many lines an exchange has that was asked for.
pub const SCREEN: usize = 16;
/// The fewest lines that say something: two of the exchange, and how many are left out.
pub const LEAST: usize = 3;

/// One thing that went over the wire, as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct Rung {
    /// Since the first.
    pub milliseconds: f64,
    /// `check` or `program`.
    pub from: &'static str,
    /// The connection, or the pair of UDP sockets, counted from 1.
    pub connection: usize,
    /// `connect`, `segment`, `FIN`, `RST`, `datagram`, or what TLS calls it.
    pub how: &'static str,
    /// Where it went, and what was in it.
    pub what: String,
    /// This is where it differs from what was expected.
    pub differs: bool,
}

/// What there is to draw.
pub fn rungs(exchange: &Exchange, failure: Option<&Failure>) -> Vec<Rung> {
    let differs =
        failure.map(|failure| failure.differs.as_slice()).filter(|bytes| !bytes.is_empty());
    let is_wrong = |sent: &&Crossed| {
        let differs = differs.unwrap_or_default();
        let same = sent.bytes.starts_with(differs) || differs.ends_with(&sent.bytes);
        sent.from_program && !sent.bytes.is_empty() && !differs.is_empty() && same
    };
    let wrong = exchange.sent.iter().rev().find(is_wrong).map(std::ptr::from_ref);
    let rung = |sent: &Crossed| Rung {
        milliseconds: (sent.after.as_secs_f64() * 1e4).round() / 10.0,
        from: if sent.from_program { "program" } else { "check" },
        connection: sent.number,
        how: how(sent),
        what: what(sent),
        differs: wrong == Some(std::ptr::from_ref(sent)),
    };
    // Of a long exchange both ends are kept; a wrong one in between is not marked.
    const FIRST: usize = 200;
    const LAST: usize = 100;
    let (sent, rest) = exchange.sent.split_at(exchange.sent.len().min(FIRST));
    let (between, last) = rest.split_at(rest.len().saturating_sub(LAST));
    let left_out = between.first().map(|first| Rung {
        how: LEFT_OUT,
        what: format!("{} more", between.len()),
        differs: false,
        ..rung(first)
    });
    sent.iter().map(rung).chain(left_out).chain(last.iter().map(rung)).collect()
}

/// What stands for those that are not kept.
const LEFT_OUT: &str = "…";

fn how(sent: &Crossed) -> &'static str {
    match sent.kind {
        How::Connect => "connect",
        How::Reset => "RST",
        How::Fin => "FIN",
        How::Datagram => "datagram",
        How::Segment => match sent.bytes.as_slice() {
            [20, 3, ..] => "TLS change of keys",
            [21, 3, ..] => "TLS alert",
            [22, 3, ..] => "TLS handshake",
            [23, 3, ..] => "TLS data",
            _ => "segment",
        },
    }
}

fn what(sent: &Crossed) -> String {
    const SHOWN: usize = 24;
    let length = sent.length;
    let escaped = sent.bytes.escape_ascii().to_string();
    match sent.kind {
        How::Connect => format!("to port {}", sent.to.port()),
        How::Reset | How::Fin => String::new(),
        How::Segment if how(sent) != "segment" => format!("{length} bytes"),
        _ if length == 0 => "empty".to_owned(),
        _ if escaped.len() <= SHOWN && sent.bytes.len() == length => format!("\"{escaped}\""),
        _ => {
            let begin: String = escaped.chars().take(SHOWN).collect();
            format!("\"{begin}…\" ({length} bytes)")
        }
    }
}

impl Rung {
    fn label(&self, several: bool) -> String {
        let number = if several { format!("#{} ", self.connection) } else { String::new() };
        let how = match self.how {
            "segment" => "",
            how => how,
        };
        let between = if how.is_empty() || self.what.is_empty() { "" } else { " " };
        format!("{number}{how}{between}{}", self.what)
    }
}

/// Those that are shown of a long exchange, and how many are left out between them.
fn shown(rungs: &[Rung], lines: usize) -> (&[Rung], usize, &[Rung]) {
    if rungs.len() <= lines {
        return (rungs, 0, &[]);
    }
    let last = lines.saturating_sub(1) / 2;
    let (first, rest) = rungs.split_at(lines.saturating_sub(1).saturating_sub(last));
    let (left_out, last) = rest.split_at(rest.len().saturating_sub(last));
    (first, left_out.len(), last)
}

/// A ladder of so many lines, below a line that says who is where.
pub fn ladder(rungs: &[Rung], width: usize, lines: usize) -> String {
    const WIDEST: usize = 62;
    let lane = width.saturating_sub(INDENT + 4).clamp(24, WIDEST);
    let several = rungs.iter().any(|rung| rung.connection > 1);
    let room = lane.saturating_sub("checkprogram".len());
    let mut text = format!(
        "    {FAINT}wire          ms{FAINT:#}  {STRONG}check{:room$}program{STRONG:#}\n",
        ""
    );
    let (first, left_out, last) = shown(rungs, lines);
    let line = |rung: &Rung| rung.line(lane, several);
    text.extend(first.iter().map(line));
    if left_out > 0 {
        let _ = writeln!(text, "{:INDENT$}  {FAINT}… {left_out} more{FAINT:#}", ""); // as below
    }
    text.extend(last.iter().map(line));
    text
}

/// How far a ladder is indented: its times end here.
const INDENT: usize = 20;

impl Rung {
    fn line(&self, lane: usize, several: bool) -> String {
        let label = cut(&self.label(several), lane.saturating_sub(6));
        let dashes = "─".repeat(lane.saturating_sub(label.chars().count() + 5));
        let arrow = match self.from {
            "check" => format!("── {label} {dashes}▶"),
            _ => format!("◀{dashes} {label} ──"),
        };
        let mark = if self.differs { format!(" {BAD}✗{BAD:#}") } else { String::new() };
        format!("{:>INDENT$.1}  {arrow}{mark}\n", self.milliseconds)
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

// ---- The picture ----

// In pixels.
const LEFT: usize = 130;
const LANE: usize = 560;
const ROW: usize = 34;
const TOP: usize = 70;
const CHECK: &str = "#0072b2"; // Okabe and Ito's, which people tell apart who do not see all colours
const PROGRAM: &str = "#d55e00";
const INK: &str = "#333333";

/// The same as a picture, an SVG document of its own.
pub fn picture(title: &str, rungs: &[Rung]) -> String {
    const LINES: usize = 60;
    let (first, left_out, last) = shown(rungs, LINES);
    let rows = first.len() + last.len() + usize::from(left_out > 0);
    let (width, height) = (LEFT + LANE + 90, TOP + ROW * (rows + 1));
    let several = rungs.iter().any(|rung| rung.connection > 1);
    let text = |content: &str, x: usize, y: usize, anchor: &str| {
        let text = Text::new(content).set("x", x).set("y", y).set("text-anchor", anchor);
        text.set("fill", INK)
    };
    let mut drawing = Group::new().set("font-family", "sans-serif").set("font-size", 13);
    drawing = drawing.add(text(title, 16, 24, "start").set("font-size", 16));
    drawing = drawing.add(text("ms", LEFT - 40, TOP - 12, "end"));
    for (name, x) in [("check", LEFT), ("program", LEFT + LANE)] {
        let line = Line::new().set("x1", x).set("x2", x).set("y1", TOP - 4).set("y2", height - 12);
        drawing = drawing
            .add(text(name, x, TOP - 12, "middle").set("font-weight", "bold"))
            .add(line.set("stroke", "#777777"));
    }
    for (row, rung) in first.iter().enumerate() {
        drawing = drawing.add(rung.arrow(row, several));
    }
    if left_out > 0 {
        let y = TOP + ROW * first.len() + ROW / 2;
        let said = format!("… {left_out} more");
        drawing = drawing.add(text(&said, LEFT + LANE / 2, y, "middle"));
    }
    for (row, rung) in (rows.saturating_sub(last.len())..).zip(last) {
        drawing = drawing.add(rung.arrow(row, several));
    }
    let paper = Rectangle::new().set("width", width).set("height", height).set("fill", "white");
    let document = Document::new().set("viewBox", (0, 0, width, height)).set("width", width);
    format!("{}\n", document.set("height", height).add(paper).add(drawing))
}

impl Rung {
    fn arrow(&self, row: usize, several: bool) -> Group {
        let (from, to, tip, colour) = match self.from {
            "check" => (LEFT, LEFT + LANE, LEFT + LANE - 9, CHECK),
            _ => (LEFT + LANE, LEFT, LEFT + 9, PROGRAM),
        };
        let y = TOP + ROW * row + ROW / 2;
        let head = format!("{to},{y} {tip},{} {tip},{}", y - 5, y + 5);
        let line = Line::new().set("x1", from).set("x2", tip).set("y1", y).set("y2", y);
        let mark = if self.differs { "✗ " } else { "" };
        let label = Text::new(format!("{mark}{}", self.label(several)));
        let label = label.set("x", LEFT + LANE / 2).set("y", y - 6).set("text-anchor", "middle");
        let when = Text::new(format!("{:.1}", self.milliseconds));
        let when = when.set("x", LEFT - 40).set("y", y + 4).set("text-anchor", "end");
        Group::new()
            .add(line.set("stroke", colour).set("stroke-width", 1.5))
            .add(Polygon::new().set("points", head).set("fill", colour))
            .add(label.set("fill", colour))
            .add(when.set("fill", INK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(from: &'static str, what: &str) -> Rung {
        let what = what.to_owned();
        Rung { milliseconds: 0.25, from, connection: 1, how: "segment", what, differs: false }
    }

    #[test]
    fn a_ladder_fits_its_width_and_the_middle_of_a_long_one_is_counted() {
        let rungs: Vec<Rung> =
            (0..40).map(|n| rung(["check", "program"][n % 2], &"long ".repeat(n))).collect();
        for width in [60, 80, 100] {
            let drawn = anstream::adapter::strip_str(&ladder(&rungs, width, 9)).to_string();
            assert_eq!(drawn.lines().count(), 10, "{drawn}");
            assert!(drawn.contains("… 32 more"), "{drawn}");
            assert!(drawn.lines().all(|line| line.chars().count() <= width), "{drawn}");
        }
    }

    #[test]
    fn what_differs_is_marked_once() {
        let sent = |from_program, bytes: &[u8]| Crossed {
            after: std::time::Duration::ZERO,
            from_program,
            number: 1,
            to: "127.0.0.1:80".parse().unwrap(),
            kind: How::Segment,
            bytes: bytes.to_vec(),
            length: bytes.len(),
        };
        let exchange =
            Exchange { sent: vec![sent(false, b"hallo"), sent(true, b"hallo"), sent(true, b"x")] };
        let failure = Failure::new("", "").difference(b"HALLO", b"hallo");
        let drawn = rungs(&exchange, Some(&failure));
        assert_eq!(drawn.iter().map(|rung| rung.differs).collect::<Vec<_>>(), [false, true, false]);
        assert!(ladder(&drawn, 80, 9).contains('✗'));
        assert!(picture("a<b", &drawn).contains("a&lt;b"));
    }
}
