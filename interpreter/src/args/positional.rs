//! The positional parameters as keys: `#` their number, `0` the script, `@` all of them, `1`, `2`
//! … each.
//!
//! `execlineb -S n` and `-s n` and `elgetpositionals -P n` make keys of at least n parameters, the
//! empty word for those that are not given; with `-s`, `@` begins behind the n-th.

use super::number::{self, Decimal};
use super::numbered::Numbered;
use super::subst::{Keys, Values};
use crate::arg::{Arg, leak};
use crate::env::Env;

/// The keys that positional parameters make.
#[derive(Clone, Debug)]
pub struct Positionals<'a> {
    count: Arg,
    zero: Arg,
    args: std::borrow::Cow<'a, [Arg]>,
    least: u32,
    all_from: usize,
}

/// The environment does not hold what `execlineb` leaves in it: `#` is no number, or one of the
/// parameters that it counts is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment holds no positional parameters: {} is missing or invalid", name.escape_ascii())]
pub struct Missing {
    /// The variable that is missing or no number.
    pub name: Vec<u8>,
}

const NONE_GIVEN: &[Arg] = &[c""];

impl<'a> Positionals<'a> {
    /// Those of `execlineb -S least` (`-s least` if `shift`) with the script's name and arguments.
    pub fn of_script(script: Arg, args: &'a [Arg], least: u32, shift: bool) -> Self {
        let least_len = usize::try_from(least).unwrap_or(usize::MAX);
        Positionals {
            count: leak(Decimal::new(args.len() as u64).to_vec()),
            zero: script,
            args: args.into(),
            least,
            all_from: if shift { least_len.min(args.len()) } else { 0 },
        }
    }

    /// Those of `elgetpositionals -P least`, out of the environment.
    pub fn of_environment(env: &Env, least: u32) -> Result<Positionals<'static>, Missing> {
        let get = |name: &[u8]| env.get_arg(name).ok_or_else(|| Missing { name: name.to_vec() });
        let (count, n) = counted(env)?;
        let zero = get(b"0")?;
        let args = numbered(env, n)?;
        Ok(Positionals { count, zero, args: std::borrow::Cow::Owned(args), least, all_from: 0 })
    }

    /// How many parameters were given.
    pub fn given(&self) -> usize {
        self.args.len()
    }
}

/// `#` as it stands in the environment, and the number that it is.
fn counted(env: &Env) -> Result<(Arg, u32), Missing> {
    let missing = || Missing { name: b"#".to_vec() };
    let count = env.get_arg(b"#").ok_or_else(missing)?;
    Ok((count, number::uint(count.to_bytes()).ok_or_else(missing)?))
}

/// The values of `1`, `2` … as far as `#` says.
pub fn arguments(env: &Env) -> Result<Vec<Arg>, Missing> {
    numbered(env, counted(env)?.1)
}

fn numbered(env: &Env, count: u32) -> Result<Vec<Arg>, Missing> {
    let found = Numbered::of(env, count);
    let missing = |number: u32| Missing { name: Decimal::new(number.into()).to_vec() };
    (1..=count).map(|number| found.get(env, number).ok_or_else(|| missing(number))).collect()
}

impl Keys for Positionals<'_> {
    fn lookup(&self, name: &[u8]) -> Option<Values<'_>> {
        let one = std::slice::from_ref;
        Some(Values::Words(match name {
            b"#" => one(&self.count),
            b"0" => one(&self.zero),
            b"@" => self.args.get(self.all_from..).unwrap_or_default(),
            [b'1'..=b'9', ..] => {
                let number = number::uint(name)?;
                let index = usize::try_from(number).ok()? - 1;
                match self.args.get(index) {
                    Some(arg) => one(arg),
                    None if number <= self.least => NONE_GIVEN,
                    None => return None,
                }
            }
            _ => return None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::subst::substitute;

    fn run(least: u32, shift: bool, args: &[Arg], word: Arg) -> String {
        let keys = Positionals::of_script(c"script", args, least, shift);
        let words = substitute(&[word], &keys).unwrap();
        words.iter().map(|w| format!("[{}]", w.to_str().unwrap())).collect()
    }

    #[test]
    fn keys_of_a_script() {
        for (least, shift, word, result) in [
            (0, false, c"$#", "[2]"),
            (0, false, c"$0", "[script]"),
            (0, false, c"$1${2}", "[ab]"),
            (0, false, c"$3", "[$3]"),
            (3, false, c"$3", "[]"),
            (3, false, c"$4", "[$4]"),
            (0, false, c"$01", "[$01]"),
            (0, false, c"$@", "[a][b]"),
            (1, false, c"$@", "[a][b]"),
            (0, true, c"$@", "[a][b]"),
            (1, true, c"$@", "[b]"),
            (2, true, c"x$@", ""),
            (3, true, c"$@", ""),
            (1, true, c"$1$2$#", "[ab2]"),
            (u32::MAX, true, c"$4294967295", "[]"),
            (u32::MAX, true, c"$4294967296", "[$4294967296]"),
        ] {
            assert_eq!(run(least, shift, &[c"a", c"b"], word), result, "{least} {shift} {word:?}");
        }
        assert_eq!(run(0, false, &[], c"$@"), "");
    }

    #[test]
    fn keys_of_an_environment() {
        let vars = [c"#=2", c"0=sh", c"2=b", c"1=a", c"01=x", c"1=y", c"3=c", c"1x=z"];
        let keys = Positionals::of_environment(&Env::new(vars.to_vec()), 3).unwrap();
        let words = substitute(&[c"$#", c"$0", c"$@", c"$2", c"$3", c"$4"], &keys);
        assert_eq!(words, Ok(vec![c"2", c"sh", c"a", c"b", c"b", c"", c"$4"]));
    }

    #[test]
    fn what_the_environment_lacks() {
        for (vars, missing) in [
            (&[c"0=sh"][..], "#"),
            (&[c"0=sh", c"#=x"], "#"),
            (&[c"#=0"], "0"),
            (&[c"0=sh", c"#=2", c"2=b"], "1"),
            (&[c"0=sh", c"#=2", c"1=a", c"02=b", c"2x=b"], "2"),
            (&[c"0=sh", c"1=a", c"2=b", c"3=c", c"#=4294967295"], "4"),
        ] {
            let error = Positionals::of_environment(&Env::new(vars.to_vec()), 0).unwrap_err();
            assert_eq!(error.name, missing.as_bytes(), "{vars:?}");
        }
    }
}
