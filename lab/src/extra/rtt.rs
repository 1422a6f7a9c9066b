//! `lab rtt`: round trips over UDP, over one TCP connection, and over a new connection each time,
//! against servers of its own on the loopback.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

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
const COLOURS: [RGBColor; 3] = [RGBColor(0, 114, 178), RGBColor(0, 158, 115), RGBColor(213, 94, 0)];
const INK: RGBColor = RGBColor(51, 51, 51);
const FAINT: RGBColor = RGBColor(222, 222, 222);

/// The distributions as an SVG: one above the other, over a logarithmic scale.
pub fn picture(series: &[Series], rounds: usize) -> Result<String, String> {
    let mut svg = String::new();
    draw(series, rounds, &mut svg).map_err(|error| format!("cannot draw the picture: {error}"))?;
    Ok(svg)
}

fn draw(
    series: &[Series],
    rounds: usize,
    svg: &mut String,
) -> Result<(), Box<dyn std::error::Error>> {
    const SIZE: (u32, u32) = (800, 460);
    const PER_DOUBLING: f64 = 12.0;
    let least = series.iter().map(|series| micros(series.quantile(0.0))).fold(f64::MAX, f64::min);
    let most = series.iter().map(|series| micros(series.quantile(0.995))).fold(0.0, f64::max);
    let (from, to) = (least / 1.3, most * 2.0);
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(format!("{rounds} round trips each, over loopback"), ("sans-serif", 20, &INK))
        .margin(16)
        .build_cartesian_2d((from..to).log_scale(), -0.45..series.len() as f64)?;
    let text = |size| ("sans-serif", size).into_font();
    let centred = text(14).color(&INK).pos(Pos::new(HPos::Center, VPos::Center));
    let line = |points: [(f64, f64); 2], colour: RGBColor, width| {
        let style = ShapeStyle { color: colour.to_rgba(), filled: true, stroke_width: width };
        PathElement::new(points, style)
    };
    // The scale: 1, 2 and 5 of each power of ten.
    let marks = (0..8).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_i32.pow(power)));
    let marks: Vec<f64> = marks.map(f64::from).filter(|mark| (from..to).contains(mark)).collect();
    let top = series.len() as f64;
    chart.draw_series(marks.iter().map(|mark| line([(*mark, 0.0), (*mark, top)], FAINT, 1)))?;
    let label = |mark: &f64| Text::new(mark.to_string(), (*mark, -0.12), centred.clone());
    chart.draw_series(marks.iter().map(label))?;
    let middle = (from * to).sqrt();
    let scale = "time from request to reply in µs, on a logarithmic scale";
    chart.draw_series([Text::new(scale, (middle, -0.36), centred.clone())])?;
    let rows = series.len();
    for (row, (series, colour)) in series.iter().zip(COLOURS).enumerate() {
        let floor = (rows - 1 - row) as f64;
        let bin = |time: f64| ((time / from).log2() * PER_DOUBLING) as usize;
        let mut counts = vec![0_usize; bin(to) + 1];
        for time in series.times.iter().map(|time| micros(*time)).filter(|time| *time < to) {
            counts[bin(time)] += 1;
        }
        let highest = counts.iter().copied().max().unwrap_or(1).max(1) as f64;
        let edge = |bin: usize| from * (bin as f64 / PER_DOUBLING).exp2();
        let bars = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        chart.draw_series(bars.map(|(bin, count)| {
            let height = 0.72 * *count as f64 / highest;
            let corners = [(edge(bin), floor), (edge(bin + 1).min(to), floor + height)];
            Rectangle::new(corners, colour.mix(0.55).filled())
        }))?;
        let median = micros(series.quantile(0.5));
        chart.draw_series([
            line([(from, floor), (to, floor)], INK, 1),
            line([(median, floor), (median, floor + 0.8)], colour, 3),
        ])?;
        let left = text(15).color(&colour).pos(Pos::new(HPos::Left, VPos::Center));
        let right = text(15).color(&colour).pos(Pos::new(HPos::Right, VPos::Center));
        let label = format!("median {median:.1} µs");
        chart.draw_series([
            Text::new(label, (median * 1.02, floor + 0.86), left),
            Text::new(series.title.to_owned(), (to / 1.02, floor + 0.6), right),
        ])?;
    }
    root.present()?;
    Ok(())
}
