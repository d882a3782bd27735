//! What a command is: a name, a usage line, and a function from a command line to what comes
//! next. The commands themselves live elsewhere; the interpreter is given their table.

use crate::arg::{Arg, Argv};
use crate::args::getopt::BadOption;
use crate::args::long::BadLong;
use crate::diagnose::shown;
use crate::image::Image;
use sys::Errno;

/// A command. Its function gets the words behind its own name.
#[derive(Clone, Copy)]
pub struct Command {
    /// The name by which scripts call it.
    pub name: &'static str,
    /// What a usage error shows: the name and its arguments.
    pub usage: &'static str,
    /// What it does.
    pub run: Run,
    /// Whether a chain may call it in place.
    pub kind: Kind,
}

/// Whether a word in a chain is called as a function or exec'd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Does its work and goes on: called in place.
    Link,
    /// So does this, without starting a process, changing its user, or waiting for anything but
    /// the file that it opens or writes: also called in place where the memory is the parent's
    /// (see [`sys::share`]). It leaves libc's allocator alone, which would be in disorder if the
    /// process were killed within it.
    Quick,
    /// So does this, and waits for nothing at all: nobody can change the file of the next word
    /// behind it and before that word's exec so that it could be told.
    Still,
    /// Lives long: exec'd, so that `ps` and `pgrep` find it by its name.
    Daemon,
}

/// The function of a command.
pub type Run = fn(&mut Image, Argv) -> Ran;

/// What a command ends in.
pub type Ran = Result<Next, Fail>;

/// What comes after a command.
#[derive(Debug)]
pub enum Next {
    /// The process ends with this code.
    Exit(i32),
    /// It becomes this command line; the first word is looked up in the PATH that the process
    /// had before the command. An empty one is an error of the caller.
    Chain(Argv),
    /// It becomes the program `file`, which is shown other first words.
    File {
        /// What is looked up.
        file: Arg,
        /// The words, the first one being the name that the program is told.
        argv: Argv,
    },
}

impl Kind {
    /// Whether it may be called in place where the memory is the parent's.
    pub fn is_quick(self) -> bool {
        matches!(self, Kind::Quick | Kind::Still)
    }
}

impl Next {
    /// Goes on with these words; none are left: the end, with 0. This is how execline's
    /// commands with a block treat an empty remainder.
    pub fn chain_or_end(argv: Argv) -> Ran {
        Ok(if argv.is_empty() { Next::Exit(0) } else { Next::Chain(argv) })
    }
}

/// A text that is one pointer wide, because every result that can be a [`Fail`] has room for it: two
/// words for a failure go through registers, where six go through memory at each `?`.
#[derive(Debug)]
#[allow(clippy::box_collection)]
pub struct Text(Box<String>);

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(Box::new(text))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::from(text.to_owned())
    }
}

impl core::ops::Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Display for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter) -> core::fmt::Result {
        f.write_str(self)
    }
}

/// A program that could not be exec'd.
#[derive(Debug)]
pub struct NoExec {
    /// The word that was looked up.
    pub file: Arg,
    /// The size of the longest word that it would have got, and of all of them.
    pub sizes: (usize, usize),
    /// The last error of exec.
    pub errno: Errno,
    /// There was a place to look.
    pub tried: bool,
}

/// Why a command gives up: the message that follows `NAME: fatal: ` and the exit code.
#[derive(Debug, thiserror::Error)]
pub enum Fail {
    /// Wrong options or too few words: 100, and the usage line.
    #[error("usage error")]
    Usage,
    /// An option that the command does not have, or that lacks its argument: 100, and the usage
    /// line.
    #[error("usage error")]
    Option(BadOption),
    /// A word that should be a number, and is none: 100, and the usage line.
    #[error("usage error")]
    Number(Arg),
    /// A mistake among options or arguments, in its own words: 100, and the usage line.
    #[error("{0}")]
    Misuse(Text),
    /// A mistake in the script or the arguments.
    #[error("{what}")]
    Bad {
        /// The exit code: 100, where nothing else is documented.
        code: i32,
        /// What is wrong.
        what: Text,
    },
    /// The system said no.
    #[error("unable to {what}: {}", sys::reason(*errno))]
    Sys {
        /// The exit code: 111, where nothing else is documented.
        code: i32,
        /// What was tried, with its object.
        what: Text,
        /// The kernel's reason.
        errno: Errno,
    },
    /// The program could not be exec'd: 127 if there is none, else 126. A PATH without any directory
    /// is 126, too: the original's exec then has tried nothing, and has no error that says "none".
    #[error("unable to exec {}: {}", shown(_0.file.to_bytes()), sys::reason(_0.errno))]
    Exec(Box<NoExec>),
    /// Everything has been said: only the exit code is left.
    #[error("")]
    Silent(i32),
}

impl Fail {
    /// A mistake of the script: exit code 100.
    pub fn bad(what: impl Into<Text>) -> Fail {
        Fail::Bad { code: 100, what: what.into() }
    }

    /// The system said no: exit code 111. `what` completes "unable to".
    pub fn sys(what: impl Into<Text>, errno: Errno) -> Fail {
        Fail::Sys { code: 111, what: what.into(), errno }
    }

    /// The system said no to something with a path or another name.
    pub fn sys_at(what: &str, name: &[u8], errno: Errno) -> Fail {
        Fail::sys(format!("{what} {}", shown(name)), errno)
    }

    /// The exit code.
    pub fn code(&self) -> i32 {
        match self {
            Fail::Usage | Fail::Option(_) | Fail::Number(_) | Fail::Misuse(_) => 100,
            Fail::Bad { code, .. } | Fail::Sys { code, .. } | Fail::Silent(code) => *code,
            Fail::Exec(no) if no.tried && no.errno == Errno::ENOENT => 127,
            Fail::Exec(_) => 126,
        }
    }
}

impl From<BadLong> for Fail {
    fn from(bad: BadLong) -> Fail {
        Fail::Misuse(shown(&bad.message()).into())
    }
}

impl From<BadOption> for Fail {
    fn from(bad: BadOption) -> Fail {
        Fail::Option(bad)
    }
}

/// The commands of the binary, which the interpreter is told by whoever starts it.
#[derive(Clone, Copy)]
pub struct Catalogue {
    /// Finds a command by its name.
    pub find: fn(&[u8]) -> Option<&'static Command>,
    /// All names; for messages only.
    pub names: fn() -> Vec<&'static [u8]>,
    /// How many words of a command line, the name included, belong to the command itself, and not
    /// to the rest of the chain; for traces only.
    pub own_words: fn(&'static Command, &[Arg]) -> usize,
}

/// Finds a name in a table that is sorted by names.
pub fn find(table: &'static [Command], name: &[u8]) -> Option<&'static Command> {
    table.binary_search_by(|c| c.name.as_bytes().cmp(name)).ok().map(|i| &table[i])
}
