//! What a page says about one case.

use std::path::PathBuf;

/// What is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A script for execlineb.
    Execline,
    /// A script for sh, which calls commands.
    Shell,
    /// The words of a command line, one a line.
    Argv,
}

/// Where a case holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Everywhere.
    Everywhere,
    /// Upstream's newest and ours, not in the release that Debian has.
    Newer,
    /// Here and in the release that Debian has; upstream's newest gets it wrong.
    Mended,
    /// Only here.
    OursAlone,
    /// Here. What others do has harmed a machine, or is decided by chance, their C library or the
    /// kernel: they are not asked.
    Untried,
}

/// What a case cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// User id 0.
    Root,
    /// A /run of its own: a mount namespace, with the case's `run/` as its content.
    OwnRun,
}

/// Something that is made before the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A file and its content.
    File(String, Vec<u8>),
    /// The same with its x bit.
    Executable(String, Vec<u8>),
    /// An empty directory.
    Directory(String),
    /// A symbolic link and its target.
    Link(String, String),
}

/// How the first process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With this code.
    Exit(i32),
    /// Killed by this signal.
    Signal(i32),
}

/// What is expected on the standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stderr {
    /// Not a byte.
    Empty,
    /// Something.
    NonEmpty,
    /// The case is not about it.
    Any,
}

/// What must be true of a file afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Afterwards {
    /// It is there, with this content.
    Content(String, Vec<u8>),
    /// It is not there.
    Absent(String),
}

/// One case of a page.
#[derive(Debug, Clone)]
pub struct Case {
    /// The page, relative to the root of the workspace.
    pub page: PathBuf,
    /// The line of its heading.
    pub line: usize,
    /// Its heading.
    pub title: String,
    /// What runs `script`.
    pub kind: Kind,
    /// The text of the script.
    pub script: Vec<u8>,
    /// Arguments for the script.
    pub arguments: Vec<Vec<u8>>,
    /// The environment's entries in order; PATH is put in front.
    pub environment: Vec<Vec<u8>>,
    /// Variables that are not there after all: PATH.
    pub without_path: bool,
    /// Descriptors of 0, 1 and 2 that are closed at the start.
    pub closed: Vec<i32>,
    /// The umask at the start.
    pub umask: u32,
    /// What can be read from the standard input.
    pub input: Vec<u8>,
    /// What is there before.
    pub given: Vec<Given>,
    /// What the machine must allow.
    pub needs: Vec<Need>,
    /// Where it holds.
    pub mark: Mark,
    /// The standard output.
    pub prints: Vec<u8>,
    /// The end.
    pub end: End,
    /// The standard error.
    pub stderr: Stderr,
    /// What ours says there, among other things.
    pub says: Vec<Vec<u8>>,
    /// What is there afterwards.
    pub afterwards: Vec<Afterwards>,
    /// The line that asks for the results to be written down, and the files it asks about.
    pub observe: Option<(usize, Vec<String>)>,
}

impl Case {
    /// An empty case.
    pub fn new(page: PathBuf, line: usize, title: String, mark: Mark) -> Self {
        Self {
            page,
            line,
            title,
            mark,
            kind: Kind::Execline,
            script: Vec::new(),
            arguments: Vec::new(),
            environment: Vec::new(),
            without_path: false,
            closed: Vec::new(),
            umask: 0o022,
            input: Vec::new(),
            given: Vec::new(),
            needs: Vec::new(),
            prints: Vec::new(),
            end: End::Exit(0),
            stderr: Stderr::Empty,
            says: Vec::new(),
            afterwards: Vec::new(),
            observe: None,
        }
    }

    /// The place as an editor opens it.
    pub fn place(&self) -> String {
        format!("{}:{}", self.page.display(), self.line)
    }
}
