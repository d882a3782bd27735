//! Variables whose names are numbers, as `execlineb` makes them of its arguments.
//!
//! A hundred thousand arguments must not mean as many searches of the environment, so both
//! looking up and changing go over it once.

use super::number::{self, Decimal};
use crate::arg::{Arg, leak, skip};
use crate::env::Env;

/// The values of such variables, the first of each name.
pub struct Numbered {
    low: Vec<Option<Arg>>,
}

impl Numbered {
    /// Looks for those up to that number.
    pub fn of(env: &Env, highest: u32) -> Numbered {
        let mut low = room(env, highest);
        for &var in env.vars() {
            if let Some((number, len)) = number_of(var)
                && let Some(slot @ None) = low.get_mut(number as usize)
            {
                *slot = Some(skip(var, len + 1));
            }
        }
        Numbered { low }
    }

    /// The value of the one of that number, in the same environment.
    pub fn get(&self, env: &Env, number: u32) -> Option<Arg> {
        match self.low.get(number as usize) {
            Some(found) => *found,
            None => env.get_arg(&Decimal::new(number.into())),
        }
    }
}

/// A place for each number, but not for more than there are variables.
fn room<T: Clone>(env: &Env, highest: u32) -> Vec<Option<T>> {
    vec![None; env.vars().len().min(highest as usize) + 1]
}

/// The number that is the variable's name, and its length.
fn number_of(var: Arg) -> Option<(u32, usize)> {
    let bytes = var.to_bytes();
    let (number, len) = number::uint_prefix(bytes);
    let canonical = len == 1 || (len > 1 && bytes[0] != b'0');
    (canonical && bytes.get(len) == Some(&b'=')).then_some((number, len))
}

/// The numbers up to `count` that are there, or will be when `gone` of them have gone, in order:
/// `#` may say any number, and going through all of them could take minutes.
pub fn moved(env: &Env, gone: u32, count: u32) -> Vec<u32> {
    let there = env.vars().iter().filter_map(|&var| Some(number_of(var)?.0));
    let both = there.flat_map(|number| [Some(number), number.checked_sub(gone)]).flatten();
    let mut all: Vec<u32> = both.filter(|number| (1..=count).contains(number)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Gives the variables of these numbers, of which `count` is the highest, other values, or takes
/// them away, one after another.
pub fn renumber(
    env: &mut Env,
    count: u32,
    numbers: impl IntoIterator<Item = u32>,
    value: impl Fn(u32) -> Option<Arg>,
) {
    let mut places = room(env, count);
    let mut unique = true;
    for (place, &var) in env.vars().iter().enumerate() {
        if let Some((number, _)) = number_of(var)
            && let Some(slot) = places.get_mut(number as usize)
        {
            unique &= slot.replace(place).is_none();
        }
    }
    for number in numbers {
        let name = Decimal::new(number.into());
        match places.get(number as usize) {
            Some(None) if unique => {}
            Some(&Some(place)) if unique => {
                env.remove(place);
                if let Some((moved, _)) = env.vars().get(place).and_then(|&var| number_of(var))
                    && let Some(slot) = places.get_mut(moved as usize)
                {
                    *slot = Some(place);
                }
            }
            _ => env.unset(&name),
        }
        if let Some(value) = value(number) {
            env.push(leak([&name, &b"="[..], value.to_bytes()].concat()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What [`renumber`] does, with a search for each.
    fn slowly(env: &mut Env, count: u32, value: impl Fn(u32) -> Option<Arg>) {
        for number in 1..=count {
            let name = number.to_string();
            match value(number) {
                Some(value) => env.set(name.as_bytes(), value.to_bytes()),
                None => env.unset(name.as_bytes()),
            }
        }
    }

    #[test]
    fn renumbering_leaves_the_order_that_a_search_for_each_would() {
        let text = |line: &'static str| line.split(' ').map(|var| leak(var.into())).collect();
        for line in [
            "A=1 #=3 0=s 1=a 2=b 3=c",
            "3=c 2=b 1=a A=1",
            "1=a A=1 1=b 2=c 2=d B=2 1=e",
            "01=x 1x=y 1:1=z 1=a 12=b",
            "A=1 3=c 99=x 4294967296=y 1",
        ] {
            for (count, left) in [(3, 3), (3, 1), (3, 0), (12, 5), (0, 0)] {
                let value = |number| (number <= left).then_some(c"new");
                let (mut one, mut other) = (Env::new(text(line)), Env::new(text(line)));
                renumber(&mut one, count, 1..=count, value);
                slowly(&mut other, count, value);
                assert_eq!(one.vars(), other.vars(), "{line}, {left} of {count}");
            }
        }
    }

    #[test]
    fn what_is_moved_is_what_is_there_and_where_it_goes() {
        let env = Env::new(vec![c"2=a", c"02=b", c"A=1", c"70=d", c"71=", c"1=x"]);
        assert_eq!(moved(&env, 0, 3), [1, 2]);
        assert_eq!(moved(&env, 1, u32::MAX), [1, 2, 69, 70, 71]);
        assert_eq!(moved(&env, 71, 70), [1, 2, 70]);
    }

    #[test]
    fn the_first_of_a_number_counts_however_high_it_is() {
        let env = Env::new(vec![c"2=a", c"02=b", c"2=c", c"70=d", c"7=", c"7"]);
        let numbered = Numbered::of(&env, 100);
        let get = |number| numbered.get(&env, number);
        assert_eq!([get(2), get(70), get(7), get(1)], [Some(c"a"), Some(c"d"), Some(c""), None]);
    }
}
