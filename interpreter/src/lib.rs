//! The execline language: syntax, substitution, and the loop that chain-loads.

pub mod again;
pub mod arg;
pub mod args;
pub mod chain;
mod child;
pub mod diagnose;
pub mod env;
pub mod image;
pub mod index;
pub mod launch;
mod orphan;
pub mod resolve;
pub mod start;
pub mod syntax;
pub mod trace;
pub mod why;
pub mod word;
