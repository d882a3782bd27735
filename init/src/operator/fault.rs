//! What can go wrong for an operator, in words that lead to the remedy.

use interpreter::diagnose::shown;
use sys::{Errno, reason};

/// A failure: what was tried, on what, the cause, and what helps. One pointer wide, as
/// [`interpreter::word::Fail`] is.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.text)]
pub struct Fault(Box<Message>);

#[derive(Debug)]
struct Message {
    text: String,
    is_usage: bool,
}

impl Fault {
    #[cold]
    #[inline(never)]
    fn new(text: String, is_usage: bool) -> Fault {
        Fault(Box::new(Message { text, is_usage }))
    }

    /// The system said no to something with a path. `what`: a verb that completes "unable to".
    pub fn at(what: &str, path: &[u8], errno: Errno) -> Fault {
        let (path, help) = (show(path), help_line(interpreter::diagnose::remedy(errno)));
        Fault::new(format!("unable to {what} {path}: {}{help}", reason(errno)), false)
    }

    /// The system said no to a step that has no path, or whose remedy is its own, which may be
    /// empty.
    pub fn step(what: impl AsRef<str>, errno: Errno, help: impl AsRef<str>) -> Fault {
        let (what, help) = (what.as_ref(), help_line(help.as_ref()));
        Fault::new(format!("unable to {what}: {}{help}", reason(errno)), false)
    }

    /// Something is in the way; what helps may be empty.
    pub fn said(what: impl Into<String>, help: impl AsRef<str>) -> Fault {
        Fault::new(what.into() + &help_line(help.as_ref()), false)
    }

    /// A mistake in the command line that clap can't see.
    pub fn usage(what: String) -> Fault {
        Fault::new(what, true)
    }

    /// Whether it is one.
    pub fn is_usage(&self) -> bool {
        self.0.is_usage
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
