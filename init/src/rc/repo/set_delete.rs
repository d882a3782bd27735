//! `s6-rc-set-delete`: removes sets, and what was compiled of them.

use super::compile::is_database;
use super::{PLACE, PLACE_TOO, Repo, VERBOSITY, ask, at, check_set_name, join};
use crate::stages::wipe;
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;
use sys::fs::W_OK;

/// Exit codes: 100 wrong usage, 102 the repository is in disorder, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-set-delete",
    usage: "s6-rc-set-delete [ -v verbosity ] [ -r repo ] setname...",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (repo, _, _) = ask::<2>(image, &mut argv, &[], &[VERBOSITY, PLACE, PLACE_TOO])?;
    if argv.is_empty() {
        return Err(Fail::usage());
    }
    argv.iter().try_for_each(|set| check_set_name(set))?;
    repo.lock(true)?;
    argv.iter().try_for_each(|set| delete(&repo, set.to_bytes()))?;
    Ok(Next::Exit(0))
}

/// Removes a set; one that is not there may have left something behind all the same.
fn delete(repo: &Repo, set: &[u8]) -> Result<(), Fail> {
    let path = repo.set(set);
    match sys::fs::access(path, W_OK) {
        Err(Errno::ENOENT) => {}
        Err(errno) => return Err(Fail::sys_at("access", path, errno)),
        Ok(()) => {
            let home = repo.set(repo.home_of(set)?);
            sys::fs::unlink(path).map_err(at("unlink", path))?;
            wipe::remove(home).map_err(at("remove", home))?;
        }
    }
    let _ = sys::fs::unlink(repo.below(&[b"compiled", set]));
    let compiled = repo.below(&[b"compiled"]);
    for name in sys::fs::list(compiled).map_err(at("opendir", compiled))? {
        if is_database(&name, set) {
            let path = join(&[compiled, b"/", &name]);
            wipe::remove(path).map_err(at("remove", path))?;
        }
    }
    Ok(())
}
