//! `lab rtt`: round trips over UDP, over one TCP connection, and over a new connection each time,
//! against servers of its own on the loopback.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use svg::Document;
use svg::node::element::{Group, Line, Rectangle, Text};

/// What is sent and comes back in capitals.
const NAME: &[u8] = b"roshan";
/// Loopback loses nothing; this is for a machine that stops us.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many round trips of one way follow each other.
const TURN: usize = 100;
/// How many before them are not counted: the first ones find cold caches.
const WARMING_UP: usize = 10;

/// What was measured in one way, the shortest time first.
pub struct Series {
    pub title: &'static str,
    times: Vec<Duration>,
}

impl Series {
    fn of(title: &'static str, mut times: Vec<Duration>) -> Series {
        times.sort_unstable();
        Series { title, times }
    }

    /// The time below which this share of all lies.
    fn quantile(&self, share: f64) -> Duration {
        let last = self.times.len() - 1;
        self.times[(last as f64 * share).round() as usize]
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Takes so many round trips in each way; `done` is called after each.
pub fn measure(rounds: usize, done: &dyn Fn()) -> io::Result<[Series; 3]> {
    let (udp, kept, renewed) = (udp_server()?, tcp_server()?, tcp_server()?);
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let mut open = connect(kept)?;
    let mut buffer = [0; 2048];
    let mut by_udp = || {
        socket.send_to(NAME, udp)?;
        socket.recv_from(&mut buffer).map(|_| ())
    };
    let mut over_open = || exchange(&mut open);
    let mut over_new = || exchange(&mut connect(renewed)?);
    let mut ways: [&mut dyn FnMut() -> io::Result<()>; 3] =
        [&mut by_udp, &mut over_open, &mut over_new];
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    // In turns, so that whatever else this machine does falls to all three; and many in a row, since
    // a server still has a connection to close when the client has gone on already.
    while times[0].len() < rounds {
        let turn = TURN.min(rounds - times[0].len());
        for (way, times) in ways.iter_mut().zip(&mut times) {
            for round in 0..WARMING_UP + turn {
                let start = Instant::now();
                way()?;
                let time = start.elapsed();
                if round >= WARMING_UP {
                    times.push(time);
                    done();
                }
            }
        }
    }
    let [udp, open, new] = times;
    Ok([
        Series::of("UDP", udp),
        Series::of("TCP, open connection", open),
        Series::of("TCP, connecting each time", new),
    ])
}

fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn exchange(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(NAME)?;
    stream.read_exact(&mut [0; NAME.len()])
}

/// A UDP server as lab 1's, which ends with the tool.
fn udp_server() -> io::Result<SocketAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = socket.local_addr()?;
    thread::spawn(move || {
        let mut buffer = [0; 2048];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            let _ = socket.send_to(&buffer[..length].to_ascii_uppercase(), client); // he will notice
        }
    });
    Ok(address)
}

/// A TCP server that answers as often as it is asked, and then serves the next client.
fn tcp_server() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.set_nodelay(true); // slower without, and no worse
            let mut buffer = [0; 2048];
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                if stream.write_all(&buffer[..length].to_ascii_uppercase()).is_err() {
                    break; // the next client
                }
            }
        }
    });
    Ok(address)
}

/// The table that is printed.
pub fn table(series: &[Series]) -> String {
    let mut text = format!("{:27}{:>9}{:>9}{:>9}   µs\n", "", "min", "median", "p99");
    for series in series {
        let [least, median, p99] = [0.0, 0.5, 0.99].map(|share| micros(series.quantile(share)));
        text.push_str(&format!("{:27}{least:9.1}{median:9.1}{p99:9.1}\n", series.title));
    }
    text
}

/// Colours that people tell apart who do not see all of them (Okabe and Ito).
const COLOURS: [&str; 3] = ["#0072b2", "#009e73", "#d55e00"];
const INK: &str = "#333333";
const FAINT: &str = "#dedede";

// In pixels.
const WIDTH: f64 = 800.0;
const LEFT: f64 = 16.0;
const RIGHT: f64 = WIDTH - 16.0;
const TOP: f64 = 56.0;
/// The height of one distribution and what stands above it, and of the highest bar in it.
const ROW: f64 = 116.0;
const HIGHEST: f64 = 84.0;

/// A logarithmic scale from the left edge to the right one.
struct Scale {
    from: f64,
    to: f64,
}

impl Scale {
    const PER_DOUBLING: f64 = 12.0;

    fn of(series: &[Series]) -> Scale {
        let at = |share: f64| series.iter().map(move |series| micros(series.quantile(share)));
        let (least, most) = (at(0.0).fold(f64::MAX, f64::min), at(0.995).fold(0.0, f64::max));
        Scale { from: least / 1.3, to: most * 2.0 }
    }

    fn x(&self, micros: f64) -> f64 {
        let share = (micros / self.from).ln() / (self.to / self.from).ln();
        LEFT + share * (RIGHT - LEFT)
    }

    /// 1, 2 and 5 of each power of ten.
    fn marks(&self) -> impl Iterator<Item = f64> {
        let marks = (0..8).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_i32.pow(power)));
        marks.map(f64::from).filter(|mark| (self.from..self.to).contains(mark))
    }

    /// How many times lie in each step of the scale.
    fn counts(&self, series: &Series) -> Vec<usize> {
        let bin = |time: f64| ((time / self.from).log2() * Scale::PER_DOUBLING) as usize;
        let mut counts = vec![0; bin(self.to) + 1];
        for time in series.times.iter().map(|time| micros(*time)).filter(|time| *time < self.to) {
            counts[bin(time)] += 1;
        }
        counts
    }

    /// Where a step of the scale begins.
    fn edge(&self, bin: usize) -> f64 {
        self.x(self.to.min(self.from * (bin as f64 / Scale::PER_DOUBLING).exp2()))
    }
}

/// The distributions as an SVG: one above the other, over a logarithmic scale.
pub fn picture(series: &[Series], rounds: usize) -> String {
    let scale = Scale::of(series);
    let bottom = TOP + ROW * series.len() as f64;
    let title = format!("{rounds} round trips each, over loopback");
    let said = "time from request to reply in µs, on a logarithmic scale";
    let mut drawing = Group::new()
        .set("font-family", "sans-serif")
        .add(text(&title, WIDTH / 2.0, 34.0, INK, "middle").set("font-size", 20))
        .add(text(said, WIDTH / 2.0, bottom + 46.0, INK, "middle"));
    for mark in scale.marks() {
        let x = scale.x(mark);
        drawing = drawing.add(line((x, TOP), (x, bottom), FAINT, 1)).add(text(
            &mark.to_string(),
            x,
            bottom + 20.0,
            INK,
            "middle",
        ));
    }
    for (row, (series, colour)) in (1..).zip(series.iter().zip(COLOURS)) {
        drawing = drawing.add(distribution(series, &scale, TOP + ROW * f64::from(row), colour));
    }
    let height = bottom + 62.0;
    let paper = Rectangle::new().set("width", WIDTH).set("height", height).set("fill", "white");
    let document = Document::new().set("viewBox", (0, 0, WIDTH, height));
    let document = document.set("width", WIDTH).set("height", height).add(paper).add(drawing);
    format!("{document}\n")
}

/// Bars that stand on a line, and the median.
fn distribution(series: &Series, scale: &Scale, floor: f64, colour: &str) -> Group {
    let counts = scale.counts(series);
    let highest = counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    let mut drawing = Group::new();
    for (bin, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let (left, right) = (scale.edge(bin), scale.edge(bin + 1));
        let height = HIGHEST * *count as f64 / highest;
        let bar = Rectangle::new().set("x", pixels(left)).set("width", pixels(right - left));
        let bar = bar.set("y", pixels(floor - height)).set("height", pixels(height));
        drawing = drawing.add(bar.set("fill", colour).set("fill-opacity", 0.55));
    }
    let median = micros(series.quantile(0.5));
    let x = scale.x(median);
    let label = format!("median {median:.1} µs");
    drawing
        .add(line((LEFT, floor), (RIGHT, floor), INK, 1))
        .add(line((x, floor), (x, floor - HIGHEST - 8.0), colour, 3))
        .add(text(&label, x + 6.0, floor - HIGHEST - 6.0, colour, "start"))
        .add(text(series.title, RIGHT - 4.0, floor - 66.0, colour, "end"))
}

fn line(from: (f64, f64), to: (f64, f64), colour: &str, width: u32) -> Line {
    let line = Line::new().set("x1", pixels(from.0)).set("y1", pixels(from.1));
    let line = line.set("x2", pixels(to.0)).set("y2", pixels(to.1));
    line.set("stroke", colour).set("stroke-width", width)
}

fn text(content: &str, x: f64, y: f64, colour: &str, anchor: &str) -> Text {
    let text = Text::new(content).set("x", pixels(x)).set("y", pixels(y));
    text.set("fill", colour).set("text-anchor", anchor).set("font-size", 14)
}

/// A tenth of a pixel is as exact as anybody sees.
fn pixels(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
