//! `exec`: becomes the rest, with another first word or an empty environment if so asked.

use crate::options;
use interpreter::arg::{Arg, Argv, leak};
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Next, Ran};

pub const COMMAND: Command = Command {
    name: "exec",
    usage: "exec [ -c ] [ -l ] [ -a argv0 ] prog...",
    run,
    kind: Kind::Still,
    examine: None,
};

fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut guise = Guise::default();
    options::take(&mut argv, "cla:", |letter, arg| {
        guise.option(letter, arg);
        Ok(())
    })?;
    let file = guise.put_on(&mut argv)?;
    Ok(guise.start(image, file, argv))
}

/// How a program is to see itself: the options of `exec`, and of `tryexec`.
#[derive(Default)]
pub struct Guise {
    /// `-c`: without a variable in its environment.
    pub clear: bool,
    login: bool,
    argv0: Option<Arg>,
}

impl Guise {
    /// Takes up `-c`, `-l` or (any other letter) `-a` with its argument.
    pub fn option(&mut self, letter: u8, arg: Arg) {
        match letter {
            b'c' => self.clear = true,
            b'l' => self.login = true,
            _ => self.argv0 = Some(arg),
        }
    }

    /// Puts the name that the program is told in the place of the first word, which is the file.
    pub fn put_on(&self, argv: &mut Argv) -> Result<Arg, Fail> {
        let &file = argv.first().ok_or_else(Fail::usage)?;
        let told = self.argv0.unwrap_or(file);
        argv.set(
            0,
            match self.login {
                true => leak([b"-", told.to_bytes()].concat()),
                false => told,
            },
        );
        Ok(file)
    }

    /// Becomes the file with these words.
    pub fn start(&self, image: &mut Image, file: Arg, argv: Argv) -> Next {
        if self.clear {
            image.env.clear();
        }
        Next::File { file, argv }
    }
}
