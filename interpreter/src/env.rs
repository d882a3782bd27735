//! The environment, in order and with its duplicates, as exec takes it.

use crate::arg::{Arg, leak};

/// A list of `NAME=value` words.
#[derive(Clone, Default, Debug)]
pub struct Env {
    vars: Vec<Arg>,
}

fn is_named(var: Arg, name: &[u8]) -> bool {
    let bytes = var.to_bytes();
    bytes.get(name.len()) == Some(&b'=') && bytes.starts_with(name)
}

impl Env {
    /// An environment of these words.
    pub fn new(vars: Vec<Arg>) -> Self {
        Env { vars }
    }

    /// The words.
    pub fn vars(&self) -> &[Arg] {
        &self.vars
    }

    /// The value of the first variable of that name.
    pub fn get(&self, name: &[u8]) -> Option<&'static [u8]> {
        let var = self.vars.iter().find(|var| is_named(var, name))?;
        Some(&var.to_bytes()[name.len() + 1..])
    }

    /// [`Env::get`] as a word.
    pub fn get_arg(&self, name: &[u8]) -> Option<Arg> {
        let var = self.vars.iter().find(|var| is_named(var, name))?;
        Some(crate::arg::skip(var, name.len() + 1))
    }

    /// The value of PATH, which each start looks for. Its name as a text would be read from a page that
    /// nothing else at a start touches.
    pub fn search_path(&self) -> Option<Arg> {
        let is_path = |var: &&Arg| matches!(var.to_bytes(), [b'P', b'A', b'T', b'H', b'=', ..]);
        self.vars.iter().find(is_path).map(|var| crate::arg::skip(var, b"PATH=".len()))
    }

    /// Sets a variable. As in execline, the first one of that name goes, the last of the list
    /// takes its place, and the new one comes to the end: programs see the order.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        let mut var = Vec::with_capacity(name.len() + value.len() + 2);
        var.extend_from_slice(name);
        var.push(b'=');
        var.extend_from_slice(value);
        self.unset(name);
        self.vars.push(leak(var));
    }

    /// Takes the first variable of that name away; the last of the list takes its place.
    pub fn unset(&mut self, name: &[u8]) {
        if let Some(i) = self.vars.iter().position(|var| is_named(var, name)) {
            self.remove(i);
        }
    }

    /// Takes the variable at that place of the list away; the last takes its place.
    pub fn remove(&mut self, place: usize) {
        self.vars.swap_remove(place);
    }

    /// Does one modification as a command line or a file holds it: `NAME=value` sets (as
    /// [`Env::set`] does), a word without `=` takes the variable of that name away.
    pub fn merge(&mut self, modif: Arg) {
        let bytes = modif.to_bytes();
        match bytes.iter().position(|&b| b == b'=') {
            None => self.unset(bytes),
            Some(end) => {
                self.unset(&bytes[..end]);
                self.vars.push(modif);
            }
        }
    }

    /// Puts another word in the place of that one, wherever it stands; false: it is not there.
    pub(crate) fn exchange(&mut self, old: Arg, new: Arg) -> bool {
        let place = self.vars.iter_mut().find(|var| **var == old);
        place.map(|var| *var = new).is_some()
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.vars.clear();
    }

    /// Puts a whole `NAME=value` word at the end, whatever is there.
    pub fn push(&mut self, var: Arg) {
        self.vars.push(var);
    }
}

impl From<Vec<Arg>> for Env {
    fn from(vars: Vec<Arg>) -> Self {
        Env::new(vars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_moves_the_last_into_the_gap() {
        let mut env = Env::new(vec![c"A=1", c"B=2", c"C=3"]);
        env.set(b"A", b"9");
        assert_eq!(env.vars(), [c"C=3", c"B=2", c"A=9"]);
        env.unset(b"C");
        assert_eq!(env.vars(), [c"A=9", c"B=2"]);
    }

    #[test]
    fn merge_sets_and_takes_away() {
        let mut env = Env::new(vec![c"A=1", c"B=2", c"C=3"]);
        env.merge(c"A=x=y");
        env.merge(c"C");
        env.merge(c"none");
        assert_eq!(env.vars(), [c"A=x=y", c"B=2"]);
    }

    #[test]
    fn a_duplicate_comes_to_light_when_the_first_goes() {
        let mut env = Env::new(vec![c"A=1", c"A=2"]);
        assert_eq!(env.get(b"A"), Some(&b"1"[..]));
        env.unset(b"A");
        assert_eq!(env.get(b"A"), Some(&b"2"[..]));
    }
}
