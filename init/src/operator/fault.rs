//! What can go wrong for an operator, in words that lead to the remedy.

use interpreter::diagnose::shown;
use sys::{Errno, reason};

/// A failure: what was tried, on what, the cause, and what helps.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The system said no to something with a path.
    #[error("unable to {what} {}: {}{}", show(path), reason(*errno), remedy(*errno))]
    Path {
        /// A verb that completes "unable to".
        what: &'static str,
        /// The path, as the machine sees it.
        path: Vec<u8>,
        /// The kernel's reason.
        errno: Errno,
    },
    /// The system said no to a step that has no path, or whose remedy is its own.
    #[error("unable to {what}: {}{}", reason(*errno), help_line(help))]
    Step {
        /// A phrase that completes "unable to".
        what: String,
        /// The kernel's reason.
        errno: Errno,
        /// What helps; may be empty.
        help: String,
    },
    /// Something is in the way.
    #[error("{what}{}", help_line(help))]
    Said {
        /// What is wrong.
        what: String,
        /// What helps; may be empty.
        help: String,
    },
    /// A mistake in the command line that clap can't see.
    #[error("{0}")]
    Usage(String),
}

impl Fault {
    /// The system said no to something with a path.
    pub fn at(what: &'static str, path: &[u8], errno: Errno) -> Fault {
        Fault::Path { what, path: path.to_vec(), errno }
    }

    /// The system said no to a step.
    pub fn step(what: impl Into<String>, errno: Errno, help: impl Into<String>) -> Fault {
        Fault::Step { what: what.into(), errno, help: help.into() }
    }

    /// Something is in the way.
    pub fn said(what: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault::Said { what: what.into(), help: help.into() }
    }

    /// A directory should be where something else is.
    pub fn no_dir(path: &[u8]) -> Fault {
        let what = format!("{} is in the way: a directory must be there", show(path));
        Fault::said(what, "move it or remove it")
    }
}

/// A path for a message.
pub fn show(path: &[u8]) -> String {
    shown(path)
}

fn help_line(help: &str) -> String {
    if help.is_empty() { String::new() } else { format!("\nhelp: {help}") }
}

fn remedy(errno: Errno) -> String {
    help_line(interpreter::diagnose::remedy(errno))
}
