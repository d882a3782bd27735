//! Names that nobody has yet, for what is made under one name and then moved to its place.

use sys::{Errno, Result};

const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
/// How many letters are put behind a prefix.
pub const LENGTH: usize = 6;

/// Makes something under a name that begins with `prefix`; its name.
pub fn make(prefix: &[u8], mut make: impl FnMut(&[u8]) -> Result<()>) -> Result<Vec<u8>> {
    const TRIES: u32 = 100;
    let now = sys::time::now();
    let mut seed = now.nsec.unsigned_abs() ^ u64::from(sys::process::getpid().unsigned_abs()) << 32;
    for _ in 0..TRIES {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut name = prefix.to_vec();
        name.extend((0..LENGTH).map(|i| LETTERS[(seed >> (20 + 6 * i) & 63) as usize]));
        match make(&name) {
            Ok(()) => return Ok(name),
            Err(Errno::EEXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::EEXIST)
}

/// Adds letters that nobody can guess.
pub fn letters(name: &mut Vec<u8>, count: usize) -> Result<()> {
    let mut bytes = vec![0; count];
    sys::process::random(&mut bytes)?;
    name.extend(bytes.iter().map(|byte| LETTERS[usize::from(byte & 63)]));
    Ok(())
}

/// Lets a link lead there, in one step if it leads elsewhere: whoever follows it meanwhile comes
/// to the one or the other. Where it led before. `EINVAL`: something else has its name.
pub fn link(target: &[u8], path: &[u8]) -> Result<Option<Vec<u8>>> {
    let old = match sys::fs::readlink(path) {
        Ok(old) => Some(old),
        Err(Errno::ENOENT) => None,
        Err(errno) => return Err(errno),
    };
    let new = make(&[path, b":"].concat(), |name| sys::fs::symlink(target, name))?;
    if let Err(errno) = sys::fs::rename(&new, path) {
        let _ = sys::fs::unlink(&new);
        return Err(errno);
    }
    Ok(old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_is_not_made_again() {
        let mut seen = Vec::new();
        let name = make(b"x:", |name| {
            assert!(!seen.contains(&name.to_vec()));
            seen.push(name.to_vec());
            if seen.len() < 5 { Err(Errno::EEXIST) } else { Ok(()) }
        });
        assert_eq!(name.as_ref(), Ok(&seen[4]));
        assert_eq!((name.unwrap().len(), &seen[0][..2]), (2 + LENGTH, &b"x:"[..]));
        assert_eq!(make(b"x", |_| Err(Errno::EEXIST)), Err(Errno::EEXIST));
        assert_eq!(make(b"x", |_| Err(Errno::EROFS)), Err(Errno::EROFS));
    }

    #[test]
    fn a_link_changes_in_one_step() {
        let dir = std::env::temp_dir().join(format!("chainit-link-{}", std::process::id()));
        std::fs::create_dir(&dir).unwrap();
        let path = dir.join("link");
        let path = path.as_os_str().as_encoded_bytes();
        assert_eq!(link(b"one", path), Ok(None));
        assert_eq!(link(b"two", path), Ok(Some(b"one".to_vec())));
        assert_eq!(sys::fs::readlink(path), Ok(b"two".to_vec()));
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
        std::fs::remove_dir_all(dir).unwrap();
    }
}
