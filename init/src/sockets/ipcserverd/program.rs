//! What runs for each connection.

use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;
use std::ffi::{CStr, CString};
use sys::Errno;
use sys::spawn::{Action, Failed};

/// A command line that is started again and again, each time with other changes to the
/// environment. Nothing of a start stays in memory, because a server need not end.
pub struct Program<'a> {
    image: &'a Image,
    argv: Argv,
    /// The files that its first word can stand for.
    places: Vec<CString>,
}

impl<'a> Program<'a> {
    /// Finds out where the program may be.
    pub fn new(image: &'a Image, argv: Argv) -> Program<'a> {
        let places = image.places(argv.first().unwrap_or(&c""), true);
        Program { image, argv, places }
    }

    /// Starts it behind the actions; its pid.
    pub fn start(&self, changes: &[Vec<u8>], actions: &[Action]) -> Result<i32, Failed> {
        let changed = || -> Vec<Arg> {
            let mut env = self.image.env.clone();
            changes.iter().for_each(|change| env.merge(leak(change.clone())));
            env.vars().to_vec()
        };
        if interpreter::trace::on() {
            return self.image.spawn(&self.argv, Some(&changed()), actions);
        }
        if let Some(command) = self.image.word_among(&self.places) {
            return self.image.fork_word(command, &self.argv, changed, actions);
        }
        if self.places.is_empty() {
            return Err(Failed { action: None, errno: Errno::ENOENT });
        }
        let changes: Vec<CString> =
            changes.iter().map(|c| CString::new(&c[..]).unwrap_or_default()).collect();
        let mut env: Vec<&CStr> = self.image.env.vars().to_vec();
        changes.iter().for_each(|change| merge(&mut env, change));
        let places: Vec<&CStr> = self.places.iter().map(CString::as_c_str).collect();
        sys::spawn::spawn(&places, &self.argv, &env, actions)
    }

    /// Says that it could not be started, and why.
    pub fn tell_failure(&self, failed: Failed) {
        self.image.warn_spawn(&self.argv, failed);
    }
}

/// What [`interpreter::env::Env::merge`] does, for words that don't live for ever.
fn merge<'a>(env: &mut Vec<&'a CStr>, change: &'a CStr) {
    let bytes = change.to_bytes();
    let end = bytes.iter().position(|&b| b == b'=').unwrap_or(bytes.len());
    let name = &bytes[..end];
    let is_named = |var: &&CStr| {
        let var = var.to_bytes();
        var.starts_with(name) && var.get(end) == Some(&b'=')
    };
    if let Some(at) = env.iter().position(is_named) {
        env.swap_remove(at);
    }
    if end < bytes.len() {
        env.push(change);
    }
}
