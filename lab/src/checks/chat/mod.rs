//! What the checks of the chat programs share.

pub(in crate::checks) mod client;
pub(in crate::checks) mod guesses;
pub(in crate::checks) mod house;
pub(in crate::checks) mod locks;
pub(in crate::checks) mod room;
pub mod roster;
pub(in crate::checks) mod visits;
