//! The list of stores, and what is defined in them.

use super::set::last;
use super::{GROUP, Path, Repo, at, discard, fresh, join, mkdir, names, relink, to, wrong};
use interpreter::arg::Arg;
use interpreter::word::Fail;
use sys::Errno;

/// What defines services, or bundles.
pub struct Links {
    /// The directory with the links to services' definitions.
    pub atomics: Path,
    /// And to bundles'.
    pub bundles: Path,
}

impl Links {
    /// Removes both.
    pub fn remove(&self) {
        discard(self.atomics);
        discard(self.bundles);
    }
}

impl Repo {
    /// Makes these its stores. Which directory had the list before.
    pub fn make_stores(&self, stores: &[Arg]) -> Result<Option<Path>, Fail> {
        let path = self.below(&[b"stores"]);
        let dir = self.below(&[b".stores:"]);
        let dir = fresh(dir, &|name| sys::fs::mkdir(name, 0o700)).map_err(at("mkdir", dir))?;
        let fill = || {
            for (i, store) in stores.iter().enumerate() {
                let link = numbered(dir, i);
                let target = store.to_bytes();
                sys::fs::symlink(target, link).map_err(to("symlink", target, link))?;
            }
            sys::fs::chmod(dir, GROUP).map_err(at("chmod", dir))?;
            relink(last(dir), path).map_err(to("atomically symlink", last(dir), path))
        };
        fill().inspect_err(|_| discard(dir))
    }

    /// New directories with a link to each definition in the stores. One that is in two stores is
    /// the later one's.
    pub fn link_definitions(&self) -> Result<Links, Fail> {
        let new = |kind: &[u8]| {
            let prefix = self.below(&[b"sources", kind]);
            fresh(prefix, &|name| sys::fs::mkdir(name, 0o700)).map_err(at("mkdir", prefix))
        };
        let atomics = new(b"..atomics:")?;
        let bundles = new(b"..bundles:").inspect_err(|_| discard(atomics))?;
        let links = Links { atomics, bundles };
        let fill = || {
            for dir in [&links.atomics, &links.bundles] {
                sys::fs::chmod(dir, GROUP).map_err(at("chmod", dir))?;
            }
            for i in 0.. {
                if !self.link_store(&links, i)? {
                    break;
                }
            }
            Ok(())
        };
        match fill() {
            Ok(()) => Ok(links),
            Err(fail) => {
                links.remove();
                Err(fail)
            }
        }
    }

    /// Links what one store defines; false where there is no such store in the list.
    fn link_store(&self, links: &Links, i: usize) -> Result<bool, Fail> {
        let store = numbered(self.below(&[b"stores"]), i);
        match sys::fs::lstat_bytes(store) {
            Err(Errno::ENOENT) => return Ok(false),
            Err(errno) => return Err(Fail::sys_at("opendir", store, errno)),
            Ok(_) => {}
        }
        let definitions = names(store).map_err(|fail| missing(self, store, fail))?;
        for name in definitions {
            let path = join(&[store, b"/", name]);
            let dir = match kind(path)? {
                Some(true) => &links.bundles,
                Some(false) => &links.atomics,
                None => {
                    let help = b"\nhelp: the file type in it has to say longrun, oneshot or bundle";
                    return Err(wrong(111, &[b"invalid service type for ", path, help]));
                }
            };
            let link = join(&[&dir[..], b"/", name]);
            let target = join(&[b"../../stores/", last(store), b"/", name]);
            let old = match sys::fs::symlink(target, link) {
                Err(Errno::EEXIST) => relink(target, link),
                done => done.map(|()| None),
            };
            if let Some(old) = old.map_err(to("symlink", target, link))? {
                let old = old.get(13..17).unwrap_or_default();
                let new = b"; overridden by new definition in store ";
                let store = last(store);
                self.voice.warn(&[b"service ", name, b" provided in store ", old, new, store]);
            }
        }
        Ok(true)
    }

    /// Puts the links in the place of those that were there.
    pub fn switch(&self, links: &Links) -> Result<(), Fail> {
        let mut switched: Vec<(Path, Option<Path>)> = Vec::new();
        for (name, new) in [(&b".atomics"[..], &links.atomics), (b".bundles", &links.bundles)] {
            let path = self.below(&[b"sources", name]);
            match relink(last(new), path) {
                Ok(old) => switched.push((path, old)),
                Err(errno) => {
                    for (path, old) in switched {
                        let _ = match old {
                            Some(old) => relink(old, path).map(drop),
                            None => sys::fs::unlink(path),
                        };
                    }
                    return Err(to("symlink", last(new), path)(errno));
                }
            }
        }
        for old in switched.into_iter().filter_map(|(_, old)| old) {
            discard(self.below(&[b"sources", last(old)]));
        }
        Ok(())
    }
}

fn numbered(dir: &[u8], i: usize) -> Path {
    join(&[dir, format!("/{i:04x}").as_bytes()])
}

/// A store that is gone is no empty one: all its services would go from all sets.
fn missing(repo: &Repo, store: &[u8], fail: Fail) -> Fail {
    let Some(errno @ Errno::ENOENT) = fail.errno() else { return fail };
    let target = sys::fs::readlink(store).unwrap_or_default();
    wrong(
        111,
        &[
            b"unable to opendir store ",
            &target,
            b": ",
            sys::reason(errno).as_bytes(),
            b"\nhelp: s6-rc-repo-init -U -r ",
            repo.path,
            b" STORE... gives the repository others",
        ],
    )
}

/// Is a definition a bundle's? `None`: its type is none.
fn kind(definition: &[u8]) -> Result<Option<bool>, Fail> {
    let path = join(&[definition, b"/type"]);
    let text = sys::fd::read_file_bytes(path);
    let text = text.map_err(at("check service type of", definition))?;
    // What is behind that is the compiler's to complain of.
    let text = text.get(..8).unwrap_or(&text);
    Ok(match text.strip_suffix(b"\n").unwrap_or(text) {
        b"longrun" | b"oneshot" => Some(false),
        b"bundle" => Some(true),
        _ => None,
    })
}

/// Makes an empty repository at the path `new`.
pub fn make(new: &[u8]) -> Result<(), Fail> {
    use sys::fd::{O_CLOEXEC, O_CREAT, O_EXCL, O_WRONLY};
    for name in [&b"/compiled"[..], b"/sources"] {
        mkdir(join(&[new, name]), super::PLAIN)?;
    }
    let lock = join(&[new, b"/lock"]);
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    let fd = sys::fd::open_bytes(lock, flags, 0o600).map_err(at("create", lock))?;
    // Who may look at the repository takes the lock, too.
    let opened = sys::fs::fchmod(fd, 0o666);
    let _ = sys::fd::close(fd);
    opened.map_err(at("chmod", lock))?;
    sys::fs::chmod(new, GROUP).map_err(at("chmod", new))
}
