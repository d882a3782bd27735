//! `trap`: the rest runs as a child, and a block whenever a signal comes. Ends with the child.

use super::block;
use crate::options;
use interpreter::arg::{self, Arg, Argv};
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};
use sys::Errno;
use sys::process::{Status, wait_any};
use sys::signal::{self, Disposition, SIGCHLD, SIGKILL, SIGSTOP, Set};
use sys::spawn::Action;

/// The command.
pub const COMMAND: Command = Command {
    name: "trap",
    usage: "trap [ -x ] { signal { command... } ... } prog...",
    run,
    kind: Kind::Daemon,
    examine: Some(examine),
};

/// A block for each signal; the first one is for those that have none.
type Blocks = [Option<Argv>; 65];

/// 111: a program can't be started; else the child's own code as execline approximates it.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let take = |argv: &mut Argv, name: &str| match name {
        "" => image.need_block(argv),
        name => block::named(image, argv, name),
    };
    let mut refused = None;
    let read = read(&mut argv, &take, &mut |_, fail| _ = refused.get_or_insert(fail));
    let (forward, blocks) = refused.map_or(read, Err)?;
    let set = match forward || blocks[0].is_some() {
        true => Set::full(),
        false => Set::of(&trapped(&blocks)),
    };
    // A child whose death is ignored sends no signal.
    let ignored = signal::dispose(SIGCHLD, Disposition::Default)
        .map_err(|errno| Fail::sys("trap SIGCHLD", errno))?;
    signal::set_mask(&set);
    let restore = [Action::UnblockSignals, Action::IgnoreSignal(SIGCHLD)];
    let actions = if ignored { &restore[..] } else { &restore[..1] };
    let child =
        image.spawn(&argv, None, actions).map_err(|failed| image.spawn_fail(&argv, failed))?;
    Watch { image, blocks, running: [0; 65], child, actions }.sit_out(&set)
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    let take = |argv: &mut Argv, name: &str| {
        let missing = || match name {
            "" => Fail::bad("unterminated block: trap wants { words } here"),
            name => Fail::bad(format!("{name} block required")),
        };
        arg::block(argv).ok_or_else(missing)
    };
    if let Err(fail) = read(&mut Argv::new(words.to_vec()), &take, refuse) {
        refuse(None, fail);
    }
}

/// Takes its own words off the command line: whether signals are sent on, and the directives. Of
/// these it tells which it refuses. `take` takes a block, that of a directive with its name.
fn read(
    argv: &mut Argv,
    take: &dyn Fn(&mut Argv, &str) -> Result<Argv, Fail>,
    refuse: &mut Refuse,
) -> Result<(bool, Blocks), Fail> {
    let forward = options::flag(argv, b'x')?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let mut directives = take(argv, "")?;
    if directives.is_empty() {
        return Err(Fail::bad("empty block: there is no signal to trap"));
    }
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    let mut blocks = [const { None }; 65];
    while let Some(word) = directives.next_word() {
        let number = directive(word, |number| blocks[number].is_some());
        let block = take(&mut directives, &shown(word.to_bytes()))?;
        match number {
            Ok(number) => blocks[number] = Some(block),
            Err(fail) => refuse(Some(word), fail),
        }
    }
    Ok((forward, blocks))
}

/// The number below 65 of the signal that a directive is for, or 0 for `default`. Refuses one that
/// was `named` before.
fn directive(word: Arg, named: impl Fn(usize) -> bool) -> Result<usize, Fail> {
    let name = shown(word.to_bytes());
    match number_of(word) {
        None => Err(format!("unrecognized directive: {name}: neither a signal nor default")),
        Some(number) if number != 0 && !can_be_trapped(number) => {
            Err(format!("{name} ({number}) cannot be trapped"))
        }
        Some(number) if named(number as usize) => Err(format!("duplicate directive: {name}")),
        Some(number) => Ok(number as usize),
    }
    .map_err(Fail::bad)
}

/// A signal's number, with or without SIG in front of the name or the number; 0 for `default`.
fn number_of(word: Arg) -> Option<u32> {
    let word = word.to_bytes();
    if word.eq_ignore_ascii_case(b"default") {
        return Some(0);
    }
    let bare = match word.split_at_checked(3) {
        Some((sig, bare)) if sig.eq_ignore_ascii_case(b"SIG") => bare,
        _ => word,
    };
    number::uint(bare).or_else(|| signal::parse(word).map(i32::cast_unsigned))
}

/// The C library keeps some for itself.
fn can_be_trapped(number: u32) -> bool {
    let signal = number.cast_signed();
    number < 65 && ![SIGKILL, SIGSTOP, SIGCHLD].contains(&signal) && Set::full().has(signal)
}

fn trapped(blocks: &Blocks) -> Vec<i32> {
    let numbers = (0..).zip(blocks).filter(|(_, block)| block.is_some()).map(|(number, _)| number);
    numbers.chain([SIGCHLD]).collect()
}

/// The child, and what is done for it.
struct Watch<'a> {
    image: &'a Image,
    blocks: Blocks,
    /// The process that runs a signal's block; 0: none does.
    running: [i32; 65],
    child: i32,
    /// What each process does before its program.
    actions: &'a [Action],
}

impl Watch<'_> {
    fn sit_out(mut self, set: &Set) -> Ran {
        loop {
            match signal::wait(set, None) {
                Ok(Some(SIGCHLD)) => {
                    if let Some(end) = self.reap()? {
                        return Ok(Next::Exit(end.exit_code()));
                    }
                }
                Ok(Some(signal)) => self.came(signal)?,
                Ok(None) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(Fail::sys("wait for a signal", errno)),
            }
        }
    }

    /// Takes in the dead, until the child is one of them.
    fn reap(&mut self) -> Result<Option<Status>, Fail> {
        loop {
            match wait_any(-1, false) {
                Ok(Some((pid, end))) if pid == self.child => return Ok(Some(end)),
                Ok(Some((pid, _))) => {
                    self.running.iter_mut().filter(|running| **running == pid).for_each(|r| *r = 0);
                }
                Ok(None) | Err(Errno::ECHILD) => return Ok(None),
                Err(errno) => return Err(Fail::sys("wait", errno)),
            }
        }
    }

    /// Starts the signal's block, unless it runs; where there is none, the child gets the signal.
    fn came(&mut self, signal: i32) -> Result<(), Fail> {
        let place = signal as usize;
        let Some(block) = self.blocks[place].as_ref().or(self.blocks[0].as_ref()) else {
            let _ = signal::kill(self.child, signal);
            return Ok(());
        };
        if self.running[place] != 0 || block.is_empty() {
            return Ok(());
        }
        let mut env = self.image.env.clone();
        env.set(b"!", self.child.to_string().as_bytes());
        env.set(b"SIGNAL", signal.to_string().as_bytes());
        self.running[place] = self
            .image
            .spawn(block, Some(env.vars()), self.actions)
            .map_err(|failed| self.image.spawn_fail(block, failed))?;
        Ok(())
    }
}
