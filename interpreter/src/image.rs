//! The state of a process that chain-loads: what an exec would hand from one word to the next.

use crate::arg::{Arg, Argv, skip};
use crate::diagnose::shown;
use crate::env::Env;
use crate::resolve::Known;
use crate::word::{Catalogue, Command, Fail};
use once_cell::unsync::OnceCell;
use std::cell::{Cell, RefCell};

/// What `PATH` stands for where it is not set, as in an s6-overlay.
pub const DEFAULT_PATH: Arg = c"/command:/usr/bin:/bin";

/// Where the words of the chain were written down, for messages.
#[derive(Clone)]
pub struct Origin {
    /// The script's name as it was given; none for one from the command line (`-c`).
    pub file: Option<Arg>,
    /// Its text.
    pub source: &'static [u8],
    /// Where the parsed words lie in memory.
    pub words: std::ops::Range<usize>,
}

/// A process image.
pub struct Image {
    /// The environment that the next word will have.
    pub env: Env,
    /// The word that runs.
    pub command: &'static Command,
    /// The first word of its command line.
    pub argv0: Arg,
    /// The script that the chain comes from, as long as nothing was exec'd.
    pub origin: Option<Origin>,
    /// The process has become another user's, who must not come by what it has in its memory and
    /// in /proc: the next word is exec'd, not called. That also makes the process dumpable again.
    pub changed_user: bool,
    pub(crate) catalogue: Catalogue,
    /// Device and inode of this binary, once somebody has asked; `None`: it is not known.
    pub(crate) me: OnceCell<Option<(u64, u64)>>,
    /// The memory is the parent's, which sleeps: a word that is not quick is exec'd.
    pub(crate) shares_memory: bool,
    pub(crate) path: Arg,
    pub(crate) known: RefCell<Known>,
    /// The path that was exec'd, and what is known if it is a script whose first line has the first
    /// argument's name for its interpreter's.
    pub(crate) by_line: Option<(Arg, Known)>,
    /// This word has been as [still](crate::word::Kind::Still) as others are.
    pub(crate) still: Cell<bool>,
    /// How many forks lie between this process and one that was exec'd.
    pub(crate) forks: u32,
    blocks: Cell<u32>,
    strict: OnceCell<u32>,
}

impl Image {
    /// The image of a process that has just begun to run `command`.
    pub fn new(env: Env, catalogue: Catalogue, command: &'static Command) -> Self {
        let path = env.search_path().unwrap_or(DEFAULT_PATH);
        Image {
            env,
            command,
            argv0: c"",
            origin: None,
            changed_user: false,
            catalogue,
            me: OnceCell::new(),
            shares_memory: false,
            path,
            known: RefCell::default(),
            by_line: None,
            still: Cell::new(false),
            forks: 0,
            blocks: Cell::new(0),
            strict: OnceCell::new(),
        }
    }

    /// Begins the next word: what an exec does besides replacing the program.
    pub fn enter(&mut self, command: &'static Command) {
        self.command = command;
        self.path = self.env.search_path().unwrap_or(DEFAULT_PATH);
        self.blocks.set(0);
        self.strict = OnceCell::new();
    }

    /// The PATH in which this word looks up programs: that of its own start.
    pub fn search_path(&self) -> Arg {
        self.path
    }

    /// Finds a command by name.
    pub fn find(&self, name: &[u8]) -> Option<&'static Command> {
        (self.catalogue.find)(name)
    }

    /// How much `EXECLINE_STRICT` asks for: 0 nothing, 1 warnings, 2 errors. What stands behind
    /// the number does not matter. Each word looks once, at its first block.
    pub fn strict(&self) -> u32 {
        *self.strict.get_or_init(|| {
            let value = self.env.get(b"EXECLINE_STRICT").unwrap_or(b"");
            crate::args::number::uint_prefix(value).0
        })
    }

    /// Takes a block off the front of the command line: its words, with one level of quoting
    /// taken off, and the words behind it left in `argv`.
    ///
    /// `None` where the end of the block is missing; everything is taken then. An argument in a
    /// block that is not quoted is an error, or a warning, where `EXECLINE_STRICT` asks for it.
    pub fn block(&self, argv: &mut Argv) -> Result<Option<Argv>, Fail> {
        self.blocks.set(self.blocks.get() + 1);
        let mut words = Vec::new();
        while let Some(word) = argv.next_word() {
            match word.to_bytes().first() {
                None => return Ok(Some(Argv::new(words))),
                Some(b' ') => words.push(skip(word, 1)),
                Some(_) => {
                    self.unquoted(word, words.len())?;
                    words.push(word);
                }
            }
        }
        Ok(None)
    }

    /// [`Image::block`], where a missing end is an error (exit code 100).
    pub fn need_block(&self, argv: &mut Argv) -> Result<Argv, Fail> {
        self.block(argv)?.ok_or_else(|| {
            Fail::bad(format!("unterminated block: {} wants {{ words }} here", self.command.name))
        })
    }

    fn unquoted(&self, word: Arg, position: usize) -> Result<(), Fail> {
        let strict = self.strict();
        if strict == 0 {
            return Ok(());
        }
        let message = format!(
            "unquoted argument {} at block {} position {position}",
            shown(word.to_bytes()),
            self.blocks.get()
        );
        if strict >= 2 {
            return Err(Fail::bad(message));
        }
        self.warn(&message);
        Ok(())
    }

    /// Writes `NAME: warning: …` to standard error, which may wait for who reads it.
    pub fn warn(&self, message: &str) {
        self.forget();
        let line = format!("{}: warning: {message}\n", self.command.name);
        let _ = sys::fd::write_all(2, line.as_bytes());
    }
}
