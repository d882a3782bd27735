//! The process becomes its program anew, and takes its state along: because it is told to, or
//! because it can't go on.
//!
//! The state is a file in memory; what is open in it stays open over the exec, and children stay
//! children. The new program takes it up ([`take_up`]) and looks at once for whoever has ended
//! meanwhile. Where a program does not know the state's version it goes back to the old one,
//! which is open as well.

use super::Director;
use super::tree::{Tree, warn};
use crate::supervise::record::{In, Out};
use crate::supervise::service::say;
use interpreter::arg::Arg;
use interpreter::args::number::Decimal;
use interpreter::word::Fail;
use std::cell::OnceCell;
use std::ffi::{CStr, CString};
use sys::Errno;
use sys::handover::Environment;

/// What the state begins with.
const MAGIC: &[u8] = b"chainit's state\n";
/// The version of all that comes behind it.
const VERSION: i64 = 7;
/// The fifodir, below the scan directory, through which whoever asked is told.
pub const EVENT: &CStr = c".s6-svscan/event";
/// What is told there: the new program has begun; the old one goes on.
pub const NEWS: [u8; 2] = *b"un";
/// The letter of the control fifo.
pub const UPGRADE: u8 = b'U';

/// More faults than that within a minute are not survived.
const FAULTS: usize = 5;
const MINUTE: i64 = 60;

/// When the last faults were, in seconds of the monotonic clock; 0: never.
pub(super) type Faults = [i64; FAULTS];

/// What an exec needs, made ready before it.
pub(super) struct Way {
    env: Environment,
    path: OnceCell<CString>,
}

impl Way {
    pub(super) fn new(env: &[Arg]) -> Way {
        Way { env: Environment::new(env), path: OnceCell::new() }
    }

    /// Where the program is installed. To ask for it early is right, because somebody may give the file
    /// another name; but it costs more than a short container's whole end.
    pub(super) fn path(&self) -> &CStr {
        let ask = || CString::new(crate::operator::program(c"")).unwrap_or_default();
        self.path.get_or_init(ask)
    }

    /// This program, and what has its path.
    fn paths(&self) -> [&CStr; 2] {
        [sys::spawn::SELF, self.path.get().map_or(crate::operator::INSTALLED, |path| path)]
    }
}

/// A number as a word, on the stack.
struct Word([u8; 12]);

impl Word {
    fn new(number: i32) -> Word {
        let mut word = [0; 12];
        let digits = Decimal::new(number.unsigned_abs().into());
        word[..digits.len()].copy_from_slice(&digits);
        Word(word)
    }

    fn get(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.0).unwrap_or_default()
    }
}

fn exec(file: i32, path: &CStr, state: i32, back: bool, env: &Environment) -> Errno {
    let word = Word::new(state);
    let words = [c"chainit", c"resume", word.get(), c"back"];
    sys::handover::exec(file, path, &words[..if back { 4 } else { 3 }], env)
}

/// Becomes the program at these paths, in turn, with the state. Comes back with the reason why
/// not, and everything is as before. Nothing is allocated.
fn hand_over(
    tree: &Tree,
    director: &dyn Director,
    faults: &Faults,
    way: &Way,
    paths: &[&CStr],
) -> Errno {
    let state = match sys::handover::memory_file(c"chainit-state") {
        Ok(fd) => fd,
        Err(errno) => return errno,
    };
    let flags = sys::fd::O_PATH | sys::fd::O_CLOEXEC;
    let program = sys::fd::open(sys::spawn::SELF, flags, 0).ok();
    let write = |mut out: Out| {
        out.bytes(MAGIC);
        out.number(sys::process::getpid());
        out.fd(program);
        out.number(VERSION);
        faults.iter().for_each(|&at| out.number(at));
        out.number(director.kind());
        tree.save(&mut out);
        director.save(&mut out);
        out.fd(Some(state));
        out.end()
    };
    let written = write(Out::to(state)).and_then(|()| sys::handover::rewind(state));
    let mut errno = written.err().unwrap_or(Errno::UnknownErrno);
    if written.is_ok() {
        for path in paths {
            errno = exec(-1, path, state, false, &way.env);
        }
    }
    let _ = write(Out::undo());
    for fd in program.into_iter().chain([state]) {
        let _ = sys::fd::close(fd);
    }
    errno
}

/// Becomes the program that is installed now. Comes back if that can't be done.
pub(super) fn upgrade(tree: &Tree, director: &dyn Director, way: &Way) {
    let errno = hand_over(tree, director, &tree.faults, way, &[way.path()]);
    let (path, why) = (way.path().to_string_lossy(), sys::reason(errno));
    warn(&format!("unable to exec {path} (going on as before): {why}"));
    tell(tree, false);
}

/// Becomes this same program, in a process that goes on with the tree where another one leaves it.
/// Comes back if that can't be done.
pub(super) fn stay(tree: &Tree, director: &dyn Director, way: &Way) {
    let errno = hand_over(tree, director, &tree.faults, way, &way.paths());
    warn(&format!("unable to go on with the services: {}", sys::reason(errno)));
}

/// Begins anew after a fault, if it is not one of too many. Comes back if that can't be done.
/// Nothing is allocated.
pub(super) fn survive(tree: &Tree, director: &dyn Director, way: &Way, signal: i32) {
    let cause = sys::signal::name(signal).unwrap_or("a panic");
    let sort = if signal == 0 { "" } else { "SIG" };
    let now = sys::time::monotonic().sec.max(1);
    let mut faults = tree.faults;
    let first = std::mem::replace(&mut faults[0], now);
    faults.rotate_left(1);
    if first != 0 && now - first < MINUTE {
        pieces(&["s6-svscan: fatal: ", sort, cause, ", one of too many faults within a minute\n"]);
        return director.give_up(&way.env);
    }
    pieces(&["s6-svscan: warning: ", sort, cause, ": beginning anew, all services go on\n"]);
    hand_over(tree, director, &faults, way, &way.paths());
    pieces(&["s6-svscan: fatal: unable to begin anew\n"]);
    director.give_up(&way.env);
}

fn pieces(pieces: &[&str]) {
    pieces.iter().for_each(|piece| say(piece));
}

pub(super) fn tell(tree: &Tree, upgraded: bool) {
    if let Some(place) = &tree.place {
        let news = NEWS[usize::from(!upgraded)];
        let _ = crate::supervise::events::notify(place.dir, EVENT, &[news]);
    }
}

/// A state that was taken up, but for its director's part.
pub struct Taken<'a> {
    /// The tree.
    pub tree: Tree,
    /// Who the director was ([`Director::kind`]).
    pub kind: u8,
    /// Where the director's state is read from.
    pub rest: In<'a>,
}

/// The whole state behind a descriptor that an earlier program has left open.
pub fn read(fd: i32) -> Result<Vec<u8>, Fail> {
    let _ = sys::fd::set_cloexec(fd, true);
    sys::fd::read_to_end(fd).map_err(|errno| Fail::sys("read the state", errno))
}

/// Takes the state up. `back`: another program did not know what to do with it.
pub fn take_up<'a>(fd: i32, state: &'a [u8], back: bool, env: &[Arg]) -> Result<Taken<'a>, Fail> {
    let mut input = In::new(state);
    let own = |input: &mut In| {
        let (magic, pid) = (input.bytes()?, input.int()?);
        (magic == MAGIC && pid == sys::process::getpid()).then_some(())
    };
    own(&mut input).ok_or_else(|| Fail::bad("this is no state of this process"))?;
    let old = input.fd().flatten();
    let version = input.number();
    // What comes back is what this program itself has written.
    if version != Some(VERSION) && !back {
        return Err(go_back(fd, old, env));
    }
    if let Some(old) = old {
        let _ = sys::fd::close(old);
    }
    let loaded = load(&mut input);
    let _ = sys::fd::close(fd);
    let (mut tree, kind) = loaded.ok_or_else(|| Fail::bad("the state is not whole"))?;
    if back {
        warn("the program that is installed does not know this one's state: going on as before");
    }
    tree.begun = Some(!back);
    Ok(Taken { tree, kind, rest: input })
}

fn load(input: &mut In) -> Option<(Tree, u8)> {
    let mut faults = Faults::default();
    for at in &mut faults {
        *at = input.number()?;
    }
    let kind = input.number()?.try_into().ok()?;
    let mut tree = Tree::load(input)?;
    tree.faults = faults;
    Some((tree, kind))
}

/// Becomes the old program again, which knows its own state.
fn go_back(fd: i32, old: Option<i32>, env: &[Arg]) -> Fail {
    let Some(old) = old else { return Fail::bad("the state is of another version") };
    let _ = sys::handover::rewind(fd);
    let _ = sys::fd::set_cloexec(fd, false);
    Fail::sys("become the old program again", exec(old, c"", fd, true, &Environment::new(env)))
}
