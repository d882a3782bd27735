//! `CHAINIT_TRACE`: a line for each word as it runs, through forks and execs.
//!
//! Whether a process is traced is a fact of the process, like its descriptors, and is asked for at
//! every word: hence the one global flag of this crate, so that an untraced word pays for a look at
//! it and nothing else.
//!
//! A line is written by whoever hands a process over: the word before for the one that follows
//! (called or exec'd, it makes no difference), the parent for a block's program. Only they know
//! what has changed. What comes from elsewhere, a script that a shell has started, announces
//! itself.
//!
//! Over an exec the variable carries everything: see [`variable`]. Where a script has emptied its
//! environment, a word of this binary that is exec'd gets it all the same, and takes it out again
//! before anybody can see it; a foreign program gets what the script has left, and the trace of
//! that process ends.

mod changes;
pub mod json;
mod line;
mod text;
pub mod variable;

use crate::arg::{Arg, Argv};
use crate::image::Image;
use crate::resolve::{Target, word_of};
use crate::word::{Catalogue, Command};
use changes::Changes;
use line::{Line, What};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use sys::Errno;
use sys::process::Status;
use sys::spawn::{Action, Failed};
pub use variable::{Format, Unusable};
use variable::{Known, NAME, Variable};

static ON: AtomicBool = AtomicBool::new(false);
static STATE: Mutex<Option<State>> = Mutex::new(None);

struct State {
    known: Known,
    /// The variable as it stands in the environment, if the script has not touched it.
    word: Arg,
    /// The environment at the last line of this process.
    seen: Vec<Arg>,
    /// The file that this process runs.
    me: Option<(u64, u64)>,
}

/// Is this process traced?
#[inline]
pub fn on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Does something with the state; nothing where there is none.
fn with<T>(f: impl FnOnce(&mut State) -> T) -> Option<T> {
    STATE.lock().ok()?.as_mut().map(f)
}

/// Takes up the trace that the environment asks for, at the start of a process.
pub(crate) fn begin(image: &mut Image, argv: &Argv) {
    if let Some(value) = image.env.get(NAME) {
        take_up(image, value, argv);
    }
}

#[cold]
fn take_up(image: &mut Image, value: &'static [u8], argv: &Argv) {
    let variable = match Variable::parse(value, &image.env) {
        Ok(variable) => variable,
        Err(unusable) => return unusable.warn(value),
    };
    if !variable.known.is_there() {
        return;
    }
    let told = value.as_ptr() as usize - NAME.len() - 1;
    let old = image.env.vars().iter().find(|var| var.as_ptr() as usize == told).copied();
    if variable.hidden {
        image.env.unset(NAME);
    }
    switch_on(image, variable.known, old.filter(|_| !variable.hidden));
    if !variable.announced {
        word(image, image.command, argv);
    }
}

/// Begins a trace in this process, for what it is about to become, through a copy of that
/// descriptor.
pub fn start(image: &mut Image, fd: i32, format: Format) -> Result<(), Unusable> {
    let known = Known::high(fd, format)?;
    image.env.set(NAME, b"");
    let old = image.env.vars().last().copied();
    switch_on(image, known, old);
    Ok(())
}

fn switch_on(image: &mut Image, known: Known, old: Option<Arg>) {
    let word = known.word("");
    if let Some(old) = old {
        image.env.exchange(old, word);
    }
    let me = sys::fs::stat(sys::spawn::SELF).ok().map(|s| (s.dev, s.ino));
    let seen = image.env.vars().to_vec();
    if let Ok(mut state) = STATE.lock() {
        *state = Some(State { known, word, seen, me });
        ON.store(true, Ordering::Relaxed);
    }
}

impl State {
    fn line<'a>(&self, what: What<'a>, changes: Changes) -> Line<'a> {
        Line::new(&self.known, what, changes)
    }

    /// Writes a line. A descriptor that has been closed, or has become another file's, ends the
    /// trace.
    fn write(&mut self, line: &Line) {
        let written = self.known.is_there()
            && sys::note::write_with_pid(self.known.fd, line.pieces().each_ref().map(|p| &p[..]))
                .is_ok();
        if !written {
            ON.store(false, Ordering::Relaxed);
        }
    }

    /// What has changed since the last line.
    fn changes(&mut self, env: &[Arg]) -> Changes {
        let changes = Changes::between(&self.seen, env);
        if !changes.is_same {
            self.seen = env.to_vec();
        }
        changes
    }

    /// The word that one of these files is when it is exec'd, if that is this binary.
    fn own(&self, file: Option<Arg>, catalogue: Catalogue) -> Option<&'static Command> {
        let stat = sys::fs::stat(file?).ok()?;
        let same = self.me == Some((stat.dev, stat.ino));
        same.then(|| word_of(file?.to_bytes(), catalogue, None)).flatten()
    }

    /// An environment for a word of this binary that is exec'd: it is told that its line has been
    /// written.
    fn announce(&self, env: &mut Vec<Arg>) {
        match env.iter_mut().find(|var| changes::name_of(var) == NAME) {
            Some(var) if *var == self.word => *var = self.known.word(":announced"),
            Some(_) => {}
            None => env.push(self.known.word(":hidden")),
        }
    }
}

/// The file that an exec will take: the first one that can be run.
fn runnable(files: &[Arg]) -> Option<Arg> {
    let can_run = |file: &&Arg| {
        sys::fs::stat(file).is_ok_and(|s| s.is_file())
            && sys::fs::eaccess(file.to_bytes(), sys::fs::X_OK).is_ok()
    };
    files.iter().find(can_run).copied()
}

/// A word of this binary is about to run.
#[cold]
pub(crate) fn word(image: &Image, command: &'static Command, argv: &Argv) {
    with(|state| {
        let changes = state.changes(image.env.vars());
        let line = state.line(what_word(image.catalogue, command, argv), changes);
        state.write(&line);
    });
}

/// The process is about to become the first of these files that can be run.
#[cold]
pub(crate) fn exec(image: &mut Image, files: &[Arg], argv: &Argv) {
    with(|state| {
        // What can't be run is told by the failure.
        let Some(file) = runnable(files) else { return };
        let changes = state.changes(image.env.vars());
        let own = state.own(Some(file), image.catalogue);
        let line = state.line(handed_over(image.catalogue, own, file, argv), changes);
        state.write(&line);
        if own.is_some() && on() {
            let mut env = image.env.vars().to_vec();
            state.announce(&mut env);
            image.env = env.into();
        }
    });
}

fn what_word<'a>(catalogue: Catalogue, command: &'static Command, argv: &'a Argv) -> What<'a> {
    What::Word { name: command.name, argv, own: (catalogue.own_words)(command, argv) }
}

fn handed_over<'a>(
    catalogue: Catalogue,
    own: Option<&'static Command>,
    file: Arg,
    argv: &'a Argv,
) -> What<'a> {
    match own {
        Some(command) => what_word(catalogue, command, argv),
        None => What::Exec { file, argv },
    }
}

/// A program could not be run.
#[cold]
pub(crate) fn failed(image: &Image, program: Arg, errno: Errno) {
    with(|state| {
        let changes = state.changes(image.env.vars());
        let line = state.line(What::Failed { program, errno }, changes);
        state.write(&line);
    });
}

/// The process is about to end.
#[cold]
pub(crate) fn exit(image: &Image, code: i32) {
    with(|state| {
        let changes = state.changes(image.env.vars());
        let line = state.line(What::Exit { name: image.command.name, code }, changes);
        state.write(&line);
    });
}

/// A child of this process has ended: for the commands that wait for one.
#[inline]
pub fn ended(pid: i32, status: Status) {
    if on() {
        end(pid, status);
    }
}

#[cold]
fn end(pid: i32, status: Status) {
    with(|state| {
        let line = state.line(What::End { pid, status }, Changes::default());
        state.write(&line);
    });
}

/// Starts a block's program, one level deeper.
#[cold]
pub(crate) fn spawn(
    image: &Image,
    target: Target,
    argv: &Argv,
    vars: &[Arg],
    actions: &[Action],
) -> Result<i32, Failed> {
    let above = with(|state| {
        let above = state.word;
        state.known.depth += 1;
        state.word = state.known.word("");
        above
    });
    let mut env = vars.to_vec();
    let mut all = Vec::with_capacity(actions.len() + 1);
    with(|state| {
        if let Some(var) = env.iter_mut().find(|var| Some(**var) == above) {
            *var = state.word;
        }
        // A word that is called in a fork announces itself there.
        if let Target::Files(files) = &target
            && let Some(file) = runnable(files)
        {
            let own = state.own(Some(file), image.catalogue);
            let changes = Changes::between(&state.seen, &env);
            let line = state.line(handed_over(image.catalogue, own, file, argv), changes);
            if state.known.is_there() {
                all.push(Action::Note { fd: state.known.fd, pieces: line.for_child() });
            }
            if own.is_some() {
                state.announce(&mut env);
            }
        }
    });
    let notes = all.len();
    all.extend_from_slice(actions);
    let spawned = image.spawn_target(target, argv, &env, &all);
    with(|state| {
        state.known.depth -= 1;
        state.word = above.unwrap_or(state.word);
    });
    spawned.map_err(|mut fail| {
        fail.action = fail.action.map(|at| at - notes);
        failed(image, argv.first().copied().unwrap_or(c""), fail.errno);
        fail
    })
}
