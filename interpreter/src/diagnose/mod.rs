//! Messages that say what is wrong, where, and what to do about it: those of [`::diagnose`], and
//! those about scripts that do not parse.

mod syntax;

pub use ::diagnose::*;
pub use syntax::{syntax_message, syntax_remark};
