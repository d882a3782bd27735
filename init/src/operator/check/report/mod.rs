//! What was found, for people and for programs.

mod human;
mod json;
mod sarif;

use super::finding::Finding;
use crate::operator::fault::Fault;
use crate::operator::is_styled;
use interpreter::env::Env;
use sys::Errno;

pub use json::string;

/// A file, and what was found in it.
pub struct Checked {
    /// Its path, as it was given.
    pub path: Vec<u8>,
    /// What is in it; empty for a directory, and for what is not there.
    pub source: Vec<u8>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Why it could not be read.
    pub unreadable: Option<Errno>,
}

/// Prints all findings on the standard output, and which files could not be read on the standard
/// error.
pub fn print(format: &str, checked: &[Checked], env: &Env) -> Result<(), Fault> {
    let text = match format {
        "json" => json::document(checked),
        "sarif" => sarif::document(checked),
        _ => human::text(checked, is_styled(env, 1)),
    };
    sys::fd::write_all(1, &text).map_err(|e| Fault::step("write to standard output", e, ""))?;
    for file in checked {
        if let Some(errno) = file.unreadable {
            let _ = sys::fd::write_all(2, &human::unreadable(&file.path, errno));
        }
    }
    Ok(())
}
