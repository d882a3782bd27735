//! What stands in `/etc/fstab` and `/proc/mounts`, and the names of mount options.

use core::ffi::c_ulong;
use interpreter::word::Fail;
use sys::mount::*;

/// A line.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub device: Vec<u8>,
    pub dir: Vec<u8>,
    pub kind: Vec<u8>,
    pub options: Vec<u8>,
}

/// The entries of a file, without comments and empty lines. Fields that are missing are empty.
pub fn read(path: &[u8]) -> Result<Vec<Entry>, Fail> {
    let text = sys::fd::read_file_bytes(path).map_err(|e| Fail::sys_at("open", path, e))?;
    Ok(text.split(|&b| b == b'\n').filter_map(entry).collect())
}

fn entry(line: &[u8]) -> Option<Entry> {
    let mut fields = line.split(|b| matches!(b, b' ' | b'\t' | b'\r')).filter(|f| !f.is_empty());
    let first = fields.next().filter(|field| !field.starts_with(b"#"))?;
    let mut next = || fields.next().map(plain).unwrap_or_default();
    Some(Entry { device: plain(first), dir: next(), kind: next(), options: next() })
}

/// A field without its escapes, which are three octal digits behind a backslash.
pub fn plain(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = tail;
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

/// What the name of an option does to the flags.
enum Effect {
    /// Sets them.
    Sets,
    /// Clears them.
    Clears,
    /// Sets them, and with `no` before its name it clears them.
    Switch,
    /// Clears them, and with `no` before its name it sets them.
    Contrary,
    /// Sets it and clears the others that say how mounts spread.
    Spreads,
}
use Effect::*;

const SPREADING: c_ulong = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;

const OPTIONS: &[(&str, c_ulong, Effect)] = &[
    ("async", MS_SYNCHRONOUS, Clears),
    ("atime", MS_NOATIME, Contrary),
    ("bind", MS_BIND, Switch),
    ("defaults", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_SYNCHRONOUS, Clears),
    ("dev", MS_NODEV, Contrary),
    ("diratime", MS_NODIRATIME, Contrary),
    ("dirsync", MS_DIRSYNC, Switch),
    ("exec", MS_NOEXEC, Contrary),
    ("lazytime", MS_LAZYTIME, Switch),
    ("loud", MS_SILENT, Clears),
    ("mandlock", MS_MANDLOCK, Switch),
    ("move", MS_MOVE, Switch),
    ("private", MS_PRIVATE, Spreads),
    ("relatime", MS_RELATIME, Switch),
    ("remount", MS_REMOUNT, Sets),
    ("ro", MS_RDONLY, Sets),
    ("rw", MS_RDONLY, Clears),
    ("shared", MS_SHARED, Spreads),
    ("silent", MS_SILENT, Sets),
    ("slave", MS_SLAVE, Spreads),
    ("strictatime", MS_STRICTATIME, Switch),
    ("suid", MS_NOSUID, Contrary),
    ("symfollow", MS_NOSYMFOLLOW, Contrary),
    ("sync", MS_SYNCHRONOUS, Sets),
    ("unbindable", MS_UNBINDABLE, Spreads),
];

/// How something is mounted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct How {
    /// The flags that are known by name.
    pub flags: c_ulong,
    /// All other options, with commas between; the file system's own.
    pub data: Vec<u8>,
}

impl How {
    /// Adds options, which have commas between them.
    pub fn add(&mut self, options: &[u8]) {
        for option in options.split(|&b| b == b',').filter(|option| !option.is_empty()) {
            if !self.known(option) {
                if !self.data.is_empty() {
                    self.data.push(b',');
                }
                self.data.extend_from_slice(option);
            }
        }
    }

    fn known(&mut self, option: &[u8]) -> bool {
        let negated = option.strip_prefix(b"no");
        for (name, flags, effect) in OPTIONS {
            let name = name.as_bytes();
            let sets = match effect {
                _ if option == name => matches!(effect, Sets | Switch | Spreads),
                Switch | Contrary if negated == Some(name) => matches!(effect, Contrary),
                _ => continue,
            };
            if matches!(effect, Spreads) {
                self.flags &= !SPREADING;
            }
            self.flags = if sets { self.flags | flags } else { self.flags & !flags };
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how(options: &str) -> (c_ulong, String) {
        let mut how = How::default();
        how.add(options.as_bytes());
        (how.flags, String::from_utf8(how.data).unwrap())
    }

    #[test]
    fn options_are_flags_or_the_file_systems_own() {
        let none = |text: &str| text.to_owned();
        assert_eq!(
            how("ro,size=1m,,nosuid,mode=1"),
            (MS_RDONLY | MS_NOSUID, none("size=1m,mode=1"))
        );
        assert_eq!(how("ro,noexec,nodev,sync,noatime,defaults"), (MS_NOATIME, none("")));
        assert_eq!(how("noatime,atime,nobind,bind"), (MS_BIND, none("")));
        assert_eq!(how("shared,private"), (MS_PRIVATE, none("")));
        assert_eq!(how("symfollow,nosymfollow"), (MS_NOSYMFOLLOW, none("")));
        assert_eq!(how("noremount,noro,no"), (0, none("noremount,noro,no")));
    }

    #[test]
    fn lines() {
        let all = |line: &str| entry(line.as_bytes());
        assert_eq!(all("  # a comment"), None);
        assert_eq!(all(" \t"), None);
        let field = |text: &str| text.as_bytes().to_vec();
        let (device, dir) = (field("/dev/a\\"), field("/a b"));
        let entry = Entry { device, dir, kind: field("ext4"), options: field("ro,x") };
        assert_eq!(all("/dev/a\\134\t/a\\040b ext4 ro,x 0 1"), Some(entry));
        let bare = Entry { device: field("x\\04"), ..Entry::default() };
        assert_eq!(all("x\\04"), Some(bare));
    }
}
