//! The execline language: syntax, substitution, and the loop that chain-loads.

pub mod arg;
