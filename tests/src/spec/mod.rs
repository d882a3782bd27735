//! The specification as a test: pages of `spec/` are read, their cases run, ours and others'.
//!
//! `spec/README.md` describes the pages; this is what executes them.

pub mod case;
pub mod check;
pub mod implementation;
pub mod label;
pub mod launch;
pub mod page;
pub mod record;
pub mod report;
pub mod suite;
pub mod text;
