//! `s6-rc-repo-init`: makes a repository, or gives one other stores.

use super::set::last;
use super::{
    PLACE, PLACE_TOO, Repo, USER, VERBOSITY, ask, at, discard, fresh, join, relink, stores, to,
    wrong,
};
use interpreter::arg::Argv;
use interpreter::args::long::Flag;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use sys::Errno;
use sys::fs::X_OK;

/// Exit codes: 1 the definitions in the stores are at fault, 100 wrong usage, 111 the system said
/// no.
pub const COMMAND: Command = Command {
    name: "s6-rc-repo-init",
    usage: "s6-rc-repo-init [ -v verbosity ] [ -r repo ] [ -h fdhuser ] [ -f ] [ -U ] [ -B ] \
            stores...",
    run,
    kind: Kind::Link,
    examine: None,
};

const FORCE: u64 = 1;
const UPDATE: u64 = 2;
const BARE: u64 = 4;
const FLAGS: [Flag; 3] = [
    Flag { short: b'f', long: "force", clear: 0, set: FORCE },
    Flag { short: b'U', long: "update-stores", clear: 0, set: UPDATE },
    Flag { short: b'B', long: "bare", clear: 0, set: BARE },
];

/// How many stores have a number of four digits.
const MOST: usize = 65535;

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let valued = [VERBOSITY, PLACE, PLACE_TOO, USER];
    let (repo, bits, _) = ask::<3>(image, &mut argv, &FLAGS, &valued)?;
    check(&argv)?;
    let update = bits & UPDATE != 0;
    if !update {
        repo.create(bits & FORCE != 0)?;
    }
    // What is new goes again where it does not come to be whole.
    let new = |done: Result<_, Fail>| match done {
        Err(fail) if !update => {
            discard(repo.path);
            Err(fail)
        }
        done => done,
    };
    new(repo.lock(true).map(|()| None))?;
    let old = new(repo.make_stores(&argv))?;
    if bits & BARE == 0
        && let Err(fail) = repo.sync()
    {
        if let Some(old) = old {
            repo.go_back(old)?;
        }
        return Err(fail);
    }
    if update && bits & BARE == 0 {
        repo.touch_all()?;
    }
    if let Some(old) = old {
        discard(repo.below(&[last(old)]));
    }
    Ok(Next::Exit(0))
}

fn check(stores: &Argv) -> Result<(), Fail> {
    if stores.is_empty() {
        return Err(Fail::usage());
    }
    if stores.len() > MOST {
        return Err(Fail::bad("too many stores specified"));
    }
    for store in stores.iter().map(|store| store.to_bytes()) {
        if !store.starts_with(b"/") {
            return Err(wrong(100, &[b"", store, b" is not an absolute path"]));
        }
        if store.contains(&b'\n') {
            return Err(Fail::bad("stores cannot contain newlines in their path"));
        }
    }
    for store in stores.iter().map(|store| store.to_bytes()) {
        if !sys::fs::stat_bytes(store).map_err(at("stat", store))?.is_dir() {
            return Err(wrong(111, &[b"", store, b" is not a directory"]));
        }
        sys::fs::access(store, X_OK).map_err(at("access", store))?;
    }
    Ok(())
}

impl Repo {
    /// Makes an empty repository, with the directories above it. One that is there steps aside if
    /// `force` says so.
    fn create(&self, force: bool) -> Result<(), Fail> {
        if let Some(cut) = self.path.iter().rposition(|&b| b == b'/').filter(|&cut| cut > 0) {
            let above = &self.path[..cut];
            // As mkdir -p does, whatever the umask.
            let mask = sys::fs::umask(0);
            let made = sys::fs::mkdir_all(above, super::GROUP);
            sys::fs::umask(mask);
            made.map_err(at("mkdir", above))?;
        }
        let new = join(&[self.path, b":new:"]);
        let new = fresh(new, &|name| sys::fs::mkdir(name, 0o700)).map_err(at("mkdtemp", new))?;
        let done = stores::make(new).and_then(|()| self.put_new(new, force));
        done.inspect_err(|_| discard(new))
    }

    fn put_new(&self, new: &[u8], force: bool) -> Result<(), Fail> {
        match sys::fs::rename(new, self.path) {
            Ok(()) => return Ok(()),
            Err(Errno::EEXIST | Errno::ENOTEMPTY) if force => {}
            Err(errno) => {
                if !matches!(errno, Errno::EEXIST | Errno::ENOTEMPTY) {
                    return Err(to("rename", new, self.path)(errno));
                }
                return Err(wrong(
                    111,
                    &[
                        b"unable to rename ",
                        new,
                        b" to ",
                        self.path,
                        b": ",
                        sys::reason(errno).as_bytes(),
                        b"\nhelp: there is something at ",
                        self.path,
                        b": -U gives a repository other stores, -f puts a new one in its place",
                    ],
                ));
            }
        }
        let aside = join(&[self.path, b":old:"]);
        let aside = fresh(aside, &|name| sys::fs::rename(self.path, name));
        let aside = aside.map_err(at("rename", self.path))?;
        if let Err(errno) = sys::fs::rename(new, self.path) {
            let _ = sys::fs::rename(aside, self.path);
            return Err(to("rename", new, self.path)(errno));
        }
        self.voice.info(2, &[b"the old repository is at ", aside]);
        Ok(())
    }

    /// Lets the repository have its old stores again.
    fn go_back(&self, old: &[u8]) -> Result<(), Fail> {
        let path = self.below(&[b"stores"]);
        let bad = relink(old, path).map_err(to("atomically symlink", old, path))?;
        if let Some(bad) = bad {
            discard(self.below(&[last(bad)]));
        }
        Ok(())
    }
}
