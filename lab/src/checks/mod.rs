//! What each program must do. A check is a record and a small function; the order is the order in
#![warn(clippy::indexing_slicing, clippy::string_slice)] // others wrote what is read here
//! which a student meets them.

pub mod chat;
pub mod chatclient;
pub mod chatclient_auth;
pub mod chatserver;
pub mod chatserver_auth;
pub mod check;
mod common;
pub mod mailclient;
pub mod pingclient;
pub mod pingserver;
mod rtt;
pub mod tcpclient;
pub mod tcpclient_rtt;
pub mod tcpserver;
pub mod timeclient;
pub mod timeserver;
pub mod udpclient;
pub mod udpclient_rtt;
pub mod udpserver;
pub mod webserver;
