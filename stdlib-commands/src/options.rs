//! The options of a command, taken off the front of its command line.

use interpreter::arg::{Arg, Argv};
use interpreter::args::getopt::Getopt;
use interpreter::word::{Fail, Refuse};

/// Gives every option that the command line begins with to `each`, with its argument (the empty
/// word for one that has none), and takes them off. `letters` as for [`Getopt`].
pub fn take(
    argv: &mut Argv,
    letters: &(impl AsRef<[u8]> + ?Sized),
    mut each: impl FnMut(u8, Arg) -> Result<(), Fail>,
) -> Result<(), Fail> {
    let mut walk = Getopt::new(argv, letters.as_ref());
    for option in walk.by_ref() {
        let (letter, arg) = option?;
        each(letter, arg.unwrap_or(c""))?;
    }
    let used = walk.used();
    argv.advance(used);
    Ok(())
}

/// Takes the options off the front of the command line of a command that has but one, without an
/// argument; whether it was there.
pub fn flag(argv: &mut Argv, letter: u8) -> Result<bool, Fail> {
    let mut given = false;
    take(argv, &[letter], |_, _| {
        given = true;
        Ok(())
    })?;
    Ok(given)
}

/// Tells of the options' arguments that `ask` refuses, for [`Command::examine`]; what stands behind
/// the options.
///
/// [`Command::examine`]: interpreter::word::Command::examine
pub fn examine(
    words: &[Arg],
    letters: &str,
    refuse: &mut Refuse,
    ask: &dyn Fn(u8, Arg) -> Result<(), Fail>,
) -> Argv {
    let mut argv = Argv::new(words.to_vec());
    // What is no option has been seen by its usage line.
    let _ = take(&mut argv, letters, |letter, arg| {
        refuse_if(ask(letter, arg), arg, refuse);
        Ok(())
    });
    argv
}

/// Tells of a word that its reader refuses.
pub fn refuse_if(read: Result<(), Fail>, word: Arg, refuse: &mut Refuse) {
    if let Err(fail) = read {
        refuse(Some(word), fail);
    }
}

/// The number that a word of the command line is.
pub fn number(word: Arg) -> Result<u32, Fail> {
    interpreter::args::number::uint(word.to_bytes()).ok_or_else(|| Fail::number(word))
}

/// The descriptor that a word of the command line is; any that fits in 32 bits is taken, and the
/// kernel says no to those that can't be.
pub fn fd(word: Arg) -> Result<i32, Fail> {
    number(word).map(u32::cast_signed)
}

/// The permissions that a word of the command line is, in octal.
pub fn octal(word: Arg) -> Result<u32, Fail> {
    let text = word.to_bytes();
    match interpreter::args::number::octal_prefix(text) {
        (mode, digits) if digits > 0 && digits == text.len() => Ok(mode),
        _ => Err(Fail::usage()),
    }
}
