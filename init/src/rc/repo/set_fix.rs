//! `s6-rc-set-fix`: makes everything in sets fit together.

use super::fit::{Ways, followers};
use super::set::{Rx, Set};
use super::{PLACE, PLACE_TOO, Repo, VERBOSITY, ask, check_set_name, wrong};
use crate::rc::compiled::{Db, Id};
use interpreter::arg::Argv;
use interpreter::args::long::Flag;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 1 an essential service would have to be less, and `-e` is not given; 3 there is no
/// such set, 4 the reference database is damaged, 100 wrong usage, 102 the repository is in
/// disorder, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-set-fix",
    usage: "s6-rc-set-fix [ -v verbosity ] [ -r repo ] [ -u | -d ] [ -E | -e ] [ -n ] [ sets... ]",
    run,
    kind: Kind::Link,
    examine: None,
};

const UP: u64 = 1;
const ESSENTIAL: u64 = 2;
const DRY: u64 = 4;
const FLAGS: [Flag; 5] = [
    Flag { short: b'u', long: "fix-up", clear: 0, set: UP },
    Flag { short: b'd', long: "fix-down", clear: UP, set: 0 },
    Flag { short: b'E', long: "no-force-essential", clear: ESSENTIAL, set: 0 },
    Flag { short: b'e', long: "force-essential", clear: 0, set: ESSENTIAL },
    Flag { short: b'n', long: "dry-run", clear: 0, set: DRY },
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (repo, bits, _) = ask::<2>(image, &mut argv, &FLAGS, &[VERBOSITY, PLACE, PLACE_TOO])?;
    argv.iter().try_for_each(|set| check_set_name(set))?;
    repo.lock(true)?;
    argv.iter().try_for_each(|set| repo.check_set(set))?;
    let sets = match argv.is_empty() {
        true => repo.sets()?.iter().map(Vec::as_slice).collect(),
        false => argv.iter().map(|set| set.to_bytes()).collect::<Vec<&[u8]>>(),
    };
    if sets.is_empty() {
        return Ok(Next::Exit(0));
    }
    let db = repo.reference()?;
    sets.into_iter().try_for_each(|set| fix(&repo, db, set, bits))?;
    Ok(Next::Exit(0))
}

/// Fixes a set, state by state from the least to the most wanted: what has come into a state by
/// then is seen there.
fn fix(repo: &Repo, db: Db, name: &[u8], bits: u64) -> Result<(), Fail> {
    let mut set = Set::read(repo, db, name)?;
    let up = bits & UP != 0;
    for rx in Rx::ALL {
        let following = followers(db, &set.rx, &set.all(rx), rx, Ways { down: !up, up });
        let following = match following {
            Ok(following) => following,
            Err(id) => return set.of(id).map(drop),
        };
        for &id in &following {
            tell(&set, id, rx, bits)?;
        }
        if bits & DRY == 0 {
            set.shift(&following, rx)?;
        }
        for id in following {
            set.rx[id as usize] = Some(rx);
        }
    }
    Ok(())
}

/// Says what becomes of a service. Exit code 1 where that is not to be.
fn tell(set: &Set, id: Id, new: Rx, bits: u64) -> Result<(), Fail> {
    let old = set.of(id)?;
    let voice = set.repo.voice;
    let dry: &[u8] = if bits & DRY != 0 { b"(dry run) " } else { b"" };
    let (service, to, from) = (set.service(id), new.name().as_bytes(), old.name().as_bytes());
    let (in_set, of) = (&b"in set "[..], &b" of repository "[..]);
    let (name, repo) = (set.name, set.repo.path);
    let moving = b": moving service ";
    if voice.level >= 2 {
        let what =
            [dry, b"", in_set, name, of, repo, moving, service, b" from ", from, b" to ", to];
        voice.info(2, &what);
    } else if old == Rx::Masked {
        let will = b" will be unmasked by an upfix to ";
        voice.warn(&[dry, b"", b"service ", service, will, to]);
    } else if new == Rx::Masked {
        let will = b" will be masked by a downfix to ";
        voice.warn(&[dry, b"", b"service ", service, will, to]);
    }
    if old != Rx::Always {
        return Ok(());
    }
    if bits & ESSENTIAL != 0 {
        let will = b" will automatically be marked non-essential by a downfix to ";
        voice.warn(&[dry, b"", b"service ", service, will, to]);
        return Ok(());
    }
    let why = b" is marked as essential and cannot be downfixed (--no-force-essential)";
    let help = b"\nhelp: -u fixes what it needs, -e the service";
    let what = [dry, b"", in_set, name, of, repo, b": service ", service, why, b"", help];
    if bits & DRY == 0 {
        return Err(wrong(1, &what));
    }
    voice.say(0, "warning", &what[..what.len() - 2]);
    Ok(())
}
