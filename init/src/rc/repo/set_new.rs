//! `s6-rc-set-new`: makes sets in which everything is as its definition has it.

use super::{PLACE, PLACE_TOO, VERBOSITY, ask, check_set_name, wrong};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;

/// Exit codes: 4 the reference database is damaged, 100 wrong usage or there is a set of that
/// name, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-set-new",
    usage: "s6-rc-set-new [ -v verbosity ] [ -r repo ] setname...",
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
    let db = repo.reference()?;
    for set in argv.iter().map(|set| set.to_bytes()) {
        let path = repo.set(set);
        match sys::fs::access(path, 0) {
            Err(Errno::ENOENT) => {}
            Err(errno) => return Err(Fail::sys_at("access", path, errno)),
            Ok(()) => {
                let what: [&[u8]; 4] = [b"set ", set, b" already exists in repository ", repo.path];
                return Err(wrong(100, &what));
            }
        }
        repo.make_set(set, |home| {
            let name = super::set::last(home);
            repo.empty_set(home)?;
            repo.fill(db, name, &[])?;
            repo.touch(name)
        })?;
    }
    Ok(Next::Exit(0))
}
