//! Repositories of services: what a distribution installs and what an administrator has made of
//! it, kept apart from what the machine is booted with.
//!
//! A repository is a directory, in which everything but the databases is links:
//!
//! | | |
//! |---|---|
//! | `lock` | who changes or reads anything holds it |
//! | `stores/0000` … | to the directories in which the definitions are |
//! | `sources/.atomics/NAME`, `sources/.bundles/NAME` | to the definition in its store |
//! | `sources/SET/RX/NAME` | to `.atomics/NAME`; `RX` is what the set wants of the service |
//! | `sources/SET/.stamp` | as old as the set's last change |
//! | `compiled/.ref` | the database of all services in the stores |
//! | `compiled/SET` | what was made of the set when it was last committed |
//!
//! `stores`, `.atomics`, `.bundles`, each set and each database are links themselves, which are
//! changed in one step when what they lead to is whole.

mod bundles;
mod compile;
mod fit;
mod init;
mod list;
mod set;
mod set_change;
mod set_commit;
mod set_copy;
mod set_delete;
mod set_fix;
mod set_install;
mod set_new;
mod set_status;
mod stores;
mod sync;
mod voice;

pub use init::COMMAND as REPO_INIT;
pub use list::COMMAND as REPO_LIST;
pub use set_change::COMMAND as SET_CHANGE;
pub use set_commit::COMMAND as SET_COMMIT;
pub use set_copy::COMMAND as SET_COPY;
pub use set_delete::COMMAND as SET_DELETE;
pub use set_fix::COMMAND as SET_FIX;
pub use set_install::COMMAND as SET_INSTALL;
pub use set_new::COMMAND as SET_NEW;
pub use set_status::COMMAND as SET_STATUS;
pub use sync::COMMAND as REPO_SYNC;

use crate::rc::compiled::{Damaged, Db, Entry, Id};
use crate::stages::wipe;
use crate::unique;
use interpreter::arg::{Arg, Argv};
use interpreter::args::long::{self, Flag, Found, Valued};
use interpreter::args::number::uint;
use interpreter::diagnose::{nearest, shown};
use interpreter::image::Image;
use interpreter::word::Fail;
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY};
use voice::Voice;

const VERBOSITY: Valued = Valued { short: b'v', long: "verbosity", slot: 0 };
/// Whose process holds pipelines' pipes is asked in vain: here no process does.
const USER: Valued = Valued { short: b'h', long: "fdholder-user", slot: 2 };
const PLACE: Valued = Valued { short: b'r', long: "repodir", slot: 1 };
/// What the original's manual calls it, while its program does not know the name.
const PLACE_TOO: Valued = Valued { short: 0, long: "repository", slot: 1 };

/// A repository that a command is about.
struct Repo {
    path: &'static [u8],
    voice: Voice,
}

/// Takes the options off the front of a command line. Slots 0 and 1 are those of every command:
/// what is left of them is the repository.
fn ask<const N: usize>(
    image: &Image,
    argv: &mut Argv,
    flags: &[Flag],
    valued: &[Valued],
) -> Result<(Repo, u64, [Option<Arg>; N]), Fail> {
    let Found { bits, values, used } = long::scan::<N>(argv, flags, valued)?;
    argv.advance(used);
    let level = values.first().copied().flatten().map_or(Some(1), |word| uint(word.to_bytes()));
    let level = level.ok_or_else(|| Fail::bad("verbosity needs to be an unsigned integer"))?;
    let path = values.get(1).copied().flatten().unwrap_or(c"/var/lib/s6-rc/repository");
    let voice = Voice { name: image.command.name, level };
    Ok((Repo { path: path.to_bytes(), voice }, bits, values))
}

/// A path, or another text. The commands end soon after they have made one: nothing is freed, and
/// no code is there to free it.
type Path = &'static [u8];

/// Pieces in one.
fn join(pieces: &[&[u8]]) -> Path {
    pieces.concat().leak()
}

/// A message: each second piece is a name, and is shown as a terminal can.
fn text(pieces: &[&[u8]]) -> String {
    let mut text = String::new();
    for (i, piece) in pieces.iter().enumerate() {
        match i % 2 {
            0 => text += &String::from_utf8_lossy(piece),
            _ => text += &shown(piece),
        }
    }
    text
}

/// [`unique::make`].
fn fresh(prefix: &[u8], make: &dyn Fn(&[u8]) -> sys::Result<()>) -> sys::Result<Path> {
    unique::make(prefix, make).map(|name| &*name.leak())
}

/// [`unique::link`].
fn relink(target: &[u8], path: &[u8]) -> sys::Result<Option<Path>> {
    unique::link(target, path).map(|old| old.map(|old| &*old.leak()))
}

/// A mistake with an exit code of its own.
fn wrong(code: i32, pieces: &[&[u8]]) -> Fail {
    Fail::with_code(code, text(pieces))
}

/// For `map_err`: what was tried with which file.
fn at(what: &str, path: &[u8]) -> impl FnOnce(Errno) -> Fail {
    move |errno| Fail::sys_at(what, path, errno)
}

/// For `map_err` of something with two names.
fn to(what: &str, from: &[u8], to: &[u8]) -> impl FnOnce(Errno) -> Fail {
    move |errno| {
        let what = text(&[what.as_bytes(), b"", b" ", from, b" to ", to]);
        Fail::sys(what, errno)
    }
}

/// The names in a directory that are not hidden, sorted.
fn names(dir: &[u8]) -> Result<&'static [Vec<u8>], Fail> {
    let mut names = sys::fs::list(dir).map_err(at("opendir", dir))?;
    names.retain(|name| name.first() != Some(&b'.'));
    Ok(names.leak())
}

/// A directory with permissions that the umask has no say in.
fn mkdir(path: &[u8], mode: u32) -> Result<(), Fail> {
    sys::fs::mkdir(path, 0o700).map_err(at("mkdir", path))?;
    sys::fs::chmod(path, mode).map_err(at("chmod", path))
}

/// Removes what is of no use any more; that it can't be removed does no harm.
fn discard(path: &[u8]) {
    let _ = wipe::remove(path);
}

/// Permissions of directories of ours.
const PLAIN: u32 = 0o755;
/// And of those whose group the files in them get.
const GROUP: u32 = 0o2755;

/// Is that the name of a set?
fn check_set_name(name: Arg) -> Result<(), Fail> {
    let text = name.to_bytes();
    Err(Fail::bad(match text.first() {
        None => "set names cannot be empty",
        Some(b'.') => "set names cannot start with a dot",
        _ if text.iter().any(|b| b"/\n".contains(b)) => "set names cannot contain / or newlines",
        _ => return Ok(()),
    }))
}

/// Is that the name of a service that a store may have?
fn check_service_name(name: Arg) -> Result<(), Fail> {
    let text = name.to_bytes();
    Err(Fail::bad(match text.first() {
        None => "service names cannot be empty",
        Some(b'.') => "service names cannot start with a dot",
        _ if text.iter().any(|b| b"/\n".contains(b)) => {
            "service names cannot contain / or newlines"
        }
        _ if is_internal(text) => "service names cannot start with reserved prefixes",
        _ => return Ok(()),
    }))
}

/// Does a name belong to s6-rc itself?
fn is_internal(name: &[u8]) -> bool {
    name.starts_with(b"s6rc-") || name.starts_with(b"s6-rc-")
}

impl Repo {
    /// The path of something in it.
    fn below(&self, parts: &[&[u8]]) -> Path {
        let mut path = self.path.to_vec();
        for part in parts {
            path.push(b'/');
            path.extend_from_slice(part);
        }
        path.leak()
    }

    /// Waits for the lock, which is held until this process ends.
    fn lock(&self, exclusive: bool) -> Result<(), Fail> {
        let path = self.below(&[b"lock"]);
        let flags = if exclusive { O_WRONLY } else { O_RDONLY } | O_NONBLOCK | O_CLOEXEC;
        let open = sys::fd::open_bytes(path, flags, 0);
        let locked = open.and_then(|fd| {
            loop {
                match sys::fd::lock_as(fd, exclusive, true) {
                    Err(Errno::EINTR) => {}
                    other => return other,
                }
            }
        });
        locked.map(drop).map_err(|errno| {
            if errno != Errno::ENOENT {
                return at("lock", self.path)(errno);
            }
            let reason = sys::reason(errno);
            wrong(
                111,
                &[
                    b"unable to lock ",
                    self.path,
                    b": ",
                    reason.as_bytes(),
                    b"\nhelp: a repository is made by s6-rc-repo-init -r ",
                    self.path,
                    b" STORE...",
                ],
            )
        })
    }

    /// Where a set is.
    fn set(&self, set: &[u8]) -> Path {
        self.below(&[b"sources", set])
    }

    /// Exit code 3 where there is no such set.
    fn check_set(&self, set: Arg) -> Result<(), Fail> {
        let path = self.set(set.to_bytes());
        match sys::fs::stat_bytes(path) {
            Ok(stat) if stat.is_dir() => Ok(()),
            Ok(_) => Err(wrong(102, &[b"file ", path, b" is not a directory"])),
            Err(Errno::ENOENT) => {
                let set = set.to_bytes();
                let mut what: Vec<&[u8]> =
                    vec![b"set ", set, b" does not exist in repository ", self.path];
                let sets = self.sets().unwrap_or_default();
                if let Some(near) = nearest(set, sets.iter().map(Vec::as_slice)) {
                    what.extend([&b"\nhelp: there is a set "[..], near]);
                }
                Err(wrong(3, &what))
            }
            Err(errno) => Err(Fail::sys_at("stat", path, errno)),
        }
    }

    /// The names of all sets.
    fn sets(&self) -> Result<&'static [Vec<u8>], Fail> {
        names(self.below(&[b"sources"]))
    }

    /// The database of all services in the stores.
    fn reference(&self) -> Result<Db, Fail> {
        let path = self.below(&[b"compiled/.ref"]);
        Db::open(path).map_err(|bad| {
            let code = if matches!(bad, Damaged::Unreadable(_)) { 111 } else { 4 };
            let bad = bad.to_string();
            wrong(
                code,
                &[
                    b"unable to read the reference database ",
                    path,
                    b": ",
                    bad.as_bytes(),
                    b"\nhelp: s6-rc-repo-sync -r ",
                    self.path,
                    b" makes it from the stores",
                ],
            )
        })
    }

    /// The atomic services that names stand for, in ascending order, without those of s6-rc
    /// itself. Exit code 3 where there is no such name.
    fn atoms(&self, db: Db, words: &[Arg]) -> Result<Vec<Id>, Fail> {
        let mut atoms = Vec::new();
        for word in words {
            let name = word.to_bytes();
            let entry = db.find(name).ok_or_else(|| self.unknown(db, name))?;
            atoms.extend(db.atoms(entry));
        }
        sys::order::ascending(&mut atoms);
        atoms.dedup();
        atoms.retain(|&id| !is_internal(db.service(id).name().to_bytes()));
        Ok(atoms)
    }

    fn unknown(&self, db: Db, name: &[u8]) -> Fail {
        let place = self.below(&[b"compiled/.ref"]);
        let known = db.entries().map(|entry: Entry| db.name(entry).to_bytes());
        let (help, what): (&[u8], _) = match nearest(name, known.filter(|name| !is_internal(name)))
        {
            Some(near) => (b"\nhelp: there is ", near),
            None => {
                let help = b"\nhelp: what has come into a store is taken in by s6-rc-repo-sync -r ";
                (help, self.path)
            }
        };
        wrong(3, &[b"", name, b" is not a valid identifier in ", place, help, what])
    }

    /// A set has been changed now.
    fn touch(&self, set: &[u8]) -> Result<(), Fail> {
        let stamp = join(&[self.set(set), b"/.stamp"]);
        sys::fs::touch(stamp).map_err(at("touch", stamp))?;
        // The kernel's own time is that of its last tick, and a database may be younger.
        sys::fs::set_mtime(stamp, sys::time::now()).map_err(at("touch", stamp))
    }

    /// All sets have been.
    fn touch_all(&self) -> Result<(), Fail> {
        self.sets()?.iter().try_for_each(|set| self.touch(set))
    }
}
