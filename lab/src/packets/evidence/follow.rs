//! What tshark's own analysis says of the conversation that was chosen.

use crate::error::Error;
use crate::packets::capture::{Analysis, Capture, Ending, Tshark};
use crate::packets::evidence::Evidence;
use crate::packets::evidence::kinds::{Conversation, Followed};

/// A display filter for what tshark takes to be sent again.
pub const RETRANSMITTED: &str = "tcp.analysis.retransmission || \
                                 tcp.analysis.fast_retransmission || \
                                 tcp.analysis.spurious_retransmission";
/// A display filter for a sender who has to wait, and for the window that lets him.
pub const THROTTLED: &str = "tcp.analysis.zero_window || tcp.analysis.window_full";

impl Evidence {
    /// Lets tshark follow the file's TCP connections, for what it says of the chosen one.
    pub(super) fn follow(
        &mut self,
        tshark: &Tshark,
        capture: &Capture,
        conversation: &Conversation,
    ) -> Result<(), Error> {
        const FIELDS: &[&str] = &[
            "frame.number",
            "ip.src",
            "tcp.stream",
            "tcp.analysis.zero_window",
            "tcp.analysis.window_full",
            "tcp.analysis.retransmission",
            "tcp.analysis.fast_retransmission",
            "tcp.analysis.spurious_retransmission",
        ];
        let filter = format!("{RETRANSMITTED} || {THROTTLED}");
        let mut followed = Followed::default();
        let server = Some(*conversation.server.ip());
        let ending = tshark.read(capture, &filter, FIELDS, Analysis::With, |row| {
            let frame = row.number("frame.number");
            if FIELDS.iter().any(|field| field.ends_with("retransmission") && row.has(field)) {
                followed.retransmissions += 1;
                followed.first_retransmission = followed.first_retransmission.or(frame);
            }
            let from_server = row.parse("ip.src") == server;
            let full =
                if from_server { "tcp.analysis.zero_window" } else { "tcp.analysis.window_full" };
            if row.number("tcp.stream") == Some(conversation.stream) && row.has(full) {
                followed.throttled = followed.throttled.or(frame);
            }
        })?;
        self.too_long_to_follow = ending == Ending::TooLong;
        self.followed = Some(followed).filter(|_| !self.too_long_to_follow);
        Ok(())
    }
}
