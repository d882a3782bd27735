//! `s6-rc-set-change`: wants something else of some services of a set.

use super::fit::{Ways, followers};
use super::set::{Rx, Set};
use super::{PLACE, PLACE_TOO, Repo, VERBOSITY, ask, check_service_name, check_set_name, wrong};
use crate::rc::compiled::Id;
use interpreter::arg::Argv;
use interpreter::args::long::Flag;
use interpreter::diagnose::nearest;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 1 others would have to change, too, and `-i` forbids it; 3 there is no such
/// service, 4 the reference database is damaged, 100 wrong usage, 102 the repository is in
/// disorder, 111 the system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-set-change",
    usage: "s6-rc-set-change [ -v verbosity ] [ -r repo ] [ -E | -e ] [ -n ] [ -I | -i ] \
            [ -P | -p ] set newrx services...",
    run,
    kind: Kind::Link,
    examine: None,
};

const ESSENTIAL: u64 = 1;
const DRY: u64 = 2;
const STRICT: u64 = 4;
const PULL: u64 = 8;
const FLAGS: [Flag; 8] = [
    Flag { short: b'E', long: "no-force-essential", clear: ESSENTIAL, set: 0 },
    Flag { short: b'e', long: "force-essential", clear: 0, set: ESSENTIAL },
    Flag { short: 0, long: "no-dry-run", clear: DRY, set: 0 },
    Flag { short: b'n', long: "dry-run", clear: 0, set: DRY },
    Flag { short: b'I', long: "no-fail-on-dependencies", clear: STRICT, set: 0 },
    Flag { short: b'i', long: "fail-on-dependencies", clear: 0, set: STRICT },
    Flag { short: b'P', long: "no-pull-dependencies", clear: PULL, set: 0 },
    Flag { short: b'p', long: "pull-dependencies", clear: 0, set: PULL },
];

/// What the states are called.
const NAMES: [(&str, Rx); 19] = [
    ("activate", Rx::Active),
    ("active", Rx::Active),
    ("always", Rx::Always),
    ("deactivate", Rx::Usable),
    ("disable", Rx::Usable),
    ("disabled", Rx::Usable),
    ("enable", Rx::Active),
    ("enabled", Rx::Active),
    ("essential", Rx::Always),
    ("inactive", Rx::Usable),
    ("latent", Rx::Usable),
    ("make-essential", Rx::Always),
    ("mask", Rx::Masked),
    ("masked", Rx::Masked),
    ("onboot", Rx::Active),
    ("suppress", Rx::Masked),
    ("unmask", Rx::Usable),
    ("unmasked", Rx::Usable),
    ("usable", Rx::Usable),
];

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (repo, bits, _) = ask::<2>(image, &mut argv, &FLAGS, &[VERBOSITY, PLACE, PLACE_TOO])?;
    let [set, state, services @ ..] = &*argv else { return Err(Fail::usage()) };
    if services.is_empty() {
        return Err(Fail::usage());
    }
    check_set_name(set)?;
    let new = state_named(state.to_bytes())?;
    if new == Rx::Always && bits & ESSENTIAL == 0 {
        let what = "unable to artificially mark a service as essential without --force-essential";
        return Err(Fail::bad(what));
    }
    services.iter().try_for_each(|name| check_service_name(name))?;
    repo.lock(true)?;
    // The original has no exit code of its own for this, here.
    repo.check_set(set).map_err(|fail| Fail::with_code(111, fail.to_string()))?;
    let db = repo.reference()?;
    let mut set = Set::read(&repo, db, set.to_bytes())?;
    let mut moved = repo.atoms(db, services)?;
    for &id in &moved {
        set.of(id)?;
    }
    let following = followers(db, &set.rx, &moved, new, Ways { down: true, up: true });
    let following = match following {
        Ok(following) => following,
        Err(id) => return set.of(id).map(|_| Next::Exit(111)),
    };
    if !following.is_empty() {
        tell(&set, &following, new, bits)?;
        if bits & PULL != 0 {
            moved.extend(following);
        }
    }
    if bits & ESSENTIAL == 0 {
        for &id in moved.iter().filter(|&&id| set.rx[id as usize] == Some(Rx::Always)) {
            demoted(&repo, set.service(id));
        }
    }
    if bits & DRY == 0 {
        set.shift(&moved, new)?;
    }
    Ok(Next::Exit(0))
}

fn state_named(name: &[u8]) -> Result<Rx, Fail> {
    let found = NAMES.iter().find(|(n, _)| n.as_bytes() == name);
    found.map(|(_, rx)| *rx).ok_or_else(|| {
        let near = nearest(name, NAMES.iter().map(|(n, _)| n.as_bytes()));
        let near = near.unwrap_or(b"masked, usable or active");
        let what = b"unrecognized state change directive: ";
        wrong(100, &[what, name, b"\nhelp: there is ", near])
    })
}

/// Says who has to change as well. Exit code 1 where that is not to be.
fn tell(set: &Set, following: &[Id], new: Rx, bits: u64) -> Result<(), Fail> {
    let which: &[u8] = if new >= Rx::Active { b"dependencies of" } else { b"depending on" };
    let pull = bits & PULL != 0;
    let how: &[u8] = if pull { b"are also being" } else { b"also need to be" };
    let mut text: Vec<&[u8]> = vec![
        b"the following services (",
        which,
        b" the ones given as arguments, or part of the same pipeline) ",
        how,
        b" changed to \"",
        new.name().as_bytes(),
        b"\":",
        b"",
    ];
    for &id in following {
        text.extend([b" ", set.service(id)]);
    }
    if !pull {
        text.push(b"\nhelp: with -p they are changed, too");
    }
    let voice = set.repo.voice;
    match (bits & STRICT != 0, pull) {
        (true, _) => return Err(wrong(1, &text)),
        (_, true) => voice.info(2, &text),
        (_, false) => voice.warn(&text),
    }
    Ok(())
}

/// The original moves it without a word, though its manual says that it would not.
fn demoted(repo: &Repo, service: &[u8]) {
    let what = b" is marked as essential in its definition, and the machine may not boot without \
        it\nhelp: it is put back by s6-rc-set-change -e ... always ";
    repo.voice.warn(&[b"service ", service, what, service]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_many_names() {
        assert!(NAMES.is_sorted_by_key(|(name, _)| *name));
        for rx in Rx::ALL {
            assert_eq!(state_named(rx.name().as_bytes()).ok(), Some(rx));
        }
        assert!(state_named(b"up").is_err());
    }
}
