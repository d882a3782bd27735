//! The positional parameters as `execlineb` leaves them in the environment.

use interpreter::arg::{Arg, skip};
use interpreter::args::number;
use interpreter::args::numbered::Numbered;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::Fail;

/// The positional parameters.
pub struct Positionals {
    count: u32,
    numbered: Numbered,
}

impl Positionals {
    /// Counts them and looks them up. Exit code 100 where the environment does not say how many
    /// there are.
    pub fn read(image: &Image) -> Result<Positionals, Fail> {
        let value = image.env.get(b"#").ok_or_else(|| not_set("#"))?;
        let count = number::uint(value).ok_or_else(|| {
            let value = value.escape_ascii();
            Fail::bad(format!("invalid $#: {value} is not the number of positional parameters"))
        })?;
        Ok(Positionals { count, numbered: Numbered::of(&image.env, count) })
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The one of that number, 0 being the script. Exit code 100 where the environment does not
    /// hold it.
    pub fn get(&self, image: &Image, number: u32) -> Result<Arg, Fail> {
        self.value(image, number).ok_or_else(|| not_set(&number.to_string()))
    }

    /// The one of that number, if there is one.
    pub fn value(&self, image: &Image, number: u32) -> Option<Arg> {
        self.numbered.get(&image.env, number)
    }

    /// All from that number on.
    pub fn from(&self, image: &Image, number: u32) -> Result<Vec<Arg>, Fail> {
        (number..=self.count).map(|number| self.get(image, number)).collect()
    }

    /// The words of the block that begins behind number `before`, with one level of quoting taken
    /// off, and the number of the word that ends it; nothing if none does. `index` is the block's
    /// own number, for messages.
    pub fn block(
        &self,
        image: &Image,
        index: u32,
        before: u32,
    ) -> Result<Option<(Vec<Arg>, u32)>, Fail> {
        let mut words = Vec::new();
        for number in (before..self.count).map(|number| number + 1) {
            let word = self.get(image, number)?;
            match word.to_bytes().first() {
                None => return Ok(Some((words, number))),
                Some(b' ') => words.push(skip(word, 1)),
                Some(_) => {
                    unquoted(image, word, index, number - before)?;
                    words.push(word);
                }
            }
        }
        Ok(None)
    }
}

/// What `EXECLINE_STRICT` says to it.
fn unquoted(image: &Image, word: Arg, block: u32, position: u32) -> Result<(), Fail> {
    let word = shown(word.to_bytes());
    let message = format!("unquoted positional {word} at block {block} position {position}");
    match image.strict() {
        0 => {}
        1 => image.warn(&message),
        _ => return Err(Fail::bad(message)),
    }
    Ok(())
}

fn not_set(name: &str) -> Fail {
    Fail::bad(format!(
        "{name} not set: the environment holds no positional parameters here; execlineb puts \
         them there, without -P, -p, -S or -s"
    ))
}
