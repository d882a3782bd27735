//! `s6-sudo`: runs a program as a server's user, made of the words that do its parts.

use super::ipcserver::valued;
use interpreter::arg::{Arg, Argv};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};
use stdlib_commands::options;

/// Exit codes: 100 wrong usage, else those of the words that it is made of.
pub const COMMAND: Command = Command {
    name: "s6-sudo",
    usage: "s6-sudo [ -q | -Q | -v ] [ -p bindpath ] [ -l localname ] [ -e ] [ -t timeout ] \
            [ -T timeoutrun ] path [ args... ]",
    run,
    kind: Kind::Quick,
    examine: None,
};

/// More than this `-v` says no more.
const LOUDEST: u32 = 4;

fn run(_image: &mut Image, mut argv: Argv) -> Ran {
    let (mut verbosity, mut timeout, mut timeout_run) = (1u32, 0, 0);
    let (mut own, mut name, mut export) = (None, None, true);
    options::take(&mut argv, "qQvp:l:et:T:", |letter, word| {
        match letter {
            b'q' => verbosity = verbosity.saturating_sub(1),
            b'Q' => verbosity = 1,
            b'v' => verbosity = (verbosity + 1).min(LOUDEST),
            b'p' => own = Some(word),
            b'l' => name = Some(word),
            b'e' => export = false,
            b't' => timeout = options::number(word)?,
            _ => timeout_run = options::number(word)?,
        }
        Ok(())
    })?;
    let path = argv.next_word().ok_or_else(Fail::usage)?;
    let mut words: Vec<Arg> = vec![c"s6-ipcclient"];
    words.extend((1..verbosity).map(|_| c"-v"));
    for (option, value) in [(c"-p", own), (c"-l", name)] {
        words.extend(value.into_iter().flat_map(|value| [option, value]));
    }
    words.extend([c"--", path, c"s6-sudoc"]);
    if !export {
        words.push(c"-e");
    }
    valued(&mut words, c"-t", timeout);
    valued(&mut words, c"-T", timeout_run);
    words.push(c"--");
    argv.prepend(&words);
    Ok(Next::Chain(argv))
}
