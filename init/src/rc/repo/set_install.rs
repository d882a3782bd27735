//! `s6-rc-set-install`: makes a committed set what the machine runs, and boots with.

use super::set::last;
use super::{
    PLACE, PLACE_TOO, Path, Repo, VERBOSITY, ask, at, check_set_name, discard, join, relink, text,
    wrong,
};
use crate::rc;
use crate::stages::copy::Copy;
use crate::stages::wipe;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::args::long::{Flag, Valued};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;
use sys::fs::Stat;
use sys::process::Status;
use sys::spawn::Failed;

/// Exit codes: 3 there is no such set, 7 it has changed since it was committed, 100 wrong usage,
/// 102 the repository is in disorder, 111 the system said no; else those of `s6-rc-update`.
pub const COMMAND: Command = Command {
    name: "s6-rc-set-install",
    usage: "s6-rc-set-install [ -v verbosity ] [ -r repo ] [ -c bootdb ] [ -l livedir ] \
            [ -f convfile ] [ -b ] [ -K ] [ -e | -E ] [ --no-update ] set",
    run,
    kind: Kind::Link,
    examine: None,
};

const BLOCK: u64 = 1;
const KEEP: u64 = 2;
const ASIDE: u64 = 4;
const GENTLE: u64 = 8;
const FLAGS: [Flag; 5] = [
    Flag { short: b'b', long: "block", clear: 0, set: BLOCK },
    Flag { short: b'K', long: "keep-old", clear: 0, set: KEEP },
    Flag { short: 0, long: "no-update", clear: 0, set: ASIDE },
    Flag { short: b'e', long: "force-essentials", clear: GENTLE, set: 0 },
    Flag { short: b'E', long: "no-force-essentials", clear: 0, set: GENTLE },
];
const BOOT: Valued = Valued { short: b'c', long: "bootdb", slot: 2 };
const LIVE: Valued = Valued { short: b'l', long: "livedir", slot: 3 };
const CONVERSION: Valued = Valued { short: b'f', long: "conversion-file", slot: 4 };

/// What is to be done with a database.
enum Place {
    /// It is to be copied to there.
    Copy(Path, Path),
    /// Its copy is the live database: only the link is led to it.
    Live(Path),
    /// Nothing.
    Done,
}

/// How the live state comes to the new database.
struct Update {
    bits: u64,
    level: u32,
    live: Arg,
    conversion: Option<Arg>,
}

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let valued = [VERBOSITY, PLACE, PLACE_TOO, BOOT, LIVE, CONVERSION];
    let (repo, bits, [_, _, boot, live, conversion]) = ask::<5>(image, &mut argv, &FLAGS, &valued)?;
    let boot = boot.unwrap_or(c"/etc/s6-rc/compiled/current").to_bytes();
    let live = live.unwrap_or_else(|| leak(rc::LIVE.to_vec()));
    for (path, what) in [(boot, "bootdb"), (live.to_bytes(), "livedir")] {
        if !path.starts_with(b"/") {
            return Err(wrong(100, &[b"", what.as_bytes(), b" needs to be an absolute path"]));
        }
    }
    let set = *argv.first().ok_or_else(Fail::usage)?;
    check_set_name(set)?;
    repo.lock(false)?;
    repo.check_set(set)?;
    let name = set.to_bytes();
    if !repo.is_up_to_date(name)? {
        let help = b" is not up-to-date; commit it first\nhelp: s6-rc-set-commit -r ";
        return Err(wrong(7, &[b"set ", name, help, repo.path, b" ", name]));
    }
    let update = Update { bits, level: repo.voice.level, live, conversion };
    let (new, is_live) = match repo.place(name, boot, &update)? {
        Place::Copy(compiled, new) => {
            copy(compiled, new)?;
            (new, bits & ASIDE != 0)
        }
        Place::Live(new) => (new, true),
        Place::Done => return Ok(Next::Exit(0)),
    };
    let (code, old) = if is_live { (0, None) } else { update.run(image, new)? };
    // The link comes first: the old database is what it leads to.
    let switched: &[u8] =
        if bits & ASIDE == 0 { b" (live database switch was performed)" } else { b"" };
    relink(last(new), boot).map_err(|errno| {
        wrong(
            111,
            &[
                b"unable to symlink ",
                last(new),
                b" to ",
                boot,
                switched,
                b"",
                b": ",
                sys::reason(errno).as_bytes(),
                b"\nhelp: let that link lead there, or the next boot may fail",
            ],
        )
    })?;
    update.leave(old)?;
    match code {
        0 => Ok(Next::Exit(0)),
        code => Err(ended(code, switched)),
    }
}

impl Repo {
    /// What is to be done with the database of a set, whose copy stands beside the one that is
    /// booted. A copy that is neither booted nor live is the rest of an installation that failed.
    fn place(&self, set: &[u8], boot: &[u8], update: &Update) -> Result<Place, Fail> {
        let link = self.below(&[b"compiled", set]);
        let name = sys::fs::readlink(link).map_err(at("readlink", link))?;
        if !super::compile::is_database(&name, set) {
            return Err(wrong(102, &[b"incorrect/unexpected link contents for ", link]));
        }
        let compiled = self.below(&[b"compiled", &name]);
        let cut = boot.iter().rposition(|&b| b == b'/').unwrap_or(0);
        let new = join(&[&boot[..=cut], &name]);
        let made = sys::fs::stat_bytes(compiled).map_err(at("stat", compiled))?;
        match sys::fs::stat_bytes(new) {
            Err(Errno::ENOENT) => Ok(Place::Copy(compiled, new)),
            Err(errno) => Err(Fail::sys_at("stat", new, errno)),
            Ok(there) if sys::fs::readlink(boot).as_ref() != Ok(&name) => {
                if update.is_live(&there) {
                    return Ok(Place::Live(new));
                }
                wipe::remove(new).map_err(at("remove", new))?;
                Ok(Place::Copy(compiled, new))
            }
            Ok(there) if (there.mtime, there.mtime_nsec) >= (made.mtime, made.mtime_nsec) => {
                self.voice.info(0, &[b"set ", set, b" is already installed as ", new]);
                Ok(Place::Done)
            }
            Ok(_) => {
                Err(wrong(102, &[b"", new, b" already exists, and is older than its original"]))
            }
        }
    }
}

fn copy(from: &[u8], to: &[u8]) -> Result<(), Fail> {
    let copied = Copy { link_programs: false }.tree(from, to);
    let copied = copied.map_err(|bad| (bad.path, bad.errno));
    // Not older than the original by the coarseness of the kernel's clock.
    let dated = copied.and_then(|()| {
        sys::fs::set_mtime(to, sys::time::now()).map_err(|errno| (to.to_vec(), errno))
    });
    dated.map_err(|(path, errno)| {
        discard(to);
        Fail::sys(text(&[b"recursively copy ", from, b" to ", to, b" (", &path, b")"]), errno)
    })
}

fn ended(code: i32, what: &[u8]) -> Fail {
    wrong(code, &[b"s6-rc-update exited with code ", code.to_string().as_bytes(), what])
}

/// Runs the command, this program's own where PATH has none.
fn start(image: &Image, words: &Argv) -> Result<sys::Result<Status>, Failed> {
    // Much may have been waited for: not `spawn_and_wait`, which takes what is known of words for true.
    let done = image.spawn(words, None, &[]).map(sys::process::wait);
    match done {
        Err(Failed { errno: Errno::ENOENT, .. }) if image.find(b"s6-rc-update").is_some() => {
            let pid = sys::spawn::spawn(&[sys::spawn::SELF], words, image.env.vars(), &[])?;
            Ok(sys::process::wait(pid))
        }
        done => done,
    }
}

impl Update {
    fn words(&self, new: &[u8]) -> Argv {
        let mut words = vec![c"s6-rc-update"];
        if self.bits & BLOCK != 0 {
            words.push(c"-b");
        }
        words.push(if self.bits & GENTLE != 0 { c"-E" } else { c"-e" });
        words.extend([c"-v", leak(self.level.to_string().into_bytes()), c"-l", self.live]);
        if let Some(file) = self.conversion {
            words.extend([c"-f", file]);
        }
        words.extend([c"--", leak(new.to_vec())]);
        Argv::new(words)
    }

    /// Is that the live database's directory?
    fn is_live(&self, database: &Stat) -> bool {
        let compiled = join(&[self.live.to_bytes(), b"/compiled"]);
        sys::fs::stat_bytes(compiled).is_ok_and(|live| live.same(database))
    }

    /// Lets `s6-rc-update` do it: its exit code, and the old database, which is live no more. The
    /// new one is removed where it did not come to be live.
    fn run(&self, image: &Image, new: &[u8]) -> Result<(i32, Option<Path>), Fail> {
        let undo = || discard(new);
        let compiled = join(&[self.live.to_bytes(), b"/compiled"]);
        let old = match sys::fs::realpath(compiled) {
            Ok(old) => Some(&*old.leak()),
            Err(Errno::ENOENT) => None,
            Err(errno) => {
                undo();
                return Err(Fail::sys_at("realpath", compiled, errno));
            }
        };
        let words = self.words(new);
        let waited = start(image, &words).map_err(|bad| {
            undo();
            image.spawn_fail(&words, bad)
        })?;
        let status = waited.map_err(|errno| {
            Fail::sys("wait for the s6-rc-update process (updating may yet succeed)", errno)
        })?;
        if let Some(signal) = status.signal() {
            let signal = signal.to_string();
            let what = [&b"s6-rc-update crashed with signal "[..], signal.as_bytes()];
            return Err(wrong(status.exit_code(), &what));
        }
        let code = status.code().unwrap_or(111);
        let why: &[u8] = match code {
            111 => b", unable to know the state of the live db or clean up",
            3..=10 | 100 => {
                undo();
                b" (live database switch was NOT performed)"
            }
            _ => return Ok((code, old)),
        };
        Err(ended(code, why))
    }

    /// The old database is told of or removed.
    fn leave(&self, old: Option<Path>) -> Result<(), Fail> {
        let Some(old) = old else { return Ok(()) };
        if self.bits & KEEP == 0 {
            discard(old);
            return Ok(());
        }
        let line = join(&[old, b"\n"]);
        let what = "write to stdout (live database switch was performed)";
        sys::fd::write_all(1, line).map_err(|errno| Fail::sys(what, errno))
    }
}
