//! What a word's command line is made of: options, numbers, keys and their values.
//!
//! Everything here is a function of its arguments. Words go in and come out as [`Arg`]s, and a
//! word that a function does not change comes out as the same pointer.
//!
//! [`Arg`]: crate::arg::Arg

pub mod getopt;
pub mod long;
pub mod number;
pub mod numbered;
pub mod positional;
pub mod pushenv;
pub mod subst;
pub mod transform;
