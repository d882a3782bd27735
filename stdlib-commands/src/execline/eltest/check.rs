//! The tests of `eltest`, each asked of the system.

use super::syntax::{Binary, Order, Unary};
use interpreter::arg::Arg;
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::Fail;
use std::cmp::Ordering;
use sys::fs::{R_OK, Stat, W_OK, X_OK};
use sys::posix::{BadPattern, Regex};

const SET_UID: u32 = 0o4000;
const SET_GID: u32 = 0o2000;
const STICKY: u32 = 0o1000;

/// Whose tests they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// eltest's: permissions are what the kernel says, times are exact.
    Eltest,
    /// s6-test's: permissions are what a file's mode says of its owner, its group or others, for
    /// root too; times are whole seconds.
    S6Test,
}

impl Rules {
    fn permits(self, path: Arg, access: i32) -> bool {
        if self == Rules::Eltest {
            return sys::fs::access(path.to_bytes(), access).is_ok();
        }
        sys::fs::stat(path).is_ok_and(|st| {
            let (_, user, _, group) = sys::process::ids();
            let shift = match () {
                () if st.uid == user => 6,
                () if st.gid == group => 3,
                () => 0,
            };
            st.mode >> shift & access.cast_unsigned() == access.cast_unsigned()
        })
    }

    fn modified(self, st: &Stat) -> (i64, i64) {
        (st.mtime, if self == Rules::Eltest { st.mtime_nsec } else { 0 })
    }

    fn read(self, st: &Stat) -> (i64, i64) {
        (st.atime, if self == Rules::Eltest { st.atime_nsec } else { 0 })
    }
}

/// A test of one operand. Exit code 100 where it wants a number and has none.
pub fn unary(image: &Image, rules: Rules, op: Unary, word: Arg) -> Result<bool, Fail> {
    let file = |holds: fn(&Stat) -> bool| sys::fs::stat(word).is_ok_and(|st| holds(&st));
    let access = |mode| rules.permits(word, mode);
    Ok(match op {
        Unary::NonEmpty => !word.is_empty(),
        Unary::Empty => word.is_empty(),
        Unary::Exists => access(0),
        Unary::Readable => access(R_OK),
        Unary::Writable => access(W_OK),
        Unary::Executable => access(X_OK),
        Unary::Regular => file(Stat::is_file),
        Unary::Directory => file(Stat::is_dir),
        Unary::Link => sys::fs::lstat(word).is_ok_and(|st| st.is_link()),
        Unary::Fifo => file(Stat::is_fifo),
        Unary::Socket => file(Stat::is_socket),
        Unary::Block => file(Stat::is_block),
        Unary::Char => file(Stat::is_char),
        Unary::Sticky => file(|st| st.mode & STICKY != 0),
        Unary::SetUid => file(|st| st.mode & SET_UID != 0),
        Unary::SetGid => file(|st| st.mode & SET_GID != 0),
        Unary::HasBytes => file(|st| st.size > 0),
        Unary::OwnUser => file(|st| st.uid == sys::process::ids().1),
        Unary::OwnGroup => file(|st| st.gid == sys::process::ids().3),
        Unary::UnreadSinceWritten => {
            sys::fs::stat(word).is_ok_and(|st| rules.modified(&st) > rules.read(&st))
        }
        Unary::Terminal => sys::fd::is_terminal(descriptor(word)?),
        Unary::Variable => is_variable(image, word.to_bytes()),
    })
}

fn descriptor(word: Arg) -> Result<i32, Fail> {
    number::uint(word.to_bytes()).map(u32::cast_signed).ok_or_else(|| {
        Fail::bad(format!("-t requires an integer argument, not \"{}\"", shown(word.to_bytes())))
    })
}

fn is_variable(image: &Image, name: &[u8]) -> bool {
    !name.is_empty() && !name.contains(&b'=') && image.env.get(name).is_some()
}

/// A test of two operands. Exit code 100 where they are no numbers or no pattern, 111 where a
/// pattern takes too much memory.
pub fn binary(rules: Rules, op: Binary, left: Arg, right: Arg) -> Result<bool, Fail> {
    let modified = |path| sys::fs::stat(path).ok().map(|st| rules.modified(&st));
    Ok(match op {
        Binary::Order(order) => holds(order, left.to_bytes().cmp(right.to_bytes())),
        Binary::Number(order) => holds(order, integer(order, left)?.cmp(&integer(order, right)?)),
        Binary::Newer => match (modified(left), modified(right)) {
            (Some(left), Some(right)) => left > right,
            (left, _) => left.is_some(),
        },
        Binary::Older => match (modified(left), modified(right)) {
            (Some(left), Some(right)) => left < right,
            (left, _) => left.is_none(),
        },
        // A file and one that is not there pass for the same, as with the original.
        Binary::SameFile => match (sys::fs::stat(left), sys::fs::stat(right)) {
            (Ok(left), Ok(right)) => left.same(&right),
            (left, _) => left.is_ok(),
        },
        Binary::Matches => matches(left, right)?,
    })
}

fn holds(order: Order, found: Ordering) -> bool {
    match order {
        Order::Equal => found.is_eq(),
        Order::NotEqual => found.is_ne(),
        Order::Less => found.is_lt(),
        Order::LessOrEqual => found.is_le(),
        Order::Greater => found.is_gt(),
        Order::GreaterOrEqual => found.is_ge(),
    }
}

fn integer(order: Order, word: Arg) -> Result<i32, Fail> {
    leading_int(word.to_bytes()).ok_or_else(|| {
        let operator = match order {
            Order::Equal => "-eq",
            Order::NotEqual => "-ne",
            Order::Less => "-lt",
            Order::LessOrEqual => "-le",
            Order::Greater => "-gt",
            Order::GreaterOrEqual => "-ge",
        };
        let word = shown(word.to_bytes());
        Fail::bad(format!("{operator} requires integer arguments, not \"{word}\""))
    })
}

/// The integer that a word begins with, with or without a sign; what stands behind it does not
/// matter. Digits count as long as they fit in 32 bits without the sign, and what does not fit
/// with it comes out negative: 4294967295 is -1.
fn leading_int(word: &[u8]) -> Option<i32> {
    let (negative, digits) = match word {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let most = i64::from(u32::MAX) + i64::from(negative);
    let mut value: Option<i64> = None;
    for digit in digits.iter().take_while(|b| b.is_ascii_digit()) {
        let next = value.unwrap_or(0) * 10 + i64::from(digit - b'0');
        if next > most {
            break;
        }
        value = Some(next);
    }
    Some(if negative { -value? } else { value? } as i32)
}

fn matches(text: Arg, pattern: Arg) -> Result<bool, Fail> {
    // Not every libc takes an empty pattern, which matches anything.
    let compiled = Regex::new(if pattern.is_empty() { c".*" } else { pattern });
    match compiled {
        Ok(regex) => Ok(regex.is_match(text)),
        Err(BadPattern(reason, no_memory)) => Err(Fail::with_code(
            if no_memory { 111 } else { 100 },
            format!(
                "unable to compile {} into a regular expression: {}",
                shown(pattern.to_bytes()),
                shown(&reason)
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::leading_int;

    #[test]
    fn integers() {
        for (word, value) in [
            (&b"12"[..], Some(12)),
            (b"-12x", Some(-12)),
            (b"+7", Some(7)),
            (b"007", Some(7)),
            (b"-", None),
            (b"", None),
            (b"x1", None),
            (b"+-1", None),
            (b" 1", None),
            (b"2147483647", Some(i32::MAX)),
            (b"-2147483648", Some(i32::MIN)),
            (b"2147483648", Some(i32::MIN)),
            (b"4294967295", Some(-1)),
            (b"4294967296", Some(429496729)),
            (b"-4294967296", Some(0)),
        ] {
            assert_eq!(leading_int(word), value, "{}", word.escape_ascii());
        }
    }
}
