//! The parts of a path.

/// Its last part, without slashes behind it: `.` for the empty one, `/` for the root.
pub fn last(path: &[u8]) -> &[u8] {
    match trimmed(path) {
        Ok(path) => interpreter::resolve::basename(path),
        Err(whole) => whole,
    }
}

/// What is before that: `.` where there is nothing.
pub fn parent(path: &[u8]) -> &[u8] {
    match trimmed(path) {
        Ok(path) => match path.iter().rposition(|&b| b == b'/') {
            None => b".",
            Some(0) => b"/",
            Some(end) => &path[..end],
        },
        Err(whole) => whole,
    }
}

fn trimmed(path: &[u8]) -> Result<&[u8], &'static [u8]> {
    let end = path.iter().rposition(|&b| b != b'/');
    match end {
        Some(end) => Ok(&path[..=end]),
        None => Err(if path.is_empty() { b"." } else { b"/" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for (path, above, name) in [
            (&b""[..], &b"."[..], &b"."[..]),
            (b"//", b"/", b"/"),
            (b"a", b".", b"a"),
            (b"a/", b".", b"a"),
            (b"/a//", b"/", b"a"),
            (b"//a", b"/", b"a"),
            (b"a//b/", b"a/", b"b"),
            (b"/a/b", b"/a", b"b"),
        ] {
            assert_eq!((parent(path), last(path)), (above, name), "{}", path.escape_ascii());
        }
    }
}
