//! `s6-fdholder-transferdump`: gives a server all descriptors that another one holds.

use super::client::{connect, refused};
use crate::sockets::message;
use interpreter::arg::{Arg, Argv};
use interpreter::args::number::{uint, uint_prefix};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 1 a server says no, 100 wrong usage, 111 there is no connection.
pub const COMMAND: Command = Command {
    name: "s6-fdholder-transferdump",
    usage: "s6-fdholder-transferdump [ -t timeoutfrom:timeoutto ] socketfrom socketto",
    run,
    kind: Kind::Link,
    examine: None,
};

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let mut timeouts = (0, 0);
    options::take(&mut argv, "t:", |_, word| {
        timeouts = two(word).ok_or_else(Fail::usage)?;
        Ok(())
    })?;
    let [from, to, ..] = *argv else { return Err(Fail::usage()) };
    let mut source = connect(from, message::deadline(timeouts.0), "source ")?;
    let all = source.dump().map_err(|errno| refused("get dump", None, errno))?;
    drop(source);
    let mut target = connect(to, message::deadline(timeouts.1), "destination ")?;
    target.set_dump(&all).map_err(|errno| refused("set dump", None, errno))?;
    Ok(Next::Exit(0))
}

/// Two numbers with a colon between them, each of which may be missing.
fn two(word: Arg) -> Option<(u32, u32)> {
    let text = word.to_bytes();
    let (first, digits) = uint_prefix(text);
    match &text[digits..] {
        [] if digits > 0 => Some((first, 0)),
        b":" => Some((first, 0)),
        [b':', second @ ..] => Some((first, uint(second)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::two;

    #[test]
    fn timeouts() {
        let cases = [
            (c"5", Some((5, 0))),
            (c"5:", Some((5, 0))),
            (c":6", Some((0, 6))),
            (c"5:6", Some((5, 6))),
            (c":", Some((0, 0))),
            (c"", None),
            (c"x", None),
            (c"5x", None),
            (c"5:x", None),
        ];
        for (word, expected) in cases {
            assert_eq!(two(word), expected, "{}", word.to_string_lossy());
        }
    }
}
