//! What has to hold whatever the input is: nothing panics, nothing takes more memory than input
//! and output call for, and the answer is that of an implementation so naive that it is right.
//!
//! Each takes an input, and returns the size of the output that the input has to lead to, in
//! bytes. The targets and the test that replays the seeds run the same functions.

mod block;
mod command;
mod envfile;
mod input;
mod lexer;
mod parser;
mod substitution;
mod transform;

pub use block::block;
pub use command::command;
pub use envfile::envfile;
pub use lexer::lexer;
pub use parser::parser;
pub use substitution::substitution;
pub use transform::transform;

/// A property; it panics where it does not hold.
pub type Property = fn(&[u8]) -> usize;

/// All of them, by the names of their targets.
pub const ALL: [(&str, Property); 7] = [
    ("block", block),
    ("command", command),
    ("envfile", envfile),
    ("lexer", lexer),
    ("parser", parser),
    ("substitution", substitution),
    ("transform", transform),
];
