//! What the tests share.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "test code: it stops where something is wrong, and its report is what it prints"
)]

pub mod bench;
pub mod build;
pub mod cgroup;
pub mod docker;
pub mod harness;
pub mod random;
pub mod scratch;
pub mod spec;
