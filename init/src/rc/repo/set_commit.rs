//! `s6-rc-set-commit`: compiles a set.

use super::fit::{Why, misfits};
use super::set::Set;
use super::{
    PLACE, PLACE_TOO, Path, Repo, USER, VERBOSITY, ask, check_service_name, check_set_name,
    discard, join, wrong,
};
use crate::rc::compiled::Db;
use interpreter::arg::Argv;
use interpreter::args::long::{Flag, Valued};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 1 the set does not fit together or does not compile, 3 there is no such set, 4 the
/// reference database is damaged, 100 wrong usage, 102 the repository is in disorder, 111 the
/// system said no.
pub const COMMAND: Command = Command {
    name: "s6-rc-set-commit",
    usage: "s6-rc-set-commit [ -v verbosity ] [ -r repo ] [ -D defaultbundle ] [ -h fdhuser ] \
            [ -K ] [ -f ] set",
    run,
    kind: Kind::Link,
    examine: None,
};

const KEEP: u64 = 1;
const FORCE: u64 = 2;
const FLAGS: [Flag; 2] = [
    Flag { short: b'K', long: "keep-old", clear: 0, set: KEEP },
    Flag { short: b'f', long: "force", clear: 0, set: FORCE },
];
const BUNDLE: Valued = Valued { short: b'D', long: "default-bundle", slot: 3 };

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let valued = [VERBOSITY, PLACE, PLACE_TOO, BUNDLE, USER];
    let (repo, bits, [.., bundle]) = ask::<4>(image, &mut argv, &FLAGS, &valued)?;
    let set = *argv.first().ok_or_else(Fail::usage)?;
    check_set_name(set)?;
    let bundle = bundle.unwrap_or(c"default");
    check_service_name(bundle)?;
    repo.lock(true)?;
    repo.check_set(set)?;
    let name = set.to_bytes();
    if bits & FORCE == 0 && repo.is_up_to_date(name)? {
        repo.voice.info(2, &[b"set ", name, b" is already up-to-date."]);
        return Ok(Next::Exit(0));
    }
    let db = repo.reference()?;
    check(&Set::read(&repo, db, name)?)?;
    match repo.commit(db, name, bundle.to_bytes())? {
        Some(old) if bits & KEEP != 0 => {
            let line = join(&[old, b"\n"]);
            sys::fd::write_all(1, line).map_err(|errno| Fail::sys("write to stdout", errno))?;
        }
        Some(old) => {
            discard(old);
        }
        None => {}
    }
    Ok(Next::Exit(0))
}

/// Exit code 1 where something does not fit together.
fn check(set: &Set) -> Result<(), Fail> {
    const MOST: usize = 8;
    let found = match misfits(set.db, &set.rx) {
        Ok(found) if found.is_empty() => return Ok(()),
        Ok(found) => found,
        Err(id) => return set.of(id).map(drop),
    };
    let mut what: Vec<&[u8]> = vec![b"unable to commit: found inconsistent dependencies", b""];
    let rx = |id| set.of(id).map(|rx| rx.name().as_bytes());
    for &(one, why, other) in found.iter().take(MOST) {
        let verb: &[u8] =
            if why == Why::Needs { b" and depends on " } else { b" and is in a pipeline with " };
        what.extend([b"\n", set.service(one), b" is ", rx(one)?]);
        what.extend([verb, set.service(other), b", which is ", rx(other)?]);
    }
    let more = found.len().saturating_sub(MOST).to_string();
    if found.len() > MOST {
        what.extend([&b"\nand "[..], more.as_bytes(), b" more like that", b""]);
    }
    let (repo, name) = (set.repo.path, set.name);
    for (fix, does) in [
        (&b"\nhelp: s6-rc-set-fix -u -r "[..], &b" enables what is needed"[..]),
        (b"\nhelp: s6-rc-set-fix -d -r ", b" disables what needs it"),
    ] {
        what.extend([fix, repo, b" ", name, does, b""]);
    }
    Err(wrong(1, &what))
}

impl Repo {
    /// Compiles a set; the path of the database that the new one takes the place of.
    fn commit(&self, db: Db, set: &[u8], bundle: &[u8]) -> Result<Option<Path>, Fail> {
        let compiled = self.make_bundles(db, set, bundle).and_then(|()| {
            let dirs = ["bundle", "usable", "active", "always"];
            let sources = dirs.map(|dir| join(&[set, b"/", dir.as_bytes()]));
            self.compile(set, &sources)
        });
        discard(self.below(&[b"sources", set, b"bundle"]));
        compiled
    }
}
