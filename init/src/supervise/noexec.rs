//! Scripts where nothing can be exec'd: what the kernel does with a first line, done here. A `/run`
//! that is mounted noexec keeps programs from being run that somebody has put there; a script in it
//! is only read, by an interpreter that stands elsewhere.

use std::ffi::{CStr, CString};
use sys::fd::{O_CLOEXEC, O_NONBLOCK, O_RDONLY};

/// How much of a first line the kernel reads.
const LINE: usize = 256;

/// The command line that stands for the file, if it is an executable script that can't be exec'd
/// for no other reason than where it is.
pub fn words(dir: i32, file: &CStr) -> Option<Vec<CString>> {
    let fd = sys::fd::openat(dir, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0).ok()?;
    let mut head = [0; LINE];
    let got = sys::fd::read(fd, &mut head).unwrap_or(0);
    let executable = sys::fs::fstat(fd).is_ok_and(|stat| stat.is_file() && stat.mode & 0o111 != 0);
    let noexec = sys::fs::is_noexec_fd(fd).unwrap_or(false);
    let _ = sys::fd::close(fd);
    if !executable || !noexec {
        return None;
    }
    let mut words = first_line(&head[..got])?;
    words.push(file.to_owned());
    Some(words)
}

/// The interpreter, and all that stands behind it as one word.
fn first_line(head: &[u8]) -> Option<Vec<CString>> {
    let end = head.iter().position(|&b| b == b'\n').unwrap_or(head.len());
    let line = head[..end].strip_prefix(b"#!")?.trim_ascii();
    let cut = line.iter().position(|b| b" \t".contains(b)).unwrap_or(line.len());
    let (interpreter, rest) = line.split_at(cut);
    let words = [interpreter, rest.trim_ascii()].into_iter().filter(|word| !word.is_empty());
    let words: Vec<CString> = words.map(CString::new).collect::<Result<_, _>>().ok()?;
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_is_one_or_two_words() {
        let words = |head: &[u8]| {
            let words = first_line(head)?;
            Some(words.into_iter().map(|w| w.into_string().unwrap()).collect::<Vec<_>>().join("|"))
        };
        assert_eq!(words(b"#!/bin/sh\necho").as_deref(), Some("/bin/sh"));
        assert_eq!(words(b"#! /bin/sh  -e  x \n").as_deref(), Some("/bin/sh|-e  x"));
        assert_eq!(words(b"#!/bin/sh").as_deref(), Some("/bin/sh"));
        for head in [&b""[..], b"#!", b"#! \n/bin/sh", b"\x7fELF"] {
            assert_eq!(words(head), None);
        }
    }
}
