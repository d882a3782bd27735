//! The PATH of everything in the container.

/// Directories that have to be in it, in the order in which they are put in front.
const NEEDED: [&[u8]; 3] = [b"/bin", b"/usr/bin", b"/command"];

/// The PATH that was given, with the directories that we need put in front where they are
/// missing; `/bin` where none was given.
pub fn complete(given: Option<&[u8]>) -> Vec<u8> {
    let mut path = given.filter(|p| !p.is_empty()).unwrap_or(b"/bin").to_vec();
    for needed in NEEDED {
        if !path.split(|&b| b == b':').any(|dir| dir == needed) {
            path = [needed, b":", &path].concat();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::complete;

    #[test]
    fn missing_directories_come_to_the_front() {
        assert_eq!(complete(None), b"/command:/usr/bin:/bin");
        assert_eq!(complete(Some(b"")), b"/command:/usr/bin:/bin");
        assert_eq!(
            complete(Some(b"/usr/local/bin:/bin")),
            b"/command:/usr/bin:/usr/local/bin:/bin"
        );
        assert_eq!(complete(Some(b"/bin:/command:/usr/bin")), b"/bin:/command:/usr/bin");
    }
}
