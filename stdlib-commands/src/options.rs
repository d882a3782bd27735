//! The options of a command, taken off the front of its command line.

use interpreter::arg::{Arg, Argv};
use interpreter::args::getopt::Getopt;
use interpreter::word::Fail;

/// Gives every option that the command line begins with to `each`, with its argument (the empty
/// word for one that has none), and takes them off. `letters` as for [`Getopt`].
pub fn take(
    argv: &mut Argv,
    letters: &str,
    mut each: impl FnMut(u8, Arg) -> Result<(), Fail>,
) -> Result<(), Fail> {
    let mut walk = Getopt::new(argv, letters.as_bytes());
    for option in walk.by_ref() {
        let (letter, arg) = option?;
        each(letter, arg.unwrap_or(c""))?;
    }
    let used = walk.used();
    argv.advance(used);
    Ok(())
}

/// The descriptor that a word of the command line is; any that fits in 32 bits is taken, and the
/// kernel says no to those that can't be.
pub fn fd(word: Arg) -> Result<i32, Fail> {
    interpreter::args::number::uint(word.to_bytes()).map(u32::cast_signed).ok_or(Fail::Usage)
}
