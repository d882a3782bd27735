//! Removing what an earlier start has left.

pub use stdlib_commands::remove::remove;
use sys::Errno;

/// What an earlier container left in `/run`: names that belong to us.
fn is_ours(name: &[u8]) -> bool {
    matches!(name, b"s6" | b"service" | b"uncaught-logs") || name.starts_with(b"s6-rc")
}

/// Removes what an earlier start of the container left in the directory (`/run`, where it is not
/// made anew at every start). The path that could not be removed, and why.
pub fn leftovers(run: &[u8]) -> Result<(), (Vec<u8>, Errno)> {
    let names = sys::fs::list(run).map_err(|errno| (run.to_vec(), errno))?;
    for name in names.iter().filter(|name| is_ours(name)) {
        let path = [run, b"/", name].concat();
        remove(&path).map_err(|errno| (path, errno))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_go() {
        let base = std::env::temp_dir().join(format!("chainit-wipe-{}", std::process::id()));
        let dir = base.join("s6/deep/er");
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("file"), "x").unwrap();
        std::fs::create_dir(base.join("keep")).unwrap();
        std::os::unix::fs::symlink("keep", base.join("s6-rc")).unwrap();
        std::os::unix::fs::symlink("../keep", base.join("s6/link")).unwrap();
        std::fs::write(base.join("keep/me"), "x").unwrap();
        leftovers(base.as_os_str().as_encoded_bytes()).unwrap();
        let left: Vec<_> = std::fs::read_dir(&base).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert!(base.join("keep/me").exists());
        std::fs::remove_dir_all(base).unwrap();
    }
}
