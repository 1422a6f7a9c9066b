//! Tools of their own: an experiment, a mail server, a certificate.

pub mod certificate;
pub mod mailserver;
pub mod rtt;
