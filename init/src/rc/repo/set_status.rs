//! `s6-rc-set-status`: what a set wants of its services.

use super::set::Rx;
use super::{PLACE, PLACE_TOO, VERBOSITY, ask, check_service_name, check_set_name, join};
use interpreter::arg::Argv;
use interpreter::args::long::Flag;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 3 there is no such set or service, 4 the reference database is damaged, 100 wrong
/// usage, 102 the repository is in disorder, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-set-status",
    usage: "s6-rc-set-status [ -v verbosity ] [ -r repo ] [ -E | -e ] [ -L ] set [ services... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

const WITHOUT: u64 = 1;
const LIST: u64 = 2;
const FLAGS: [Flag; 3] = [
    Flag { short: b'E', long: "with-essentials", clear: WITHOUT, set: 0 },
    Flag { short: b'e', long: "without-essentials", clear: 0, set: WITHOUT },
    Flag { short: b'L', long: "list", clear: 0, set: LIST },
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (repo, bits, _) = ask::<2>(image, &mut argv, &FLAGS, &[VERBOSITY, PLACE, PLACE_TOO])?;
    let set = argv.next_word().ok_or_else(Fail::usage)?;
    check_set_name(set)?;
    argv.iter().try_for_each(|name| check_service_name(name))?;
    repo.lock(false)?;
    repo.check_set(set)?;
    let wanted = if argv.is_empty() {
        None
    } else {
        let db = repo.reference()?;
        let ids = repo.atoms(db, &argv)?;
        let mut names: Vec<&[u8]> =
            ids.iter().map(|&id| db.service(id).name().to_bytes()).collect();
        sys::order::ascending(&mut names);
        Some(names)
    };
    let mut text = Vec::new();
    for rx in Rx::ALL.into_iter().rev() {
        if rx == Rx::Always && bits & WITHOUT != 0 {
            continue;
        }
        for name in repo.services(set.to_bytes(), rx)? {
            if wanted.as_ref().is_some_and(|names| names.binary_search(&&name[..]).is_err()) {
                continue;
            }
            text.extend_from_slice(name);
            if bits & LIST == 0 {
                text.extend(join(&[b"/", rx.name().as_bytes()]));
            }
            text.push(b'\n');
        }
    }
    sys::fd::write_all(1, &text).map_err(|errno| Fail::sys("write to stdout", errno))?;
    Ok(Next::Exit(0))
}
