//! Names for numbers: of users and groups, terminals, and the kernel's functions.

use crate::passwd;
use interpreter::args::number::{self, Decimal};

/// Names that have been looked up.
#[derive(Default)]
pub struct Names {
    users: Vec<(u32, Vec<u8>)>,
    groups: Vec<(u32, Vec<u8>)>,
    terminals: Vec<(u32, Vec<u8>)>,
}

impl Names {
    pub fn user(&mut self, uid: u32) -> &[u8] {
        known(&mut self.users, uid, &|uid| named(passwd::user_name(uid), uid))
    }

    pub fn group(&mut self, gid: u32) -> &[u8] {
        known(&mut self.groups, gid, &|gid| named(passwd::group_name(gid), gid))
    }

    pub fn terminal(&mut self, device: u32) -> &[u8] {
        known(&mut self.terminals, device, &terminal)
    }
}

fn known<'a>(
    list: &'a mut Vec<(u32, Vec<u8>)>,
    id: u32,
    find: &dyn Fn(u32) -> Vec<u8>,
) -> &'a [u8] {
    let at = list.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
        list.push((id, find(id)));
        list.len() - 1
    });
    &list[at].1
}

/// A number that has no name stands in parentheses.
fn named(name: sys::Result<Option<Vec<u8>>>, id: u32) -> Vec<u8> {
    name.ok().flatten().unwrap_or_else(|| [b"(", &Decimal::new(id.into())[..], b")"].concat())
}

/// As the kernel numbers terminals.
fn split(device: u32) -> (u64, u64) {
    (u64::from(device >> 8 & 0xfff), u64::from(device & 0xff | device >> 12 & 0xf_ff00))
}

/// Its file's name in /dev. Most are told from their number, others the kernel names, and where
/// there is no such file the numbers are all that is known.
fn terminal(device: u32) -> Vec<u8> {
    let (major, minor) = split(device);
    let (major_text, minor_text) = (Decimal::new(major), Decimal::new(minor));
    let numbers = [b"(", &major_text[..], b":", &minor_text, b")"].concat();
    let guess = match major {
        4 if minor < 64 => [b"tty", &minor_text[..]].concat(),
        136..144 => [b"pts/", &Decimal::new((major - 136) << 20 | minor)[..]].concat(),
        _ => Vec::new(),
    };
    if is_terminal(&guess, (major, minor)) {
        return guess;
    }
    let event = [b"/sys/dev/char/", &major_text[..], b":", &minor_text, b"/uevent"].concat();
    let text = sys::fd::read_file_bytes(&event).unwrap_or_default();
    let name = text.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(b"DEVNAME="));
    match name {
        Some(name) if is_terminal(name, (major, minor)) => name.to_vec(),
        _ => numbers,
    }
}

fn is_terminal(name: &[u8], (major, minor): (u64, u64)) -> bool {
    let is = |stat: sys::fs::Stat| {
        let device = (stat.rdev >> 8 & 0xfff, stat.rdev & 0xff | stat.rdev >> 12 & 0xf_ff00);
        stat.is_char() && device == (major, minor)
    };
    !name.is_empty() && sys::fs::stat_bytes(&[b"/dev/", name].concat()).is_ok_and(is)
}

/// The kernel's functions by their addresses.
pub struct Symbols(Vec<u8>);

impl Symbols {
    /// Those of a file, or of the first that can be read where the kernel's are kept.
    pub fn read(file: Option<&[u8]>) -> Symbols {
        let own = |file: &[u8]| sys::fd::read_file_bytes(file).ok();
        let text = match file {
            Some(file) => own(file),
            None => {
                let release = sys::fd::read_file(c"/proc/sys/kernel/osrelease").unwrap_or_default();
                let boot = &b"/boot/System.map"[..];
                let release = [boot, b"-", release.trim_ascii_end()].concat();
                [b"/proc/kallsyms", &release[..], boot].iter().find_map(|file| own(file))
            }
        };
        Symbols(text.unwrap_or_default())
    }

    /// The function that an address is in: the last one that begins before it.
    pub fn find(&self, address: u64) -> Option<&[u8]> {
        let mut best = None;
        for line in self.0.split(|&b| b == b'\n') {
            let mut words = line.split(|&b| b == b' ' || b == b'\t');
            let begin = words.next().and_then(hexadecimal);
            let (Some(begin), Some(name)) = (begin, words.nth(1)) else { continue };
            if begin <= address && best.is_none_or(|(other, _)| other < begin) {
                best = Some((begin, name));
            }
        }
        best.map(|(_, name)| name)
    }
}

fn hexadecimal(word: &[u8]) -> Option<u64> {
    u64::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()
}

/// What the kernel itself says where a process sleeps.
pub fn asleep_in(pid: u32) -> Option<Vec<u8>> {
    let path = [b"/proc/", &Decimal::new(pid.into())[..], b"/wchan"].concat();
    let name = sys::fd::read_file_bytes(&path).ok()?;
    (!name.is_empty() && number::uint(&name).is_none()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_by_an_address_in_it() {
        let text = b"0000000000001000 T first\n0000000000002000 t second\nffff T last\tmodule\n";
        let symbols = Symbols(text.to_vec());
        assert_eq!(symbols.find(0x1000), Some(&b"first"[..]));
        assert_eq!(symbols.find(0x2abc), Some(&b"second"[..]));
        assert_eq!(symbols.find(0x10), None);
        assert_eq!(symbols.find(u64::MAX), Some(&b"last"[..]));
    }

    #[test]
    fn terminals_have_two_numbers() {
        assert_eq!(split(0x8800), (136, 0));
        assert_eq!(split(0x0410_8803), (136, 0x4103));
        assert_eq!(split(0x0401), (4, 1));
    }
}
