//! The drawing itself: a line down for each host, an arrow across for each packet.

use svg::Document;
use svg::node::element::{Group, Line, Polygon, Rectangle, Text};

use crate::packets::ladder::{Arrow, EVERYBODY, Ladder, NO_ADDRESS, words};

// In pixels.
const LEFT: usize = 170;
const TOP: usize = 92;
/// Between two hosts; between more than three there is less.
const COLUMN: usize = 520;
const NARROW: usize = 340;
const ROW: usize = 44;
const MARGIN: usize = 150;
/// Between a text and a host's line.
const GAP: usize = 12;

/// Colours that people tell apart who do not see all of them (Okabe and Ito).
pub(super) const TCP: &str = "#0072b2";
pub(super) const UDP: &str = "#d55e00";
pub(super) const OTHER: &str = "#009e73";
const INK: &str = "#333333";
const FAINT: &str = "#777777";

impl Ladder {
    pub(super) fn picture(&self, name: &str) -> String {
        let gap = usize::from(self.left_out > 0);
        let rows = self.first.len() + self.last.len() + gap + usize::from(self.elsewhere > 0);
        let width = self.column(self.hosts.len() - 1) + MARGIN;
        let bottom = TOP + ROW * (rows + 1);
        let mut drawing = Group::new().set("font-family", "sans-serif").set("font-size", 13);
        let title = Text::new(words::legible(name, usize::MAX));
        drawing =
            drawing.add(title.set("x", 16).set("y", 26).set("font-size", 16).set("fill", INK));
        for (head, x) in [("frame", 40), ("seconds", 115)] {
            let head = Text::new(head).set("x", x).set("y", TOP - 22).set("fill", INK);
            drawing = drawing.add(head.set("text-anchor", "middle"));
        }
        for (index, host) in self.hosts.iter().enumerate() {
            drawing = drawing.add(self.line_of(host, self.column(index), bottom));
        }
        let start = self.first.first().map_or(0.0, |step| step.time);
        let mut row = 0;
        for step in &self.first {
            drawing = drawing.add(self.arrow(step, row, start));
            row += 1;
        }
        if self.left_out > 0 {
            drawing = drawing.add(note(row, width, &format!("… {} more packets", self.left_out)));
            row += 1;
        }
        for step in &self.last {
            drawing = drawing.add(self.arrow(step, row, start));
            row += 1;
        }
        if self.elsewhere > 0 {
            let said = format!("{} packets of other hosts are not drawn", self.elsewhere);
            drawing = drawing.add(note(row, width, &said));
        }
        let height = bottom + 24;
        let paper = Rectangle::new().set("width", width).set("height", height).set("fill", "white");
        let document = Document::new()
            .set("viewBox", (0, 0, width, height))
            .set("width", width)
            .set("height", height)
            .add(paper)
            .add(drawing);
        format!("{document}\n")
    }

    /// Where a host's line is.
    fn column(&self, index: usize) -> usize {
        LEFT + MARGIN + self.lane() * index
    }

    /// How far the lines of two neighbours are apart.
    fn lane(&self) -> usize {
        if self.hosts.len() > 3 { NARROW } else { COLUMN }
    }

    /// A host's line, with its name and address above it.
    fn line_of(&self, host: &str, x: usize, bottom: usize) -> Group {
        let name = self.names.of(host);
        let role = match (host, self.servers.contains(host)) {
            (NO_ADDRESS, _) => "has no address yet",
            (_, true) => "server",
            (_, false) => "",
        };
        let under: Vec<&str> =
            [name.map_or("", |_| host), role].into_iter().filter(|text| !text.is_empty()).collect();
        let centred = |text: &str, y: usize, size: usize| {
            let text = Text::new(fitting(text, self.lane(), size)).set("x", x).set("y", y);
            text.set("font-size", size).set("text-anchor", "middle").set("fill", INK)
        };
        let line = Line::new().set("x1", x).set("x2", x).set("y1", TOP - 16).set("y2", bottom);
        Group::new()
            .add(centred(name.unwrap_or(host), TOP - 38, 13).set("font-weight", "bold"))
            .add(centred(&under.join(", "), TOP - 22, 11))
            .add(line.set("stroke", FAINT))
    }

    fn arrow(&self, step: &Arrow, row: usize, start: f64) -> Group {
        let place = |host: &String| {
            let index = self.hosts.iter().position(|other| other == host);
            self.column(index.expect("every step's hosts have a line"))
        };
        let (from, to) = (place(&step.from), place(&step.to));
        let y = TOP + ROW * row + ROW / 2;
        let tip = if to > from { to - 9 } else { to + 9 };
        let head = format!("{to},{y} {tip},{} {tip},{}", y - 5, y + 5);
        let line = Line::new().set("x1", from).set("x2", tip).set("y1", y).set("y2", y);
        let line = line.set("stroke", step.colour).set("stroke-width", 1.5);
        let line = if step.to == EVERYBODY { line.set("stroke-dasharray", "6 4") } else { line };
        // An arrow may cross the lines of others: what it says stands in the lane beside its sender.
        let half = self.lane() / 2;
        let middle = if to > from { from + half } else { from - half };
        let text = |content: &str, x: usize, y: usize, size: usize, fill: &str| {
            let text = Text::new(fitting(content, self.lane(), size)).set("x", x).set("y", y);
            text.set("font-size", size).set("fill", fill).set("text-anchor", "middle")
        };
        let when = format!("{:.6}", step.time - start);
        Group::new()
            .add(line)
            .add(Polygon::new().set("points", head).set("fill", step.colour))
            .add(text(&step.label, middle, y - 7, 13, step.colour))
            .add(text(&step.detail, middle, y + 14, 10, FAINT))
            .add(text(&format!("#{}", step.frame), 40, y + 4, 12, FAINT))
            .add(text(&when, 115, y + 4, 12, INK))
    }
}

/// A text that fits between two lines, cut where it must be. No letter that a browser takes for
/// sans-serif is, on the average of such a text, wider than this share of its size.
fn fitting(text: &str, room: usize, size: usize) -> String {
    const WIDTH_PERCENT: usize = 64;
    let most = (room - 2 * GAP) * 100 / (size * WIDTH_PERCENT);
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// A line of words in the place of packets.
fn note(row: usize, width: usize, said: &str) -> Text {
    let y = TOP + ROW * row + ROW / 2;
    let text = Text::new(said).set("x", usize::midpoint(LEFT, width)).set("y", y + 4);
    let text = text.set("text-anchor", "middle").set("font-style", "italic").set("fill", INK);
    text.set("stroke", "white").set("stroke-width", 6).set("paint-order", "stroke")
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    #[test]
    fn a_drawing_holds_whatever_was_sent() {
        let step = |frame| Arrow {
            frame,
            time: frame as f64,
            from: "10.0.0.1".into(),
            to: "10.0.0.2".into(),
            colour: TCP,
            label: "<script> & \"more\"".into(),
            detail: String::new(),
        };
        let hosts = vec!["10.0.0.1".to_owned(), "10.0.0.2".to_owned()];
        let first = (1..=2).map(step).collect();
        let last = VecDeque::from([step(9)]);
        let ladder = Ladder { hosts, first, last, left_out: 6, ..Ladder::default() };
        let drawn = ladder.picture("a<b.pcap");
        assert!(drawn.contains("&lt;script&gt; &amp;"), "{drawn}");
        assert!(drawn.contains("… 6 more packets"), "{drawn}");
        assert!(drawn.contains("8.000000"), "times count from the first packet: {drawn}");
        assert!(!drawn.contains("<script>"), "{drawn}");
        assert_eq!(drawn, ladder.picture("a<b.pcap"), "the same packets give the same drawing");
    }
}
