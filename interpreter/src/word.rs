//! What a command is: a name, a usage line, and a function from a command line to what comes
//! next. The commands themselves live elsewhere; the interpreter is given their table.

use crate::arg::{Arg, Argv};
use crate::args::getopt::BadOption;
use crate::args::long::BadLong;
use crate::diagnose::shown;
use crate::image::Image;
use std::ffi::CStr;
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
    /// What it says of its words before it runs; none where its usage line says it all.
    pub examine: Option<Examine>,
}

/// Looks through the words behind a command's name for those that the command would refuse, as far
/// as the words alone tell: `chainit check` asks before a script runs, and a chain before it execs a
/// command, behind which its place in the script is lost.
pub type Examine = fn(&[Arg], &mut Refuse);

/// Is told what is refused, and why: a word, or a part of one, or the command line as it is.
pub type Refuse<'a> = dyn FnMut(Option<Arg>, Fail) + 'a;

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
    /// So does this, and waits for nothing at all, unless a file system is somebody's program: nobody
    /// can change the file of the next word behind it and before that word's exec so that it could
    /// be told.
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

/// Why a command gives up: the message that follows `NAME: fatal: ` and the exit code. One pointer
/// wide, because every result that can be one has room for it: so it goes through a register, where
/// more went through memory at each `?`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fail(Box<Cause>);

/// Why a command gives up.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// Wrong options or too few words: 100, and the usage line.
    #[error("usage error")]
    Usage,
    /// An option that the command does not have, or that lacks its argument: 100, and the usage
    /// line.
    #[error("usage error")]
    Option(BadOption),
    /// A word that should be a number, and is none: 100, and the usage line.
    #[error("\"{}\" is no number from 0 to {}", shown(_0.to_bytes()), u32::MAX)]
    Number(Arg),
    /// A mistake among options or arguments, in its own words: 100, and the usage line.
    #[error("{0}")]
    Misuse(String),
    /// A mistake in the script or the arguments.
    #[error("{what}")]
    Bad {
        /// The exit code: 100, where nothing else is documented.
        code: i32,
        /// What is wrong.
        what: String,
    },
    /// The system said no.
    #[error("unable to {what}: {}", sys::reason(*errno))]
    Sys {
        /// The exit code: 111, where nothing else is documented.
        code: i32,
        /// What was tried, with its object.
        what: String,
        /// The kernel's reason.
        errno: Errno,
    },
    /// The program could not be exec'd: 127 if there is none, else 126. A PATH without any directory
    /// is 126, too: the original's exec then has tried nothing, and has no error that says "none".
    #[error("unable to exec {}: {}", shown(_0.file.to_bytes()), sys::reason(_0.errno))]
    Exec(NoExec),
    /// Everything has been said: only the exit code is left.
    #[error("")]
    Silent(i32),
}

impl From<Cause> for Fail {
    #[cold]
    #[inline(never)]
    fn from(cause: Cause) -> Fail {
        Fail(Box::new(cause))
    }
}

impl Fail {
    /// Wrong options or too few words: exit code 100.
    pub fn usage() -> Fail {
        Cause::Usage.into()
    }

    /// Not the number that a word should be: exit code 100.
    pub fn number(word: Arg) -> Fail {
        Cause::Number(word).into()
    }

    /// A mistake among options or arguments: exit code 100, and the usage line.
    pub fn misuse(what: impl Into<String>) -> Fail {
        Cause::Misuse(what.into()).into()
    }

    /// A mistake of the script: exit code 100.
    pub fn bad(what: impl Into<String>) -> Fail {
        Fail::with_code(100, what)
    }

    /// A mistake, with an exit code of its own.
    pub fn with_code(code: i32, what: impl Into<String>) -> Fail {
        Cause::Bad { code, what: what.into() }.into()
    }

    /// The system said no: exit code 111. `what` completes "unable to".
    pub fn sys(what: impl Into<String>, errno: Errno) -> Fail {
        Fail::sys_with(111, what, errno)
    }

    /// The system said no, with an exit code of its own.
    pub fn sys_with(code: i32, what: impl Into<String>, errno: Errno) -> Fail {
        Cause::Sys { code, what: what.into(), errno }.into()
    }

    /// The system said no to something with a path or another name.
    pub fn sys_at(what: &str, name: &[u8], errno: Errno) -> Fail {
        Fail::sys(format!("{what} {}", shown(name)), errno)
    }

    /// Everything has been said: only the exit code is left.
    pub fn silent(code: i32) -> Fail {
        Cause::Silent(code).into()
    }

    /// Why, for those who can do something about it.
    pub fn cause(&self) -> &Cause {
        &self.0
    }

    /// Why, for good.
    pub fn into_cause(self) -> Cause {
        *self.0
    }

    /// The kernel's reason, where it is the system that said no.
    pub fn errno(&self) -> Option<Errno> {
        match &*self.0 {
            Cause::Sys { errno, .. } => Some(*errno),
            _ => None,
        }
    }

    /// The exit code.
    pub fn code(&self) -> i32 {
        match &*self.0 {
            Cause::Usage | Cause::Option(_) | Cause::Number(_) | Cause::Misuse(_) => 100,
            Cause::Bad { code, .. } | Cause::Sys { code, .. } | Cause::Silent(code) => *code,
            Cause::Exec(no) if no.tried && no.errno == Errno::ENOENT => 127,
            Cause::Exec(_) => 126,
        }
    }
}

impl From<BadLong> for Fail {
    fn from(bad: BadLong) -> Fail {
        Fail::misuse(shown(&bad.message()))
    }
}

impl From<BadOption> for Fail {
    fn from(bad: BadOption) -> Fail {
        Cause::Option(bad).into()
    }
}

/// The commands of the binary, which the interpreter is told by whoever starts it.
#[derive(Clone, Copy)]
pub struct Catalogue {
    /// Finds a command by its name.
    pub find: fn(&[u8]) -> Option<&'static Command>,
    /// All names; for messages only.
    pub names: fn() -> Vec<&'static [u8]>,
    /// Whether it is that very word, by its address, that a command puts in front of others.
    pub own: fn(&CStr) -> bool,
    /// How many words of a command line, the name included, belong to the command itself, and not
    /// to the rest of the chain; for traces only.
    pub own_words: fn(&'static Command, &[Arg]) -> usize,
}

/// Finds a name in a table that is sorted by names.
pub fn find(table: &'static [Command], name: &[u8]) -> Option<&'static Command> {
    table.binary_search_by(|c| c.name.as_bytes().cmp(name)).ok().map(|i| &table[i])
}
