//! One service: what an `s6-supervise` process is, without the process.
//!
//! [`machine`] decides, knowing neither files nor processes; [`service`] performs what it
//! decides, in a service directory ([`home`]) and with children ([`child`]). A loop that owns
//! services (see [`crate::scan`]) feeds them with events: deaths, letters of the control fifo
//! ([`command`]), readiness, deadlines. The files are s6's own, byte for byte ([`status`],
//! [`events`]), so that tools of a real s6 drive our services.
//!
//! What is s6 2.15's and not yet 2.11's, and harmless to tools of the older one: the letters
//! `l P C K D U Q`, the fourth word of `finish`, `flag-timeout-killpg`, `reload-signal`. The
//! status file has the same 35 bytes in both.

pub mod child;
pub mod command;
pub mod events;
pub mod home;
pub mod machine;
mod noexec;
pub mod pipes;
pub mod record;
pub mod service;
pub mod stat;
pub mod status;
pub mod survivor;
pub mod why;
