//! `exec`: becomes the rest, with another first word or an empty environment if so asked.

use crate::options;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "exec",
    usage: "exec [ -c ] [ -l ] [ -a argv0 ] prog...",
    run,
    kind: Kind::Link,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut clear = false;
    let mut login = false;
    let mut argv0: Option<Arg> = None;
    options::take(&mut argv, "cla:", |letter, arg| {
        match letter {
            b'c' => clear = true,
            b'l' => login = true,
            _ => argv0 = Some(arg),
        }
        Ok(())
    })?;
    let &file = argv.first().ok_or(Fail::Usage)?;
    let told = argv0.unwrap_or(file);
    argv.set_first(if login { leak([b"-", told.to_bytes()].concat()) } else { told });
    if clear {
        image.env.clear();
    }
    Ok(Next::File { file, argv })
}
