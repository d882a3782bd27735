//! The container's environment as the stages read their settings from it.
//!
//! Scripts may change a setting while the container runs, by writing a file in
//! `/run/s6/container_environment`; so whoever reads one after foreign code has run reads the
//! file. Before that the files are what the kernel gave, and reading them would be wasted.

use interpreter::env::Env;

/// Where the environment is kept, a file a variable.
pub const DIR: &[u8] = b"/run/s6/container_environment";

/// The settings' source.
#[derive(Clone)]
pub struct Contenv {
    given: Env,
    /// With `S6_KEEP_ENV` there are no files: every process has the whole environment.
    keep: bool,
    /// Foreign code has run, so the files may say something else.
    stale: bool,
}

impl Contenv {
    /// The environment that the container was started with.
    pub fn new(given: Env) -> Self {
        let keep = flag(given.get(b"S6_KEEP_ENV"));
        Contenv { given, keep, stale: false }
    }

    /// What it was in an earlier program of this process.
    pub fn set_touched(&mut self, touched: bool) {
        self.stale = touched;
    }

    /// The whole environment goes to every process.
    pub fn is_kept(&self) -> bool {
        self.keep
    }

    /// The variables that the container was started with.
    pub fn given(&self) -> &Env {
        &self.given
    }

    /// From now on the files are asked.
    pub fn touch(&mut self) {
        self.stale = true;
    }

    /// Has foreign code run?
    pub fn is_touched(&self) -> bool {
        self.stale
    }

    /// A variable's value without line ends at its end, as a shell's `$(…)` would give it.
    pub fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        let mut value = if self.stale && !self.keep {
            sys::fd::read_file_bytes(&[DIR, b"/", name].concat()).ok()?
        } else {
            self.given.get(name)?.to_vec()
        };
        while value.last() == Some(&b'\n') {
            value.pop();
        }
        Some(value)
    }

    /// A number; anything that is none counts as not set.
    pub fn number(&self, name: &[u8]) -> Option<u64> {
        number(&self.get(name)?)
    }

    /// A number, or the default.
    pub fn number_or(&self, name: &[u8], default: u64) -> u64 {
        self.number(name).unwrap_or(default)
    }

    /// `S6_VERBOSITY`: 0 errors, 1 warnings too, 2 what is being done.
    pub fn verbosity(&self) -> u64 {
        self.number_or(b"S6_VERBOSITY", 2)
    }

    /// Where the legacy directories are: `/etc`, or the directory of `S6_RUNTIME_PROFILE`.
    pub fn etc(&self) -> Vec<u8> {
        match self.get(b"S6_RUNTIME_PROFILE") {
            Some(profile) if !profile.is_empty() => {
                [b"/etc/cont-profile.d/", &profile[..]].concat()
            }
            _ => b"/etc".to_vec(),
        }
    }
}

/// Digits and nothing else.
pub fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |n: u64, b: &u8| n.saturating_mul(10).saturating_add(u64::from(b - b'0'));
    Some(text.iter().fold(0, digit))
}

/// Is it a number other than 0?
pub fn flag(value: Option<&[u8]>) -> bool {
    value.and_then(number).is_some_and(|n| n != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contenv(vars: &[interpreter::arg::Arg]) -> Contenv {
        Contenv::new(Env::new(vars.to_vec()))
    }

    #[test]
    fn only_digits_are_numbers() {
        let it = contenv(&[c"A=12", c"B=-1", c"C=", c"D=99999999999999999999999", c"E=3\n"]);
        assert_eq!(it.number(b"A"), Some(12));
        assert_eq!(it.number(b"B"), None);
        assert_eq!(it.number(b"C"), None);
        assert_eq!(it.number(b"D"), Some(u64::MAX));
        assert_eq!(it.number(b"E"), Some(3));
        assert_eq!(it.number_or(b"F", 7), 7);
    }

    #[test]
    fn an_empty_profile_is_none() {
        assert_eq!(contenv(&[c"S6_RUNTIME_PROFILE="]).etc(), b"/etc");
        assert_eq!(contenv(&[c"S6_RUNTIME_PROFILE=a"]).etc(), b"/etc/cont-profile.d/a");
    }
}
