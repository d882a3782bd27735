//! `s6-rc-repo-sync`: takes in what has changed in the stores.

use super::{PLACE, PLACE_TOO, Repo, USER, VERBOSITY, ask, discard};
use interpreter::arg::Argv;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

/// Exit codes: 1 the definitions in the stores are at fault, 100 wrong usage, 111 the system said
/// no.
pub const COMMAND: Command = Command {
    name: "s6-rc-repo-sync",
    usage: "s6-rc-repo-sync [ -v verbosity ] [ -r repo ] [ -h fdhuser ]",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let (repo, _, _) = ask::<3>(image, &mut argv, &[], &[VERBOSITY, PLACE, PLACE_TOO, USER])?;
    repo.lock(true)?;
    repo.sync()?;
    repo.touch_all()?;
    Ok(Next::Exit(0))
}

impl Repo {
    /// Makes the reference database and all sets agree with the stores. If the definitions are at
    /// fault everything stays as it was.
    pub fn sync(&self) -> Result<(), Fail> {
        let links = self.link_definitions()?;
        let sources = [&links.atomics, &links.bundles].map(|dir| super::set::last(dir));
        let switch = || {
            let old = self.compile(b".ref", &sources)?;
            if let Some(old) = old {
                discard(old);
            }
            self.switch(&links)
        };
        switch().inspect_err(|_| links.remove())?;
        let db = self.reference()?;
        self.sets()?.iter().try_for_each(|set| self.sync_set(db, set))
    }
}
