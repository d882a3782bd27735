//! `posix-umask`: prints the file mode creation mask, or sets it, in octal or in letters, as POSIX
//! wants it of a `umask` that is a program.

use crate::{options, output};
use interpreter::arg::{Arg, Argv};
use interpreter::args::number;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran, Refuse};

pub const COMMAND: Command = Command {
    name: "posix-umask",
    usage: "posix-umask [ -S ] [ mask ] [ prog... ]",
    run,
    kind: Kind::Still,
    examine: Some(examine),
};

const ALL: u32 = 0o777;

/// 1: that is no mask.
fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let letters = options::flag(&mut argv, b'S')?;
    let now = sys::fs::umask(0);
    let Some(word) = argv.next_word() else {
        return output::write_and_end(&if letters { in_letters(now) } else { in_octal(now) });
    };
    sys::fs::umask(wanted(word, now)?);
    Next::chain_or_end(argv)
}

fn examine(words: &[Arg], refuse: &mut Refuse) {
    let rest = options::examine(words, "S", refuse, &|_, _| Ok(()));
    if let Some(word) = rest.first() {
        options::refuse_if(wanted(word, 0).map(drop), word, refuse);
    }
}

/// The mask that a word makes of the one that is.
fn wanted(word: Arg, now: u32) -> Result<u32, Fail> {
    let word = word.to_bytes();
    let wanted = match number::octal_prefix(word) {
        (mask, digits) if digits > 0 && digits == word.len() => Some(mask),
        _ => symbolic(word, !now & ALL).map(|allowed| !allowed),
    };
    wanted.map(|mask| mask & ALL).ok_or_else(|| {
        Fail::with_code(
            1,
            format!(
                "invalid mode string {}: a mask is octal (022) or in letters (u=rwx,g=rx,o=rx)",
                shown(word)
            ),
        )
    })
}

fn in_octal(mask: u32) -> Vec<u8> {
    let digit = |shift: u32| b'0' + (mask >> shift & 7) as u8;
    vec![b'0', digit(6), digit(3), digit(0), b'\n']
}

/// What the mask leaves allowed.
fn in_letters(mask: u32) -> Vec<u8> {
    let mut line = Vec::with_capacity(18);
    for (who, shift) in [(b'u', 6), (b'g', 3), (b'o', 0)] {
        line.extend_from_slice(&[who, b'=']);
        let denied = mask >> shift;
        let letters = [(4, b'r'), (2, b'w'), (1, b'x')];
        line.extend(letters.iter().filter(|(bit, _)| denied & bit == 0).map(|(_, letter)| letter));
        line.push(if shift == 0 { b'\n' } else { b',' });
    }
    line
}

/// What is allowed after changes like `u=rwx,g-w`, from what is now.
fn symbolic(changes: &[u8], mut allowed: u32) -> Option<u32> {
    let mut rest = Some(changes);
    while let Some(text) = rest {
        let comma = text.iter().position(|&b| b == b',');
        let (change, after) = match comma {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        apply(change, after.is_none(), &mut allowed)?;
        rest = after;
    }
    Some(allowed)
}

/// Does one change. What looks arbitrary here is how the original takes it: `u=` changes nothing
/// where `=` takes all away, `+u` is an error where `a+u` copies, and a `u` alone may only end
/// the whole.
fn apply(change: &[u8], last: bool, allowed: &mut u32) -> Option<()> {
    let named = change.iter().take_while(|b| b"ugoa".contains(b)).count();
    let (names, mut rest) = change.split_at(named);
    if rest.is_empty() {
        return (named == 0 || last).then_some(());
    }
    let whose =
        if names.is_empty() { ALL } else { names.iter().fold(0, |all, b| all | bits_of(*b)) };
    let mut for_all = names.is_empty();
    while let [op @ (b'+' | b'-' | b'='), after @ ..] = rest {
        let letters = after.iter().take_while(|b| b"rwxXst".contains(b)).count();
        let (what, taken) = match after.first() {
            Some(who @ (b'u' | b'g' | b'o')) if !for_all => (Some(copy(*who, *allowed)), 1),
            _ if letters > 0 || for_all => {
                (Some(after[..letters].iter().fold(0, |all, b| all | permission(*b))), letters)
            }
            _ => (None, 0),
        };
        match (what, op) {
            (Some(what), b'+') => *allowed |= what & whose,
            (Some(what), b'-') => *allowed &= !(what & whose),
            (Some(what), _) => *allowed = *allowed & !whose | what & whose,
            (None, _) => {}
        }
        for_all = false;
        rest = &after[taken..];
    }
    rest.is_empty().then_some(())
}

fn bits_of(who: u8) -> u32 {
    match who {
        b'u' => 0o700,
        b'g' => 0o070,
        b'o' => 0o007,
        _ => ALL,
    }
}

/// A permission, for everybody. The letters `s` and `t` mean nothing to a mask.
fn permission(letter: u8) -> u32 {
    match letter {
        b'r' => 0o444,
        b'w' => 0o222,
        b'x' | b'X' => 0o111,
        _ => 0,
    }
}

/// What one is allowed, for everybody.
fn copy(who: u8, allowed: u32) -> u32 {
    let one = match who {
        b'u' => allowed >> 6,
        b'g' => allowed >> 3,
        _ => allowed,
    };
    (one & 7) * 0o111
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_in_letters() {
        assert_eq!(in_letters(0o027), b"u=rwx,g=rx,o=\n");
        assert_eq!(in_octal(0o027), b"0027\n");
    }

    /// From 0027, what the original makes of it.
    #[test]
    fn changes() {
        for (change, mask) in [
            ("u=", Some(0o027)),
            ("=", Some(0o777)),
            ("u", Some(0o027)),
            ("u,", None),
            (",u", Some(0o027)),
            ("u+", Some(0o027)),
            ("+r", Some(0o023)),
            ("+u", None),
            ("+r=u", Some(0o000)),
            ("==", Some(0o777)),
            ("a=u", Some(0o000)),
            ("a=a", None),
            ("u=g", Some(0o227)),
            ("u=ga", None),
            ("o=u,g=", Some(0o020)),
            ("u=rwx,g=rx,o=", Some(0o027)),
            ("88", None),
            ("u=X", Some(0o627)),
            ("u=s", Some(0o727)),
            ("a+t", Some(0o027)),
            ("a=rw+x", Some(0o000)),
            ("u=r-r+x", Some(0o627)),
            ("u==+-r", Some(0o427)),
            ("a-w,a+x", Some(0o226)),
            ("ugo=r,,g=w", Some(0o353)),
            ("", Some(0o027)),
            ("u+rw-w=x,o=g", Some(0o622)),
            ("o-g+g", Some(0o022)),
            ("u=u,g=u", Some(0o007)),
        ] {
            let found = symbolic(change.as_bytes(), 0o750).map(|allowed| !allowed & ALL);
            assert_eq!(found, mask, "{change}");
        }
    }
}
