//! `dollarat`: prints the positional parameters.

use super::list;
use crate::{options, output};
use interpreter::arg::Argv;
use interpreter::args::positional;
use interpreter::image::Image;
use interpreter::word::{Command, Fail, Kind, Ran};

pub const COMMAND: Command = Command {
    name: "dollarat",
    usage: "dollarat [ -n ] [ -0 | -d delimchar ]",
    run,
    kind: Kind::Still,
    examine: None,
};

/// 100: the environment holds no positional parameters; 111: they can't be written.
fn run(image: &mut Image, mut argv: Argv) -> Ran {
    let mut chomp = false;
    let mut end = Some(b'\n');
    options::take(&mut argv, "nd:0", |letter, arg| {
        match letter {
            b'n' => chomp = true,
            b'd' => end = list::delimiter(arg),
            _ => end = Some(0),
        }
        Ok(())
    })?;
    let words = positional::arguments(&image.env).map_err(|e| Fail::bad(e.to_string()))?;
    let words: Vec<&[u8]> = words.into_iter().map(|word| word.to_bytes()).collect();
    let mut text = list::encode(&words, end);
    if chomp && end.is_some() {
        text.pop();
    }
    output::write_and_end(&text)
}
