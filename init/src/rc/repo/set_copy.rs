//! `s6-rc-set-copy`: makes a set that is like another.

use super::{PLACE, PLACE_TOO, VERBOSITY, ask, at, check_set_name, discard, wrong};
use crate::stages::copy::Copy;
use interpreter::arg::Argv;
use interpreter::args::long::Flag;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

/// Exit codes: 1 there is a set of that name, 100 wrong usage, 102 the repository is in disorder,
/// 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-set-copy",
    usage: "s6-rc-set-copy [ -v verbosity ] [ -r repo ] [ -f ] srcset dstset",
    run,
    kind: Kind::Link,
    examine: None,
};

const FORCE: [Flag; 1] = [Flag { short: b'f', long: "force", clear: 0, set: 1 }];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (repo, force, _) = ask::<2>(image, &mut argv, &FORCE, &[VERBOSITY, PLACE, PLACE_TOO])?;
    let [from, to, ..] = *argv else { return Err(Fail::usage()) };
    if from == to {
        return Err(Fail::bad("source and destination sets are the same"));
    }
    check_set_name(from)?;
    check_set_name(to)?;
    repo.lock(true)?;
    let (from, to) = (from.to_bytes(), to.to_bytes());
    let path = repo.set(to);
    match sys::fs::access(path, 0) {
        Err(Errno::ENOENT) => {}
        Err(errno) => return Err(Fail::sys_at("access", path, errno)),
        Ok(()) if force == 0 => {
            let help = b"\nhelp: -f puts the copy in its place";
            let what = [b"set ", to, b" already exists in repository ", repo.path, help];
            return Err(wrong(1, &what));
        }
        Ok(()) => {}
    }
    let home = repo.set(repo.home_of(from)?);
    let old = repo.make_set(to, |new| {
        let copy = Copy { link_programs: false };
        copy.tree(home, new).map_err(|bad| at("copy", &bad.path)(bad.errno))
    })?;
    if let Some(old) = old {
        discard(repo.set(super::set::last(old)));
    }
    Ok(Next::Exit(0))
}
