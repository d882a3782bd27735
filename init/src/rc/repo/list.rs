//! `s6-rc-repo-list`: the names of all sets.

use super::{PLACE, PLACE_TOO, VERBOSITY, ask, join};
use interpreter::arg::Argv;
use interpreter::args::long::Valued;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 100 wrong usage, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-repo-list",
    usage: "s6-rc-repo-list [ -v verbosity ] [ -r repo ] [ -x exclude ]",
    run,
    kind: Kind::Link,
    examine: None,
};

const EXCLUDE: Valued = Valued { short: b'x', long: "exclude", slot: 2 };

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let valued = [VERBOSITY, PLACE, PLACE_TOO, EXCLUDE];
    let (repo, _, [.., exclude]) = ask::<3>(image, &mut argv, &[], &valued)?;
    repo.lock(false)?;
    let mut text = Vec::new();
    for set in repo.sets()? {
        if exclude.is_none_or(|word| word.to_bytes() != set) {
            text.extend(join(&[&set[..], b"\n"]));
        }
    }
    sys::fd::write_all(1, &text).map_err(|errno| Fail::sys("write to stdout", errno))?;
    Ok(Next::Exit(0))
}
