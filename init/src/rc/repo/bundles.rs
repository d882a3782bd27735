//! The bundles of a set that is compiled: those of the stores of which nothing is masked, and one
//! of all that is started at boot.

use super::set::Rx;
use super::{PLAIN, Path, Repo, at, join, mkdir, names, to, wrong};
use crate::rc::compiled::{Db, Entry};
use crate::stages::wipe;
use interpreter::word::Fail;
use sys::Errno;
use sys::fd::{O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY};

impl Repo {
    /// Makes the directory `bundle` of a set, from which a database is compiled together with
    /// those of the states. It is to be removed afterwards, also if this fails.
    pub fn make_bundles(&self, db: Db, set: &[u8], default: &[u8]) -> Result<(), Fail> {
        let dir = self.below(&[b"sources", set, b"bundle"]);
        wipe::remove(dir).map_err(at("remove", dir))?;
        mkdir(dir, PLAIN)?;
        let masked = self.services(set, Rx::Masked)?;
        for name in names(self.below(&[b"sources/.bundles"]))? {
            if let Some(first) = self.first_masked(db, name, masked)? {
                self.voice.info(
                    3,
                    &[b"skipping bundle ", name, b" containing e.g. masked service ", first],
                );
                continue;
            }
            let path = join(&[dir, b"/", name]);
            let target = join(&[b"../../.bundles/", &name[..]]);
            sys::fs::symlink(target, path).map_err(to("symlink", target, path))?;
        }
        self.make_default(set, dir, default)
    }

    fn first_masked(
        &self,
        db: Db,
        bundle: &[u8],
        masked: &[Vec<u8>],
    ) -> Result<Option<Path>, Fail> {
        if masked.is_empty() {
            return Ok(None);
        }
        let entry = db.find(bundle).filter(|entry| matches!(entry, Entry::Bundle(_)));
        let entry = entry.ok_or_else(|| {
            wrong(
                111,
                &[
                    b"bundle ",
                    bundle,
                    b" is not in the reference database\nhelp: s6-rc-repo-sync -r ",
                    self.path,
                    b" makes that anew",
                ],
            )
        })?;
        let contents = db.atoms(entry).into_iter().map(|id| db.service(id).name().to_bytes());
        let is_masked = |name: &&[u8]| masked.iter().any(|masked| masked == name);
        Ok(contents.into_iter().find(is_masked))
    }

    /// The bundle that is brought up at boot.
    fn make_default(&self, set: &[u8], dir: &[u8], bundle: &[u8]) -> Result<(), Fail> {
        for kind in [&b".atomics"[..], b".bundles"] {
            let path = self.below(&[b"sources", kind, bundle]);
            match sys::fs::access(path, 0) {
                Err(Errno::ENOENT) => {}
                Err(errno) => return Err(Fail::sys_at("check existence of", path, errno)),
                Ok(()) => {
                    let place = sys::fs::realpath(path).unwrap_or(path.to_vec());
                    return Err(wrong(
                        111,
                        &[
                            b"bundle ",
                            bundle,
                            b" is already defined at ",
                            &place,
                            b"\nhelp: -D gives the bundle of what is started at boot another name",
                        ],
                    ));
                }
            }
        }
        let bundle = join(&[dir, b"/", bundle]);
        let contents = join(&[bundle, b"/contents.d"]);
        mkdir(bundle, PLAIN)?;
        mkdir(contents, PLAIN)?;
        write(join(&[bundle, b"/type"]), b"bundle\n")?;
        for rx in [Rx::Active, Rx::Always] {
            for name in self.services(set, rx)? {
                write(join(&[contents, b"/", name]), b"")?;
            }
        }
        Ok(())
    }
}

fn write(path: &[u8], content: &[u8]) -> Result<(), Fail> {
    let open = sys::fd::open_bytes(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666);
    let written = open.and_then(|fd| {
        let written = sys::fd::write_all(fd, content);
        let closed = sys::fd::close(fd);
        written.and(closed)
    });
    written.map_err(at("write to", path))
}
