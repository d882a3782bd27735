//! A key whose value is a variable's.

use super::{Defined, LETTERS, Problem, transform, transform_option};
use crate::options;
use interpreter::arg::{Arg, Argv};
use interpreter::args::transform::Transform;
use interpreter::diagnose::shown;
use interpreter::image::Image;
use interpreter::word::Fail;

#[derive(Default)]
struct Options {
    how: Transform,
    default: Option<Arg>,
    insist: bool,
    unexport: bool,
    same_name: bool,
}

/// Reads `[ -S ] [ -i | -D default ] [ -u ] [ -N | -n ] [ -s ] [ -C | -c ] [ -d delim ] key
/// [ var ]`; with `-S` the key is the variable's name too.
///
/// A variable that is not set gives the default, else no word at all; with `-i` the exit code 100.
pub fn read(image: &Image, argv: &mut Argv, defined: &mut Defined) -> Result<(), Problem> {
    read_with(image, argv, defined, Options::default())
}

/// Reads the same for the older name `import`, where `-S` goes without saying.
pub fn read_import(image: &Image, argv: &mut Argv, defined: &mut Defined) -> Result<(), Problem> {
    read_with(image, argv, defined, Options { same_name: true, ..Options::default() })
}

fn read_with(
    image: &Image,
    argv: &mut Argv,
    defined: &mut Defined,
    mut options: Options,
) -> Result<(), Problem> {
    let letters = if options.same_name { &LETTERS[1..] } else { &LETTERS[..] };
    options::take(argv, letters, |letter, arg| {
        match letter {
            b'S' => options.same_name = true,
            b'i' => options.insist = true,
            b'u' => options.unexport = true,
            b'D' => options.default = Some(arg),
            _ => transform_option(&mut options.how, letter, arg),
        }
        Ok(())
    })?;
    let (key, name, words) = match (&**argv, options.same_name) {
        (&[name, ..], true) => (name, name, 1),
        (&[key, name, ..], false) => (key, name, 2),
        _ => return Err(Fail::usage().into()),
    };
    defined.check(key)?;
    let values = match value(image, name, &options)? {
        Some(value) => transform(&options.how, value, name.to_bytes())?,
        None => Vec::new(),
    };
    defined.add(key, values);
    if options.unexport && image.env.get(name.to_bytes()).is_some() {
        defined.unexport.push(name);
    }
    argv.advance(words);
    Ok(())
}

fn value(image: &Image, name: Arg, options: &Options) -> Result<Option<Arg>, Fail> {
    match image.env.get_arg(name.to_bytes()) {
        None if options.insist => {
            let name = shown(name.to_bytes());
            Err(Fail::bad(format!(
                "{name} not set: set it before this word, or give a default with -D in place of -i"
            )))
        }
        set => Ok(set.or(options.default)),
    }
}
