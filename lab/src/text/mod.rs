//! Texts and bytes, as people read them.

pub mod bytes;
pub mod causes;
pub mod escape;
pub mod progress;
pub mod say;
pub mod style;
pub mod times;
