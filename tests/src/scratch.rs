//! Directories that go when a case ends.

use std::path::PathBuf;

/// An empty directory below the machine's temporary one, removed when this is dropped.
pub struct Scratch(pub PathBuf);

impl Scratch {
    /// `name` tells one case of this process from the other; what is no letter or digit in it
    /// becomes a `-`.
    pub fn new(name: &str) -> Scratch {
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let dir = std::env::temp_dir().join(format!("chainit-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        Scratch(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
