//! The one reader at every end of the wire. What a program sends is kept up to a bound, and it is
//! listened to for so long: one loop too many in a gap sends for ever.

use std::io::{self, ErrorKind, Read};
use std::time::{Duration, Instant};

use crate::os::program::{Event, MOST};

/// Who sends for longer than this without being asked again, in many pieces, has no end in sight.
const LONG: Duration = Duration::from_secs(20);
const PIECES: usize = 50;

/// What a look at a connection has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// This many bytes more.
    Piece(usize),
    /// Nothing there yet, which is no error.
    NotYet,
    Closed,
    Reset,
    /// It sends without end, in one way or the other; nothing more is read.
    Over(Event),
}

/// All that comes over one connection.
#[derive(Debug)]
pub struct Intake {
    total: usize,
    most: usize,
    /// `None` where a person may send, who takes his time.
    long: Option<Duration>,
    pieces: usize,
    since: Instant,
}

impl Default for Intake {
    fn default() -> Intake {
        Intake { long: Some(LONG), ..Intake::by_hand(MOST) }
    }
}

impl Intake {
    /// One with a bound of its own, and none of time.
    pub fn by_hand(most: usize) -> Intake {
        Intake { total: 0, most, long: None, pieces: 0, since: Instant::now() }
    }

    /// The program was sent so much: it has its time anew, and may send all of that back.
    pub fn renew(&mut self, sent: usize) {
        (self.pieces, self.since) = (0, Instant::now());
        self.most = self.most.saturating_add(sent.saturating_mul(2)); // and who said it
    }

    /// Looks for a piece, for as long as a read of this takes, and keeps it.
    pub fn look(&mut self, from: &mut impl Read, kept: &mut Vec<u8>) -> Look {
        if self.total > self.most {
            return Look::Over(Event::Flood);
        }
        let took = self.since.elapsed();
        if let Some(long) = self.long.filter(|long| self.pieces >= PIECES && took >= *long) {
            return Look::Over(Event::Trickle(long));
        }
        let mut piece = [0; 16 * 1024];
        match from.read(&mut piece) {
            Ok(0) => Look::Closed,
            Ok(length) => {
                self.total = self.total.saturating_add(length);
                self.pieces = self.pieces.saturating_add(1);
                kept.extend_from_slice(piece.get(..length).unwrap_or(&piece));
                Look::Piece(length)
            }
            Err(error) if not_yet(&error) => Look::NotYet,
            Err(_) => Look::Reset,
        }
    }
}

/// Nothing there yet, or no room yet, which is no error.
pub fn not_yet(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_bound_and_a_piece_is_kept() {
        let (mut intake, mut kept) = (Intake::default(), Vec::new());
        let mut endless = io::repeat(b'x');
        while intake.look(&mut endless, &mut kept) != Look::Over(Event::Flood) {}
        assert!(kept.len() > MOST && kept.len() <= MOST + 16 * 1024, "{}", kept.len());
    }

    #[test]
    fn pieces_without_end_are_given_up_and_an_answer_has_its_time() {
        let (mut intake, mut kept) = (Intake::default(), Vec::new());
        intake.since = Instant::now().checked_sub(LONG).expect("the host is up for so long");
        for _ in 0..PIECES {
            assert_eq!(intake.look(&mut &b"x"[..], &mut kept), Look::Piece(1));
        }
        assert_eq!(intake.look(&mut &b"x"[..], &mut kept), Look::Over(Event::Trickle(LONG)));
        intake.renew(0);
        assert_eq!(intake.look(&mut &b""[..], &mut kept), Look::Closed);
    }
}
